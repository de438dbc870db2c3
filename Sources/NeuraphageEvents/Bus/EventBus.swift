// The bus: log first, then the ring, then whoever waits.
//
// One lock guards the ring, the cursors and the sleeping subscribers; it is held for a few stores and never across I/O
// or a resume. The log delivers durable events to the ring in the order in which it writes them, so the log has them in
// the order of the ring, and the ring's order is both the history's and the delivery's.

public import Logging

/// Hands events to everybody in the process who wants them, and the durable ones to the log (spec, "Modified
/// EventBus").
///
/// Thread-safe. Publishing is synchronous and never throws: it returns when the event is in the log, if it belongs
/// there, and in the ring of recent events. Subscribers read that ring each at their own pace. A slow one cannot hold
/// anybody up; it is told exactly how many events it missed.
///
/// ```swift
/// let bus = try EventBus(logging: EventLogConfig(dataDirectory: directory))
/// let rebases = bus.subscribe(to: [.rebaseRequired], tasks: ["eg-abc123"])
/// bus.publish(Event(.rebaseRequired, to: "eg-abc123", payload: ["commits_behind": 2]))
/// for await delivery in rebases { … }
/// ```
public final class EventBus: EventSink {
    private typealias Sleeper = CheckedContinuation<Void, Never>

    /// The fewest events that can be on their way to subscribers at a time.
    static let leastDeliveryWindow = 1_024
    static let maxRingBytes = 64 << 20
    static let mostHistory = 1 << 20

    /// The log that durable events go to, if there is one.
    public let log: EventLog?
    private let historySize: Int
    private let state: Lock<BusState<Sleeper>>

    /// A bus without a log.
    ///
    /// - Parameter historySize: How many recent events ``recentEvents(limit:)`` and ``history(kinds:task:since:limit:)``
    ///   see at most, up to 1,048,576. With 0, events are kept only while there are subscribers.
    public convenience init(historySize: Int = 1_000) {
        self.init(log: nil, historySize: historySize)
    }

    /// A bus that logs durable events.
    ///
    /// - Parameters:
    ///   - config: Where and how to log.
    ///   - historySize: How many recent events the history holds at most.
    ///   - logger: Where warnings go.
    /// - Throws: ``EventLogError`` if the configuration cannot be right. A log that cannot be opened costs a warning;
    ///   events wait until it can be.
    public convenience init(
        logging config: EventLogConfig,
        historySize: Int = 1_000,
        logger: Logger = Logger(label: "neuraphage.events")
    ) throws(EventLogError) {
        self.init(log: try EventLog(openingWhenPossible: config, logger: logger), historySize: historySize)
    }

    /// A bus that logs durable events to a log that is open already.
    public init(log: EventLog?, historySize: Int = 1_000) {
        self.log = log
        self.historySize = min(max(0, historySize), Self.mostHistory)
        let ring = EventRing(capacity: max(self.historySize, Self.leastDeliveryWindow), maxBytes: Self.maxRingBytes)
        state = Lock(BusState(ring: ring, keepsHistory: self.historySize > 0))
    }

    // MARK: - Publishing

    /// Publishes an event: to the log if it is durable, then to all subscribers.
    ///
    /// Costs one write to the log's file for a durable event, and well under a microsecond for any other. It waits 100 ms
    /// at most, unless its own system call hangs: a log that fails costs a warning, never the event's delivery. With
    /// ``Durability/always`` that is the time that the disk has; on Swift's cooperative threads use
    /// ``publishDurably(_:)``. After ``close()`` the event reaches nobody.
    ///
    /// - Returns: What became of it in the log.
    @discardableResult
    public func publish(_ event: Event) -> EventReceipt {
        guard let log, log.config.isEnabled, log.config.isDurable(event.kind) else {
            insertAndWake(CollectionOfOne(event))
            return .notLogged
        }
        let events = [event]
        return log.publish(events, delivering: events, to: self).receipt(at: 0)
    }

    /// Publishes events one behind the other: nothing that others publish comes in between, in the log or in delivery.
    ///
    /// Costs one write to the log's file for all of them, and one wake-up for every waiting subscriber.
    ///
    /// - Returns: A receipt for each event, in their order.
    @discardableResult
    public func publish(contentsOf events: [Event]) -> [EventReceipt] {
        let durable = durable(events)
        var receipts = [EventReceipt](repeating: .notLogged, count: events.count)
        guard let log, !durable.isEmpty else {
            insertAndWake(events)
            return receipts
        }
        let outcome = log.publish(durable.map { events[$0] }, delivering: events, to: self)
        for (position, index) in durable.enumerated() { receipts[index] = outcome.receipt(at: position) }
        return receipts
    }

    /// Publishes events one behind the other and returns when the durable ones are on the disk, safe from a power cut,
    /// whatever the log's ``Durability``. Those who do so at the same time share one synchronization.
    ///
    /// This is what code on Swift's cooperative threads uses to be sure: it holds no thread, and the log writes on a thread
    /// of its own. If the task is cancelled, it stops waiting; what it has published stays published.
    ///
    /// - Throws: ``EventLogError`` if they are not known to be on the disk, or the task was cancelled. They are delivered
    ///   all the same, and are in the log, or wait in memory to be written, or are lost to it.
    public func publishDurably(_ events: Event...) async throws(EventLogError) {
        try await publishDurably(contentsOf: events)
    }

    /// Publishes a batch and returns when its durable events are on the disk; otherwise like ``publishDurably(_:)``.
    public func publishDurably(contentsOf events: [Event]) async throws(EventLogError) {
        let durable = durable(events)
        guard let log, !durable.isEmpty else { return insertAndWake(events) }
        try await log.publishDurably(durable.map { events[$0] }, delivering: events, to: self)
    }

    /// Where the events are that belong into the log.
    private func durable(_ events: [Event]) -> [Int] {
        guard let log, log.config.isEnabled else { return [] }
        return events.indices.filter { log.config.isDurable(events[$0].kind) }
    }

    package func insert(_ events: [Event]) -> [CheckedContinuation<Void, Never>] {
        state.withLock { $0.insert(events) }
    }

    private func insertAndWake(_ events: some Collection<Event> & Sendable) {
        for sleeper in state.withLock({ $0.insert(events) }) { sleeper.resume() }
    }

    /// Ends all subscriptions after what is in the ring, then synchronizes and closes the log. What is published from
    /// now on reaches nobody; what is published at the same time by somebody else may still reach the log.
    public func close() {
        log?.deliver()
        for sleeper in state.withLock({ $0.close() }) { sleeper.resume() }
        log?.flushAndClose()
    }

    // MARK: - Subscribing

    /// Everything that is published from now on and passes the filters.
    ///
    /// - Parameters:
    ///   - kinds: The kinds to see; all if you don't say.
    ///   - tasks: The tasks to see, as source or target; all events, also those without a task, if you don't say.
    public func subscribe(to kinds: Set<EventKind> = [], tasks: Set<TaskID> = []) -> Subscription {
        Subscription(identifier: state.withLock { $0.addReader(kinds: kinds, tasks: tasks) }, bus: self)
    }

    /// How many subscriptions there are.
    public var subscriberCount: Int {
        state.withLock { $0.readerCount }
    }

    /// How many readers have seen all there is and sleep.
    var sleeperCount: Int {
        state.withLock { $0.sleeperCount }
    }

    func unsubscribe(_ identifier: UInt64) {
        for sleeper in state.withLock({ $0.removeReader(identifier) }) { sleeper.resume() }
    }

    /// The next thing to tell a subscriber, moving its cursor past it.
    func take(for identifier: UInt64) -> Subscription.Attempt {
        while true {
            let attempt: Subscription.Attempt? = state.withLock { $0.take(for: identifier) }
            if let attempt { return attempt }
        }
    }

    /// Suspends until there is something new for the subscriber, the bus is closed, or the task is cancelled.
    func sleep(_ identifier: UInt64) async {
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let sleeps = state.withLock { $0.sleep(identifier, continuation) }
                if !sleeps { continuation.resume() } else if Task.isCancelled { endSleep(of: identifier) }
            }
        } onCancel: {
            endSleep(of: identifier)
        }
    }

    private func endSleep(of identifier: UInt64) {
        for sleeper in state.withLock({ $0.endSleep(of: identifier) }) { sleeper.resume() }
    }

    // MARK: - History

    /// The latest events, oldest first: at most `limit`, at most as many as the history holds.
    public func recentEvents(limit: Int = .max) -> [Event] {
        state.withLock { state in
            let count = min(UInt64(clamping: limit), UInt64(historySize), state.ring.end - state.ring.oldest)
            return (state.ring.end - count..<state.ring.end).compactMap { state.ring[$0] }
        }
    }

    /// The latest events that pass all filters, oldest first.
    ///
    /// - Parameters:
    ///   - kinds: Any of these kinds; all if `nil`.
    ///   - task: This task as source or target; any, or none, if `nil`.
    ///   - since: Not earlier than this.
    ///   - limit: At most this many, the latest ones.
    public func history(
        kinds: Set<EventKind>? = nil,
        task: TaskID? = nil,
        since: Timestamp? = nil,
        limit: Int = .max
    ) -> [Event] {
        let filter = EventFilter(
            kinds: kinds.map { [KindPattern($0)] } ?? [],
            tasks: task.map { [$0] } ?? [],
            since: since
        )
        return recentEvents().filter(filter.matches).suffix(max(0, limit))
    }

    /// How many events of each kind have been published since the bus was made, ephemeral ones included.
    ///
    /// Unaffected by the bounds of the history. Takes memory for every distinct custom name that is published.
    public var counts: [EventKind: Int] {
        state.withLock { $0.counts }
    }
}

extension EventLog.Outcome {
    fileprivate func receipt(at position: Int) -> EventReceipt {
        if position < written { return .written }
        return position < written + buffered ? .buffered : .lost
    }
}
