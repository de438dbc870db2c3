// np sessions and np events --session: when a daemon ran, and what happened meanwhile.

import TestSupport
import Testing

@Suite("np sessions", .apart)
struct SessionsTests {
    let home: Home

    init() throws { home = try Home() }

    private static let ids = ["01943200-aaaa", "01943200-bbbb", "019432ff-cccc"]

    /// A session in order, one whose daemon died, one in order; events before, in and between them.
    private static let log = [
        Sample.line(1),
        start(2, ids[0], previous: "none", time: "2026-01-11T10:00:00Z"), Sample.line(3),
        end(4, ids[0], time: "2026-01-11T12:05:00Z"), Sample.line(5),
        start(6, ids[1], previous: "clean", time: "2026-01-11T13:00:00Z"), Sample.line(7, "TaskFailed"),
        Sample.line(8, task: #""eg-1""#),
        start(9, ids[2], previous: "unclean", time: "2026-01-11T14:00:00Z"), Sample.line(10),
        end(11, ids[2], time: "2026-01-11T14:00:01Z"), Sample.line(12),
    ]

    private static func start(_ number: Int, _ id: String, previous: String, time: String) -> String {
        let payload =
            #"{"session":"\#(id)","pid":\#(number),"host":"box","version":"0.1.0","previous":"\#(previous)"}"#
        return Sample.line(number, "SessionStarted", payload: payload, time: time)
    }

    private static func end(_ number: Int, _ id: String, time: String) -> String {
        Sample.line(number, "SessionEnded", payload: #"{"session":"\#(id)","events":40,"lost":1}"#, time: time)
    }

    @Test("shows each session with its index, the latest last, and says which daemon died")
    func table() async throws {
        try home.write(log: Self.log)
        let shown = try await home.np("sessions")
        #expect(shown.status == 0)
        #expect(
            shown.lines == [
                "INDEX  SESSION     START                END                      DURATION   EVENTS  LOST  PREVIOUS  VERSION  PID  HOST",
                "   -2  01943200-a  2026-01-11 10:00:00  2026-01-11 12:05:00      2 h 5 min      40     1  none      0.1.0      2  box",
                "   -1  01943200-b  2026-01-11 13:00:00  no end: the daemon died  -               -     -  clean     0.1.0      6  box",
                "    0  019432ff-c  2026-01-11 14:00:00  2026-01-11 14:00:01      1.0 s          40     1  unclean   0.1.0      9  box",
            ]
        )
        let last = try await home.np("sessions", "-n", "1")
        #expect(last.lines.map { $0.split(separator: " ") } == [0, 3].map { shown.lines[$0].split(separator: " ") })
    }

    @Test("prints one JSON object a line, with whole ids and what is unknown as null")
    func json() async throws {
        try home.write(log: Self.log)
        let shown = try await home.np("sessions", "--json")
        #expect(
            Array(shown.lines.suffix(2)) == [
                #"{"index":-1,"session":"01943200-bbbb","state":"died","start":"2026-01-11T13:00:00.000000Z","end":null,"#
                    + #""duration_ms":null,"events":null,"lost":null,"previous":"clean","version":"0.1.0","pid":6,"host":"box"}"#,
                #"{"index":0,"session":"019432ff-cccc","state":"ended","start":"2026-01-11T14:00:00.000000Z","#
                    + #""end":"2026-01-11T14:00:01.000000Z","duration_ms":1000,"events":40,"lost":1,"#
                    + #""previous":"unclean","version":"0.1.0","pid":9,"host":"box"}"#,
            ]
        )
        #expect(try await home.np("sessions", "-o", "json").out == shown.out)
    }

    @Test("tells a running daemon from one that died")
    func running() async throws {
        try await home.np("daemon", "start")
        let running = try await home.np("sessions")
        let asJSON = try await home.np("sessions", "--json")
        let inSession = try await home.np("events", "--session", "0", "-o", "csv")
        try await home.shell(#"kill -9 $("$NP" daemon status --json | grep -o '"pid":[0-9]*' | cut -d: -f2)"#)
        // The lock is free as soon as the process has gone.
        var after = try await home.np("sessions")
        try await wait(for: "the killed daemon to be gone") {
            after = try await home.np("sessions")
            return !after.out.contains("  running  ")
        }
        #expect(running.lines.last?.contains("  running  ") == true)
        #expect(asJSON.lines.last?.contains(#""state":"running""#) == true)
        #expect(asJSON.lines.last?.contains(#""duration_ms":null"#) == false)
        #expect(inSession.lines.count == 2)
        #expect(after.lines.last?.contains("  no end: the daemon died  ") == true)
    }

    @Test("says that there is no log, or that there are no sessions in it")
    func nothing() async throws {
        let noLog = try await home.np("sessions")
        #expect(noLog.status == 0 && noLog.out == "")
        #expect(noLog.err.hasPrefix("np: there is no log yet at \(home.log)"))
        try home.write(log: [Sample.line(1)])
        let none = try await home.np("sessions")
        #expect(none.status == 0 && none.out == "")
        #expect(none.err == "np: there are no sessions yet in \(home.log); np daemon start begins one\n")
    }

    @Test("makes what a log claims of a session harmless")
    func hostileText() async throws {
        let payload = #"{"session":"\u001b[2Jx","host":"a\nb\u202e","pid":"\u0007","version":7}"#
        try home.write(log: [Sample.line(1, "SessionStarted", payload: payload), Sample.line(2, "SessionStarted")])
        let shown = try await home.np("sessions")
        #expect(shown.lines.count == 3)
        #expect(shown.lines[1].contains(#"\u001b[2Jx  "#))
        #expect(shown.lines[1].hasSuffix(#"7        \u0007  a\nb\u202e"#))
    }

    @Test(
        "np events --session shows what stands between a session's two lines, or before the next one's first",
        arguments: [
            (["--session", "0"], [9, 10, 11]), (["--session=-1"], [6, 7, 8]), (["--session", "-1"], [6, 7, 8]),
            (["--session", "-2"], [2, 3, 4]), (["--session", "01943200-a"], [2, 3, 4]),
            (["--session", "01943200-bbbb"], [6, 7, 8]), (["--session", "-1", "-k", "TaskFailed"], [7]),
            (["--session", "-1", "-t", "eg-1"], [8]), (["--session", "-1", "-r"], [8, 7, 6]),
            (["--session", "-1", "-n", "2"], [7, 8]), (["--session", "-1", "-n", "1", "-r"], [8]),
            (["--session", "-2", "-S", "2026-01-11T12:00:00Z"], [3, 4]), (["--session", "-2", "-t", "eg-1"], []),
        ]
    )
    func events(arguments: [String], expected: [Int]) async throws {
        try home.write(log: Self.log)
        let shown = try await home.run(Home.np, ["events", "-o", "json"] + arguments)
        let numbers = shown.lines.map { line in (1...12).first { line.contains(Sample.id($0)) } }
        #expect(shown.status == 0)
        #expect(numbers == expected)
        #expect(shown.err == (expected.isEmpty ? "np: no events match\n" : ""))
    }

    @Test("np events --session reads a named file, and of the last session all that follows if it has no end")
    func namedFile() async throws {
        try home.write((Self.log.prefix(8) + ["no event"]).map { $0 + "\n" }.joined(), to: home("old"))
        let shown = try await home.np("events", "--session", "0", "-o", "raw", home("old"))
        #expect(shown.lines == Array(Self.log[5...7]))
        #expect(shown.err.hasPrefix("np: warning: skipped 1 line"))
    }

    @Test(
        "np events --session explains what is wrong with it",
        arguments: [
            (["--session", "-3"], "there is no session -3; there are 3, -2 to 0\nhint: see np sessions"),
            (["--session", "1"], "no session's id begins with '1'\nhint: see np sessions"),
            (["--session", "01943200"], "begin with '01943200': 01943200-aaaa, 01943200-bbbb\nhint: type more of it"),
            (["--session", "0", "-f"], "--session and --follow exclude each other"),
            (["--session", "0", "--after", "x"], "--session and --after exclude each other"),
            (["--session", "0", "-"], "standard input can't be"), (["--session", ""], "--session is empty"),
        ]
    )
    func mistakes(arguments: [String], message: String) async throws {
        try home.write(log: Self.log)
        let refused = try await home.run(Home.np, ["events"] + arguments)
        #expect(refused.status == 64)
        #expect(refused.out == "")
        #expect(refused.err.contains(message))
    }
}
