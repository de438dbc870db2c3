// The four formats, as a program that reads them gets them.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np events prints", .apart)
struct OutputFormatTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("text whose columns are as wide as the widest name, and whose lines end where the text does")
    func wideColumns() async throws {
        try home.write(log: [
            Sample.line(1, "SupervisionDegraded", task: #""a-long-task-name""#, payload: #"{"error":"no answer"}"#),
            Sample.line(2, "TaskStarted", task: #""t""#, payload: "{}"),
            Sample.line(3, "SyncRelayed", task: #""eg-1""#, to: #""eg-2""#, payload: #"{"learning":"use the cache"}"#),
            Sample.line(4, "SyncRelayed", task: #""eg-1""#, to: #""eg-2""#, payload: "{}"),
        ])
        #expect(
            try await home.np("events").lines == [
                "2026-01-11 15:30:00  SupervisionDegraded  a-long-task-name  → no answer",
                "2026-01-11 15:30:00  TaskStarted          t                 →",
                "2026-01-11 15:30:00  SyncRelayed          eg-1              → eg-2 (use the cache)",
                "2026-01-11 15:30:00  SyncRelayed          eg-1              → eg-2",
            ]
        )
    }

    @Test("object names with seven digits, and only the first line of an error")
    func summaries() async throws {
        let commit = String(repeating: "0123456789", count: 4)
        try home.write(log: [
            Sample.line(1, "MainUpdated", payload: #"{"commit":"\#(commit)","branch":"main"}"#),
            Sample.line(2, "TaskFailed", task: #""eg-1""#, payload: #"{"error":"first\nsecond"}"#),
            Sample.line(3, "RebaseRequired", to: #""eg-1""#, payload: #"{"commits_behind":1}"#),
        ])
        let lines = try await home.np("events").lines
        #expect(
            lines.map { $0.split(separator: "→ ").last } == [
                "commit 0123456 on main", "first", "eg-1 (1 commit behind)",
            ]
        )
    }

    @Test("times in UTC, or in local time if asked, and reads them so")
    func time() async throws {
        try home.write(log: Sample.log)
        let zone = ["TZ": "Asia/Tokyo"]
        #expect(try await home.np("events", "-n", "1", environment: zone).lines == Sample.text(5))
        let local = try await home.np("events", "-n", "1", "--time", "local", environment: zone)
        #expect(local.out.hasPrefix("2026-01-12 00:45:00  "))
        let since = try await home.np("events", "--time", "local", "-S", "2026-01-12 00:45", environment: zone)
        #expect(since.lines.count == 1)
    }

    @Test("json as one canonical object a line, whatever the line looked like")
    func json() async throws {
        let odd =
            #"{ "timestamp":"2026-01-11T16:30:00+01:00", "payload":{"b" : 1,"a":[1e400, 2.0]},"kind":"task_started","extra":1,"id":"\#(Sample.id(1))","source_task":"eg-1" }"#
        try home.write(log: [odd])
        let known = Sample.line(1, "TaskStarted", task: #""eg-1""#, payload: #"{"b":1,"a":[1e400,2.0]}"#)
        // What isn't known comes after the rest, as it came.
        let expected = "\(known.dropLast()),\"extra\":1}"
        #expect(try await home.np("events", "-o", "json").out == expected + "\n")
        #expect(try await home.np("events", "--json").out == expected + "\n")
    }

    @Test("json that says the same as the log")
    func jsonOfSample() async throws {
        try home.write(log: Sample.log)
        let events = try await home.np("events", "-o", "json").lines.map { try Event(line: $0) }
        #expect(events == (try Sample.log.map { try Event(line: $0) }))
    }

    @Test("raw lines byte for byte")
    func raw() async throws {
        let odd =
            "  { \"id\" :\t\"\(Sample.id(1))\",\"kind\":\"TaskStarted\",\"timestamp\":\"2026-01-11T15:30:00z\",\"x\":\"\\u001b \u{202e}\"}  "
        try home.write(log: [odd] + Sample.log)
        #expect(try await home.np("events", "-o", "raw").bytes == home.read(home.log))
        #expect(try await home.np("events", "-o", "raw", "-n", "6").bytes == home.read(home.log))
    }

    @Test("csv with a header and six cells a row, quoted as RFC 4180 says")
    func csv() async throws {
        try home.write(log: [
            Sample.line(1, "TaskStarted", task: #""a,b""#, to: #""say \"hi\"""#, payload: "{}"),
            Sample.line(2, "NudgeSent", payload: #"{"message":"x, y"}"#),
        ])
        #expect(
            try await home.np("events", "-o", "csv").out == """
                id,timestamp,kind,source_task,target_task,payload
                \(Sample.id(1)),2026-01-11T15:30:00.000000Z,TaskStarted,"a,b","say ""hi""\",{}
                \(Sample.id(2)),2026-01-11T15:30:00.000000Z,NudgeSent,,,"{""message"":""x, y""}"

                """
        )
    }

    @Test("csv in which no cell begins a formula", arguments: ["=", "+", "-", "@", "\\t", "\\r", "  =", " \\t=", "＝"])
    func formula(beginning: String) async throws {
        let evil = #""\#(beginning)HYPERLINK(1)""#
        try home.write(log: [Sample.line(1, #"{"Custom":\#(evil)}"#, task: evil, to: evil, payload: evil)])
        try home.append(log: Sample.line(2).replacing(#""id":""#, with: #""id":"\#(beginning)"#))
        let rows = try await home.np("events", "-o", "csv").lines
        #expect(rows.count == 3)
        for cell in rows.dropFirst().flatMap({ $0.csvCells }) {
            let first = cell.first { $0 != " " }
            #expect(first.map { !"=+-@\t\r＝".contains($0) } ?? true, "\(cell)")
        }
        let cells = try #require(rows.dropFirst().first?.csvCells)
        #expect(cells[3].contains("HYPERLINK") && cells[3].hasPrefix("'"))
    }

    @Test("colour only if told to, where nobody but a program reads")
    func color() async throws {
        try home.write(log: [Sample.line(1, "TaskFailed", payload: #"{"error":"x"}"#)])
        #expect(try await home.np("events").out.contains("\u{1b}") == false)
        #expect(try await home.np("events", "--color", "never").out.contains("\u{1b}") == false)
        let colored = try await home.np("events", "--color", "always").out
        #expect(colored.contains("\u{1b}[31mTaskFailed\u{1b}[0m"))
        #expect(try await home.np("events", "--color", "always", environment: ["NO_COLOR": "1"]).out == colored)
        for format in ["json", "csv", "raw"] {
            #expect(try await home.np("events", "--color", "always", "-o", format).out.contains("\u{1b}") == false)
        }
    }
}

extension String {
    /// The cells of a row of RFC 4180.
    fileprivate var csvCells: [String] {
        var cells = [""]
        var isQuoted = false
        var previous: Character = ","
        for character in self {
            switch character {
            case "\"":
                // A quote behind the one that ended a quoted part stands for itself.
                if !isQuoted, previous == "\"" { cells[cells.count - 1].append("\"") }
                isQuoted.toggle()
            case "," where !isQuoted: cells.append("")
            default: cells[cells.count - 1].append(character)
            }
            previous = character
        }
        return cells
    }
}
