// The lines that are not in the file yet, in their order. While the disk does its work it holds what has just been
// handed in; while it doesn't, it is the buffer, and what finds no room in it is counted.

/// Lines that were handed in together.
struct PendingLines: Sendable {
    /// The events that are delivered when the lines have their place in the order, and where to.
    struct Recipients: Sendable {
        let events: [Event]
        let sink: any EventSink
    }

    /// Events that are lost to the log.
    struct Gap: Hashable, Sendable {
        var lost: Int
        let from: String
        var to: String
    }

    /// The number under which whoever handed them in finds the answer.
    var ticket: UInt64 = 0
    /// Whole lines, each with its newline.
    private(set) var bytes: [UInt8]
    private(set) var count: Int
    /// How many of them are in the file already.
    var written = 0
    /// Whether they wait in the buffer when they cannot be written now.
    var isKept = true
    /// Whether somebody waits for the answer.
    var isAwaited = true
    /// Whether they stand in a file that has ended before it was synchronized, and are to be written again.
    var isRepeat = false
    var delivery: Recipients?
    /// Who waits until they are on the disk.
    var synchronization: Synchronization?
    /// What is lost to the log between its neighbours: this becomes one line.
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

    init(gap: Gap) {
        bytes = []
        count = 1
        isAwaited = false
        self.gap = gap
    }

    /// How many events of somebody's they are.
    var eventCount: Int { gap == nil ? count : 0 }

    /// How much of the buffer they take.
    var size: Int { gap == nil ? bytes.count : 0 }

    /// Makes the line of a gap, which cannot grow from now on.
    mutating func encodeGap() {
        guard let gap, bytes.isEmpty else { return }
        let payload: Payload = ["lost": .integer(gap.lost), "from": .string(gap.from), "to": .string(gap.to)]
        bytes = Array("\(Event(.logGap, payload: payload))\n".utf8)
    }

    /// Tells whoever wants to know of the events that their place in the order is settled.
    mutating func deliver() {
        guard let delivery else { return }
        self.delivery = nil
        delivery.sink.deliver(delivery.events)
    }

    /// Takes away the first lines, which are in the file.
    mutating func dropFirst(_ lines: Int) {
        bytes.removeFirst(offset(ofLine: lines))
        count -= lines
        written += lines
    }

    /// Takes away the last lines, which find no room in so many bytes.
    mutating func cut(to room: Int) -> Gap? {
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

    /// Makes a gap larger. Its line, if there was one, is made anew.
    mutating func extend(_ other: Gap) {
        bytes = []
        gap?.lost += other.lost
        gap?.to = other.to
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

/// The queue before the file.
struct Backlog: Sendable {
    /// How many bytes may wait while the disk is in trouble.
    let limit: Int
    private var items: [PendingLines] = []
    private(set) var bytes = 0
    /// How many events wait.
    private(set) var eventCount = 0
    /// Whether somebody waits for an answer, or doesn't want their lines to be kept.
    private(set) var isUnsettled = false
    /// How many events are lost to the log because they found no room.
    private(set) var lost = 0

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { items.isEmpty }
    var hasSynchronization: Bool { items.contains { $0.synchronization != nil } }
    var hasOthersThanSynchronizations: Bool { items.contains { $0.synchronization == nil } }

    /// Lets lines in whose owner waits until they are written.
    mutating func append(_ item: PendingLines) {
        items.append(item)
        count([item])
    }

    private mutating func count(_ added: [PendingLines]) {
        for item in added {
            bytes += item.size
            eventCount += item.eventCount
            isUnsettled = isUnsettled || item.isAwaited || !item.isKept || item.delivery != nil
        }
    }

    /// Lets in what finds room, and counts the rest.
    ///
    /// - Parameter occupied: How many bytes are being written at the moment.
    /// - Returns: How many of the lines are in.
    mutating func admit(_ item: PendingLines, besides occupied: Int = 0) -> Int {
        var item = item
        let gap = item.cut(to: limit - bytes - occupied)
        let admitted = item.count
        if admitted > 0 { append(item) }
        if let gap { add(gap) }
        return admitted
    }

    private mutating func add(_ gap: PendingLines.Gap) {
        lost += gap.lost
        if let last = items.indices.last, items[last].gap != nil {
            items[last].extend(gap)
        } else {
            items.append(PendingLines(gap: gap))
        }
    }

    /// The first lines, some of them, at least one piece.
    mutating func takeFirst(bytes limit: Int) -> [PendingLines] {
        var size = 0
        let taken = items.prefix { item in
            defer { size += item.size }
            return size == 0 || size + item.size <= limit
        }
        items.removeFirst(taken.count)
        for item in taken {
            bytes -= item.size
            eventCount -= item.eventCount
        }
        return Array(taken)
    }

    /// Puts lines back before all others.
    mutating func putBack(_ returned: [PendingLines]) {
        var returned = returned
        // What was lost meanwhile is lost in the same place, and one line says so – unless one stands in a file already.
        if let last = returned.last, last.gap != nil, !last.isRepeat, let gap = items.first?.gap {
            returned[returned.count - 1].extend(gap)
            items.removeFirst()
        }
        items.insert(contentsOf: returned, at: 0)
        count(returned)
    }

    mutating func removeAll() {
        items = []
        bytes = 0
        eventCount = 0
        isUnsettled = false
    }

    /// Goes through all that waits, as the disk is in trouble now: what doesn't want to be kept leaves, what finds no
    /// room is counted.
    ///
    /// - Parameter visit: Called with each of them, as they were handed in, and how many of their lines are kept.
    mutating func settleDown(besides occupied: Int, _ visit: (inout PendingLines, Int) -> Void) {
        guard isUnsettled else { return }
        let all = items
        removeAll()
        for var item in all {
            guard item.isKept else {
                visit(&item, 0)
                continue
            }
            guard item.gap == nil else {
                items.append(item)
                continue
            }
            let gap = item.cut(to: limit - bytes - occupied)
            visit(&item, item.count)
            if item.count > 0 { append(item) }
            if let gap { add(gap) }
        }
    }
}
