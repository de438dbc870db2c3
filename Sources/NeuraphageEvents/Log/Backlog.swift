// The queue before the file. While the disk works it holds what has just been handed in; while it doesn't, it is the
// buffer, and what finds no room in it is counted.

/// What waits for the writer, in the order in which it was handed in.
struct Backlog: Sendable {
    /// How many bytes may wait while the disk is in trouble.
    let limit: Int
    private(set) var items: [Submission] = []
    private(set) var bytes = 0
    /// How many events wait.
    private(set) var eventCount = 0
    /// How many events are lost to the log because they found no room.
    private(set) var lost = 0
    /// Whether one of them may be unsettled. Most attempts to write a full buffer need not go through it.
    private var mayBeUnsettled = false
    /// Whether a thread or a task may wait for one of them.
    private var mayBeAwaited = false

    init(limit: Int) {
        self.limit = limit
    }

    var isEmpty: Bool { items.isEmpty }

    mutating func append(_ item: Submission) {
        count(item)
        items.append(item)
    }

    private mutating func count(_ item: Submission) {
        bytes += item.lines.size
        eventCount += item.lines.eventCount
        mayBeUnsettled = mayBeUnsettled || item.isUnsettled
        if case .none = item.caller {} else { mayBeAwaited = true }
    }

    /// Lets in what finds room, and counts the rest.
    ///
    /// - Parameter occupied: How many bytes are being written at the moment.
    /// - Returns: How many of the lines are in.
    mutating func admit(_ item: Submission, besides occupied: Int = 0) -> Int {
        var item = item
        let gap = item.lines.cut(to: limit - bytes - occupied)
        let admitted = item.lines.count
        if admitted > 0 { append(item) }
        if let gap { add(gap) }
        return admitted
    }

    private mutating func add(_ gap: PendingLines.Gap) {
        lost += gap.lost
        if let last = items.indices.last, items[last].lines.gap != nil {
            items[last].lines.extend(gap)
        } else {
            items.append(Submission(gap))
        }
    }

    /// Moves the first lines, as many as fit and at least one piece, into an array that is empty.
    mutating func takeFirst(bytes limit: Int, into taken: inout [Submission]) {
        if bytes <= limit {
            swap(&items, &taken)
            removeAll()
            return
        }
        var size = 0
        let count = items.prefix { item in
            defer { size += item.lines.size }
            return size == 0 || size + item.lines.size <= limit
        }
        .count
        taken += items[..<count]
        items.removeFirst(count)
        for item in taken {
            bytes -= item.lines.size
            eventCount -= item.lines.eventCount
        }
    }

    /// Puts lines back before all others.
    mutating func putBack(_ returned: [Submission]) {
        var returned = returned
        // What was lost meanwhile is lost in the same place, and one line says so – unless a file has such a line already.
        if let last = returned.last?.lines, last.gap != nil, !last.isRepeat, let gap = items.first?.lines.gap {
            returned[returned.count - 1].lines.extend(gap)
            items.removeFirst()
        }
        items.insert(contentsOf: returned, at: 0)
        for item in returned { count(item) }
    }

    mutating func removeAll() {
        items.removeAll(keepingCapacity: items.count <= 64)
        bytes = 0
        eventCount = 0
        mayBeUnsettled = false
        mayBeAwaited = false
    }

    /// Goes through the lines that are kept, as the disk is in trouble now: what finds no room is counted.
    ///
    /// - Parameter settle: Called with each that was unsettled, and how many of its lines are kept.
    mutating func settleDown(besides occupied: Int, _ settle: (inout Submission, Int) -> Void) {
        guard mayBeUnsettled else { return }
        let all = items
        removeAll()
        for var item in all {
            guard item.isKept, item.lines.gap == nil else {
                append(item)
                continue
            }
            let gap = item.lines.cut(to: limit - bytes - occupied)
            if item.isUnsettled { settle(&item, item.lines.count) }
            if item.lines.count > 0 { append(item) }
            if let gap { add(gap) }
        }
    }

    /// Takes out what is to be delivered, in its order.
    mutating func takeRecipients() -> [Submission.Recipients] {
        guard mayBeUnsettled else { return [] }
        return items.indices.compactMap { items[$0].recipients.take() }
    }

    // MARK: - Who waits

    /// The first of those with something that `property` finds.
    mutating func first<Result>(_ property: (Submission) -> Result?) -> Result? {
        guard mayBeAwaited else { return nil }
        var isAwaited = false
        for item in items {
            if let result = property(item) { return result }
            if case .none = item.caller {} else { isAwaited = true }
        }
        mayBeAwaited = isAwaited
        return nil
    }

    /// The one with this number.
    func item(_ id: UInt64) -> Submission? { items.last { $0.id == id } }

    /// Takes out the one with this number.
    mutating func remove(_ id: UInt64) -> Submission? {
        guard let index = items.firstIndex(where: { $0.id == id }) else { return nil }
        let item = items.remove(at: index)
        bytes -= item.lines.size
        eventCount -= item.lines.eventCount
        return item
    }
}
