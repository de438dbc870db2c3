// What an agent is told in the middle of a turn, between its tools.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks

@Suite("In the middle of a turn", .apart)
struct MidturnTests {
    private func nudge(_ text: String) -> Event {
        .nudgeSent(to: "t-1", from: .user, message: text, severity: "Hint")
    }

    private func batch(_ ids: String...) -> String {
        let calls = ids.map { #"{"tool_name":"Bash","tool_input":{"tool_use_id":"x"},"tool_use_id":"\#($0)"}"# }
        return #""tool_calls":[\#(calls.joined(separator: ","))]"#
    }

    /// What the agent gives its model of what was printed.
    private func context(_ heard: AgentHookCase.Heard, of event: String) throws -> String? {
        if heard.printed.isEmpty { return nil }
        let answer = try Payload(json: heard.printed)
        #expect(answer.value(at: ["hookSpecificOutput", "hookEventName"])?.text == event)
        return answer.value(at: ["hookSpecificOutput", "additionalContext"])?.text
    }

    private func readings(_ hook: AgentHookCase) throws -> Int { try hook.logged().count { $0.kind == Reading.kind } }

    @Test("Claude Code gets what came meanwhile when all tools are done, once, and has read it with the next tool")
    func claude() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "UserPromptSubmit")
        try hook.append(nudge("one"))
        #expect(try hook.hear(.claude, event: "PostToolUse", #""tool_use_id":"a""#).printed == "")
        let told = try context(try hook.hear(.claude, event: "PostToolBatch", batch("a", "b")), of: "PostToolBatch")
        #expect(told?.split(separator: "\n").first == "np inbox: 1 notification for t-1 (told by your user)")
        #expect(told?.hasSuffix("NudgeSent from your user: one\n") == true)
        // The same hook twice, a hook that comes late, and a subagent's tool are no answer, and print nothing more.
        for (event, members) in [
            ("PostToolBatch", batch("a", "b")), ("PostToolUse", #""tool_use_id":"b""#),
            ("PostToolUse", #""tool_use_id":"c","agent_id":"s""#),
            ("PostToolBatch", batch("c") + #","agent_id":"s""#),
        ] {
            #expect(try hook.hear(.claude, event: event, members).printed == "")
            #expect(try readings(hook) == 0)
        }
        _ = try hook.hear(.claude, event: "PostToolUse", #""tool_use_id":"d""#)
        #expect(try readings(hook) == 1)
        let reading = try hook.logged().compactMap(Reading.init).first
        #expect(reading?.how == "np hook claude PostToolBatch" && reading?.session == "s-1")
        #expect(try hook.hear(.claude, event: "UserPromptSubmit").printed == "")
    }

    @Test("Codex gets it after a tool, and has read it when it stops, because batches cannot be told apart")
    func codex() throws {
        let hook = try AgentHookCase()
        let turn = #""turn_id":"7""#
        _ = try hook.hear(.codex, event: "UserPromptSubmit", turn)
        for number in 1...3 {
            try hook.append(nudge("word \(number)"))
            let use = turn + #","tool_use_id":"\#(number)""#
            let told = try context(try hook.hear(.codex, event: "PostToolUse", use), of: "PostToolUse")
            #expect(told?.split(separator: "\n").last?.hasSuffix(": word \(number)") == true)
            #expect(try hook.hear(.codex, event: "PostToolUse", turn + #","tool_use_id":"x""#).printed == "")
        }
        #expect(try readings(hook) == 0)
        _ = try hook.hear(.codex, event: "Stop", turn)
        #expect(try readings(hook) == 3)
    }

    @Test(
        "a prompt, after which it is still before the model, does not repeat it; a compaction does",
        arguments: Agent.allCases
    )
    func prompts(agent: Agent) throws {
        let hook = try AgentHookCase()
        func hear(_ event: String, _ turn: Int, _ members: String = #""source":"compact""#) throws -> String {
            let name = agent == .codex ? #""turn_id":"\#(turn)","# : ""
            return try hook.hear(agent, event: event, name + members).printed
        }
        let after = agent == .claude ? "PostToolBatch" : "PostToolUse"
        _ = try hear("UserPromptSubmit", 1)
        try hook.append(nudge("one"))
        #expect(try hear(after, 1, #""tool_use_id":"a","# + batch("a")).contains("one"))
        // The user has interrupted it, or has typed this meanwhile.
        try hook.append(nudge("two"))
        let prompted = try hear("UserPromptSubmit", 2)
        #expect(!prompted.contains("one") && prompted.contains("two"))
        #expect(try readings(hook) == 0)
        _ = try hear("Stop", 2)
        #expect(try readings(hook) == 2)

        _ = try hear("UserPromptSubmit", 3)
        try hook.append(nudge("three"))
        #expect(try hear(after, 3, #""tool_use_id":"b","# + batch("b")).contains("three"))
        #expect(try hear("SessionStart", 3).contains("three"))
        _ = try hear("Stop", 3)
        #expect(try readings(hook) == 3)
    }

    @Test("an order to rebase waits for the next prompt, unless the user wants it otherwise, or nothing is handed over")
    func choice() throws {
        var hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "UserPromptSubmit")
        try hook.append(Event(.rebaseRequired, to: "t-1", payload: ["commits_behind": 2]), nudge("one"))
        hook.midturn = nil
        #expect(try hook.hear(.claude, event: "PostToolBatch", batch("a")).printed == "")
        hook.midturn = { $0.kind != .rebaseRequired }
        let messages = try context(try hook.hear(.claude, event: "PostToolBatch", batch("b")), of: "PostToolBatch")
        #expect(messages?.contains("NudgeSent") == true && messages?.contains("RebaseRequired") == false)
        hook.midturn = { _ in true }
        let all = try context(try hook.hear(.claude, event: "PostToolBatch", batch("c")), of: "PostToolBatch")
        #expect(all?.contains("NudgeSent") == false && all?.contains("run: np rebase\n") == true)
        #expect(try readings(hook) == 1)
        #expect(try hook.hear(.claude, event: "UserPromptSubmit").printed == "")
    }

    @Test("what np doesn't know prints nothing, and what has no names is answered only by the end of the turn")
    func otherShapes() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "UserPromptSubmit")
        try hook.append(nudge("one"))
        for calls in ["null", "7", #""a""#, "{}", "[1,[],{}]", #"[{"tool_use_id":7}]"#, #"[{"tool_use_id":"\ud800"}]"#]
        {
            #expect(try hook.hear(.codex, event: "PostToolBatch", #""tool_calls":\#(calls)"#).printed == "")
            let members = #""agent_id":"s","tool_calls":\#(calls)"#
            #expect(try hook.hear(.claude, event: "PostToolBatch", members).printed == "")
        }
        #expect(try hook.hear(.claude, event: "PostToolBatch", #""tool_calls":[7]"#).printed.contains("one"))
        _ = try hook.hear(.claude, event: "PostToolBatch", batch("b"))
        #expect(try readings(hook) == 0)
        _ = try hook.hear(.claude, event: "Stop")
        #expect(try readings(hook) == 1)
    }

    // MARK: - np as the agent can run it

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var agent = Agent.claude
        var isSandboxed = false
        var searchPath: String?
        let word: String
        var mayBeRefused = false
    }

    @Test(
        "np is named so that the agent's shell finds it",
        arguments: [
            Row(testDescription: "in the search path", searchPath: "/nowhere:DIR/bin", word: "np"),
            Row(testDescription: "as a link in it", searchPath: "DIR/links", word: "np"),
            Row(testDescription: "after another np", searchPath: "DIR/other:DIR/bin", word: "'DIR/bin/np'"),
            Row(testDescription: "elsewhere", searchPath: "/usr/bin", word: "'DIR/bin/np'"),
            Row(testDescription: "without a search path", word: "'DIR/bin/np'"),
            Row(
                testDescription: "in Codex' own search path, which its login shells don't have",
                agent: .codex,
                isSandboxed: true,
                searchPath: "DIR/bin",
                word: "'DIR/bin/np'",
                mayBeRefused: true
            ),
            Row(testDescription: "Codex without a sandbox", agent: .codex, word: "'DIR/bin/np'"),
            Row(
                testDescription: "Claude Code, which asks by itself",
                isSandboxed: true,
                word: "'DIR/bin/np'"
            ),
        ]
    )
    func ownCommand(row: Row) throws {
        let directory = try TemporaryDirectory()
        for name in ["a dir", "a dir/bin", "a dir/other", "a dir/links"] { try directory.makeDirectory(name) }
        for name in ["bin", "other"] { try directory.write("", to: "a dir/\(name)/np") }
        #expect(symlink(directory("a dir/bin/np"), directory("a dir/links/np")) == 0)
        let files = RealFileSystem()
        let root = try files.resolve(directory("a dir"))
        func here(_ text: String) -> String { text.replacing("DIR", with: root) }
        let command = OwnCommand(
            of: row.agent,
            isSandboxed: row.isSandboxed,
            path: here("DIR/bin/np"),
            searchPath: row.searchPath.map(here),
            in: files
        )
        #expect(command.word == here(row.word))
        #expect((command.refusal != nil) == row.mayBeRefused)
    }

    @Test("Codex is told how to ask for permission where it is told to run something, and only there")
    func sandbox() throws {
        var hook = try AgentHookCase()
        hook.np = ("/opt/np", "/usr/bin")
        try hook.append(nudge("one"))
        #expect(try hook.hear(.codex, event: "UserPromptSubmit").printed.hasSuffix(": one\n"))
        _ = try hook.hear(.codex, event: "Stop")
        try hook.append(Event(.rebaseRequired, to: "t-1", payload: ["commits_behind": 2]))
        let told = try hook.hear(.codex, event: "UserPromptSubmit").printed.split(separator: "\n")
        #expect(told.count == 3 && told[1].hasSuffix("; run: /opt/np rebase"))
        #expect(told.last?.contains(#"sandbox_permissions "require_escalated""#) == true)
        let free = try hook.hear(.codex, hook.json("UserPromptSubmit").replacing("default", with: "bypassPermissions"))
        #expect(free.printed.split(separator: "\n").count == 2)
    }
}
