// What others write into a log never reaches the terminal as anything but visible text.

import NeuraphageEvents
import TestSupport
import Testing

/// Characters that a terminal would act on, or that nobody would see, and a log that is full of them.
enum Hostile {
    /// ESC [ 31 m, OSC with BEL, newline, CR, tab, NUL, DEL, C1 CSI and NEL, bidi overrides and isolates, zero-width and
    /// joiners, separators, a soft hyphen, a byte order mark, a tag, an interlinear annotation.
    static let scalars: [Unicode.Scalar] = [
        "\u{1b}", "\u{07}", "\n", "\r", "\t", "\0", "\u{08}", "\u{7f}", "\u{9b}", "\u{85}", "\u{90}", "\u{202a}",
        "\u{202e}", "\u{2066}", "\u{2069}", "\u{200f}", "\u{061c}", "\u{200b}", "\u{200d}", "\u{2060}", "\u{2028}",
        "\u{2029}", "\u{ad}", "\u{feff}", "\u{e0041}", "\u{fff9}",
    ]

    /// In every place of an event where text can stand, each character, written as an escape and, where JSON allows it,
    /// as it is.
    static let lines: [String] = scalars.enumerated().flatMap { index, scalar in
        let escaped =
            "\"x" + String(scalar).utf16.map { #"\u"# + String(0x10000 + Int($0), radix: 16).dropFirst() }.joined()
            + "[31my\""
        let raw = "\"x\(String(scalar))[31my\""
        return (scalar.value < 0x20 ? [escaped] : [escaped, raw]).flatMap { text in
            [
                Sample.line(index, "NudgeSent", task: text, to: text, payload: #"{"message":\#(text)}"#),
                Sample.line(index, String(text.dropFirst().dropLast()), payload: #"{\#(text):[\#(text)]}"#),
                Sample.line(index, #"{"Custom":\#(text)}"#, task: text, payload: text),
                Sample.line(index, "RebaseConflict", task: #""eg-1""#, payload: #"{"files":[\#(text)]}"#),
            ]
        }
    }
}

extension String {
    /// Those of its characters that ought to have been made visible.
    var hostileCharacters: [Unicode.Scalar] {
        unicodeScalars.filter { scalar in
            switch scalar.properties.generalCategory {
            case .control, .format, .lineSeparator, .paragraphSeparator: true
            default: false
            }
        }
    }
}

@Suite("Hostile text in a log", .apart)
struct HostileTextTests {
    let home: Home

    init() throws {
        home = try Home()
    }

    @Test("comes out visible, one event a line", arguments: ["text", "csv"])
    func everywhere(format: String) async throws {
        try home.write(log: Hostile.lines)
        let result = try await home.np("events", "-o", format)
        #expect(result.status == 0)
        #expect(result.err == "")
        #expect(result.lines.count == Hostile.lines.count + (format == "csv" ? 1 : 0))
        for line in result.lines { #expect(line.hostileCharacters == [], "\(line.debugDescription)") }
    }

    @Test("is shown as the escapes that JSON has for it")
    func escapes() async throws {
        try home.write(log: [Sample.line(1, payload: #"{"message":"\u001b[2Ja\nb\u202ec\u0000"}"#)])
        let line = try #require(try await home.np("events").lines.first)
        #expect(line.hasSuffix(#"→ \u001b[2Ja\nb\u202ec\u0000"#))
    }

    @Test("leaves ordinary text of all languages as it is")
    func ordinary() async throws {
        let text = "Grüße, 日本語, עברית, العربية, e\u{301}, 👍🏽, ❤\u{fe0f}, ½ €"
        try home.write(log: [Sample.line(1, task: "\"日本\"", payload: #"{"message":"\#(text)"}"#)])
        let line = try #require(try await home.np("events").lines.first)
        #expect(line.hasSuffix("日本       → \(text)"))
    }

    @Test("stays as it is in json for programs, one event a line")
    func json() async throws {
        try home.write(log: Hostile.lines)
        let lines = try await home.np("events", "-o", "json").lines
        #expect(lines.count == Hostile.lines.count)
        #expect(try lines.map { try Event(line: $0).source } == Hostile.lines.map { try Event(line: $0).source })
    }

    @Test("is visible in messages about lines, files and names that were typed")
    func messages() async throws {
        let evil = "\u{1b}]0;x\u{07}\u{202e}\u{9b}31m\n\r"
        let name = home("a\(evil)")
        try home.write("no event \(evil) \n{\"id\":\"\(evil)\"}\n", to: name)
        let results = [
            try await home.np("events", name),
            try await home.np("events", name + "gone"),
            try await home.np("events", "--kind", evil),
            try await home.np("events", "--since", evil),
            try await home.np("events", "--where", evil),
            try await home.np("events", "--after", evil),
            try await home.np("events", "--output", evil),
            try await home.np("events", "--\(evil)"),
            try await home.np("events", "--data-dir", evil),
            try await home.np(evil),
            try await home.np("emit", evil),
            try await home.np("emit", "TaskStarted", "--task", evil),
            try await home.np("emit", "TaskStarted", "--payload", evil),
            try await home.np("emit", "TaskStarted", evil),
            try await home.np("emit", "-", input: "{\"kind\":\"\\u001b\\u202e\",\"x\u{202e}\":1}\n\u{9b}\n"),
        ]
        for result in results {
            #expect(!result.err.isEmpty)
            for line in result.errorLines { #expect(line.hostileCharacters == [], "\(line.debugDescription)") }
        }
    }
}
