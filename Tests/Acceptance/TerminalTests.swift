// np events on a terminal: pager, colour, and nothing that the terminal would act on.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("On a terminal np events", .apart)
struct TerminalTests {
    let home: Home

    init() throws {
        home = try Home()
        try home.write(log: Sample.log)
    }

    @Test("shows its output through the user's pager, and NP_PAGER before PAGER")
    func pager() async throws {
        let paged = try await home.npOnTerminal("events --color never", environment: ["PAGER": "sed s/^/P:/"])
        #expect(paged.terminalLines == Sample.text.map { "P:" + $0 })
        #expect(paged.status == 0)
        let own = try await home.npOnTerminal(
            "events --color never",
            environment: ["PAGER": "false", "NP_PAGER": "sed s/^/N:/"]
        )
        #expect(own.terminalLines == Sample.text.map { "N:" + $0 })
    }

    @Test("shows it directly with --no-pager, and with cat as the pager")
    func noPager() async throws {
        let direct = try await home.npOnTerminal(
            "events --color never --no-pager",
            environment: ["PAGER": "sed s/^/P:/"]
        )
        #expect(direct.terminalLines == Sample.text)
        let cat = try await home.npOnTerminal("events --color never", environment: ["PAGER": "cat"])
        #expect(cat.terminalLines == Sample.text)
    }

    @Test("takes it for no error when the user leaves the pager early")
    func leavingEarly() async throws {
        try home.write(log: (1...20_000).map { Sample.line($0) })
        let result = try await home.npOnTerminal("events --color never", environment: ["PAGER": "head -n 1"])
        #expect(result.terminalLines == [Sample.shown(1)])
        #expect(result.status == 0)
    }

    @Test("uses colour, but not with NO_COLOR, --color never or a dumb terminal")
    func color() async throws {
        func output(_ arguments: String, _ name: String = "X", _ value: String = "") async throws -> String {
            try await home.npOnTerminal("events --no-pager \(arguments)", environment: [name: value]).out
        }
        #expect(try await output("").contains("\u{1b}[32mTaskCompleted\u{1b}[0m"))
        #expect(try await !output("", "NO_COLOR", "1").contains("\u{1b}"))
        #expect(try await !output("", "TERM", "dumb").contains("\u{1b}"))
        #expect(try await !output("--color never").contains("\u{1b}"))
        #expect(try await output("--color always", "NO_COLOR", "1").contains("\u{1b}[32m"))
    }

    @Test("holds no raw control or bidi character in any format", arguments: ["text", "json", "raw", "csv"])
    func harmless(format: String) async throws {
        try home.write(log: Hostile.lines)
        let result = try await home.npOnTerminal("events --no-pager --color never -o \(format)")
        #expect(result.status == 0)
        #expect(result.terminalLines.count == Hostile.lines.count + (format == "csv" ? 1 : 0))
        for line in result.terminalLines { #expect(line.hostileCharacters == [], "\(line.debugDescription)") }
    }

    @Test("prints json that says the same as to a program")
    func sameJSON() async throws {
        try home.write(log: Hostile.lines)
        let shown = try await home.npOnTerminal("events --no-pager -o json").terminalLines
        let piped = try await home.np("events", "-o", "json").lines
        #expect(try shown.map { try Event(line: $0) }.map(\.source) == piped.map { try Event(line: $0) }.map(\.source))
    }
}

extension Finished {
    /// The lines that the terminal got; it puts a carriage return before each newline.
    fileprivate var terminalLines: [String] { lines.map { $0.hasSuffix("\r") ? String($0.dropLast()) : $0 } }
}
