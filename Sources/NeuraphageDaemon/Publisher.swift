// The way of all events into the daemon: through the bus, on one thread of their own, because a write to the log may
// block. Here is counted what became of them, and here a log that fails and one that works again are noticed.
//
// Streams get what isn't in the log from here, not by a subscription to the bus: one that is busy for a moment would
// miss some, and these events stand nowhere else.

import Logging
import NIOPosix
import NeuraphageEvents

/// Publishes events and keeps the figures.
final class Publisher: Sendable {
    /// What has become of events since the daemon began.
    struct Figures: Sendable {
        /// What has become of the durable ones.
        var log: EventLogStatus
        var notLogged = 0
        var latency = LatencyHistogram()
    }

    let bus: EventBus
    private let log: EventLog
    private let feed: EventFeed
    private let thread = NIOThreadPool(numberOfThreads: 1)
    private let state = Lock((notLogged: 0, latency: LatencyHistogram()))

    init(log: EventLog, feed: EventFeed) {
        self.log = log
        self.feed = feed
        // Nothing in the daemon asks the bus for its history.
        bus = EventBus(log: log, historySize: 0)
        thread.start()
    }

    var figures: Figures {
        let (notLogged, latency) = state.withLock { $0 }
        return Figures(log: log.status, notLogged: notLogged, latency: latency)
    }

    /// Publishes events one behind the other and returns when they are in the log, or lost to it.
    func publish(_ events: [Event]) async throws -> [EventReceipt] {
        guard !events.isEmpty else { return [] }
        return try await thread.runIfActive { self.publishNow(events) }
    }

    /// The same, on the caller's thread.
    @discardableResult
    func publishNow(_ events: [Event]) -> [EventReceipt] {
        let start = MonotonicClock.now
        let receipts = bus.publish(contentsOf: events)
        let duration = Int(clamping: (MonotonicClock.now - start) / 1_000)
        let notLogged = receipts.count { $0 == .notLogged }
        state.withLock { state in
            state.notLogged += notLogged
            if notLogged < receipts.count { state.latency.record(microseconds: duration) }
        }
        forwardUnlogged(events, receipts)
        return receipts
    }

    /// Shows streams what they don't find in the log, or not yet: ephemeral events, and durable ones that wait or are
    /// lost.
    private func forwardUnlogged(_ events: [Event], _ receipts: [EventReceipt]) {
        let unlogged = zip(events, receipts).filter { $0.1 != .written }
        if !unlogged.isEmpty { feed.append(unlogged.map { (event: $0.0, waits: $0.1 == .buffered) }) }
    }

    /// Ends publishing: what was handed in is published, the log is synchronized and closed.
    ///
    /// - Returns: How many events the log could not take, and its reserve could.
    func close() async -> Int {
        try? await thread.shutdownGracefully()
        return bus.closeOrLeave()
    }
}
