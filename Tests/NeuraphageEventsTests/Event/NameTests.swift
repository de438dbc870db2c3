import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The name of a task or of a custom kind", .apart)
struct NameTests {
    @Test(
        "is printable text of 1 to 128 bytes",
        arguments: [
            "a", "eg-abc123", "feature/login", "日本語", "é", "e\u{301}", "two words", "a\"b\\c", "😀", ".", "~",
            String(repeating: "x", count: 128), String(repeating: "é", count: 64),
        ]
    )
    func accepted(name: String) throws {
        #expect(try TaskID(name).description == name)
        #expect(try CustomName(name).description == name)
    }

    @Test(
        "is refused with the reason otherwise",
        arguments: [
            ("", "is empty"),
            (String(repeating: "x", count: 129), "has 129 bytes; 128 are allowed"),
            (String(repeating: "é", count: 65), "has 130 bytes; 128 are allowed"),
            ("a\0b", "contains the unprintable character U+0000"),
            ("a\nb", "contains the unprintable character U+000A"),
            ("\r\n", "contains the unprintable character U+000D"),
            ("\t", "contains the unprintable character U+0009"),
            ("\u{1b}[31mred", "contains the unprintable character U+001B"),
            ("\u{7f}", "contains the unprintable character U+007F"),
            ("\u{85}", "contains the unprintable character U+0085"),
            ("a\u{202e}b", "contains the unprintable character U+202E"),
            ("\u{2066}", "contains the unprintable character U+2066"),
            ("a\u{200b}", "contains the unprintable character U+200B"),
            ("\u{feff}a", "contains the unprintable character U+FEFF"),
            ("\u{ad}", "contains the unprintable character U+00AD"),
            ("\u{2028}", "contains the unprintable character U+2028"),
            ("\u{2029}", "contains the unprintable character U+2029"),
            ("\u{3164}", "contains the unprintable character U+3164"),
            ("\u{e000}", "contains the unprintable character U+E000"),
            ("\u{e0041}", "contains the unprintable character U+E0041"),
            ("\u{378}", "contains the unprintable character U+0378"),
            ("  \u{a0}", "is blank"),
        ]
    )
    func refused(name: String, reason: String) throws {
        let task = try #require(throws: NameError.self) { try TaskID(name) }
        #expect(task.description == "the task id \(reason)")
        let kind = try #require(throws: NameError.self) { try CustomName(name) }
        #expect(kind.description == "the name of the custom kind \(reason)")
    }

    @Test("that stands in a file is kept as it stands there")
    func asWritten() throws {
        let line = #"{"id":"1","kind":{"Custom":""},"source_task":"a\u0000\u202e","timestamp":"2026-01-11T15:30:00Z"}"#
        let event = try Event(line: line)
        #expect(event.source?.description == "a\0\u{202e}")
        #expect(event.kind.name == "")
    }
}
