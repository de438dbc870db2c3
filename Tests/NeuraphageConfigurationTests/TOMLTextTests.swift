import NeuraphagePresentation
import TestSupport
import Testing

@Suite("TOML", .apart)
struct TOMLTextTests {
    @Test(
        "has values of every type that settings have, however they are written",
        arguments: [
            (#""a\tb\u00e9\U0001F600\\""#, TOMLValue.text("a\tbé😀\\")), ("'C:\\x'", .text("C:\\x")),
            ("\"\"\"\na\\\n   b\"\"\"", .text("ab")), ("'''\na\r\nb'''", .text("a\nb")),
            ("\"\"\"\"a\"\"\"\"", .text("\"a\"")),
            ("1_000", .number(1_000)), ("-17", .number(-17)), ("+0", .number(0)), ("0xdead_BEEF", .number(0xdead_beef)),
            ("0o17", .number(15)), ("0b101", .number(5)), ("9223372036854775808", .other), ("true", .flag(true)),
            ("[ 'a', # one\n \"b\",\n]", .list([.text("a"), .text("b")])),
            ("[[1], []]", .list([.list([.number(1)]), .list([])])),
            ("1.5e3", .other), ("-inf", .other), ("1979-05-27T07:32:00Z", .other), ("1979-05-27 07:32:00", .other),
            ("07:32:00", .other), ("[{a = 1}]", .list([.other])),
        ]
    )
    func value(text: String, value: TOMLValue) throws {
        #expect(try TOMLText("x = \(text) # comment").values == [["x"]: value])
    }

    @Test("has the same value for a key in a table, with dots, in braces, and in quotes")
    func keys() throws {
        for text in [
            "[a]\nb = 1", "a.b = 1", "a = {b = 1}", "a = { \"b\" = 1 }", "'a' . \"b\" = 1", "\u{feff}[ a ]\r\nb=1\r\n",
        ] {
            #expect(try TOMLText(text).values == [["a", "b"]: .number(1)], "\(text)")
        }
    }

    @Test("says where a text is not TOML, and why")
    func place() {
        let error = #expect(throws: TOMLError.self) { try TOMLText("a = 1\nb = [\"x\", }") }
        #expect(error?.description == "line 2, column 11: not TOML: a value stands here")
        let nested = String(repeating: "[", count: 100_000)
        #expect(throws: TOMLError.self) { try TOMLText("a = " + nested) }
    }
}
