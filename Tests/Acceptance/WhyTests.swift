// np why and np show: what led to where a task is, from a log.

import TestSupport
import Testing

@Suite("np why", .apart)
struct WhyTests {
    let home: Home

    init() throws { home = try Home() }

    private static func id(_ number: Int) -> String { Sample.id(number) }

    /// A session in which a check failed twice with no edit between, and that the agent then ended.
    private static let gaveUp: [String] = [
        line(1, "TaskStarted", #"{"agent":"claude","session":"s1","worktree":"/tmp/w t","repo":"/tmp/r"}"#, "14:00:00"),
        custom(2, "AgentSessionStarted", #"{"agent":"claude","session":"s1"}"#, "14:00:00"),
        custom(3, "AgentTurnStarted", #"{"agent":"claude","session":"s1","prompt_bytes":40}"#, "14:00:05"),
        custom(4, "AgentTurnEnded", turn(3), "14:04:15"),
        custom(5, "AgentTurnStarted", #"{"agent":"claude","session":"s1","prompt_bytes":4}"#, "14:05:00"),
        custom(6, "AgentTurnEnded", turn(5), "14:07:30"),
        custom(7, "AgentSessionEnded", #"{"agent":"claude","session":"s1","reason":"prompt_input_exit"}"#, "14:08:00"),
    ]

    private static func turn(_ begin: Int) -> String {
        #"{"agent":"claude","session":"s1","begin":"\#(id(begin))","tools":{"n":3,"failed":1,"denied":0},"#
            + #""checks":[{"check":"make test","n":1,"failed":1,"last":"failed"}]}"#
    }

    private static func line(_ number: Int, _ kind: String, _ payload: String, _ time: String) -> String {
        Sample.line(number, kind, task: #""fix-parser""#, payload: payload, time: "2026-01-11T\(time)Z")
    }

    private static func custom(_ number: Int, _ name: String, _ payload: String, _ time: String) -> String {
        line(number, name, payload, time).replacing(#""kind":"\#(name)""#, with: #""kind":{"Custom":"\#(name)"}"#)
    }

    @Test(
        "says that make test failed twice with no edit between and the agent then gave up, by name, by event, and alone"
    )
    func gaveUp() async throws {
        try home.write(log: Self.gaveUp)
        let task = try await home.np("why", "fix-parser")
        #expect(task.status == 0 && task.err == "")
        #expect(
            Array(task.lines.prefix(6)) == [
                "fix-parser GAVE UP at 2026-01-11 14:08:00, 8 min 0 s after claude began:",
                "make test failed twice with no edit between, and claude then gave up",
                "",
                "14:00:00.0               claude began, prompt of 40 bytes",
                "14:00:05.0  +7 min 25 s  make test failed twice with no edit between",
                "14:08:00.0               claude's session ended: prompt_input_exit",
            ]
        )
        #expect(
            Array(task.lines.suffix(3)) == [
                "Log     complete for these 8 min 0 s", "Next    cd '/tmp/w t' && make test",
                "        np show \(Self.id(7))",
            ]
        )
        #expect(try await home.np("why").lines == task.lines)
        let event = try await home.np("why", Self.id(6))
        #expect(
            event.lines.first?.hasPrefix("fix-parser AgentTurnEnded at 2026-01-11 14:07:30, 7 min 30 s after") == true
        )
        #expect(event.out.contains("make test failed twice with no edit between"))
        let before = try await home.np("why", "fix-parser", "--at", "2026-01-11T14:04:30Z")
        #expect(before.lines.first == "fix-parser CHECK FAILED since 14:04:15 (15.0 s):")
        #expect(before.lines[1] == "make test failed, and claude then stopped")
    }

    @Test("tells the last failure as what happened, and how its task is now, if that went on")
    func repaired() async throws {
        let turn = #"{"agent":"claude","session":"s1","begin":"\#(Self.id(5))","files_count":1,"#
        let check = #""checks":[{"check":"make test","n":1,"failed":0,"last":"passed"}]}"#
        try home.write(
            log: Self.gaveUp.prefix(5) + [
                Self.custom(6, "AgentTurnEnded", turn + check, "14:07:30"),
                Self.line(7, "TaskCompleted", #"{"summary":"squashed"}"#, "15:00:00"),
            ]
        )
        let why = try await home.np("why")
        #expect(why.lines.first == "fix-parser CHECK FAILED at 2026-01-11 14:04:15, 4 min 15 s after claude began:")
        #expect(
            why.lines.contains { $0.hasPrefix("Now     done since 15:00:00 (") && $0.contains("): squashed") }
        )
        #expect(why.lines.contains("Next    np why fix-parser") && !why.out.contains("make test\n"))
        let event = try await home.np("why", Self.id(4))
        #expect(event.lines.contains { $0.hasPrefix("Now     done since 15:00:00 (") })
        let then = try await home.np("why", "--at", "2026-01-11T14:04:30Z")
        #expect(then.lines.first == "fix-parser CHECK FAILED since 14:04:15 (15.0 s):" && !then.out.contains("Now "))
    }

    @Test("does not call a log complete in which an event is missing that another one names")
    func cutOut() async throws {
        try home.write(log: Self.gaveUp.filter { !$0.contains(#"{"id":"\#(Self.id(5))""#) })
        let why = try await home.np("why", "fix-parser")
        #expect(why.lines.contains("Log     not complete: 1 event that others name is missing"), "\(why.out)")
        let event = try await home.np("why", Self.id(6))
        #expect(event.lines.contains("Log     not complete: 1 event that others name is missing"), "\(event.out)")
    }

    @Test("tells of a lock that a task holds of which the log has nothing else, and names the log that was typed")
    func lock() async throws {
        let why = try await home.shell(
            #"mkdir d; "$NP" lock build --task db --data-dir d -- "$NP" why db --data-dir d"#
        )
        #expect(
            why.out.contains("took lock build") && why.out.contains("Open    holds lock build"),
            "\(why.out)\(why.err)"
        )
        #expect(why.out.contains(" --data-dir d\n"), "\(why.out)")
    }

    @Test("gives a program the graph: events as nodes, and what they say of each other as edges")
    func graph() async throws {
        try home.write(log: Self.gaveUp)
        let result = try await home.np("why", "fix-parser", "-o", "json")
        #expect(result.lines.count == 1)
        for part in [
            #""task":"fix-parser""#, #""words":"GAVE UP""#, #""complete":true"#,
            #"{"from":"\#(Self.id(6))","kind":"begin","to":"\#(Self.id(5))"}"#,
            #""kind":"follows""#, #""words":"make test failed twice with no edit between""#,
        ] { #expect(result.out.contains(part), "\(part)") }
    }

    @Test("refuses names of nothing with what was perhaps meant, and says so where nothing has failed")
    func unknown() async throws {
        try home.write(log: Self.gaveUp)
        let wrong = try await home.np("why", "fix-parsr")
        #expect(wrong.status == 64 && wrong.out == "")
        #expect(wrong.errorLines == ["np: there is no task 'fix-parsr'", "hint: did you mean 'fix-parser'?"])
        #expect(try await home.np("why", "ffffffff-ffff").status == 64)
        // The beginning of all ids.
        let several = try await home.np("why", String(Self.id(1).prefix(8)))
        #expect(several.status == 64 && several.err.contains("the ids of several events begin with"))
        try home.write(log: [Self.gaveUp[0]])
        let none = try await home.np("why")
        #expect(none.status == 0 && none.out == "" && none.errorLines == ["np: nothing in the log has failed"])
        let never = try await home.np("why", "fix-parser", "--at", "2026-01-10")
        #expect(never.status == 1 && never.err.contains("the log has no event of 'fix-parser' until then"))
    }

    @Test("tells of causes that go in circles, of ends without beginnings, and of hostile text, and ends")
    func hostile() async throws {
        let evil = #"\u001b[31mred\u001b[0m\n\u202Eevil"#
        try home.write(log: [
            Self.line(1, "RebaseConflict", #"{"cause":"\#(Self.id(1))","files":["\#(evil)"]}"#, "10:00:00"),
            Self.line(2, "RebaseConflict", #"{"cause":"\#(Self.id(3))","files":["a"]}"#, "10:00:01"),
            Self.line(3, "RebaseConflict", #"{"cause":"\#(Self.id(2))","files":["b"]}"#, "10:00:02"),
            Self.custom(4, "RunEnded", #"{"begin":"\#(Self.id(9))","error":"\#(evil)","duration_ms":-5}"#, "09:00:00"),
            Self.line(5, "TaskFailed", #"{"error":"\#(evil)","begin":"\#(Self.id(5))"}"#, "10:00:04"),
        ])
        let result = try await home.np("why", "fix-parser")
        #expect(result.status == 0 && !result.out.contains("\u{1b}") && !result.out.contains("\u{202e}"))
        #expect(result.out.contains("the beginning is not in the log"))
        #expect(result.lines.count < 24)
        let json = try await home.np("why", Self.id(3), "-o", "json")
        #expect(json.status == 0 && json.lines.count == 1)
    }

    @Test("tells of an event that is of no task after those that it names")
    func noTask() async throws {
        try home.write(log: [
            Sample.line(
                1,
                "SessionStarted",
                payload: #"{"session":"a","previous":"none"}"#,
                time: "2026-01-11T10:00:00Z"
            ),
            Sample.line(
                2,
                "SessionEnded",
                payload: #"{"session":"a","begin":"\#(Self.id(1))"}"#,
                time: "2026-01-11T11:00:00Z"
            ),
        ])
        let result = try await home.np("why", Self.id(2))
        #expect(
            result.lines == [
                "SessionEnded at 2026-01-11 11:00:00:", "session a", "",
                "10:00:00.0  SessionStarted: session a", "11:00:00.0    SessionEnded: session a", "",
                "Log     complete", "Next    np show \(Self.id(2))",
            ]
        )
    }

    @Test("shows an event in full, with what it points to and what points to it, by a beginning of its id")
    func show() async throws {
        try home.write(log: Self.gaveUp)
        let shown = try await home.np("show", Self.id(3))
        #expect(shown.status == 0 && shown.err == "")
        #expect(
            shown.lines == [
                "event       \(Self.id(3))",
                "kind        AgentTurnStarted",
                "time        2026-01-11 14:00:05.000000",
                "from        fix-parser",
                "to          -",
                "says        claude",
                "",
                "agent         claude",
                "session       s1",
                "prompt_bytes  40",
                "",
                "pointed to by",
                "  begin  \(Self.id(4))  2026-01-11 14:04:15  AgentTurnEnded  fix-parser  claude, 3 tools (1 failed), make test failed",
            ]
        )
        let listed = try await home.np("events", "--ids", "-n", "1")
        #expect(listed.lines.first?.hasPrefix(Self.id(7) + "  2026-01-11 14:08:00  AgentSessionEnded") == true)
        let json = try await home.np("show", Self.id(4), "--json")
        #expect(json.out.contains(#""points_to":[{"member":"begin","id":"\#(Self.id(3))""#))
        let unknown = try await home.np("show", "nothing-like-it")
        #expect(unknown.status == 64 && unknown.err.contains("no event's id is 'nothing-like-it' or begins with it"))
    }
}
