// What a turn leaves: one receipt, made of what hooks told while it went on. `Tests/Fixtures/AgentHooks` is what Claude Code
// 2.1.332 and Codex 0.163.0 told their hooks, with the length of each text instead of the text.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks
import TestSupport
import Testing

@testable import NeuraphageAgents

@Suite("A turn's receipt", .apart)
struct AgentReceiptTests {
    private let hook: AgentHookCase

    init() throws {
        hook = try AgentHookCase()
    }

    /// What came of a call, without what differs from one run to the next.
    @discardableResult
    private func hear(_ event: String, _ members: String = "", _ agent: Agent = .claude) throws -> [String] {
        let heard = try hook.hear(agent, event: event, members)
        return heard.events.map { event in
            event.replacing(/"(duration_ms|waited_ms)":\d+/) { "\"\($0.output.1)\":N" }
                .replacing(/"(begin|cause)":"[^"]+"/) { "\"\($0.output.1)\":ID" }
                .replacing(/"input":"[0-9a-f]{16}"/, with: "\"input\":HASH")
        }
    }

    private func tool(_ name: String, _ input: String, id: String, failing: Bool = false) throws {
        let end = failing ? #""error":"secret""# : #""tool_response":{"stdout":"secret"},"duration_ms":5"#
        try hear(
            failing ? "PostToolUseFailure" : "PostToolUse",
            #""tool_name":"\#(name)","tool_input":\#(input),"tool_use_id":"\#(id)",\#(end)"#
        )
    }

    /// All that is in the data directory, as one text.
    private func everything(in hook: AgentHookCase) throws -> String {
        try hook.directory.names("data").flatMap { name -> [String] in
            let path = "data/" + name
            let files = RealFileSystem()
            guard files.isDirectory(hook.directory(path)) else { return [path] }
            return try hook.directory.names(path).map { path + "/" + $0 }
        }
        .filter { RealFileSystem().isRegularFile(hook.directory($0)) && !$0.hasSuffix("secret") }
        .map { try hook.directory.text($0) }
        .joined()
    }

    @Test("says what was done, and nothing of what was said")
    func turn() throws {
        try hear("SessionStart", #""source":"startup""#)
        try hear("UserPromptSubmit", #""prompt":"secret","prompt_id":"p-1""#)
        try tool("Write", #"{"file_path":"\#(hook.worktree)/Sources/a.swift","content":"secret"}"#, id: "t-1")
        for attempt in 2...4 {
            let input = #"{"command":"make test 'secret'","description":"secret \#(attempt)"}"#
            try tool("Bash", input, id: "t-\(attempt)", failing: true)
        }
        try tool("Bash", #"{"command":"cat secret"}"#, id: "t-5", failing: true)
        try tool("Edit", #"{"file_path":"\#(hook.worktree)/Sources/a.swift","new_string":"secret"}"#, id: "t-6")
        try tool("Bash", #"{"command":"make test"}"#, id: "t-7")
        try hear("PermissionDenied", #""tool_name":"Bash","tool_input":{"command":"secret"},"reason":"secret""#)
        try hear("SubagentStart", #""agent_id":"a-1","agent_type":"Explore""#)
        let stop = #""prompt_id":"p-1","last_assistant_message":"secret\n\nShall I go on?","background_tasks":[]"#
        #expect(
            try hear("Stop", stop) == [
                """
                AgentTurnEnded {"begin":ID,"duration_ms":N,\
                "tools":{"n":7,"failed":4,"denied":1,"names":{"Bash":5,"Edit":1,"Write":1}},\
                "failures":[{"tool":"Bash","n":3,"input":HASH,"since_change":0},\
                {"tool":"Bash","n":1,"input":HASH,"since_change":0}],\
                "checks":[{"check":"make test","n":4,"failed":3,"last":"passed","since_change":0}],\
                "files":["Sources/a.swift"],"files_count":1,"subagents":1,"asks":true}
                """
            ]
        )
        #expect(try hear("Stop", stop) == [], "the same hook twice")
        let begins = try hook.logged().filter { $0.kind == .custom("AgentTurnStarted") }
        let ends = try hook.logged().filter { $0.kind == .custom("AgentTurnEnded") }
        #expect(begins.map(\.id.description) == ends.map { $0.payload.string("begin") })
        let text = try everything(in: hook)
        #expect(!text.contains("secret") && text.contains("Sources/a.swift"))
    }

    @Test("compares inputs in one data directory, and means nothing in another one")
    func inputs() throws {
        func hash() throws -> [String] {
            try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-1""#)
            try tool("Bash", #"{"command":"false"}"#, id: "t-1", failing: true)
            try tool("Bash", #"{"description":"x","command":"false"}"#, id: "t-2", failing: true)
            try tool("Bash", #"{"command":"true"}"#, id: "t-3", failing: true)
            let end = try hook.hear(.claude, event: "Stop", #""prompt_id":"p-1""#).logged
            let failures = try #require(end.last).payload.payloads(at: "failures")
            return failures.map { "\($0["n"]?.text ?? "") \($0.string("input") ?? "")" }
        }
        let first = try hash()
        #expect(first.map { $0.prefix(2) } == ["2 ", "1 "])
        #expect(try hash() == first)
        try RealFileSystem().remove(hook.directory("data/secret"))
        #expect(try Set(hash()).isDisjoint(with: first))
    }

    @Test("is that of a turn that failed, too, with when a limit ends, if the agent says so")
    func failed() throws {
        try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-1""#)
        try tool("Bash", #"{"command":"true"}"#, id: "t-1")
        let heard = try hear(
            "StopFailure",
            #""prompt_id":"p-1","error":"rate_limit","last_assistant_message":"secret|1800000000""#
        )
        let limit = #""error":"rate_limit","until":"2027-01-15T08:00:00.000000Z""#
        let tools = #""tools":{"n":1,"failed":0,"denied":0,"names":{"Bash":1}}"#
        #expect(
            heard == [
                #"AgentTurnEnded {"begin":ID,"duration_ms":N,\#(tools),\#(limit)}"#, "RateLimitReached {\(limit)}",
            ]
        )
        #expect(
            try hear("StopFailure", #""prompt_id":"p-1","error":"rate_limit""#) == [
                "RateLimitReached {\"error\":\"rate_limit\"}"
            ]
        )
    }

    @Test("is told of a turn that was interrupted, with the next prompt or the session's end")
    func interrupted() throws {
        try hear("SessionStart", #""source":"startup""#)
        try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-1""#)
        try tool("Bash", #"{"command":"true"}"#, id: "t-1")
        let tools = #""tools":{"n":1,"failed":0,"denied":0,"names":{"Bash":1}}"#
        func inferred(_ reason: String) -> String {
            #"AgentTurnEnded {"begin":ID,"duration_ms":N,\#(tools),"reason":"\#(reason)","inferred":true}"#
        }
        #expect(
            try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-2""#).first == inferred("the next turn began")
        )
        try tool("Bash", #"{"command":"true"}"#, id: "t-2")
        let end = try hear("SessionEnd", #""reason":"other""#)
        #expect(end == [inferred("its session ended"), #"AgentSessionEnded {"reason":"other","begin":ID}"#])
    }

    @Test("knows a prompt that no person made")
    func machine() throws {
        let rows: [(String, String)] = [
            (#""prompt":"<task-notification>x""#, #"{"prompt_bytes":20,"machine":true}"#),
            (#""prompt":"x","source":"schedule_wakeup""#, #"{"prompt_bytes":1,"machine":true}"#),
            (#""prompt":"see <task-notification>""#, #"{"prompt_bytes":23}"#),
            (#""prompt":"<task-notification>","source":"user""#, #"{"prompt_bytes":19}"#),
        ]
        for (members, payload) in rows {
            #expect(try hear("UserPromptSubmit", members).contains("AgentTurnStarted " + payload))
        }
    }

    @Test("doesn't count subagents that an agent has for itself")
    func internalSubagents() throws {
        try hear("UserPromptSubmit", #""prompt":"x","prompt_id":"p-1""#)
        #expect(try hear("SubagentStart", #""agent_id":"a-1","agent_type":"""#) == [])
        #expect(try hear("SubagentStop", #""agent_id":"a-1","agent_type":"""#) == [])
        #expect(try hear("Stop", #""prompt_id":"p-1""#).first?.contains("subagents") == false)
    }

    @Test("survives fields of other types, and what isn't there")
    func otherTypes() throws {
        let values = ["7", "null", "[]", "{}", "\"\"", "true", "-1", "1e99", "\"\\ud83d\"", "[[{\"command\":1}]]"]
        let keys = [
            "tool_name", "tool_input", "tool_use_id", "duration_ms", "is_interrupt", "last_assistant_message",
            "background_tasks", "error", "error_details", "prompt", "prompt_id", "agent_type", "source",
        ]
        for event in [
            "UserPromptSubmit", "PostToolUse", "PostToolUseFailure", "PermissionRequest", "StopFailure", "Stop",
        ] {
            let members = keys.flatMap { key in values.map { "\"\(key)\":\($0)" } }
            for member in members {
                let bytes = Array(hook.json(event, member).utf8)
                let read = HookInput(.claude, bytes.span)
                let input = try #require(read)
                _ = input.toolUse(changing: [], checks: CheckList()) { KeyedHash(secret: [1]) }
                _ = input.wait(idleSince: nil, hash: nil)
                _ = input.events(of: nil) { nil }
            }
            let heard = try hook.hear(.claude, event: event, members.joined(separator: ","))
            #expect(heard.isUnderstood && heard.printed.isEmpty && heard.logged.count <= 3)
        }
    }

    // MARK: - What agents really say

    private static let directory =
        String(#filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined())
        + "/Fixtures/AgentHooks"
    private static let kinds: [String: [String]] = [
        "claude-Notification-idle_prompt": ["AgentWaiting", "TaskWaitingForUser"],
        "claude-Notification-permission_prompt": ["AgentWaiting", "TaskWaitingForUser"],
        "claude-PermissionRequest-AskUserQuestion": ["AgentWaiting", "TaskWaitingForUser"],
        "claude-PermissionRequest-Bash": ["AgentWaiting", "TaskWaitingForUser"],
        "claude-PermissionRequest-Write": ["AgentWaiting", "TaskWaitingForUser"],
        "claude-PostToolUse-Edit": ["FileModified"],
        "claude-PostToolUse-Write": ["FileModified"],
        "claude-PostToolUse-Write-in-subagent": ["FileModified"],
        "claude-SessionEnd-clear": ["AgentSessionEnded"],
        "claude-SessionEnd-other": ["AgentSessionEnded"],
        "claude-SessionEnd-prompt_input_exit": ["AgentSessionEnded"],
        "claude-SessionStart-clear": ["AgentSessionStarted", "TaskStarted"],
        "claude-SessionStart-fork": ["AgentSessionStarted", "TaskStarted"],
        "claude-SessionStart-resume": ["AgentSessionStarted", "TaskStarted"],
        "claude-SessionStart-startup": ["AgentSessionStarted", "TaskStarted"],
        "claude-Stop": ["AgentTurnEnded"],
        "claude-StopFailure": ["AgentTurnEnded"],
        "claude-SubagentStart": ["AgentSubagentStarted"],
        "claude-SubagentStop": ["AgentSubagentEnded"],
        "claude-UserPromptSubmit": ["AgentSessionStarted", "AgentTurnStarted", "TaskStarted"],
        "codex-Interrupt": ["AgentTurnEnded"],
        "codex-PermissionRequest-Bash": ["AgentWaiting", "TaskWaitingForUser"],
        "codex-SessionEnd-other": ["AgentSessionEnded"],
        "codex-SessionStart-resume": ["AgentSessionStarted", "TaskStarted"],
        "codex-SessionStart-startup": ["AgentSessionStarted", "TaskStarted"],
        "codex-Stop": ["AgentTurnEnded"],
        "codex-UserPromptSubmit": ["AgentSessionStarted", "AgentTurnStarted", "TaskStarted"],
    ]

    @Test("and all else is made of what the agents really tell, and holds no text of it")
    func samples() throws {
        let names = try RealFileSystem().names(in: Self.directory).filter { $0.hasSuffix(".json") }.sorted()
        #expect(names.count == 47)
        for name in names {
            let hook = try AgentHookCase()
            let agent = try #require(Agent(rawValue: String(name.prefix { $0 != "-" })))
            // The name of a file is kept.
            let text = try RealFileSystem().contents(of: Self.directory + "/" + name, atMost: 1 << 20)
                .replacing(/"file_path": "<text[^"]*"/, with: #""file_path": "a.txt""#)
                .replacing(/"cwd": "[^"]*"/, with: "\"cwd\": \"\(hook.worktree)\"")
            let heard = try hook.hear(agent, text)
            let kinds = (heard.logged + heard.delivered).map(\.kind.name)
            #expect(heard.isUnderstood && kinds == Self.kinds[String(name.dropLast(5))] ?? [], "\(name): \(kinds)")
            #expect(try !everything(in: hook).contains("<text"), "\(name)")
        }
    }
}
