import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The input limits", .apart)
struct InputLimitsTests {
    private func line(_ payload: String) -> String {
        #"{"id":"1","kind":"TaskStarted","payload":\#(payload),"timestamp":"2026-01-11T15:30:00Z"}"#
    }

    @Test(
        "are the same for a payload and a line of the log, with one message",
        arguments: LimitCase.all
    )
    func oneSet(limit: LimitCase) throws {
        #expect(try Payload(json: limit.atLimit).json == limit.atLimit)
        #expect(try Event(line: line(limit.atLimit)).payload.json == limit.atLimit)
        let payload = try #require(throws: PayloadError.self) { try Payload(json: limit.beyond) }
        #expect(payload.description.hasPrefix("the payload is too much: \(limit.reason) at byte "))
        let read = try #require(throws: LineError.self) { try Event(line: line(limit.beyond)) }
        #expect(read.description.hasPrefix("\(limit.reason) at byte "))
    }

    @Test("hold for what else stands in a line, one key and all of them together")
    func otherKeys() throws {
        let others = (0..<50_000).map { #""k\#($0)":{}"# }.joined(separator: ",")
        let envelope = #""id":"1","kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#
        #expect(throws: Never.self) { try Event(line: "{\(others),\(envelope)") }
        let error = try #require(throws: LineError.self) { try Event(line: "{\(others),\(others),\"k\":1,\(envelope)") }
        #expect(error.description.hasPrefix("there are more than 100000 values at byte "))
        for limit in LimitCase.all where limit.reason.hasPrefix("objects") {
            #expect(throws: LineError.self) { try Event(line: "{\"x\":\(limit.beyond),\(envelope)") }
        }
    }

    @Test("hold for values in code as well: what is beyond them says so, and can be logged and read")
    func values() throws {
        func nested(_ depth: Int) -> JSONValue { (1..<depth).reduce(.array([])) { value, _ in .array([value]) } }
        let wide = { (count: Int) in JSONValue.object((0..<count).map { ("k\($0)", .array([])) }) }
        let payload = try Payload(json: LimitCase.nesting("[", "", "]").atLimit)
        for fitting in [nested(64), wide(99_999), .payload(payload), .object([("a", nested(63))])] {
            let payload = Payload(fitting)
            #expect(payload["_truncated"] == nil)
            #expect(try Payload(json: payload.json) == payload)
        }
        for tooMuch in [nested(65), wide(100_000), .array([.payload(payload)]), .array([wide(50_000), wide(50_000)])] {
            let payload = Payload(tooMuch)
            #expect(payload.value(at: ["_truncated", "original_bytes"]) != nil)
            #expect(try Payload(json: payload.json) == payload)
            #expect(try Event(line: Event(.taskFailed, payload: payload).description).payload == payload)
        }
    }

    @Test("leave room for the longest line that can be logged")
    func longestLine() throws {
        let directory = try TemporaryDirectory()
        let log = try EventLog(in: directory) { $0.maxPayloadBytes = .max }
        let name = String(repeating: "\"", count: 128)
        let payload: Payload = ["s": .string(String(repeating: "x", count: 5 << 20))]
        try log.append(Event(.custom(CustomName(name)), from: TaskID(name), to: TaskID(name), payload: payload))
        let result = try log.query()
        #expect(result.events.count == 1 && result.skipped.isEmpty)
        #expect(result.events.first?.payload.json.utf8.count == 4_000_000)
    }

    @Test("make a reader pass over a line, with its place and the reason, and over nothing else")
    func reader() throws {
        let directory = try TemporaryDirectory()
        let good = line("{}")
        let bad = LimitCase.all.map { line($0.beyond) }
        let deep = #"{"id":"1","payload":"# + String(repeating: "[", count: 100_000)
        let long = line("\"" + String(repeating: "x", count: InputLimits.lineBytes) + "\"")
        var offset = 0
        var places: [(line: Int, offset: Int)] = []
        for (index, text) in (bad + [deep, long]).enumerated() {
            try directory.append(good + "\n" + text + "\n")
            places.append((index * 2 + 2, offset + good.utf8.count + 1))
            offset += good.utf8.count + text.utf8.count + 2
        }
        let result = try EventLog(in: directory).query()
        #expect(result.events.count == places.count)
        #expect(result.skipped.map(\.number) == places.map(\.line))
        #expect(result.skipped.map(\.offset) == places.map { Int64($0.offset) })
        let reasons =
            LimitCase.all.map(\.reason) + ["objects and arrays lie in each other", "the line is longer than 4 MiB"]
        for (skipped, reason) in zip(result.skipped, reasons) { #expect(skipped.reason.hasPrefix(reason)) }
    }
}

/// A payload at a limit, one beyond it, and what is said of that.
struct LimitCase: Sendable, CustomTestStringConvertible {
    var reason: String
    var atLimit: String
    var beyond: String
    var testDescription: String { reason }

    static let all: [LimitCase] = [
        nesting("[", "", "]"), nesting(#"{"a":"#, "1", "}"), nesting(#"[{"a":"#, "[]", "}]"),
        LimitCase(
            reason: "there are more than 100000 values",
            atLimit: values("1", 99_999),
            beyond: values("1", 100_000)
        ),
        LimitCase(
            reason: "there are more than 100000 values",
            atLimit: values("{}", 99_999),
            beyond: values("{}", 200_000)
        ),
        LimitCase(
            reason: "there are more than 100000 values",
            atLimit: "{" + values(#""a":null"#, 99_999).dropFirst().dropLast() + "}",
            beyond: "{" + values(#""a":null"#, 100_000).dropFirst().dropLast() + "}"
        ),
        LimitCase(reason: "a number has more than 1024 characters", atLimit: number(1_024), beyond: number(1_025)),
        LimitCase(
            reason: "a number has more than 1024 characters",
            atLimit: "[-1e\(number(1_021))]",
            beyond: "[-1e\(number(1_022))]"
        ),
    ]

    /// The opening text is repeated so often that 64 containers are open, or that one more is.
    static func nesting(_ open: String, _ middle: String, _ close: String) -> LimitCase {
        let inner = middle.filter { $0 == "[" }.count
        let step = open.filter { $0 == "[" || $0 == "{" }.count
        let times = (64 - inner) / step
        let (left, right) = ((64 - inner) % step, String(repeating: close, count: times))
        let atLimit = String(repeating: "[", count: left) + String(repeating: open, count: times) + middle + right
        let closed = atLimit + String(repeating: "]", count: left)
        return LimitCase(
            reason: "objects and arrays lie in each other more than 64 deep",
            atLimit: closed,
            beyond: "[" + closed + "]"
        )
    }

    private static func values(_ value: String, _ count: Int) -> String {
        "[" + Array(repeating: value, count: count).joined(separator: ",") + "]"
    }

    private static func number(_ digits: Int) -> String {
        String(repeating: "7", count: digits)
    }
}
