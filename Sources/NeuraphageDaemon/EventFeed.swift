// What all streams read: one ring that the follower of the log and this daemon's ephemeral events write to. A stream is
// a cursor into it, so a hundred streams cost what one costs, and one that is slow holds nobody up.
//
// A logged event in the ring carries its place in the log. So a stream that comes from somewhere else in the log – it
// resumed, or fell so far behind that the ring has forgotten what it wanted – reads the log up to its end and then goes
// on in the ring, passing over what it has read already: no gap, and nothing twice.

import NIOCore
import NeuraphageEvents

/// The latest things that streams are told, bounded in number and bytes.
final class EventFeed: Sendable {
    /// Where a stream is, and what it wants to see.
    struct Cursor: Sendable {
        var filter: EventFilter
        /// Up to where it has seen the log; `nil` if there was none yet.
        var position: LogPosition?
        fileprivate(set) var next: UInt64
        /// Where it joined.
        fileprivate let start: UInt64
        fileprivate var ephemeralSeen: Int
    }

    enum Reading {
        /// What to send: one thing or several, in one piece.
        case frames(ByteBuffer)
        /// The ring has forgotten what came next: go on reading the log. Of ephemeral events so many are lost.
        case behind(missedEphemeral: Int)
        case nothingNow
        case closed
    }

    private struct Slot {
        var item: FeedItem
        /// How many ephemeral events came before it, ever.
        var ephemeralBefore: Int
        /// Where the ring had it when it was still waiting to be written to the log.
        var waitedAt: UInt64?
    }

    private struct State {
        var slots: [Slot?] = Array(repeating: nil, count: EventFeed.capacity)
        var oldest: UInt64 = 0
        var end: UInt64 = 0
        var bytes = 0
        var ephemeral = 0
        /// Where the events are that wait to be written to the log.
        var waiting: [EventID: UInt64] = [:]
        var position: LogPosition?
        var streams = 0
        var nextWaiter: UInt64 = 0
        var waiters: [UInt64: CheckedContinuation<Void, Never>] = [:]
        var isClosed = false
    }

    private static let capacity = 4_096
    private static let mostBytes = 8 << 20
    /// How many events may wait to be written, at most, for streams to get them only once.
    private static let mostWaiting = 1 << 16
    /// How many things are looked at, at most, while writers wait.
    private static let stride: UInt64 = 64

    private let state = Lock(State())

    // MARK: - Writing

    /// Adds things and wakes the streams. `position` is up to where the log has been read now.
    func append(_ items: [FeedItem], position: LogPosition? = nil) {
        let woken = state.withLock { state in
            if let position { state.position = position }
            for item in items { Self.append(item, &state) }
            return items.isEmpty ? [] : Self.takeWaiters(&state)
        }
        for waiter in woken { waiter.resume() }
    }

    private static func append(_ item: FeedItem, _ state: inout State) {
        let size = item.frame.readableBytes + 512  // 512: about what the event beside it takes
        while state.end > state.oldest,
            state.end - state.oldest == UInt64(capacity) || state.bytes + size > mostBytes
        {
            let index = Int(state.oldest % UInt64(capacity))
            state.bytes -= state.slots[index].map { $0.item.frame.readableBytes + 512 } ?? 0
            state.slots[index] = nil
            state.oldest += 1
        }
        var slot = Slot(item: item, ephemeralBefore: state.ephemeral)
        if case .logged(let event, _) = item.content, !state.waiting.isEmpty {
            slot.waitedAt = state.waiting.removeValue(forKey: event.id)
        }
        state.slots[Int(state.end % UInt64(capacity))] = slot
        if case .ephemeral(let event, true) = item.content, state.waiting.count < mostWaiting {
            state.waiting[event.id] = state.end
        }
        state.end += 1
        state.bytes += size
        if case .ephemeral = item.content { state.ephemeral += 1 }
    }

    private static func takeWaiters(_ state: inout State) -> [CheckedContinuation<Void, Never>] {
        defer { state.waiters.removeAll(keepingCapacity: true) }
        return Array(state.waiters.values)
    }

    /// Ends all streams after what is in the ring.
    func close() {
        let woken = state.withLock { state in
            state.isClosed = true
            return Self.takeWaiters(&state)
        }
        for waiter in woken { waiter.resume() }
    }

    // MARK: - Reading

    /// A cursor for what comes from now on.
    func join(filter: EventFilter) -> Cursor {
        state.withLock { state in
            Cursor(
                filter: filter,
                position: state.position,
                next: state.end,
                start: state.end,
                ephemeralSeen: state.ephemeral
            )
        }
    }

    /// What comes next, moving the cursor behind it.
    func read(_ cursor: inout Cursor) -> Reading {
        while true {
            let from = cursor
            let (slots, oldest, isClosed) = state.withLock { state in
                let start = max(from.next, state.oldest)
                let slots = (start..<min(state.end, start + Self.stride)).compactMap {
                    state.slots[Int($0 % UInt64(Self.capacity))]
                }
                return (slots, state.oldest, state.isClosed)
            }
            if cursor.next < oldest {
                // A full ring that has dropped something is not empty.
                let ephemeralBefore = slots.first?.ephemeralBefore ?? cursor.ephemeralSeen
                let missed = ephemeralBefore - cursor.ephemeralSeen
                cursor.next = oldest
                cursor.ephemeralSeen = ephemeralBefore
                return .behind(missedEphemeral: missed)
            }
            if slots.isEmpty { return isClosed ? .closed : .nothingNow }
            cursor.next += UInt64(slots.count)
            var frames = ByteBuffer()
            for slot in slots {
                guard var frame = Self.frame(slot, &cursor) else { continue }
                // The first is shared with other streams; only if there are more is it worth a copy.
                if frames.readableBytes == 0 { frames = frame } else { frames.writeBuffer(&frame) }
            }
            if frames.readableBytes > 0 { return .frames(frames) }
        }
    }

    /// What a stream gets of one thing, if anything.
    private static func frame(_ slot: Slot, _ cursor: inout Cursor) -> ByteBuffer? {
        switch slot.item.content {
        case .logged(let event, let position):
            if let seen = cursor.position, !position.isBehind(seen) { return nil }
            cursor.position = position
            if let waitedAt = slot.waitedAt, waitedAt >= cursor.start { return nil }
            return cursor.filter.matches(event) ? slot.item.frame : nil
        case .ephemeral(let event, _):
            cursor.ephemeralSeen = slot.ephemeralBefore + 1
            return cursor.filter.matches(event) ? slot.item.frame : nil
        case .gap(let position):
            if let position { cursor.position = position }
            return slot.item.frame
        case .heartbeat:
            return slot.item.frame
        }
    }

    /// Suspends until there is something behind the cursor, the feed is closed, or the task is cancelled.
    func wait(for cursor: Cursor) async {
        let identifier = state.withLock { state in
            state.nextWaiter += 1
            return state.nextWaiter
        }
        await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                let mustNotWait = state.withLock { state in
                    if Task.isCancelled || state.isClosed || state.end != cursor.next { return true }
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
        state.withLock { $0.streams -= 1 }
    }
}

extension LogPosition {
    /// Whether it comes after another place in the log. A file that was put in place of another one has its number.
    fileprivate func isBehind(_ other: LogPosition) -> Bool {
        file == other.file ? offset > other.offset : number >= other.number
    }
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
