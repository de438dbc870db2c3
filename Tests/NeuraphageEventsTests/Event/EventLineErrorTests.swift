import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A line that is no event", .apart)
struct EventLineErrorTests {
    @Test(
        "is refused with the reason and its place",
        arguments: [
            ("", "not a JSON object at byte 0"),
            ("  ", "not a JSON object at byte 2"),
            ("<<<<<<< HEAD", "not a JSON object at byte 0"),
            ("[]", "not a JSON object at byte 0"),
            ("\u{feff}{}", "not a JSON object at byte 0"),
            ("{", "expected a key in quotes at byte 1"),
            ("{}", "\"id\" is missing"),
            ("{} {}", "something follows the JSON object at byte 3"),
            (#"{"id":"1","kind":"TaskStarted"}"#, "\"timestamp\" is missing"),
            (#"{"id":"1","timestamp":"2026-01-11T15:30:00Z"}"#, "\"kind\" is missing"),
            (#"{"kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#, "\"id\" is missing"),
            (#"{"id":null,"kind":"TaskStarted","timestamp":"2026-01-11T15:30:00Z"}"#, "\"id\" is missing"),
            (#"{"id":"1","kind":"TaskStarted","timestamp":null}"#, "\"timestamp\" is missing"),
            (#"{"id":1}"#, "\"id\" is not a string at byte 6"),
            (#"{"source_task":{"a":[]}}"#, "\"source_task\" is not a string at byte 15"),
            (#"{"target_task":false}"#, "\"target_task\" is not a string at byte 15"),
            (#"{"timestamp":"yesterday"}"#, "\"timestamp\" is not an RFC 3339 date and time at byte 13"),
            (#"{"timestamp":"2026-01-11T15:30:00"}"#, "\"timestamp\" is not an RFC 3339 date and time at byte 13"),
            (#"{"kind":null}"#, #""kind" is neither a name nor {"Custom":"name"} at byte 8"#),
            (#"{"kind":{"Other":"x"}}"#, #""kind" is neither a name nor {"Custom":"name"} at byte 8"#),
            (#"{"kind":{"Custom":1}}"#, #""kind" is neither a name nor {"Custom":"name"} at byte 8"#),
            (#"{"kind":{"Custom":"x","y":1}}"#, #""kind" is neither a name nor {"Custom":"name"} at byte 8"#),
            (#"{"payload":}"#, "expected a value at byte 11"),
            (#"{"payload":"#, "a value is missing at byte 11"),
            (#"{"payload":{"a":1}"#, "expected ',' or '}' at byte 18"),
            (#"{"payload":{"a":01}}"#, "a number begins with 0 at byte 16"),
            (#"{"payload":{"a":1.}}"#, "a number ends with its decimal point at byte 16"),
            (#"{"payload":{"a":1e}}"#, "a number has no exponent at byte 16"),
            (#"{"payload":["\x"]}"#, "an escape sequence is not valid at byte 13"),
            (#"{"payload":"abc"#, "a string is not closed at byte 11"),
            ("{\"payload\":\"a\nb\"}", "a control character stands unescaped in a string at byte 13"),
            (#"{"a" 1}"#, "expected ':' at byte 5"),
            (#"{"a":1,}"#, "expected a key in quotes at byte 7"),
            (#"{"a":1 "b":2}"#, "expected ',' or '}' at byte 7"),
        ]
    )
    func reason(line: String, reason: String) throws {
        let error = try #require(throws: LineError.self) { try Event(line: line) }
        #expect(error.description == reason)
    }

    @Test(
        "has an envelope key twice, however it is spelled",
        arguments: ["id", "kind", "source_task", "target_task", "payload", "timestamp"]
    )
    func duplicateKey(key: String) throws {
        let values = [
            "id": "\"1\"", "kind": "\"TaskStarted\"", "source_task": "null", "target_task": "null", "payload": "{}",
            "timestamp": "\"2026-01-11T15:30:00Z\"",
        ]
        let value = try #require(values[key])
        let members = values.map { #""\#($0)":\#($1)"# }.joined(separator: ",")
        #expect(throws: Never.self) { try Event(line: "{\(members)}") }
        let escaped = "\\u00" + String(key.utf8.first ?? 0, radix: 16) + key.dropFirst()
        for spelling in [key, escaped] {
            let line = #"{\#(members),"\#(spelling)":\#(value)}"#
            let error = try #require(throws: LineError.self) { try Event(line: line) }
            #expect(error.description == "a key stands twice at byte \(members.utf8.count + 2)")
        }
    }

    @Test("is every proper beginning of a good line")
    func everyBeginning() throws {
        let line =
            Array(
                #"{"id":"é","kind":{"Custom":"x"},"source_task":"s","target_task":null,"payload":{"a":[1,"\u00e9"]},"#
                    .utf8
            ) + Array(#""timestamp":"2026-01-11T15:30:00Z"}"#.utf8)
        #expect(throws: Never.self) { try event(inLine: line) }
        let accepted = (0..<line.count).filter { (try? event(inLine: Array(line[..<$0]))) != nil }
        #expect(accepted.isEmpty)
    }

    @Test("or damaged at random never crashes the reader")
    func randomDamage() throws {
        var random = SeededGenerator(seed: 7)
        let line = Array(
            #"{"id":"1","kind":"TaskStarted","payload":{"a":[1.5e3,"\u00e9é😀",null]},"timestamp":"2026-01-11T15:30:00Z"}"#
                .utf8
        )
        var refused = 0
        for _ in 0..<5_000 {
            var damaged = line
            for _ in 0..<Int.random(in: 1...3, using: &random) {
                damaged[Int.random(in: 0..<line.count, using: &random)] = .random(in: 0...255, using: &random)
            }
            if let event = try? event(inLine: damaged) {
                // What is accepted is written as a line that reads back as the same event.
                #expect(try Event(line: event.description) == event)
            } else {
                refused += 1
            }
        }
        #expect(refused > 2_500)
    }
}
