// np emit: one event from the command line.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np emit", .apart)
struct EmitTests {
    let home: Home

    init() throws { home = try Home() }

    /// Emits, and returns the event that is then in the log.
    private func emitted(_ arguments: String..., environment: [String: String] = [:]) async throws -> Event {
        let result = try await home.run(Home.np, ["emit"] + arguments, environment: environment)
        #expect(result.status == 0 && result.err == "", "\(result.err)")
        let event = try Event(line: try #require(try home.logged.last))
        #expect(result.out == "\(event.id)\n")
        return event
    }

    @Test("logs an event and prints its id")
    func id() async throws {
        let first = try await emitted("TaskStarted", "--task", "eg-1")
        #expect(
            first.kind == .taskStarted && first.source == "eg-1" && first.target == nil && first.payload.json == "{}"
        )
        let second = try await emitted("task_completed", "--task", "eg-1", "summary=done")
        #expect(second.kind == .taskCompleted)
        #expect(first.id.description < second.id.description)
        #expect(try home.logged.count == 2)
    }

    @Test("takes a value that is JSON as JSON, and any other as text")
    func members() async throws {
        let event = try await emitted(
            "NudgeSent",
            "--to",
            "eg-2",
            "message=look there",
            "count=2",
            "exact=12345678901234567890",
            "ok=true",
            "none=null",
            "list=[1, 2]",
            "quoted=\"3\"",
            "empty=",
            "equals=a=b",
            "version=1.2.3"
        )
        #expect(event.target == "eg-2")
        #expect(
            event.payload.json
                == #"{"message":"look there","count":2,"exact":12345678901234567890,"ok":true,"none":null,"list":[1,2],"#
                + #""quoted":"3","empty":"","equals":"a=b","version":"1.2.3"}"#
        )
    }

    @Test("takes the whole payload as JSON")
    func payload() async throws {
        let json = #"{"message":"x","deep":{"a":[1,{"b":1e400}]}}"#
        #expect(try await emitted("NudgeSent", "--payload", json).payload.json == json)
        let both = try await home.np("emit", "NudgeSent", "--payload", json, "a=1")
        #expect(both.status == 64)
    }

    @Test("takes the task from NP_TASK, but not for what comes from no task")
    func defaultTask() async throws {
        let environment = ["NP_TASK": "eg-9"]
        #expect(try await emitted("TaskStarted", environment: environment).source == "eg-9")
        #expect(try await emitted("TaskStarted", "--task", "eg-1", environment: environment).source == "eg-1")
        #expect(try await emitted("MainUpdated", "commit=abc", environment: environment).source == nil)
        #expect(try await emitted("RebaseRequired", "--to", "eg-1", environment: environment).source == nil)
        #expect(try await emitted("MainUpdated", "--task", "eg-1", environment: environment).source == "eg-1")
        #expect(try await emitted("TaskStarted").source == nil)
    }

    @Test(
        "refuses what would not be logged, and says so",
        arguments: [
            ("FileModified", "FileModified is ephemeral"), ("TaskWaitingForUser", "ephemeral"),
            ("custom:mine", "custom:mine"),
        ]
    )
    func ephemeral(kind: String, reason: String) async throws {
        let result = try await home.np("emit", kind, "--task", "eg-1")
        #expect(result.status == 1)
        #expect(result.out == "")
        #expect(result.err.contains("not logged") && result.err.contains(reason))
    }

    @Test("refuses the kinds that only np itself logs, so that nobody can make the log say that it lost something")
    func reserved() async throws {
        for name in ["LogGap", "LogResumed", "NotificationRead", "RunEnded", "AgentSessionStarted"] {
            let refused = try await home.np("emit", "custom:\(name)", "lost=3")
            #expect(refused.status == 64 && refused.err.contains("the kind custom:\(name) is reserved"))
            let line = #"{"kind":{"Custom":"\#(name)"}}"#
            let fromInput = try await home.np("emit", "-", input: line + "\n" + Sample.line(1) + "\n")
            #expect(fromInput.status == 1 && fromInput.lines == [Sample.id(1)])
            #expect(fromInput.err.contains("line 1: the kind custom:\(name) is reserved"))
        }
    }

    @Test(
        "says what was perhaps meant",
        arguments: [
            ("TaskStated", "TaskStarted"), ("taskfailled", "TaskFailed"), ("Rebase", "RebaseRequired"),
            ("xyzzy", "kinds are"),
        ]
    )
    func suggestion(kind: String, hint: String) async throws {
        let result = try await home.np("emit", kind)
        #expect(result.status == 64)
        #expect(result.err.contains("'\(kind)'") && result.err.contains(hint))
        let filter = try await home.np("events", "--kind", kind == "Rebase" ? "Rebasing" : kind)
        #expect(filter.status == 64)
    }

    @Test(
        "refuses a task or payload that cannot be, with the reason, and logs nothing",
        arguments: [
            (["--task", ""], "empty"), (["--task", String(repeating: "x", count: 129)], "129 bytes"),
            (["--task", "a\u{1b}b"], "U+001B"), (["--to", "a\nb"], "U+000A"), (["--to", "\u{202e}"], "U+202E"),
            (["--payload", "{"], "JSON"), (["--payload", ""], "JSON"), (["--payload", "{} {}"], "JSON"),
            (["novalue"], "key=value"), (["=x"], "key=value"),
        ]
    )
    func refusal(arguments: [String], reason: String) async throws {
        let result = try await home.run(Home.np, ["emit", "TaskStarted"] + arguments)
        #expect(result.status == 64)
        #expect(result.out == "")
        #expect(result.err.contains(reason), "\(result.err)")
        #expect(throws: (any Error).self) { try home.logged }
    }

    @Test("cuts only a payload over 10 KB, and keeps the small fields")
    func limit() async throws {
        let event = try await emitted(
            "TaskFailed",
            "--task",
            "eg-1",
            "exit_code=3",
            "error=" + String(repeating: "é", count: 20_000)
        )
        #expect(event.payload.json.utf8.count <= 10_240)
        #expect(try await home.np("events", "--where", "payload.exit_code=3", "-g", "_truncated").lines.count == 1)
        #expect(try home.logged.count == 1)
    }

    @Test("makes the log private, and logs where it is told")
    func place() async throws {
        try await home.np("emit", "TaskStarted")
        let modes = try await home.shell("stat -c %a '\(home.dataDirectory)' '\(home.log)'")
        #expect(modes.lines == ["700", "600"])
        try await home.np("emit", "TaskStarted", "--data-dir", "there/deep")
        try await home.np("emit", "TaskStarted", environment: ["NP_DATA_DIR": home("there/deep")])
        #expect(try await home.np("events", "--data-dir", "there/deep").lines.count == 2)
        #expect(try home.logged.count == 1)
    }

    @Test(
        "fails if the id cannot be printed, but the event is logged and nothing else",
        arguments: ["> /dev/full", ">&-"]
    )
    func outputUnusable(redirection: String) async throws {
        let result = try await home.shell(#""$NP" emit TaskStarted \#(redirection)"#)
        #expect(result.status == 1)
        #expect(result.err.contains("standard output"))
        #expect(try home.logged.count == 1)
        #expect(try await home.np("events").err == "")
    }
}
