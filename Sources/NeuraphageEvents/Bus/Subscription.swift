/// What a subscriber gets: an event, or how many it has missed. Later versions may deliver other things, of which both
/// ``event`` and ``missed`` are `nil`.
public struct Delivery: Hashable, Sendable, CustomStringConvertible {
    private enum Storage: Hashable, Sendable {
        case event(Event)
        case missed(Int)
    }

    private let storage: Storage

    /// The delivery of an event that passed the filters.
    public static func event(_ event: Event) -> Delivery { Delivery(storage: .event(event)) }

    /// The delivery that tells a subscriber how many events it has missed.
    public static func missed(_ count: Int) -> Delivery { Delivery(storage: .missed(count)) }

    /// The event, if this is one.
    public var event: Event? {
        if case .event(let event) = storage { event } else { nil }
    }

    /// How many events the subscriber has missed, if this says so. It was too slow: this many events, whatever the filters
    /// say of them, were published and left the ring before it came to see them. It goes on with the oldest one that is
    /// still there.
    public var missed: Int? {
        if case .missed(let count) = storage { count } else { nil }
    }

    /// The event as its line, or how many were missed.
    public var description: String {
        switch storage {
        case .event(let event): event.description
        case .missed(let count): "missed \(count)"
        }
    }
}

/// A reader of the bus: a cursor into its ring of recent events.
///
/// Iterate it, or ask it. Every subscription sees every matching event once, in the order in which they were published.
/// Tasks that share one subscription share its events. It ends when the bus has been closed and all has been read.
/// Dropping it unsubscribes.
public final class Subscription: AsyncSequence, Sendable {
    /// What ``Subscription/tryNext()`` found.
    public enum Attempt: Hashable, Sendable {
        /// Something to see.
        case delivery(Delivery)
        /// Everything has been seen; there may be more later.
        case nothingNow
        /// Everything has been seen, and there will be no more.
        case closed
    }

    private let identifier: UInt64
    private let bus: EventBus

    init(identifier: UInt64, bus: EventBus) {
        self.identifier = identifier
        self.bus = bus
    }

    deinit {
        bus.unsubscribe(identifier)
    }

    /// The next event, or how many were missed, waiting for one if need be; `nil` when the bus has been closed and all
    /// has been read, or when the task is cancelled while it waits.
    public func next() async -> Delivery? {
        while true {
            switch bus.take(for: identifier) {
            case .delivery(let delivery): return delivery
            case .closed: return nil
            case .nothingNow:
                if Task.isCancelled { return nil }
                await bus.sleep(identifier)
            }
        }
    }

    /// The next event, or how many were missed, without waiting.
    public func tryNext() -> Attempt {
        bus.take(for: identifier)
    }

    /// Iterates over the subscription itself; see ``next()``.
    public struct Iterator: AsyncIteratorProtocol {
        fileprivate let subscription: Subscription

        /// The next event, or how many were missed; see ``Subscription/next()``.
        public mutating func next() async -> Delivery? {
            await subscription.next()
        }
    }

    /// An iterator that takes from this subscription.
    public func makeAsyncIterator() -> Iterator {
        Iterator(subscription: self)
    }
}
