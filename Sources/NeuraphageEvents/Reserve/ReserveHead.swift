// The head of a reserve: what is to be known of its records. It is in the file twice, and the older copy is the one that is
// written next, so that one of them is whole whenever the process is killed.

/// What a reserve says of its records.
struct ReserveHead: Equatable, Sendable {
    static let format = 1
    /// How much room each copy has.
    static let room = 2_048

    /// How often it was written.
    var revision = 0
    /// How often the reserve was emptied. Records of former generations don't count.
    var generation = 0
    /// How many records there are, or were to be when the process was killed that wrote them.
    var waiting = 0
    /// How many events found no room, with the ids of the first and the last one.
    var lost = 0
    var from = ""
    var to = ""
    /// The id and the time of the event by which the log is told of these.
    var gap: EventID?
    var gapTime: Timestamp?

    init() {}

    /// The newer one of the copies at the beginning of a file; `nil` if none can be read.
    init?(ofFile bytes: [UInt8]) {
        let copies = [0, Self.room].compactMap { ReserveHead(copy: bytes.dropFirst($0).prefix(Self.room)) }
        guard let newest = copies.max(by: { $0.revision < $1.revision }) else { return nil }
        self = newest
    }

    /// Reads one copy; `nil` if it is not whole, or of a newer version.
    private init?(copy bytes: ArraySlice<UInt8>) {
        let lines = bytes.split(separator: UInt8(ascii: "\n"), maxSplits: 2, omittingEmptySubsequences: false)
        guard lines.count == 3, lines[1].elementsEqual(Checksum.text(of: lines[0]).utf8),
            let head = try? Payload(json: String(decoding: lines[0], as: UTF8.self)),
            head["format"]?.int == Self.format,
            let revision = head["revision"]?.int, let generation = head["generation"]?.int,
            let waiting = head["waiting"]?.int, let lost = head["lost"]?.int,
            revision >= 0, generation >= 0, waiting >= 0, lost >= 0
        else { return nil }
        (self.revision, self.generation, self.waiting, self.lost) = (revision, generation, waiting, lost)
        (from, to) = (head.string("from") ?? "", head.string("to") ?? "")
        gap = head.string("gap").map { EventID($0) }
        gapTime = head.string("gap_time").flatMap { Timestamp($0) }
    }

    /// The copy as it is in the file.
    var bytes: [UInt8] {
        let text: Payload = [
            "format": .integer(Self.format), "revision": .integer(revision), "generation": .integer(generation),
            "waiting": .integer(waiting), "lost": .integer(lost), "from": .string(from), "to": .string(to),
            "gap": .string(orNull: gap?.description), "gap_time": .string(orNull: gapTime?.description),
        ]
        return Array("\(text.json)\n\(Checksum.text(of: text.json.utf8))\n".utf8)
    }

    /// Where it is written: in place of the older copy.
    var offset: Int { revision % 2 * Self.room }

    /// Counts events that find no room.
    ///
    /// - Parameter gap: The id and the time of the event that tells of them, if these are the first.
    mutating func lose(
        _ count: Int,
        from first: String,
        to last: String,
        gap: @autoclosure () -> (id: EventID, timestamp: Timestamp)
    ) {
        if lost == 0 {
            from = Self.short(first)
            let (id, time) = gap()
            (self.gap, gapTime) = (id, time)
        }
        lost = lost.saturatingPlus(count)
        to = Self.short(last)
    }

    /// An id may be any text, and the head has its room.
    private static func short(_ id: String) -> String { id.utf8.count <= 64 ? id : "" }

    /// The event that tells the log of what found no room.
    var gapEvent: Event? {
        guard lost > 0, let gap, let gapTime else { return nil }
        return Event(id: gap, .logGap, payload: Event.gap(of: lost, from: from, to: to), timestamp: gapTime)
    }
}

extension Payload.Found {
    fileprivate var int: Int? { Int(text) }
}
