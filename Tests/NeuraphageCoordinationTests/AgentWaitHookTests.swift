// Waits as hooks tell of them: in the log, once, with their ends.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks
import TestSupport
import Testing

@testable import NeuraphageAgents

@Suite("A wait of an agent", .apart)
struct AgentWaitHookTests {
    private let hook: AgentHookCase

    init() throws {
        hook = try AgentHookCase()
    }

    private static let build = #""tool_name":"Bash","tool_input":{"command":"secret build"}"#

    /// The kinds and the gist of what came of a call.
    @discardableResult
    private func hear(_ event: String, _ members: String = "", _ agent: Agent = .claude) throws -> [String] {
        let heard = try hook.hear(agent, event: event, members)
        return heard.logged.map { event in
            let words = ["for", "tool", "how", "inferred"].compactMap { event.payload[$0]?.text }
            return ([event.kind.name] + words).joined(separator: " ")
        }
    }

    private func begin() throws {
        try hear("SessionStart", #""source":"startup""#)
        try hear("UserPromptSubmit", #""prompt":"secret","prompt_id":"p-1""#)
    }

    private var records: [String] {
        get throws {
            try hook.directory.names("data/ledger").filter { $0.hasPrefix("wait-") || $0.hasPrefix("subagent-") }
        }
    }

    @Test("begins and ends once, names its beginning, and counts in the receipt of its turn")
    func allowed() throws {
        try begin()
        let asked = try hook.hear(.claude, event: "PermissionRequest", Self.build)
        #expect(
            asked.events == [
                #"AgentWaiting {"for":"permission","tool":"Bash"}"#,
                #"TaskWaitingForUser {"prompt":"permission for Bash"}"#,
            ]
        )
        #expect(try hear("PermissionRequest", Self.build) == [], "the same hook twice")
        let again = try hook.hear(.claude, event: "Notification", #""notification_type":"permission_prompt""#)
        #expect(again.events == [], "the same dialog once more")
        #expect(try hear("PostToolUse", #""tool_name":"Read","tool_input":{},"duration_ms":999999"#) == [])
        #expect(try records.count == 1)
        let used = try hook.hear(.claude, event: "PostToolUse", Self.build + #","duration_ms":0"#)
        let resumed = try #require(used.logged.first)
        #expect(resumed.kind == .custom("AgentResumed") && resumed.source == "t-1")
        #expect(resumed.payload.string("begin") == asked.logged.first?.id.description)
        #expect(resumed.payload.string("how") == "allowed" && resumed.payload["inferred"] == nil)
        #expect(try records == [])
        #expect(try hear("PostToolUse", Self.build + #","duration_ms":0"#) == [])
        let receipt = try #require(try hook.hear(.claude, event: "Stop", #""prompt_id":"p-1""#).logged.first)
        let waited = resumed.payload["waited_ms"]?.text
        #expect(receipt.payload["waits_ms"]?.text == (waited == "0" ? nil : waited))
        for name in try hook.directory.names("data/agents") {
            #expect(try !hook.directory.text("data/agents/" + name).contains("build"))
        }
    }

    @Test("doesn't count how long the tool took that was allowed")
    func duration() throws {
        try begin()
        try hear("PermissionRequest", Self.build)
        // However long this test has taken, the tool has taken longer.
        let used = try hook.hear(.claude, event: "PostToolUse", Self.build + #","duration_ms":1200000"#)
        #expect(used.logged.first?.payload["waited_ms"]?.text == "0")
    }

    @Test(
        "ends with the next that the session tells",
        arguments: [
            ("UserPromptSubmit", #""prompt":"x","prompt_id":"p-2""#, "AgentResumed permission Bash denied true"),
            ("PermissionDenied", build, "AgentResumed permission Bash denied"),
            ("Stop", #""prompt_id":"p-1""#, "AgentResumed permission Bash denied true"),
            ("StopFailure", #""prompt_id":"p-1","error":"overloaded""#, "AgentResumed permission Bash denied true"),
            ("Interrupt", "", "AgentResumed permission Bash aborted"),
            ("SessionEnd", #""reason":"other""#, "AgentResumed permission Bash aborted"),
        ]
    )
    func next(event: String, members: String, resumed: String) throws {
        try begin()
        try hear("PermissionRequest", Self.build)
        #expect(try hear(event, members).first == resumed)
        #expect(try records == [])
    }

    @Test("goes on when a prompt is typed in the middle of the turn")
    func midturn() throws {
        try begin()
        try hear("PermissionRequest", Self.build)
        #expect(try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-1""#) == [])
        #expect(try records.count == 1)
    }

    @Test("of an idle agent is counted since it stopped, and ends with the next prompt")
    func idle() throws {
        try begin()
        let stop = try hook.hear(.claude, event: "Stop", #""prompt_id":"p-1""#)
        let waiting = try #require(
            try hook.hear(.claude, event: "Notification", #""notification_type":"idle_prompt""#).logged.first
        )
        #expect(waiting.payload.string("for") == "idle")
        let since = try #require(waiting.payload.string("since").flatMap { Timestamp($0) })
        #expect(since <= (try #require(stop.logged.first)).timestamp)
        #expect(try hear("Notification", #""notification_type":"idle_prompt""#) == [])
        let prompted = try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-2""#)
        #expect(prompted == ["AgentResumed idle answered", "AgentTurnStarted"])
        #expect(try hear("Stop", #""prompt_id":"p-2""#) == ["AgentTurnEnded"])
    }

    @Test("is none while tasks go on in the background")
    func background() throws {
        try begin()
        let stop = try hook.hear(.claude, event: "Stop", #""prompt_id":"p-1","background_tasks":[{"id":"x"},{}]"#)
        #expect(stop.logged.first?.payload["background"]?.text == "2")
        let heard = try hook.hear(.claude, event: "Notification", #""notification_type":"idle_prompt""#)
        #expect(heard.events == [])
        try hear("UserPromptSubmit", #""prompt":"<task-notification>","prompt_id":"p-2""#)
        try hear("Stop", #""prompt_id":"p-2","background_tasks":[]"#)
        #expect(try hear("Notification", #""notification_type":"idle_prompt""#) == ["AgentWaiting idle"])
    }

    @Test("for an answer ends with the answer, and a dialog of another program with its result")
    func questions() throws {
        try begin()
        let question = #""tool_name":"AskUserQuestion","tool_input":{"questions":["secret"]}"#
        #expect(try hear("PermissionRequest", question) == ["AgentWaiting input AskUserQuestion"])
        #expect(
            try hear("PostToolUse", question + #","duration_ms":2"#) == ["AgentResumed input AskUserQuestion answered"]
        )
        #expect(try hear("Elicitation", #""mcp_server_name":"x","message":"secret""#) == ["AgentWaiting input"])
        #expect(try hear("Notification", #""notification_type":"elicitation_dialog""#) == [])
        #expect(try hear("ElicitationResult", #""action":"accept""#) == ["AgentResumed input answered"])
    }

    @Test(
        "ends when the agent has written down that it was refused, however long nothing is told",
        arguments: ["an agent that has written before", "one that writes its transcript only now"]
    )
    func refused(_ agent: String) throws {
        try begin()
        let transcript = hook.directory("transcript.jsonl")
        let hasWritten = agent == "an agent that has written before"
        let earlier = #"{"type":"user","timestamp":"2020-01-01T00:00:00Z","toolDenialKind":"user-rejected"}"#
        if hasWritten { try hook.directory.write(earlier + "\n", to: "transcript.jsonl") }
        let path = #","transcript_path":"\#(transcript)""#
        // The first member of a name counts.
        let call =
            #"{"session_id":"s-1","cwd":"\#(hook.worktree)","hook_event_name":"PermissionRequest"\#(path),\#(Self.build)}"#
        let waiting = try #require(try hook.hear(.claude, call).logged.first)
        let refusal = waiting.timestamp + .milliseconds(1_500)
        let line = #"{"type":"user","timestamp":"\#(refusal)","toolDenialKind":"user-rejected"}"#
        if hasWritten {
            try RealFileSystem().write(Array("\(line)\n".utf8), to: transcript, appending: true)
        } else {
            try hook.directory.write("\(earlier)\n\(line)\n", to: "transcript.jsonl")
        }
        let bus = EventBus(log: try EventLog(opening: hook.log))
        let watching = Task { try await Ledger(in: DataDirectory(hook.directory("data"))).watch(publishingTo: bus) }
        try wait(for: "the end of the wait") { try records.isEmpty }
        watching.cancel()
        try bus.log?.flush()
        bus.close()
        let resumed = try #require(try hook.logged().last { $0.kind == .custom("AgentResumed") })
        #expect(resumed.payload.string("how") == "denied" && resumed.payload["inferred"] == nil)
        #expect(resumed.payload["waited_ms"]?.text == "1500")
    }

    @Test("and a subagent, a turn, and a session end in this order when their agent is gone, each marked as inferred")
    func gone() throws {
        try begin()
        #expect(try hear("SubagentStart", #""agent_id":"a-1","agent_type":"Explore""#) == ["AgentSubagentStarted"])
        try hear("PermissionRequest", Self.build)
        // The agent is another process from now on, which has ended.
        for name in try hook.directory.names("data/ledger") where !name.hasPrefix("task-") && !name.contains("lock") {
            let text = try hook.directory.text("data/ledger/" + name)
            try hook.directory.write(
                text.replacing(/"process_start":\d+/, with: "\"process_start\":1"),
                to: "data/ledger/" + name
            )
        }
        let before = try hook.logged().count
        try hook.settleTasks { try hook.logged().count == before + 4 }
        let ends = try hook.logged().dropFirst(before)
        #expect(ends.map(\.kind.name) == ["AgentResumed", "AgentSubagentEnded", "AgentTurnEnded", "AgentSessionEnded"])
        #expect(ends.allSatisfy { $0.payload["inferred"]?.text == "true" })
        #expect(ends.first?.payload.string("how") == "inferred")
        let ids = try hook.logged().map { Optional($0.id.description) }
        #expect(ends.dropLast().allSatisfy { ids.contains($0.payload.string("begin")) })
        try hook.settleTasks()
        #expect(try hook.logged().count == before + 4 && records == [])
    }

    @Test("a subagent's end names its beginning, and ends with its session at the latest")
    func subagents() throws {
        try begin()
        let ids = try ["a-1", "a-2"].map { id in
            let started = try hook.hear(.claude, event: "SubagentStart", #""agent_id":"\#(id)","agent_type":"Explore""#)
            return try #require(started.logged.first).id.description
        }
        let stop = #""agent_id":"a-1","agent_type":"Explore""#
        let ended = try hook.hear(.claude, event: "SubagentStop", stop).logged
        #expect(ended.map { $0.payload.string("begin") } == [ids[0]])
        let end = try hook.hear(.claude, event: "SessionEnd", #""reason":"other""#).logged
        #expect(end.map(\.kind.name) == ["AgentSubagentEnded", "AgentTurnEnded", "AgentSessionEnded"])
        #expect(end.first?.payload.string("begin") == ids[1] && end.first?.payload["inferred"]?.text == "true")
        #expect(end[1].payload["subagents"]?.text == "2")
    }
}
