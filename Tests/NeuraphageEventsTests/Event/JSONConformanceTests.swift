import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("JSON, as RFC 8259 has it,", .apart)
struct JSONConformanceTests {
    private func line(payload: [UInt8]) -> [UInt8] {
        Array(#"{"id":"1","kind":"TaskStarted","payload":"#.utf8) + payload
            + Array(#","timestamp":"2026-01-11T15:30:00Z"}"#.utf8)
    }

    @Test("is accepted and kept byte for byte but for white space between tokens", arguments: JSONCases.accepted)
    func accepted(text: String, compact: String) throws {
        let payload = try Payload(json: text)
        #expect(Array(payload.json.utf8) == Array(compact.utf8))
        #expect(Array(try event(inLine: line(payload: Array(text.utf8))).payload.json.utf8) == Array(compact.utf8))
    }

    @Test("is all that is accepted", arguments: JSONCases.refused)
    func refused(text: String) {
        #expect(throws: PayloadError.self) { try Payload(json: text) }
        #expect(throws: LineError.self) { try event(inLine: line(payload: Array(text.utf8))) }
    }

    @Test("is UTF-8", arguments: JSONCases.notUTF8)
    func notUTF8(bytes: [UInt8]) throws {
        let quote = UInt8(ascii: "\"")
        let error = try #require(throws: LineError.self) {
            try event(inLine: line(payload: [quote] + bytes + [quote]))
        }
        #expect(error.description.hasPrefix("the text is not UTF-8 at byte "))
        #expect(throws: LineError.self) { try event(inLine: line(payload: bytes)) }
    }
}
