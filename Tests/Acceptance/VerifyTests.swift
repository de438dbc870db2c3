// np events verify: whether the log is whole, for a person and for a program.

import TestSupport
import Testing

@Suite("np events verify", .apart)
struct VerifyTests {
    let home: Home

    init() throws { home = try Home() }

    private func closed(_ number: Int) -> String { home.dataDirectory + "/event_log.00000\(number).jsonl" }

    @Test("says in one glance that all is well")
    func intact() async throws {
        #expect(try await home.np("events", "verify").err.contains("there is no log yet"))
        try home.write(Sample.line(1) + "\n", to: closed(4))
        try home.write(log: [Sample.line(2), Sample.line(3)])
        let result = try await home.np("events", "verify")
        #expect(result.lines == ["2 files, 3 events", "Every line is readable, and no file is missing."])
        #expect(result.err == "" && result.status == 0)
    }

    @Test("points at each damaged line with harmless text, sums up, and fails")
    func damaged() async throws {
        try home.write("\u{1b}[31mred\n" + Sample.line(1) + "\n" + Sample.line(1) + "\n", to: closed(1))
        try home.write(Sample.line(2) + "\n" + #"{"id":"#, to: closed(3))
        let gap = Sample.line(3, #"{"Custom":"LogGap"}"#, payload: #"{"lost":5,"from":"x","to":"y"}"#)
        try home.write(log: [gap])
        try home.write(#"{"id""#, to: home.log, appending: true)
        let result = try await home.np("events", "verify")
        let second = "\u{1b}[31mred\n".utf8.count + Sample.line(1).utf8.count + 1
        let third = Sample.line(2).utf8.count + 1
        #expect(
            result.lines == [
                closed(1) + #": line 1, byte 0: damaged: not a JSON object at byte 0: \u001b[31mred"#,
                closed(2) + " is missing",
                closed(3) + ": line 2, byte \(third): damaged: a value is missing at byte 6: " + #"{"id":"#,
                home.log + ": line 1, byte 0: the log says that 5 events could not be logged, from x to y",
                home.log
                    + ": line 2, byte \(gap.utf8.count + 1): has no end yet (5 bytes so far); not damaged",
                closed(1) + ": line 3, byte \(second): the id \(Sample.id(1)) stands in an earlier line too",
                "3 files, 4 events", "  2 lines damaged", "  1 file missing", "  1 id repeated",
                "  5 events lost, as the log itself says", "  1 line without an end yet", "The log is damaged.",
            ]
        )
        #expect(result.err == "" && result.status == 1)
    }

    @Test(
        "gives a program one object for each finding and one for the totals",
        arguments: [["-o", "json"], ["--json"]]
    )
    func json(arguments: [String]) async throws {
        try home.write(log: ["\u{1b}", Sample.line(1)])
        let result = try await home.run(Home.np, ["events", "verify"] + arguments)
        #expect(
            result.lines == [
                #"{"finding":"damaged","file":"\#(home.log)","line":1,"byte":0,"#
                    + #""reason":"not a JSON object at byte 0","beginning":"\u001b"}"#,
                #"{"finding":"totals","files":1,"events":1,"damaged":1,"missing_files":0,"unreadable_files":0,"#
                    + #""repeated":0,"lost":0,"written_again":0,"backward_steps":0,"largest_step_ms":0,"#
                    + #""pending":0,"in_reserve":0,"lost_in_reserve":0,"intact":false}"#,
            ]
        )
        #expect(result.status == 1)
    }

    @Test("checks the files named, standard input too, and fails if one isn't there")
    func named() async throws {
        try home.write(Sample.line(1) + "\n", to: home("verify"))
        let result = try await home.np("events", "verify", "verify", "-", input: Sample.line(2) + "\nx\n")
        #expect(result.lines.first?.hasPrefix("standard input: line 2, byte ") == true)
        #expect(result.lines.last == "The log is damaged.")
        let missing = try await home.np("events", "verify", "none")
        #expect(missing.lines.first == "there is no file none")
        #expect(missing.status == 1)
        #expect(try await home.np("events", "./verify").lines == [Sample.shown(1)])
    }
}
