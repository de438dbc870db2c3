// What is in the file and perhaps not on the disk: the lines, the segments that they are in, and the tasks that wait. Pure:
// it never synchronizes, it says what to synchronize and is told what came of it.

/// The account of what has been written and not synchronized.
///
/// When a synchronization has failed, a ``PendingSeam`` is due: nothing more is acknowledged as being on the disk until the
/// next segment repeats the lines that may be missing.
struct SyncLedger: Sendable {
    /// All that is to be put on the disk together.
    struct Batch: Sendable {
        fileprivate(set) var segments: [OpenSegment]
        fileprivate(set) var waiting: [WaitingTask]
        fileprivate let end: Int
        /// Whether a caller is told what comes of it.
        fileprivate let isFlush: Bool
        /// Why something that was written before is not known to be on the disk, which no caller has been told.
        let failure: EventLogError?
    }

    private let durability: Durability
    /// How many bytes are kept to be written again if they cannot be synchronized.
    private let limit: Int

    /// The lines to repeat if they cannot be synchronized, the latest ones.
    private(set) var lines: [UInt8] = []
    /// How many bytes there were before `lines`, ever.
    private var start = 0
    private var waiting: [WaitingTask] = []
    /// When the first of what the ledger has to see to was written, in ns.
    private var since: UInt64?
    /// The segments with lines that no synchronization covers. Another process may have ended all but the current one.
    private var segments: [OpenSegment] = []
    /// The segments that are being synchronized, once for each batch.
    private var underWay: [OpenSegment] = []
    /// The segment that was open when the last write ended.
    private var current: OpenSegment?
    /// The seam that is to be made with the next write.
    private(set) var seam: PendingSeam?
    /// Why.
    private var failure: EventLogError?
    /// Why lines are not known to be on the disk, until a flush has said so.
    private var untold: EventLogError?

    init(durability: Durability, limit: Int) {
        self.durability = durability
        self.limit = limit
    }

    // MARK: - Writing

    /// A segment has been opened, and nothing is written yet.
    mutating func opened(_ segment: OpenSegment) {
        current = segment
    }

    /// What came of a write, before its lines are added one after another.
    ///
    /// - Returns: The segments that are no longer needed. Letting go of the last reference closes the file, which must not
    ///   happen under a lock.
    mutating func landed(_ landing: Flight.Landing) -> [OpenSegment] {
        var released: [OpenSegment] = []
        let cause = failure
        if landing.hadSeam || landing.seam != nil {
            // Without one on board, a seam may have become necessary meanwhile.
            seam = landing.seam
            failure = landing.seam == nil ? nil : landing.error ?? failure
        }
        // What is kept is in another segment now. A task that waits may wait for more than that.
        if landing.hadSeam, landing.seam == nil, waiting.isEmpty {
            // With `os` nothing is kept, and a flush must not promise it.
            if durability == .os, !segments.isEmpty { untold = untold ?? cause }
            released += segments
            segments = []
        }
        if let current, current !== landing.segment { released.append(current) }
        current = landing.segment
        return released
    }

    /// These lines are in the current segment, and may not be on the disk.
    ///
    /// - Returns: Why a task that waits for them must be told that they are not known to be on the disk, if so.
    mutating func add(_ bytes: [UInt8], _ task: WaitingTask?, at now: UInt64) -> EventLogError? {
        if let current { segments.insert(current) }
        if durability != .os { keep(bytes) }
        // Segments that another process has ended are not kept open until somebody flushes.
        if durability != .os || segments.count > 1 { since = since ?? now }
        guard let task else { return nil }
        if let failure { return failure }
        waiting.append(task)
        since = since ?? now
        return nil
    }

    private mutating func keep(_ bytes: [UInt8]) {
        lines += bytes
        guard lines.count > limit else { return }
        let excess = lines.count - limit
        let end = (lines[excess...].firstIndex(of: UInt8(ascii: "\n")) ?? lines.count - 1) + 1
        lines.removeFirst(end)
        start += end
    }

    /// All that was written to the current segment is on the disk.
    ///
    /// - Returns: The tasks that are content, and the segments that are no longer needed.
    mutating func synchronizedCurrent() -> (content: [WaitingTask], released: [OpenSegment]) {
        let released = segments.filter { $0 === current }
        segments.removeAll { $0 === current }
        guard segments.isEmpty else { return ([], released) }
        defer { forgetAll() }
        return (waiting, released)
    }

    private mutating func forgetAll() {
        start += lines.count
        lines = []
        waiting = []
        since = nil
    }

    // MARK: - Synchronizing

    /// When to synchronize, in ns; `.max` if there is no need to.
    var due: UInt64 {
        guard let since, seam == nil else { return .max }
        if !waiting.isEmpty || lines.count > limit / 2 { return since }
        return since + (durability.interval?.nanoseconds ?? 0)
    }

    /// Hands over what is to be synchronized.
    ///
    /// - Parameter isFlush: Whether that is everything that was ever written, and a caller is told what comes of it.
    mutating func takeBatch(forFlush isFlush: Bool = false) -> Batch {
        var taken = segments
        // What is being synchronized may still fail.
        if isFlush { for segment in underWay + [current].compactMap(\.self) { taken.insert(segment) } }
        underWay += taken
        defer {
            segments = []
            waiting = []
            since = nil
            if isFlush { untold = nil }
        }
        let failure = isFlush ? untold : nil
        return Batch(segments: taken, waiting: waiting, end: start + lines.count, isFlush: isFlush, failure: failure)
    }

    /// What came of synchronizing a batch. If it has failed, nothing more is acknowledged on its segments: to ask again
    /// would prove nothing.
    ///
    /// - Returns: The tasks that have their answer: the same as the batch.
    mutating func synchronized(_ batch: Batch, _ error: EventLogError?) -> [WaitingTask] {
        for segment in batch.segments {
            if let index = underWay.firstIndex(where: { $0 === segment }) { underWay.remove(at: index) }
        }
        guard let error else {
            let count = min(max(0, batch.end - start), lines.count)
            lines.removeFirst(count)
            start += count
            return batch.waiting
        }
        seam = seam ?? PendingSeam()
        failure = error
        // Any other durability has the lines, and writes them again.
        if durability == .os, !batch.isFlush { untold = error }
        return batch.waiting + takeWaiting()
    }

    // MARK: - Ending

    /// Takes out the tasks that wait.
    mutating func takeWaiting() -> [WaitingTask] {
        defer { waiting = [] }
        return waiting
    }

    /// Lets go of all segments.
    mutating func close() -> [OpenSegment] {
        defer { (segments, current, since) = ([], nil, nil) }
        if let current { segments.insert(current) }
        return segments
    }
}

extension [OpenSegment] {
    /// Adds a segment that isn't there yet.
    fileprivate mutating func insert(_ segment: OpenSegment) {
        if !contains(where: { $0 === segment }) { append(segment) }
    }
}
