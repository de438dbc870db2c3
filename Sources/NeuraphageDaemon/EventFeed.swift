// What streams are told besides what is in the log: that there is more of it, and the events that only this daemon knows –
// ephemeral ones, and durable ones that wait to be written or are lost. The latter are few, and are kept here until every
// stream has had time to read them; without streams nothing is kept.

import NIOCore
import NeuraphageEvents

/// Tells streams that there is something new, and hands them what is not in the log.
final class EventFeed: Sendable {
    /// What a stream wants of the feed, and what it has had.
    struct Cursor: Sendable {
        let filter: EventFilter
        /// The place of the first event that it has not been told.
        fileprivate(set) var next: UInt64
        /// Where it joined.
        fileprivate let start: UInt64
        fileprivate var heartbeats: Int
    }

    /// What a stream was told.
    struct Reading {
        /// What to send; empty if there is nothing.
        var frames = ByteBuffer()
        /// How many events were dropped before the stream read them.
        var missed = 0
        var isClosed = false
    }

    private struct Slot {
        var event: Event
        var frame: ByteBuffer
    }

    private struct State {
        var slots: [Slot] = []
        /// The place of the first slot.
        var oldest: UInt64 = 0
        var bytes = 0
        var heartbeats = 0
        /// Where the events are that wait to be written to the log.
        var waiting: [EventID: UInt64] = [:]
        /// Changes whenever there is something new, here or in the log.
        var version = 0
        var streams = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var isClosed = false

        var end: UInt64 { oldest + UInt64(slots.count) }
    }

    private static let mostEvents = 4_096
    private static let mostBytes = 8 << 20
    /// How many events may wait to be written, at most, for streams to get them only once.
    private static let mostWaiting = 1 << 16

    private let state = Lock(State())

    // MARK: - Writing

    /// Adds events that are not in the log. Those that wait will be in it later.
    func append(_ events: [(event: Event, waits: Bool)]) {
        change { state in
            guard state.streams > 0 else { return }
            for (event, waits) in events {
                if waits, state.waiting.count < Self.mostWaiting { state.waiting[event.id] = state.end }
                let frame = ServerSentEvent.frame(of: event, hasID: false)
                state.slots.append(Slot(event: event, frame: frame))
                state.bytes += frame.readableBytes
            }
            // Much at a time, because what stays is moved.
            guard state.slots.count > Self.mostEvents || state.bytes > Self.mostBytes else { return }
            let dropped = max(state.slots.count / 2, state.slots.count - Self.mostEvents)
            state.bytes -= state.slots[..<dropped].reduce(0) { $0 + $1.frame.readableBytes }
            state.slots.removeFirst(dropped)
            state.oldest += UInt64(dropped)
        }
    }

    /// Says that the log may have more than it had.
    func logChanged() {
        change { _ in }
    }

    /// Makes every stream send something, so that a client that has gone is noticed.
    func beat() {
        change { $0.heartbeats += 1 }
    }

    /// Ends all streams after what is there.
    func close() {
        change { $0.isClosed = true }
    }

    private func change(_ body: (inout State) -> Void) {
        let woken = state.withLock { state in
            body(&state)
            state.version += 1
            defer { state.waiters.removeAll(keepingCapacity: true) }
            return Array(state.waiters.values)
        }
        for waiter in woken { waiter.resume() }
    }

    // MARK: - Reading

    /// A cursor for what comes from now on.
    func join(filter: EventFilter) -> Cursor {
        state.withLock { state in
            Cursor(filter: filter, next: state.end, start: state.end, heartbeats: state.heartbeats)
        }
    }

    /// What the feed has for a cursor, which is moved behind it.
    func read(_ cursor: inout Cursor) -> Reading {
        let from = cursor
        let (slots, oldest, heartbeats, isClosed) = state.withLock { state in
            let first = Int(max(from.next, state.oldest) - state.oldest)
            return (Array(state.slots[first...]), state.oldest, state.heartbeats, state.isClosed)
        }
        var reading = Reading(isClosed: isClosed)
        if cursor.next < oldest {
            reading.missed = Int(oldest - cursor.next)
            cursor.next = oldest
        }
        cursor.next += UInt64(slots.count)
        for slot in slots where cursor.filter.matches(slot.event) {
            var frame = slot.frame
            reading.frames.writeBuffer(&frame)
        }
        if cursor.heartbeats < heartbeats, reading.frames.readableBytes == 0 {
            reading.frames = ServerSentEvent.comment("")
        }
        cursor.heartbeats = heartbeats
        return reading
    }

    /// Which of the events of the log are here as well because they had to wait, and at which places.
    func takeWaiting(among events: [Event]) -> [EventID: UInt64] {
        state.withLock { state in
            guard !state.waiting.isEmpty else { return [:] }
            var places: [EventID: UInt64] = [:]
            for event in events { places[event.id] = state.waiting.removeValue(forKey: event.id) }
            return places
        }
    }

    /// What to give to ``wait(since:)``, read before looking whether there is something.
    var version: Int { state.withLock { $0.version } }

    /// Suspends until there has been something new since a version, or the task is cancelled.
    func wait(since version: Int) async {
        let identifier = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustNotWait = state.withLock { state in
                    if Task.isCancelled || state.isClosed || state.version != version { return true }
                    state.waiters[identifier] = continuation
                    return false
                }
                if mustNotWait { continuation.resume() }
            }
        } onCancel: {
            state.withLock { $0.waiters.removeValue(forKey: identifier) }?.resume()
        }
    }

    // MARK: - Counting streams

    /// How many streams there are.
    var streamCount: Int { state.withLock { $0.streams } }

    /// Takes one of `most` places for streams, if one is left.
    func takePlace(of most: Int) -> StreamPlace? {
        let isFree = state.withLock { state in
            guard state.streams < most else { return false }
            state.streams += 1
            return true
        }
        return isFree ? StreamPlace(feed: self) : nil
    }

    fileprivate func leavePlace() {
        state.withLock { state in
            state.streams -= 1
            guard state.streams == 0 else { return }
            state.oldest = state.end
            (state.slots, state.bytes, state.waiting) = ([], 0, [:])
        }
    }
}

extension EventFeed.Cursor {
    /// Whether the stream was told an event when it had to wait, or will be: it is at this place of the feed.
    func isTold(at place: UInt64) -> Bool { place >= start }
}

/// One stream's place among those that are allowed. Dropping it frees the place.
final class StreamPlace: Sendable {
    private let feed: EventFeed

    fileprivate init(feed: EventFeed) {
        self.feed = feed
    }

    deinit {
        feed.leavePlace()
    }
}
