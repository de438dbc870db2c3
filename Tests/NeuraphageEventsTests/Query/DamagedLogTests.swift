import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// What damage may cost, byte by byte and bit by bit: the line that is damaged, and nothing else.
@Suite("A damaged log", .apart)
struct DamagedLogTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// A hundred short events of all sorts.
    private static let events = (0..<100).map { number in
        let kinds: [EventKind] = [.taskStarted, .mainUpdated, .custom("Née"), .custom("LogGap"), .unknown("X")]
        let payloads: [Payload] = [[:], ["a": "\"\\\n"], ["é": 1], ["b": ["c": true]], ["d": "x{}[],:"]]
        return Event(
            id: EventID("\(number)"),
            kinds[number % kinds.count],
            from: number % 3 == 0 ? "t" : nil,
            payload: payloads[number / 5 % payloads.count],
            timestamp: .earliest
        )
    }

    private static func line(_ event: Event) -> Data { Data("\(event)\n".utf8) }

    /// Makes the log anew, of these bytes.
    private func makeLog(_ data: Data) throws {
        try #require(FileManager.default.createFile(atPath: directory[EventLogConfig.fileName], contents: data))
    }

    private func content() throws -> Data {
        try Data(contentsOf: URL(fileURLWithPath: directory[EventLogConfig.fileName]))
    }

    @Test("cut at any byte has all whole lines before the cut, and the next event; no other byte changes")
    func cuts() throws {
        // Short ones, as each of their bytes costs a log.
        let texts = (0..<100).map { #"{"id":"\#($0)","kind":"X","timestamp":"2026-01-01T00:00:00Z"}"# }
        let events = try texts.map { try Event(line: $0) }
        let lines = texts.map { Data("\($0)\n".utf8) }
        let data = lines.reduce(Data(), +)
        let ends = lines.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        let next = Event(id: "next", .taskCompleted, timestamp: .earliest)
        for cut in 0...data.count {
            let whole = ends.lastIndex { $0 <= cut } ?? 0
            try makeLog(data.prefix(cut))
            let log = try EventLog(in: directory)
            // From its end it is read at every cut, and from its beginning at some, because that takes longer.
            let before = try log.query(limit: cut % 17 == 0 ? nil : 3)
            #expect(before.events == events[..<whole].suffix(cut % 17 == 0 ? 100 : 3), "cut at \(cut)")
            #expect(before.skippedCount == 0, "cut at \(cut)")

            try log.append(next)
            let isFresh = ends[whole] == cut
            let expected = data.prefix(cut) + Data(isFresh ? "".utf8 : "\n".utf8) + Self.line(next)
            #expect(try content() == expected, "cut at \(cut)")
            // If only its newline was cut off, a line is whole again.
            let isMended = !isFresh && cut == ends[whole + 1] - 1
            let kept = events[..<(whole + (isMended ? 1 : 0))].suffix(2)
            #expect(try log.query(limit: 3).events == kept + [next], "cut at \(cut)")
        }
    }

    @Test("with any one bit flipped has all other lines, and at most one event in place of the damaged one")
    func flips() throws {
        // Whether a line is read doesn't depend on how many there are: logs of five lines make each bit cost little. Of
        // the bits it is every seventh, of the lines that are alike another one each time.
        for start in stride(from: 0, to: Self.events.count, by: 5) {
            try flipBits(of: Array(Self.events[start..<(start + 5)]), by: 7, from: start / 5 % 7)
        }
    }

    private func flipBits(of events: [Event], by step: Int, from first: Int) throws {
        let lines = events.map(Self.line)
        let bytes = lines.flatMap { $0 }
        let owners = lines.indices.flatMap { index in lines[index].map { _ in index } }
        try makeLog(Data(bytes))
        let log = try EventLog(in: directory)
        let descriptor = open(directory[EventLogConfig.fileName], O_WRONLY | O_CLOEXEC)
        defer { close(descriptor) }
        let newline = UInt8(ascii: "\n")
        for bit in stride(from: first, to: bytes.count * 8, by: step) {
            let (offset, owner) = (bit / 8, owners[bit / 8])
            var flipped = bytes[offset] ^ 1 << (bit % 8)
            try #require(pwrite(descriptor, &flipped, 1, off_t(offset)) == 1)
            let result = try log.readAll()
            let isJoined = bytes[offset] == newline
            var others = events
            others.removeSubrange(owner...min(owner + (isJoined ? 1 : 0), events.count - 1))
            // At most one event stands where the damaged line, or the two that are one now, stood.
            let extra = result.events.count - others.count
            var found = result.events
            if extra == 1 { found.remove(at: owner) }
            let isBroken = flipped == newline || isJoined
            #expect(
                found == others && (isBroken || result.skippedCount == 1 - extra),
                "bit \(bit) of \(String(decoding: bytes, as: UTF8.self))"
            )
            var original = bytes[offset]
            try #require(pwrite(descriptor, &original, 1, off_t(offset)) == 1)
        }
    }
}
