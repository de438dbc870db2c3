import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The payload limit", .apart)
struct PayloadLimitTests {
    private func string(_ payload: Payload, _ path: String...) throws -> String {
        guard case .string(let text)? = payload.value(at: path) else {
            Issue.record("no string at \(path) in \(payload)")
            return ""
        }
        return text
    }

    @Test("leaves a payload alone that is not over it")
    func atLimit() {
        let overhead = #"{"s":""}"#.utf8.count
        let atLimit: Payload = ["s": .string(String(repeating: "x", count: 200 - overhead))]
        #expect(atLimit.json.utf8.count == 200)
        #expect(atLimit.limited(to: 200) == atLimit)
        let over: Payload = ["s": .string(String(repeating: "x", count: 201 - overhead))]
        let cut = over.limited(to: 200)
        #expect(cut.json.utf8.count == 200)
        #expect(cut.json.hasSuffix(#"xx…","_truncated":{"original_bytes":201}}"#))
    }

    @Test("cuts the longest strings first, to one length, so that the small fields survive")
    func longestFirst() throws {
        let payload: Payload = [
            "task": "eg-abc123", "output": .string(String(repeating: "o", count: 5_000)), "exit_code": 1,
            "nested": ["log": .string(String(repeating: "l", count: 3_000)), "list": ["short", nil, true]],
            "middle": .string(String(repeating: "m", count: 300)),
        ]
        let cut = payload.limited(to: 1_024)
        #expect(cut.json.utf8.count <= 1_024)
        #expect(cut.json.utf8.count > 1_020)
        #expect(try string(cut, "task") == "eg-abc123")
        #expect(cut["exit_code"] == .other("1"))
        #expect(cut.value(at: ["nested", "list"]) == .other(#"["short",null,true]"#))
        #expect(cut.value(at: ["_truncated", "original_bytes"]) == .other(String(payload.json.utf8.count)))
        let (output, log) = try (string(cut, "output"), string(cut, "nested", "log"))
        #expect(output.utf8.count == log.utf8.count)
        #expect(output.hasSuffix("o…") && log.hasSuffix("l…"))
        let wide = payload.limited(to: 2_048)
        #expect(try string(wide, "middle") == String(repeating: "m", count: 300))
    }

    @Test(
        "never cuts a character in half",
        arguments: [
            "é", "e\u{301}\u{323}", "日本", "😀", "👩‍👩‍👧‍👦", "👍🏽", "🇩🇪🇫🇷", "각", "\u{1100}\u{1161}\u{11a8}", "क्षि", "நி", "1️⃣",
            "\u{600}1", "\r\n", "\"\\", "\u{1}é", "a\u{200d}b",
            "🏴\u{e0067}\u{e0062}\u{e0065}\u{e006e}\u{e0067}\u{e007f}",
        ]
    )
    func wholeCharacters(character: String) throws {
        var halved: [String] = []
        for padding in 0..<40 {
            let text = String(repeating: "x", count: padding) + String(repeating: character, count: 100)
            let payload: Payload = ["s": .string(text)]
            let cut = try string(payload.limited(to: 128), "s")
            if cut.last != "…" || !Array(text).starts(with: Array(cut).dropLast()) { halved.append(cut) }
        }
        #expect(halved.isEmpty)
    }

    @Test(
        "never cuts an escape or a pair of surrogates in half",
        arguments: [
            #"\u00e9"#, #"\ud83d\ude00"#, #"\n"#, #"\\"#, #"\""#, #"e\u0301"#, #"\ud83d"#, #"\uD83D\uDC4D\uD83C\uDFFD"#,
        ]
    )
    func wholeEscapes(escape: String) throws {
        for padding in 0..<40 {
            let text = String(repeating: "x", count: padding) + String(repeating: escape, count: 100)
            let payload = try Payload(json: #"{"s":"\#(text)"}"#)
            let limited = payload.limited(to: 128)
            #expect(throws: Never.self) { try Payload(json: limited.json) }
            let cut = try string(limited, "s")
            #expect(Array(try string(payload, "s")).starts(with: Array(cut).dropLast()), "\(padding): \(limited)")
            #expect(limited.json.utf8.count > 128 - 30)
        }
    }

    @Test("shows the beginning of what is no object or has no strings to cut")
    func preview() throws {
        let numbers = "[" + String(repeating: "1234567,", count: 100) + "0]"
        let fields = "{" + (0..<100).map { #""k\#($0)":\#($0)"# }.joined(separator: ",") + "}"
        let text = "\"" + String(repeating: "é\\n", count: 200) + "\""
        for json in [numbers, fields, text] {
            let limited = try Payload(json: json).limited(to: 128)
            #expect(limited.json.utf8.count <= 128)
            #expect(limited.json.utf8.count > 120)
            #expect(limited.json.hasPrefix(#"{"_truncated":{"original_bytes":\#(json.utf8.count)},"preview":""#))
            let preview = try string(limited, "preview")
            #expect(preview.last == "…")
            #expect(json.hasPrefix(preview.dropLast()))
        }
    }

    @Test("never cuts an id, nor one in a list of ids")
    func ids() throws {
        let id = "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f"
        let long = JSONValue.string(String(repeating: "x", count: 300))
        let payload: Payload = [
            "begin": .string(id), "error": long, "notifications": .array((0..<20).map { _ in .string(id) }),
            "lines": .array((0..<20).map { _ in long }), "nested": ["commit": .string(id)], "session": long,
        ]
        let cut = payload.limited(to: 1_400)
        #expect(cut.json.utf8.count <= 1_400 && cut["_truncated"] != nil)
        #expect(try string(cut, "begin") == id && string(cut, "nested", "commit") == id)
        #expect(cut.strings(at: "notifications") == (0..<20).map { _ in id })
        #expect(cut.strings(at: "lines").allSatisfy { $0.utf8.count < 40 })
        // What is too long to be an id is cut like any other text.
        #expect(try string(cut, "session").utf8.count < 40)
    }

    @Test("keeps ids beside the beginning of what is too long otherwise, as far as there is room")
    func idsBesidePreview() throws {
        let id = "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f"
        let numbers = JSONValue.array((0..<3_000).map { .integer($0) })
        let payload: Payload = [
            "numbers": numbers, "cause": .string(id), "commits": [.string(id), .string(id)], "commit": 7,
        ]
        let cut = payload.limited(to: 1_000)
        #expect(cut.json.utf8.count <= 1_000)
        #expect(try string(cut, "cause") == id && cut.strings(at: "commits") == [id, id] && cut["commit"] == nil)
        #expect(try string(cut, "preview").hasPrefix(#"{"numbers":[0,1,"#))
        let least = payload.limited(to: Payload.leastLimit)
        #expect(least.json.utf8.count <= Payload.leastLimit)
        #expect(try string(least, "cause") == id && least["commits"] == nil)
    }

    @Test("gives valid JSON within the limit for any payload and any limit from 128")
    func property() throws {
        var random = SeededGenerator(seed: 42)
        var shapes: Set<String> = []
        for round in 0..<1_500 {
            let json = RandomJSON.value(depth: 0, using: &random)
            let payload = try Payload(json: json)
            let limit = Int.random(in: Payload.leastLimit...1_000, using: &random)
            let limited = payload.limited(to: limit)
            guard json.utf8.count > limit else {
                #expect(limited == payload)
                continue
            }
            let isPreview = limited["preview"] != nil
            shapes.insert(isPreview ? "preview" : "cut")
            #expect(limited.json.utf8.count <= limit, "round \(round)")
            #expect(throws: Never.self, "round \(round): \(limited)") { try Payload(json: limited.json) }
            #expect(limited.value(at: ["_truncated", "original_bytes"]) == .other(String(json.utf8.count)))
        }
        #expect(shapes == ["preview", "cut"])
    }
}

/// Random JSON text without white space between tokens, with the characters that are hard to cut.
enum RandomJSON {
    private static let pieces = [
        "a", "Z", " ", "é", "日", "😀", "👩‍👩‍👧", "🇩🇪", "e\u{301}", #"\n"#, #"\\"#, #"\""#, #"\/"#, #"\u0000"#, #"\u00e9"#,
        #"\ud83d\ude00"#, #"\ud83d"#, #"\udc00"#, "\u{200d}", "\u{301}", "{", "]", ":", ",", "plain text ",
    ]

    static func value(depth: Int, using random: inout SeededGenerator) -> String {
        switch Int.random(in: depth == 0 ? 4...9 : depth > 3 ? 0...3 : 0...7, using: &random) {
        case 0: return ["true", "false", "null"].randomElement(using: &random) ?? "null"
        case 1: return ["0", "-1.5e+30", "12345678901234567890"].randomElement(using: &random) ?? "0"
        case 2, 3, 9: return string(using: &random)
        case 4:
            let elements = (0..<Int.random(in: 0...9, using: &random)).map { _ in
                value(depth: depth + 1, using: &random)
            }
            return "[" + elements.joined(separator: ",") + "]"
        default:
            let members = (0..<Int.random(in: 0...6, using: &random)).map { index in
                "\"k\(index)\":" + value(depth: depth + 1, using: &random)
            }
            return "{" + members.joined(separator: ",") + "}"
        }
    }

    private static func string(using random: inout SeededGenerator) -> String {
        let length = Int.random(in: 0...1, using: &random) == 0 ? 5 : 200
        let pieces = (0..<Int.random(in: 0...length, using: &random)).map { _ in
            Self.pieces.randomElement(using: &random) ?? ""
        }
        return "\"" + pieces.joined() + "\""
    }
}
