// The columns of np events, which names of any width must not shift.

import TestSupport
import Testing

@Suite("The columns of np events", .apart)
struct ColumnTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    /// In which cell the arrow of each line is, taking each wide character for two.
    private func arrows(_ lines: [String]) -> Set<Int> {
        Set(
            lines.map { line in
                line.prefix { $0 != "→" }.reduce(0) { $0 + ("修复解析器".contains($1) ? 2 : 1) }
            }
        )
    }

    @Test("are as wide as the widest name in what is shown, and wide characters take two cells")
    func aligned() async throws {
        try home.write(log: [
            Sample.line(1, "TaskStarted", task: #""a""#),
            Sample.line(2, #"{"Custom":"AgentSessionStarted"}"#, task: #""修复解析器""#),
            Sample.line(3, "SupervisionDegraded"),
            Sample.line(4, #"{"Custom":"a-custom-kind-of-a-program"}"#, task: #""b""#),
            Sample.line(5, "TaskFailed", task: #""a-task-with-a-long-name""#),
        ])
        let lines = try await home.np("events").lines
        #expect(lines.count == 5 && arrows(lines).count == 1, "\(lines)")
        #expect(
            lines[1].contains("  AgentSessionStarted  ") && lines[3].contains("  custom:a-custom-kind-of-a-program  ")
        )
        #expect(arrows(try await home.np("events", "-r").lines) == arrows(lines))
    }

    @Test("become wider from a wider name on in a log that is longer than what is held back, and never narrower")
    func longLog() async throws {
        let short = (1...1_500).map { Sample.line($0) }
        let wide = Sample.line(2_000, #"{"Custom":"AgentSessionStarted"}"#, task: #""a-task-with-a-long-name""#)
        try home.write(log: short + [wide] + (3_001...3_500).map { Sample.line($0) })
        let lines = try await home.np("events").lines
        #expect(lines.count == 2_001)
        #expect(arrows(Array(lines[..<1_500])) == [49] && arrows(Array(lines[1_500...])) == [67])
        #expect(lines[0] == Sample.shown(1))
    }

    @Test("follow what is known so far while events come")
    func following() async throws {
        try home.write(log: [Sample.line(1), Sample.line(2, "SupervisionDegraded")])
        try await home.np(["events", "--follow"]) { running in
            let first = try await running.nextLines(2)
            #expect(arrows(first).count == 1)
            try home.append(log: Sample.line(3))
            let third = try #require(try await running.nextLine())
            #expect(arrows(first + [third]).count == 1)
            try home.append(log: Sample.line(4, task: #""a-task-with-a-long-name""#))
            let fourth = try #require(try await running.nextLine())
            try home.append(log: Sample.line(5))
            let fifth = try #require(try await running.nextLine())
            #expect(arrows([fourth, fifth]).count == 1 && arrows([third, fourth]).count == 2)
        }
    }
}
