// What publishers and subscribers share, under the bus's lock. It decides and resumes nothing: each step returns the
// sleepers to wake, and the bus wakes them after it has let go of the lock.

/// The ring of recent events, a cursor into it for each reader, and who sleeps.
///
/// While a reader sleeps, nothing that it wants is published, so its cursor stays where it is and counts as being at the
/// end of the ring. It is moved when the reader wakes.
struct BusState<Sleeper: Sendable>: Sendable {
    private struct Reader: Sendable {
        var cursor: UInt64
        let kinds: Set<EventKind>
        let filter: EventFilter
        /// The tasks that share the subscription and sleep.
        var sleepers: [Sleeper] = []
    }

    /// How many events are looked at, at most, while publishers wait.
    private static var stride: UInt64 { 64 }

    private(set) var ring: EventRing
    /// Whether events are kept also while there is no reader.
    private let keepsHistory: Bool
    private(set) var counts: [EventKind: Int] = [:]
    private(set) var isClosed = false
    private var readers: [UInt64: Reader] = [:]
    private var lastReader: UInt64 = 0
    private var sleeping = SleepingReaders()

    init(ring: EventRing, keepsHistory: Bool = true) {
        self.ring = ring
        self.keepsHistory = keepsHistory
    }

    var readerCount: Int { readers.count }
    var sleeperCount: Int { readers.values.reduce(0) { $0 + $1.sleepers.count } }

    // MARK: - Publishing

    /// Adds events to the ring, one after another, unless there is nothing that reads it.
    ///
    /// - Returns: Whom to wake, because they want one of them.
    mutating func insert(_ events: some Collection<Event>) -> [Sleeper] {
        guard !isClosed else { return [] }
        let start = ring.end
        for event in events { counts[event.kind, default: 0] += 1 }
        guard keepsHistory || !readers.isEmpty else { return [] }
        for event in events { ring.append(event) }
        guard !sleeping.isEmpty else { return [] }
        return sleeping.wanting(events).flatMap { wake($0, at: start) }
    }

    /// Lets nothing more in.
    ///
    /// - Returns: Whom to wake.
    mutating func close() -> [Sleeper] {
        isClosed = true
        return readers.keys.flatMap { wake($0, at: ring.end) }
    }

    private mutating func wake(_ identifier: UInt64, at position: UInt64) -> [Sleeper] {
        guard let index = readers.index(forKey: identifier), !readers.values[index].sleepers.isEmpty else { return [] }
        let reader = readers.values[index]
        readers.values[index].cursor = position
        readers.values[index].sleepers = []
        sleeping.remove(identifier, kinds: reader.kinds, tasks: reader.filter.tasks)
        return reader.sleepers
    }

    // MARK: - Reading

    /// Adds a reader of what is published from now on: of all kinds and tasks, or of these.
    mutating func addReader(kinds: Set<EventKind>, tasks: Set<TaskID>) -> UInt64 {
        let filter = EventFilter(kinds: kinds.isEmpty ? [] : [KindPattern(kinds)], tasks: tasks)
        lastReader += 1
        readers[lastReader] = Reader(cursor: ring.end, kinds: kinds, filter: filter)
        return lastReader
    }

    /// - Returns: Whom to wake.
    mutating func removeReader(_ identifier: UInt64) -> [Sleeper] {
        let woken = wake(identifier, at: ring.end)
        readers[identifier] = nil
        if readers.isEmpty, !keepsHistory { ring.removeAll() }
        return woken
    }

    /// The next thing to tell a reader, moving its cursor past it; `nil` if there is more to look at, which is left to the
    /// next step so that publishers don't wait for a whole ring to be filtered.
    mutating func take(for identifier: UInt64) -> Subscription.Attempt? {
        guard let index = readers.index(forKey: identifier) else { return .closed }
        var cursor = readers.values[index].sleepers.isEmpty ? readers.values[index].cursor : ring.end
        defer { readers.values[index].cursor = cursor }
        if cursor < ring.oldest {
            let missed = ring.oldest - cursor
            cursor = ring.oldest
            return .delivery(.missed(Int(missed)))
        }
        let end = min(ring.end, cursor + Self.stride)
        while cursor < end {
            let event = ring[cursor]
            cursor += 1
            if let event, readers.values[index].filter.matches(event) { return .delivery(.event(event)) }
        }
        guard cursor == ring.end else { return nil }
        return isClosed ? .closed : .nothingNow
    }

    /// Lets a reader sleep until something that it wants is published.
    ///
    /// - Returns: Whether it sleeps: it must not if there is something to see, or never will be.
    mutating func sleep(_ identifier: UInt64, _ sleeper: Sleeper) -> Bool {
        guard !isClosed, let index = readers.index(forKey: identifier) else { return false }
        let reader = readers.values[index]
        guard !reader.sleepers.isEmpty || reader.cursor == ring.end else { return false }
        readers.values[index].sleepers.append(sleeper)
        if reader.sleepers.isEmpty {
            sleeping.insert(identifier, kinds: reader.kinds, tasks: reader.filter.tasks)
        }
        return true
    }

    /// Ends the sleep of all tasks that share a subscription; those that still want to wait sleep again.
    ///
    /// - Returns: Whom to wake.
    mutating func endSleep(of identifier: UInt64) -> [Sleeper] { wake(identifier, at: ring.end) }
}
