import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A payload", .apart)
struct PayloadTests {
    @Test("is written as a literal, its members in their order")
    func literal() {
        let payload: Payload = [
            "text": "a\"b\\c\n", "whole": -3, "number": 1.5, "yes": true, "no": false, "nothing": nil,
            "list": [1, "two", [], [:]], "object": ["z": 1, "a": ["b": nil]],
        ]
        #expect(
            payload.json
                == #"{"text":"a\"b\\c\n","whole":-3,"number":1.5,"yes":true,"no":false,"nothing":null,"#
                + #""list":[1,"two",[],{}],"object":{"z":1,"a":{"b":null}}}"#
        )
        #expect(Payload.empty.json == "{}")
        #expect(payload.description == payload.json)
    }

    @Test(
        "is made of any value",
        arguments: [
            (.string("é\u{1}"), "\"é\\u0001\""), (.string("substring".dropFirst(3)), "\"string\""),
            (.integer(UInt64.max), "18446744073709551615"), (.integer(Int8.min), "-128"), (.number(0.1), "0.1"),
            (.number(1e300), "1e+300"), (.number(.nan), "null"), (.number(.infinity), "null"), (.bool(true), "true"),
            (.null, "null"), (.array([]), "[]"), (.object([]), "{}"), (.object([("", .null)]), #"{"":null}"#),
            (.payload(["a": 1]), #"{"a":1}"#), (.array([.payload(.empty), .null]), "[{},null]"),
        ] as [(JSONValue, String)]
    )
    func values(value: JSONValue, json: String) throws {
        #expect(Payload(value).json == json)
        #expect(try Payload(json: json).json == json)
    }

    @Test("says where a text stops being JSON")
    func error() throws {
        let error = try #require(throws: PayloadError.self) { try Payload(json: #"{"a": tru}"#) }
        #expect(error.description == "the payload is not JSON: expected a value at byte 6")
        let second = try #require(throws: PayloadError.self) { try Payload(json: "{} x") }
        #expect(second.description == "the payload is not JSON: something follows the value at byte 3")
    }

    @Test("gives up an array of a hundred thousand strings in one pass")
    func longArray() async throws {
        let files = (1..<99_000).map { "f\($0)" }
        let payload: Payload = ["files": .array(files.map { .string($0) })]
        #expect(try await within("the strings of the payload") { payload.strings(at: "files") } == files)
        let mixed: Payload = ["list": ["a", "b", 3, "c"], "objects": [["x": 1], "y", ["z": nil]], "text": "[]"]
        #expect(mixed.strings(at: "list") == ["a", "b"])
        #expect(mixed.payloads(at: "objects").map(\.json) == [#"{"x":1}"#, #"{"z":null}"#])
        #expect(mixed.strings(at: "text") == [] && mixed.payloads(at: "none") == [])
    }

    @Test(
        "is JSON that everybody reads when its halves of surrogate pairs are replaced, and nothing else of it is changed",
        arguments: [
            (#""\ud83d\ude00 \u00e9 \\ud800""#, #""\ud83d\ude00 \u00e9 \\ud800""#),
            (#""\ud800""#, #""\ufffd""#), (#""\uDC00\uD83D""#, #""\ufffd\ufffd""#),
            (#"["\ud83d\ud83d\ude00","\uFFFD"]"#, #"["\ufffd\ud83d\ude00","\uFFFD"]"#),
        ]
    )
    func loneSurrogates(json: String, replaced: String) throws {
        #expect(try Payload(json: json).json == json)
        var text = Array(json.utf8)
        JSONText.replaceLoneSurrogates(in: &text, from: 0)
        #expect(String(decoding: text, as: UTF8.self) == replaced)
    }

    @Test("gives up what stands in it: strings decoded, everything else as its text")
    func reading() throws {
        let payload = try Payload(json: #"{ "files" : ["a.swift", "b\u002eswift"], "n" : 1e400, "o": { "x": [ ] } }"#)
        #expect(payload.json == #"{"files":["a.swift","b\u002eswift"],"n":1e400,"o":{"x":[]}}"#)
        #expect(payload.strings(at: "files") == ["a.swift", "b.swift"])
        #expect(payload.strings(at: "n") == [])
        #expect(payload.strings(at: "absent") == [])
        #expect(payload["n"] == .other("1e400"))
        #expect(payload["o"] == .other(#"{"x":[]}"#))
        #expect(payload.value(at: ["files", "1"]) == .string("b.swift"))
        #expect(payload.value(at: []) == .other(payload.json))
    }

    @Test("decodes escapes as JSON means them, with U+FFFD for halves of surrogate pairs")
    func escapes() throws {
        let payload = try Payload(
            json:
                #"["\"\\\/\b\f\n\r\t","\u00e9\u0000","\ud83d\ude00","\ud83d","\ude00\ud83d","\ud83d\u0041","\uD83Dx"]"#
        )
        let expected = [
            "\"\\/\u{8}\u{c}\n\r\t", "é\0", "😀", "\u{fffd}", "\u{fffd}\u{fffd}", "\u{fffd}A", "\u{fffd}x",
        ]
        for (index, text) in expected.enumerated() { #expect(payload.value(at: [String(index)]) == .string(text)) }
    }
}
