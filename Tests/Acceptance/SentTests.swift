// np inbox --sent and --all: what was sent to whom, and what became of it.

import TestSupport
import Testing

@Suite("np inbox --sent", .apart)
struct SentTests {
    let home: Home

    init() throws { home = try Home() }

    private static func custom(_ number: Int, _ name: String, _ task: String, _ payload: String, _ time: String)
        -> String
    {
        Sample.line(
            number,
            #"{"Custom":"\#(name)"}"#,
            task: "\"\(task)\"",
            payload: payload,
            time: "2026-01-11T04:\(time)Z"
        )
    }

    private static func order(_ number: Int, _ task: String, _ behind: Int, _ time: String) -> String {
        Sample.line(
            number,
            "RebaseRequired",
            to: "\"\(task)\"",
            payload: #"{"commits_behind":\#(behind)}"#,
            time: "2026-01-11T04:\(time)Z"
        )
    }

    private static func read(_ number: Int, _ notification: Int, _ task: String, _ time: String) -> String {
        let how =
            #""notification":"\#(Sample.id(notification))","by":"\#(task)","how":"np hook claude UserPromptSubmit""#
        return custom(number, "NotificationRead", task, #"{\#(how),"session":"s1"}"#, time)
    }

    private static let log = [
        Sample.line(
            1,
            "NudgeSent",
            to: #""fix-parser""#,
            payload: #"{"message":"use the streaming API","sender":"user"}"#,
            time: "2026-01-11T04:49:41Z"
        ),
        order(2, "fix-parser", 1, "49:42"), order(3, "fix-parser", 2, "49:43"),
        custom(4, "NotificationSuperseded", "fix-parser", #"{"notifications":["\#(Sample.id(2))"]}"#, "49:43"),
        order(5, "docs", 2, "49:43"),
        custom(6, "NotificationSuperseded", "fix-parser", #"{"notifications":["\#(Sample.id(3))"]}"#, "49:44"),
        order(7, "fix-parser", 3, "49:44"),
        read(8, 1, "fix-parser", "49:45.800"), read(9, 7, "fix-parser", "49:45.700"),
        Sample.line(
            10,
            "NudgeSent",
            task: #""docs""#,
            to: #""fix-parser""#,
            payload: #"{"message":"x\u001by"}"#,
            time: "2026-01-11T04:50:00Z"
        ),
    ]

    @Test("folds orders that were overtaken into the one that replaced them, and says after how long what was read")
    func sent() async throws {
        try home.write(log: Self.log)
        let task = try await home.np("inbox", "--sent", "--task", "fix-parser")
        #expect(task.status == 0 && task.err == "")
        #expect(
            task.lines == [
                "SENT                 WHAT                                   HANDED OVER  BY",
                "2026-01-11 04:49:41  you: use the streaming API             +4.8 s       prompt",
                "2026-01-11 04:49:44  rebase: 3 commits behind (replaces 2)  +1.7 s       prompt",
                #"2026-01-11 04:50:00  docs: x\u001by                         not yet      -"#,
            ]
        )
        let all = try await home.np("inbox", "--sent")
        #expect(all.lines.count == 5)
        let json = try await home.np("inbox", "--sent", "fix-parser", "-o", "json")
        #expect(json.lines.count == 3)
        #expect(json.lines[1].contains(#""fate":"handed_over""#))
        #expect(json.lines[1].contains(#""replaces":["\#(Sample.id(2))","\#(Sample.id(3))"]"#))
    }

    @Test("shows every notification with --all, to one task or to all")
    func all() async throws {
        try home.write(log: Self.log)
        #expect(try await home.np("inbox", "--all", "fix-parser").lines.count == 6)
        #expect(try await home.np("inbox", "--all").lines.count == 7)
        let wrong = try await home.np("inbox", "--all", "fix-parsr")
        #expect(wrong.status == 64 && wrong.err.contains("did you mean 'fix-parser'?"))
        #expect(try await home.np("inbox", "--all", "--sent").status == 64)
        #expect(try await home.np("inbox", "--sent", "--ack").status == 64)
        #expect(try await home.np("inbox", "--sent", "docs", "-t", "docs").status == 64)
    }
}
