// Lines that are not in the file yet. Pure: bytes, and what may be done with them.

/// Lines that were handed in together, or the one line that says how many events are lost between its neighbors.
struct PendingLines: Sendable {
    /// Events that are lost to the log.
    struct Gap: Hashable, Sendable {
        var lost: Int
        let from: String
        var to: String
    }

    /// Whole lines, each with its newline.
    private(set) var bytes: [UInt8]
    private(set) var count: Int
    /// How many of them are in the file already, and no longer among the bytes.
    private(set) var written = 0
    /// Whether they are in a file that has ended before it was synchronized, and are to be written again.
    var isRepeat = false
    /// What is lost to the log between its neighbors: this becomes one line.
    private(set) var gap: Gap?

    /// The lines of events, as the configuration wants them logged.
    init(_ events: [Event], _ config: EventLogConfig) {
        var bytes: [UInt8] = []
        for event in events {
            event.encode(
                payloadLimit: config.maxPayloadBytes,
                redactingCredentials: config.redactsCredentials,
                into: &bytes
            )
            bytes.append(UInt8(ascii: "\n"))
        }
        self.bytes = bytes
        count = events.count
    }

    /// No lines.
    init() {
        bytes = []
        count = 0
    }

    init(gap: Gap) {
        bytes = []
        count = 1
        self.gap = gap
    }

    /// Each line, without its newline.
    var lines: [[UInt8]] { bytes.split(separator: UInt8(ascii: "\n")).map(Array.init) }

    /// How many of the caller's events they are.
    var eventCount: Int { gap == nil ? count : 0 }

    /// How much of the buffer they take.
    var size: Int { gap == nil ? bytes.count : 0 }

    /// Makes the line of a gap.
    mutating func encodeGap() {
        guard let gap, bytes.isEmpty else { return }
        let payload = Event.gap(of: gap.lost, from: gap.from, to: gap.to)
        bytes = Array("\(Event(.logGap, payload: payload))\n".utf8)
    }

    /// Makes a gap larger. Its line, if there was one, is made again.
    mutating func extend(_ other: Gap) {
        bytes = []
        gap?.lost += other.lost
        gap?.to = other.to
    }

    /// Removes the first lines, which are in the file.
    mutating func dropFirst(_ lines: Int) {
        bytes.removeFirst(offset(ofLine: lines))
        count -= lines
        written += lines
    }

    /// Removes the last lines, which find no room in so many bytes.
    mutating func cut(to room: Int) -> Gap? {
        if bytes.count <= room { return nil }
        let end = bytes.prefix(max(0, room)).wholeLines.endIndex
        guard end < bytes.count else { return nil }
        let kept = bytes[..<end].lineCount
        let lost = count - kept
        let last = offset(ofLine: count - 1)
        let gap = Gap(lost: lost, from: Self.id(in: bytes[end...]), to: Self.id(in: bytes[last...]))
        bytes.removeSubrange(end...)
        count = kept
        return gap
    }

    /// The id of the first event.
    var firstID: String { Self.id(in: bytes[...]) }

    /// The first lines' bytes.
    func firstLines(_ lines: Int) -> [UInt8] { Array(bytes[..<offset(ofLine: lines)]) }

    /// The id in the first of some lines.
    static func id(in lines: ArraySlice<UInt8>) -> String {
        let line = lines.prefix { $0 != UInt8(ascii: "\n") }
        return (try? Event(line: String(decoding: line, as: UTF8.self)).id.description) ?? ""
    }

    private func offset(ofLine line: Int) -> Int {
        var offset = 0
        for _ in 0..<line {
            offset = (bytes[offset...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count - 1) + 1
        }
        return offset
    }
}
