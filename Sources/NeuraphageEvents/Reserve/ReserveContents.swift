// What is in a reserve, and what a process writes into it. Pure: the file's bytes come in, writes come out.
//
// A record is a line: `CRC GENERATION SEQUENCE LENGTH EVENT`. The checksum covers all after it, so that a record that was not
// written whole, or that is of a former generation, ends the reserve.

/// The records of a reserve.
struct ReserveContents {
    /// How large the file is.
    static let size = 1 << 20
    /// Where the records begin.
    private static let start = 2 * ReserveHead.room
    private static let newline = UInt8(ascii: "\n")
    private static let space = UInt8(ascii: " ")

    /// Bytes to write at an offset.
    struct Write: Equatable {
        let offset: Int
        let bytes: [UInt8]
    }

    private(set) var head: ReserveHead
    /// The lines of the events, without their newlines.
    private(set) var lines: [[UInt8]] = []
    /// Where the last record ends.
    private var end = Self.start

    /// Reads a reserve; `nil` if its head cannot be read, because a newer version wrote it, or it is no reserve.
    init?(_ bytes: [UInt8]) {
        guard let head = ReserveHead(ofFile: bytes) else { return nil }
        self.head = head
        var rest = bytes.dropFirst(Self.start)
        while let (line, length) = Self.record(in: rest, head.generation, lines.count) {
            lines.append(line)
            rest = rest.dropFirst(length)
            end += length
        }
    }

    /// What the log is to be told: the events, and what is lost.
    var events: [Event] { lines.compactMap(Self.event) + [head.gapEvent].compactMap(\.self) }

    /// A reserve with nothing in it, written full.
    static var emptyFile: [UInt8] {
        let head = ReserveHead().bytes
        return head + [UInt8](repeating: 0, count: size - head.count)
    }

    /// Takes in lines. One that finds no room is lost, and so are all after it.
    ///
    /// - Parameters:
    ///   - all: Whole lines of events, without their newlines.
    ///   - gap: The id and the time of the event that tells the log of what is lost.
    /// - Returns: What to write, in this order.
    mutating func take(_ all: [[UInt8]], gap: @autoclosure () -> (id: EventID, timestamp: Timestamp)) -> [Write] {
        var records: [UInt8] = []
        let first = end
        var rest = all[...]
        while head.lost == 0, let line = rest.first {
            let record = Self.record(of: line, head.generation, lines.count)
            guard end + record.count <= Self.size else { break }
            records += record
            end += record.count
            lines.append(line)
            rest.removeFirst()
        }
        head.waiting = lines.count
        if let lost = rest.first, let last = rest.last {
            // The log tells by a line how many events are lost at one place, which counts as many as it says.
            let count = rest.reduce(0) { $0.saturatingPlus(Self.eventCount($1)) }
            head.lose(count, from: Self.firstID(in: lost), to: Self.lastID(in: last), gap: gap())
        }
        // The head comes first: what it doesn't tell of is not looked for.
        return [writeHead()] + (records.isEmpty ? [] : [Write(offset: first, bytes: records)])
    }

    /// Notes that the log has everything.
    mutating func empty() -> Write {
        var empty = ReserveHead()
        (empty.revision, empty.generation) = (head.revision, head.generation + 1)
        head = empty
        (lines, end) = ([], Self.start)
        return writeHead()
    }

    private mutating func writeHead() -> Write {
        head.revision += 1
        return Write(offset: head.offset, bytes: head.bytes)
    }

    // MARK: - Records

    private static func record(of line: [UInt8], _ generation: Int, _ sequence: Int) -> [UInt8] {
        let body = Array("\(generation) \(sequence) \(line.count) ".utf8) + line
        return Array("\(Checksum.text(of: body)) ".utf8) + body + [newline]
    }

    private static func record(
        in bytes: ArraySlice<UInt8>,
        _ generation: Int,
        _ sequence: Int
    ) -> (line: [UInt8], length: Int)? {
        guard let newline = bytes.firstIndex(of: newline) else { return nil }
        let parts = bytes[..<newline].split(separator: space, maxSplits: 4, omittingEmptySubsequences: false)
        guard parts.count == 5 else { return nil }
        let line = Array(parts[4])
        let record = record(of: line, generation, sequence)
        return record.elementsEqual(bytes[...newline]) ? (line, record.count) : nil
    }

    // MARK: - What is lost

    private static func event(_ line: [UInt8]) -> Event? { try? Event(line: String(decoding: line, as: UTF8.self)) }

    private static func eventCount(_ line: [UInt8]) -> Int {
        guard let event = event(line), event.kind == .logGap else { return 1 }
        return event.payload["lost"].flatMap { Int($0.text) } ?? 1
    }

    private static func firstID(in line: [UInt8]) -> String {
        guard let event = event(line) else { return "" }
        return event.kind == .logGap ? event.payload.string("from") ?? "" : event.id.description
    }

    private static func lastID(in line: [UInt8]) -> String {
        guard let event = event(line) else { return "" }
        return event.kind == .logGap ? event.payload.string("to") ?? "" : event.id.description
    }
}
