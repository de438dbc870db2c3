// np events -f: what is appended, as it comes, whatever happens to the file.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np events -f", .apart)
struct FollowTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("shows the last 20 events, then what is appended")
    func lastAndNew() async throws {
        try home.write(log: (1...50).map { Sample.line($0) })
        let status = try await home.np(["events", "-f"]) { running in
            for number in 31...50 { #expect(try await running.nextLine() == Sample.shown(number)) }
            for number in 51...60 {
                try home.append(log: Sample.line(number))
                #expect(try await running.nextLine() == Sample.shown(number))
            }
            try await home.np("emit", "-", input: Sample.line(61) + "\n" + Sample.line(62) + "\n")
            #expect(try await running.nextLine() == Sample.shown(61))
            #expect(try await running.nextLine() == Sample.shown(62))
        }
        #expect(status == 0)
    }

    @Test(
        "begins where it is told",
        arguments: [(["-n", "2"], 49), (["--after", Sample.id(10)], 11), (["-S", "2026-01-01"], 1)]
    )
    func beginning(arguments: [String], first: Int) async throws {
        try home.write(log: (1...50).map { Sample.line($0) })
        try await home.np(["events", "-f"] + arguments) { running in
            let shown = try await running.nextLines(51 - first)
            #expect(shown == (first...50).map(Sample.shown))
        }
    }

    @Test("filters what is there and what comes, and prints any format")
    func filters() async throws {
        let wanted = (1...6).map { Sample.line($0, "TaskFailed", task: #""eg-1""#) }
        let others = (1...6).map { Sample.line($0 + 10, "TaskFailed", task: #""eg-2""#) }
        try home.write(log: [wanted[0], others[0], wanted[1]])
        try await home.np(["events", "-f", "-t", "eg-1", "-p", "-o", "json"]) { running in
            for number in 0...1 { #expect(try await running.nextLine() == wanted[number]) }
            for number in 2...5 {
                try home.append(log: others[number], wanted[number])
                #expect(try await running.nextLine() == wanted[number])
            }
        }
    }

    @Test("waits for a log that is not there yet, nor its directory")
    func noLog() async throws {
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextErrorLine() == "np: waiting for \(home.log)")
            try await home.np("emit", "-", input: Sample.line(1) + "\n")
            #expect(try await running.nextLine() == Sample.shown(1))
        }
    }

    @Test("goes on in the new file when the log is deleted")
    func deletion() async throws {
        try home.write(log: [Sample.line(1)])
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLine() == Sample.shown(1))
            unlink(home.log)
            try await home.np("emit", "-", input: Sample.line(2) + "\n")
            #expect(try await running.nextLine() == Sample.shown(2))
            #expect(try await running.nextErrorLine()?.contains("moved or deleted") == true)
            try home.append(log: Sample.line(3))
            #expect(try await running.nextLine() == Sample.shown(3))
        }
    }

    @Test("shows what still went into the old file when the log is renamed, then what is in the new one")
    func rename() async throws {
        try home.write(log: [Sample.line(1)])
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLine() == Sample.shown(1))
            for number in [2, 5, 8] {
                try home.append(log: Sample.line(number))
                _ = renameFile(home.log, home("old"))
                try home.write(Sample.line(number + 1) + "\n", to: home("new"))
                _ = renameFile(home("new"), home.log)
                for shown in [number, number + 1] { #expect(try await running.nextLine() == Sample.shown(shown)) }
                #expect(try await running.nextErrorLine()?.contains("moved or deleted") == true)
                try home.append(log: Sample.line(number + 2))
                #expect(try await running.nextLine() == Sample.shown(number + 2))
            }
        }
    }

    @Test("says that there is a gap when the log is cut, and goes on")
    func truncation() async throws {
        try home.write(log: [Sample.line(1), Sample.line(2)])
        try await home.np(["events", "-f"]) { running in
            for number in 1...2 { #expect(try await running.nextLine() == Sample.shown(number)) }
            truncate(home.log, 0)
            #expect(try await running.nextErrorLine()?.contains("gap") == true)
            try home.append(log: Sample.line(3))
            #expect(try await running.nextLine() == Sample.shown(3))
        }
    }

    @Test("does not show half a line before its newline comes")
    func halfLine() async throws {
        try home.write(log: [Sample.line(1)])
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLine() == Sample.shown(1))
            let line = Sample.line(2)
            try home.write(String(line.prefix(80)), to: home.log, appending: true)
            try home.write(String(line.dropFirst(80)), to: home.log, appending: true)
            try home.write("\n" + Sample.line(3), to: home.log, appending: true)
            #expect(try await running.nextLine() == Sample.shown(2))
            try home.write("\n", to: home.log, appending: true)
            #expect(try await running.nextLine() == Sample.shown(3))
            // No half of a line was taken for garbage: the first complaint is about what really is.
            let size = try home.read(home.log).count
            try home.append(log: "garbage")
            #expect(try await running.nextErrorLine()?.contains("byte \(size): ") == true)
        }
    }

    @Test("waits for the end of a line that is too long, and shows nothing twice", arguments: [true, false])
    func longLine(isThereBefore: Bool) async throws {
        let long = String(repeating: "x", count: 5 << 20)
        try home.write(log: [Sample.line(1)])
        if isThereBefore { try home.write(long, to: home.log, appending: true) }
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLine() == Sample.shown(1))
            if !isThereBefore { try home.write(long, to: home.log, appending: true) }
            try home.write("x", to: home.log, appending: true)
            try home.write("x\n\(Sample.line(2))\n", to: home.log, appending: true)
            #expect(try await running.nextLine() == Sample.shown(2))
            #expect(try await running.nextErrorLine()?.contains("longer than 4 MiB") == true)
        }
    }

    @Test("reports garbage that comes, and goes on")
    func garbage() async throws {
        try home.write(log: [Sample.line(1)])
        try await home.np(["events", "-f"]) { running in
            #expect(try await running.nextLine() == Sample.shown(1))
            try home.append(log: "no \u{1b} event", Sample.line(2))
            #expect(try await running.nextLine() == Sample.shown(2))
            let message = try await running.nextErrorLine()
            #expect(message?.contains("\(home.log): byte \(Sample.line(1).utf8.count + 1): ") == true)
        }
    }

    @Test("ends when nobody reads it any more, though nothing happens", arguments: [true, false])
    func readerLeaves(logExists: Bool) async throws {
        if logExists { try home.write(log: [Sample.line(1)]) }
        let result = try await home.shell(
            #""$NP" events -f 2> errors | head -n \#(logExists ? 1 : 0); echo ${PIPESTATUS[0]}"#
        )
        #expect(result.lines == (logExists ? [Sample.shown(1)] : []) + ["0"])
    }
}

private func renameFile(_ old: String, _ new: String) -> Int32 { rename(old, new) }
