// Whatever stands in a log, the events in it come out, and what was passed over is counted and pointed at.

import TestSupport
import Testing

@Suite("Garbage in a log", .apart)
struct GarbageTests {
    let home: Home

    init() throws { home = try Home() }

    /// Lines that are no events.
    private static let garbage: [(name: String, bytes: [UInt8])] = [
        ("broken JSON", Array(#"{"id":"1","kind":"TaskStar"#.utf8)),
        ("no object", Array("[1,2]".utf8)),
        ("text", Array("Segmentation fault".utf8)),
        ("invalid UTF-8", Array(#"{"id":"1","kind":"TaskStarted","x":""#.utf8) + [0xff, 0xfe] + Array(#""}"#.utf8)),
        ("a NUL-padded tail", Array(Sample.line(9).utf8.prefix(60)) + [UInt8](repeating: 0, count: 4_096)),
        ("the beginning of a merge conflict", Array("<<<<<<< HEAD".utf8)),
        ("the middle of a merge conflict", Array("=======".utf8)),
        ("a part of pretty-printed JSON", Array(#"  "kind": "TaskStarted","#.utf8)),
        ("an envelope key twice", Array(Sample.line(9).replacing(#""kind""#, with: #""id":"2","kind""#).utf8)),
        ("no id", Array(#"{"kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#.utf8)),
        ("no timestamp", Array(#"{"id":"1","kind":"TaskStarted"}"#.utf8)),
        ("no kind", Array(#"{"id":"1","timestamp":"2026-01-11T15:30:00Z"}"#.utf8)),
        ("a wrong time", Array(Sample.line(9, time: "yesterday").utf8)),
        ("two events", Array((Sample.line(8) + Sample.line(9)).utf8)),
        ("nothing but opening brackets", [UInt8](repeating: UInt8(ascii: "["), count: 100_000)),
    ]

    @Test("does not keep the events around it from coming out", arguments: garbage.indices, [[], ["-n", "5"], ["-r"]])
    func oneLine(index: Int, arguments: [String]) async throws {
        let (name, bytes) = Self.garbage[index]
        let good = Array((Sample.line(1) + "\n").utf8)
        try home.write(good + bytes + Array("\n\(Sample.line(2))\n".utf8), to: home.log)
        let result = try await home.run(Home.np, ["events"] + arguments)
        let expected = [Sample.shown(1), Sample.shown(2)]
        #expect(result.lines == (arguments == ["-r"] ? expected.reversed() : expected), "\(name)")
        #expect(result.errorLines.first?.hasSuffix("skipped 1 line that is not an event") == true)
        // Lines are counted where reading begins at the beginning.
        let line = arguments.isEmpty ? "line 2, " : ""
        #expect(result.errorLines.last?.contains("\(home.log): \(line)byte \(good.count): ") == true)
        #expect(result.errorLines.count == 2)
        #expect(result.status == 0)
    }

    @Test(
        "is counted, each line with its place",
        arguments: [[], ["-n", "50"], ["--after", Sample.id(0)]]
    )
    func all(arguments: [String]) async throws {
        var bytes = Array("\(Sample.line(0))\n".utf8)
        var places: [String] = []
        for (index, line) in Self.garbage.enumerated() {
            places.append((arguments.isEmpty ? "line \(index * 2 + 2), " : "") + "byte \(bytes.count): ")
            bytes += line.bytes + Array("\n\(Sample.line(index + 1))\n".utf8)
        }
        try home.write(bytes, to: home.log)
        let result = try await home.run(Home.np, ["events", "-v"] + arguments)
        let first = arguments.contains("--after") ? 1 : 0
        #expect(result.lines == (first...Self.garbage.count).map(Sample.shown))
        #expect(result.errorLines.first?.contains("skipped \(places.count) lines") == true)
        for place in places { #expect(result.err.contains(place), "\(place)") }
        #expect(result.status == 0)
    }

    @Test("is named in part if there is much of it, and counted in full")
    func much() async throws {
        try home.write(log: (1...50).flatMap { [Sample.line($0), "garbage"] })
        let result = try await home.np("events")
        #expect(result.lines.count == 50)
        #expect(result.errorLines.count == 12)
        #expect(result.errorLines.last?.contains("40 more") == true)
        #expect(try await home.np("events", "-v").errorLines.count == 51)
    }

    @Test("may be Windows line ends, a byte order mark and blank lines, which are none")
    func harmless() async throws {
        let text = "\u{feff}" + Sample.line(1) + "\r\n\r\n\n \t\n" + Sample.line(2) + "\r\n"
        try home.write(text, to: home.log)
        for arguments in [["events"], ["events", "-n", "9"], ["events", home.log], ["events", home.log, "-n", "9"]] {
            let result = try await home.run(Home.np, arguments)
            #expect(result.lines == [Sample.shown(1), Sample.shown(2)])
            #expect(result.err == "")
        }
    }

    @Test("may be a line of 5 MiB", arguments: [[], ["-n", "9"], ["-"]])
    func longLine(arguments: [String]) async throws {
        let long = Sample.line(9, payload: #"{"message":"\#(String(repeating: "x", count: 5 << 20))"}"#)
        try home.write(log: [Sample.line(1), long, "garbage", long, Sample.line(2)])
        let input = arguments == ["-"] ? try home.read(home.log) : []
        let result = try await home.run(Home.np, ["events"] + arguments, input: input)
        #expect(result.lines == [Sample.shown(1), Sample.shown(2)])
        let first = Sample.line(1).utf8.count + 1
        let second = first + long.utf8.count + 1 + "garbage\n".utf8.count
        let isFromTheEnd = arguments.contains("-n")
        for (line, place) in [(2, "byte \(first): the line"), (3, "byte "), (4, "byte \(second): the line is longer")] {
            let expected = (isFromTheEnd ? ": " : ": line \(line), ") + place
            #expect(result.err.contains(expected), "\(result.err)")
        }
    }

    @Test(
        "may be a line much larger than the memory there is",
        arguments: [("$LOG", "500M", 250_000), ("- < $LOG", "500M", 250_000), ("-n 9 $LOG", "100M", 150_000)]
    )
    func giantLine(arguments: String, size: String, kilobytes: Int) async throws {
        try home.write(log: [Sample.line(1)])
        let script = """
            truncate -s \(size) "$LOG" && printf '\\n%s\\n' '\(Sample.line(2))' >> "$LOG"
            ulimit -v \(kilobytes)
            "$NP" events \(arguments)
            """
        let result = try await home.shell(script, environment: ["LOG": home.log])
        #expect(result.lines == [Sample.shown(1), Sample.shown(2)])
        #expect(result.err.contains("longer than 4 MiB"))
        #expect(result.status == 0)
    }

    @Test("is not what an unterminated last line of the log is: that one is still on its way")
    func pending() async throws {
        for rest in [Sample.line(2), #"{"id":"#] {
            try home.write(Sample.line(1) + "\n" + rest, to: home.log)
            for arguments in [["events"], ["events", "-n", "5"], ["events", "-r"]] {
                let result = try await home.run(Home.np, arguments)
                #expect(result.lines == [Sample.shown(1)])
                #expect(result.err == "")
            }
        }
    }

    @Test("is not what an unterminated last line of a file or of standard input is: that one is all there is")
    func unterminated() async throws {
        let text = Sample.line(1) + "\n" + Sample.line(2)
        try home.write(text, to: home("file"))
        for arguments in [
            ["events", "file"], ["events", "file", "-n", "5"], ["events", "-"], ["events", "-", "-n", "5"],
        ] {
            let result = try await home.run(Home.np, arguments, input: Array(text.utf8))
            #expect(result.lines == [Sample.shown(1), Sample.shown(2)], "\(arguments)")
            #expect(result.err == "")
        }
    }

    @Test("is passed over in every file and in standard input, and named by where it is")
    func severalFiles() async throws {
        try home.write("x\n" + Sample.line(1) + "\n", to: home("a"))
        try home.write(Sample.line(2) + "\ny\n", to: home("b"))
        let result = try await home.np("events", "a", "b", "-", input: "z\n" + Sample.line(3) + "\n")
        #expect(result.lines == (1...3).map(Sample.shown))
        #expect(result.err.contains("a: line 1, byte 0: "))
        #expect(result.err.contains("b: line 2, byte \(Sample.line(2).utf8.count + 1): "))
        #expect(result.err.contains("standard input: line 1, byte 0: "))
    }
}
