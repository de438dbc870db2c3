// What each event of an agent's hooks becomes. The payloads are written from the agents' published schemas.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

private struct Row: CustomTestStringConvertible, Sendable {
    let agent: Agent
    let event: String
    let members: String
    let events: [String]

    init(_ agent: Agent, _ event: String, _ members: String = "", _ events: String...) {
        (self.agent, self.event, self.members, self.events) = (agent, event, members, events)
    }

    init(_ event: String, _ members: String = "", _ events: String...) {
        (agent, self.event, self.members, self.events) = (.claude, event, members, events)
    }

    var testDescription: String { "\(agent) \(event) \(members.prefix(60))" }
}

private let toolMembers = #""tool_use_id":"toolu_1","tool_response":{"content":"secret"},"duration_ms":12"#
private let stopMembers =
    #""stop_hook_active":false,"last_assistant_message":"secret","background_tasks":[],"session_crons":[]"#

private let hookRows: [Row] = [
    Row("UserPromptSubmit", #""prompt":"secret €\n""#, #"AgentTurnStarted {"prompt_bytes":11}"#),
    Row("UserPromptSubmit", #""prompt":"\u0041\ud83d\ude00\"""#, #"AgentTurnStarted {"prompt_bytes":6}"#),
    Row("PreToolUse", #""tool_name":"Bash","tool_input":{"command":"secret"},"tool_use_id":"toolu_1""#),
    Row("PostToolUse", #""tool_name":"Bash","tool_input":{"command":"secret"},\#(toolMembers)"#),
    Row(
        "PostToolUse",
        #""tool_name":"Write","tool_input":{"file_path":"a/b.swift","content":"secret"},\#(toolMembers)"#,
        #"FileModified {"path":"a/b.swift"}"#
    ),
    Row(
        "PostToolUse",
        #""tool_name":"Edit","tool_input":{"file_path":"/else/b.swift","old_string":"secret","new_string":"}"},\#(toolMembers)"#,
        #"FileModified {"path":"/else/b.swift"}"#
    ),
    Row(
        "PostToolUse",
        #""tool_name":"MultiEdit","tool_input":{"edits":[{"file_path":"no"}],"file_path":"c"},\#(toolMembers)"#,
        #"FileModified {"path":"c"}"#
    ),
    Row(
        "PostToolUse",
        #""tool_name":"NotebookEdit","tool_input":{"notebook_path":"n.ipynb","new_source":"secret"},\#(toolMembers)"#,
        #"FileModified {"path":"n.ipynb"}"#
    ),
    Row(
        "PostToolUseFailure",
        #""tool_name":"Write","tool_input":{"file_path":"a"},"error":"secret","is_interrupt":false"#
    ),
    Row(
        "PermissionRequest",
        #""tool_name":"Bash","tool_input":{"command":"secret"},"permission_suggestions":[]"#,
        #"AgentWaiting {"for":"permission","tool":"Bash"}"#,
        #"TaskWaitingForUser {"prompt":"permission for Bash"}"#
    ),
    Row(
        "PermissionRequest",
        #""tool_name":"words of somebody""#,
        #"AgentWaiting {"for":"permission"}"#,
        #"TaskWaitingForUser {"prompt":"permission for a tool"}"#
    ),
    Row(
        "Notification",
        #""message":"secret","title":"secret","notification_type":"permission_prompt""#,
        #"AgentWaiting {"for":"permission"}"#,
        #"TaskWaitingForUser {"prompt":"permission for a tool"}"#
    ),
    Row(
        "Notification",
        #""message":"secret","notification_type":"idle_prompt""#,
        #"AgentWaiting {"for":"idle","since":"TIME"}"#,
        #"TaskWaitingForUser {"prompt":"your next prompt"}"#
    ),
    Row(
        "Notification",
        #""message":"secret","notification_type":"agent_needs_input""#,
        #"AgentWaiting {"for":"input"}"#,
        #"TaskWaitingForUser {"prompt":"an answer for one of its agents"}"#
    ),
    Row(
        "Notification",
        #""message":"secret","notification_type":"elicitation_dialog""#,
        #"AgentWaiting {"for":"input"}"#,
        #"TaskWaitingForUser {"prompt":"an answer in a dialog"}"#
    ),
    Row(
        "Notification",
        #""message":"secret""#,
        #"AgentWaiting {"for":"input"}"#,
        #"TaskWaitingForUser {"prompt":"your attention"}"#
    ),
    Row(
        "Elicitation",
        #""mcp_server_name":"secret","message":"secret","requested_schema":{}"#,
        #"AgentWaiting {"for":"input"}"#,
        #"TaskWaitingForUser {"prompt":"an answer in a dialog"}"#
    ),
    Row(
        "PermissionRequest",
        #""tool_name":"AskUserQuestion","tool_input":{"questions":["secret"]}"#,
        #"AgentWaiting {"for":"input","tool":"AskUserQuestion"}"#,
        #"TaskWaitingForUser {"prompt":"permission for AskUserQuestion"}"#
    ),
    Row("Notification", #""message":"secret","notification_type":"auth_success""#),
    Row("Notification", #""message":"secret","notification_type":"agent_completed""#),
    Row("Stop", stopMembers, "AgentTurnEnded {}"),
    Row(
        "StopFailure",
        #""error":"rate_limit","error_details":"secret","last_assistant_message":"secret""#,
        #"AgentTurnEnded {"error":"rate_limit"}"#,
        #"RateLimitReached {"error":"rate_limit"}"#
    ),
    Row("StopFailure", #""error":"overloaded""#, #"AgentTurnEnded {"error":"overloaded"}"#),
    Row("StopFailure", #""error":"a secret message""#, #"AgentTurnEnded {"error":"other"}"#),
    Row(
        "SubagentStart",
        #""agent_id":"a-1","agent_type":"Explore""#,
        #"AgentSubagentStarted {"agent_id":"a-1","agent_type":"Explore"}"#
    ),
    Row(
        "SubagentStop",
        #""agent_id":"a-1","agent_type":"Explore","agent_transcript_path":"/secret",\#(stopMembers)"#,
        #"AgentSubagentEnded {"agent_id":"a-1","agent_type":"Explore"}"#
    ),
    Row(
        "TaskCreated",
        #""task_id":"7","task_subject":"secret","task_description":"secret","teammate_name":"x","team_name":"y""#,
        #"AgentTaskCreated {"task_id":"7"}"#
    ),
    Row("TaskCompleted", #""task_id":"7","task_subject":"secret""#, #"AgentTaskCompleted {"task_id":"7"}"#),
    Row("TeammateIdle", #""teammate_name":"x","team_name":"y""#, #"AgentTeammateIdle {"teammate":"x","team":"y"}"#),
    Row("CwdChanged", #""old_cwd":"/a","new_cwd":"/b""#),
    Row("WorktreeRemove", #""worktree_path":"/a""#),
    Row("PreCompact", #""trigger":"auto","custom_instructions":"secret""#, #"AgentCompacting {"trigger":"auto"}"#),
    Row("PostCompact", #""trigger":"manual","compact_summary":"secret""#, #"AgentCompacted {"trigger":"manual"}"#),
    Row("SessionEnd", #""reason":"prompt_input_exit""#, #"AgentSessionEnded {"reason":"prompt_input_exit"}"#),
    Row("SomethingNew", #""prompt":"secret""#),
    Row(
        .codex,
        "UserPromptSubmit",
        #""model":"m","turn_id":"1","prompt":"secret""#,
        #"AgentTurnStarted {"turn":"1","prompt_bytes":6}"#
    ),
    Row(
        .codex,
        "Stop",
        #""model":"m","turn_id":"1","stop_hook_active":false,"last_assistant_message":null"#,
        #"AgentTurnEnded {"turn":"1"}"#
    ),
    Row(.codex, "Interrupt", #""model":"m","turn_id":"1""#, #"AgentTurnEnded {"turn":"1","interrupted":true}"#),
    Row(
        .codex,
        "PreCompact",
        #""model":"m","turn_id":"1","trigger":"auto""#,
        #"AgentCompacting {"trigger":"auto"}"#
    ),
    Row(
        .codex,
        "PostToolUse",
        #""tool_name":"apply_patch","tool_input":{"command":"*** Begin Patch\n*** Add File: new.txt\n+secret\n*** Update File: a \"b\".txt\n*** Move to: c\n@@\n-x *** Delete File: no\n*** Delete File: old.txt\n*** End Patch\n"}"#,
        #"FileModified {"path":"new.txt"}"#,
        #"FileModified {"path":"a \"b\".txt"}"#,
        #"FileModified {"path":"old.txt"}"#
    ),
]

private let garbageCases: [String] = [
    "", " ", "\n", "null", "[]", "{}", "\"", "{", "{\"", "{\"a", "{\"a\"", "{\"a\":", "{\"a\":}", "{\"a\":1", "{,}",
    "hello", "{\"hook_event_name\":\"Stop\"}", "{\"session_id\":\"s-1\"}",
    "{\"hook_event_name\":\"Stop\",\"session_id\":\"\"}",
    "{\"hook_event_name\":\"Stop\",\"session_id\":\"s-1\"",
    "{\"hook_event_name\":\"Stop\",\"session_id\":\"s-1\"} x",
    "{\"hook_event_name\":\"Stop\",\"session_id\":\"s-1\",\"x\":\"\\",
    "{\"hook_event_name\":\"Stop\",\"session_id\":7}",
    "{\"hook_event_name\":{\"Stop\":1},\"session_id\":\"s-1\"}",
    "{\"hook_event_name\":\"Stop\",\"session_id\":\"s-1\",\"x\":" + String(repeating: "[", count: 100_000),
]

@Suite("An agent's hook", .apart)
struct AgentHookEventTests {
    @Test("says of each event what it means, and keeps what people and models write to itself", arguments: hookRows)
    fileprivate func events(row: Row) throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(row.agent, event: "SessionStart")
        let heard = try hook.hear(row.agent, event: row.event, row.members)
        let told = heard.events.map { event in
            event.replacing(/"since":"[^"]+"/, with: #""since":"TIME""#)
                .replacing(/^(AgentSessionEnded .*),"begin":"[^"]+"/) { $0.output.1 }
        }
        #expect(told == row.events)
        #expect(heard.isUnderstood && heard.printed == "")
        for event in heard.logged + heard.delivered {
            #expect(event.source == "t-1" && event.target == nil)
            #expect(event.payload["agent"]?.text == row.agent.rawValue && event.payload["session"]?.text == "s-1")
            #expect(!event.description.contains("secret"))
        }
        #expect(heard.logged.allSatisfy(\.kind.isDurable) && !heard.delivered.contains(where: \.kind.isDurable))
    }

    @Test("begins a session, and with it the task, once")
    func sessionStart() throws {
        let hook = try AgentHookCase()
        let members = #""source":"startup","model":"m-1","agent_type":"reviewer","session_title":"secret""#
        let first = try hook.hear(.claude, event: "SessionStart", members)
        #expect(
            first.events == [
                #"AgentSessionStarted {"source":"startup","model":"m-1","agent_type":"reviewer"}"#,
                "TaskStarted {}",
            ]
        )
        let task = try #require(first.logged.last)
        #expect(task.payload.string("worktree") == hook.worktree)
        #expect(task.payload.string("branch") == "neuraphage/t-1")
        #expect(task.payload.string("common_dir") == hook.worktree + "/.git")
        let second = try hook.hear(.claude, event: "SessionStart", #""source":"compact""#)
        #expect(second.events == [#"AgentSessionStarted {"source":"compact"}"#])
        #expect(try hook.directory.names("data/ledger").filter { $0.hasPrefix("session-") }.count == 1)
    }

    @Test(
        "of Cursor, which runs the hooks of Claude Code's settings, says nothing",
        arguments: ["sessionStart", "Stop"]
    )
    func cursor(event: String) throws {
        let hook = try AgentHookCase()
        let members = #""conversation_id":"s-1","cursor_version":"3.13.25","workspace_roots":["\#(hook.worktree)"]"#
        let heard = try hook.hear(.claude, event: event, members)
        #expect(!heard.isUnderstood && heard.events.isEmpty)
        #expect(try hook.directory.names("data").isEmpty)
    }

    @Test(
        "is the hook of the agent that calls it, in whosever settings it is",
        arguments: [
            (Agent.claude, "SessionStart", #""transcript_path":"/h/.codex/sessions/rollout-1.jsonl""#, Agent.codex),
            (.claude, "UserPromptSubmit", #""turn_id":"1","transcript_path":null,"prompt":"x""#, .codex),
            (.claude, "SessionStart", #""transcript_path":"/h/.claude/projects/x/s-1.jsonl""#, .claude),
            (.claude, "SessionStart", #""source":"startup""#, .claude),
            (.codex, "UserPromptSubmit", #""prompt_id":"p","prompt":"x""#, .claude),
            (.codex, "SessionStart", #""source":"startup""#, .codex),
        ]
    )
    func caller(settings: Agent, event: String, members: String, caller: Agent) throws {
        let heard = try AgentHookCase().hear(settings, event: event, members)
        #expect(heard.logged.first?.payload["agent"]?.text == caller.rawValue)
    }

    @Test("tells the end of a turn once if codex tells it twice")
    func turns() throws {
        let hook = try AgentHookCase()
        func notify(_ turn: String) throws -> [String] {
            try hook.hear(
                .codex,
                """
                {"type":"agent-turn-complete","thread-id":"s-1","turn-id":"\(turn)","cwd":"\(hook.worktree)",\
                "client":"tui","input-messages":["secret"],"last-assistant-message":null}
                """
            ).events
        }
        #expect(try notify("1") == [#"AgentTurnEnded {"turn":"1"}"#])
        #expect(try hook.hear(.codex, event: "Stop", #""turn_id":"1""#).events == [])
        #expect(try hook.hear(.codex, event: "Stop", #""turn_id":"2""#).events == [#"AgentTurnEnded {"turn":"2"}"#])
        #expect(try notify("2") == [])
        #expect(try notify("3") == [#"AgentTurnEnded {"turn":"3"}"#])
    }

    @Test("bounds what is no end of text, and makes no path of it")
    func longTexts() throws {
        let hook = try AgentHookCase()
        let long = String(repeating: "ä/../", count: 1_000)
        let heard = try hook.hear(
            .claude,
            #"{"hook_event_name":"SessionStart","session_id":"\#(long)","cwd":"\#(hook.worktree)","source":"\#(long)"}"#
        )
        let session = try #require(heard.logged.first?.payload["session"]?.text)
        #expect(session.utf8.count <= 200 && session.hasPrefix("ä/../ä/../"))
        #expect(heard.logged.first?.payload["source"] == nil)
        #expect(try hook.directory.names("").sorted() == ["data", "worktree"])
        #expect(
            try hook.hear(.claude, #"{"hook_event_name":"Stop","session_id":"\#(long)","cwd":"/"}"#).logged.first?
                .source == "t-1"
        )
    }

    @Test("knows the task of a session that has gone elsewhere, and records sessions without one, too")
    func task() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "SessionStart", #""source":"startup""#)
        let away = #"{"session_id":"s-1","cwd":"/","hook_event_name":"Stop"}"#
        #expect(try hook.hear(.claude, away).logged.map(\.source) == ["t-1"])
        let stranger = #"{"session_id":"s-2","cwd":"/","hook_event_name":"SessionStart","source":"startup"}"#
        let heard = try hook.hear(.claude, stranger)
        #expect(heard.logged.map(\.kind.name) == ["AgentSessionStarted"] && heard.logged[0].source == nil)
    }

    @Test("makes nothing of garbage and halves", arguments: garbageCases)
    func notAnEvent(text: String) throws {
        let hook = try AgentHookCase()
        #expect(try !hook.hear(.claude, text).isUnderstood)
        #expect(try hook.directory.names("data") == [])
    }

    @Test("makes nothing of any beginning of a call, and survives any byte of it being another")
    func mutations() throws {
        let hook = try AgentHookCase()
        let whole = Array(
            hook.json("PostToolUse", #""tool_name":"apply_patch","tool_input":{"input":"*** Add File: \u00e4\n"}"#).utf8
        )
        for count in 0..<whole.count { #expect(try !hook.hear(.codex, Array(whole[..<count])).isUnderstood) }
        for index in whole.indices {
            for byte: UInt8 in [0, 0x22, 0x5c, 0x7b, 0x7d, 0xff] {
                var bytes = whole
                bytes[index] = byte
                _ = try hook.hear(.codex, bytes)
            }
        }
    }

    @Test("survives whatever looks a little like a call")
    func nearMisses() {
        var generator = SystemRandomNumberGenerator()
        let pieces = [
            "{", "}", "[", "]", "\"", ":", ",", "\\", "\\u", "00e4", "d83d", "*** Add File: ", "\\n", "x", " ",
            "\u{fffd}",
            "\"tool_input\":", "\"prompt\":", "\"tool_name\":\"apply_patch\",", "\"tool_name\":\"Write\",",
            "\"file_path\":",
            "\"command\":",
        ]
        for _ in 0..<20_000 {
            let tail = (0..<Int.random(in: 0..<20)).map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            let call = #"{"session_id":"s-1","hook_event_name":"PostToolUse","#
            for text in [tail, call + tail, call + "\"tool_name\":\"apply_patch\",\"tool_input\":\"" + tail + "\"}"] {
                let bytes = Array(text.utf8)
                let input = HookInput(.codex, bytes.span)
                #expect(input == nil || input?.session.id == "s-1")
                _ = HookInput(.codex, bytes.span, isCut: true)
            }
        }
    }

    @Test("takes what is deeply nested for what it is: something to skip")
    func deep() throws {
        let hook = try AgentHookCase()
        let deep = String(repeating: "[{\"a\":", count: 50_000) + "1" + String(repeating: "}]", count: 50_000)
        #expect(try hook.hear(.claude, event: "Stop", "\"x\":\(deep)").events == ["AgentTurnEnded {}"])
    }
}

extension TemporaryDirectory {
    func names(_ directory: String) throws -> [String] { try RealFileSystem().names(in: path + "/" + directory) }
}
