import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A subscription", .apart)
struct SubscriptionTests {
    /// Its ring has 1,024 places.
    private let bus = EventBus()

    private func events(_ count: Int, _ kind: EventKind = .taskStarted) -> [Event] {
        (0..<count).map { Event(kind, from: "a", payload: ["n": .integer($0)]) }
    }

    @Test("that lags is told exactly how many events it missed, and goes on with the oldest that is left")
    func missed() {
        let subscription = bus.subscribe()
        let published = events(1_024 + 300)
        for event in published { bus.publish(event) }
        #expect(subscription.tryNext() == .delivery(.missed(300)))
        #expect(subscription.drain().compactMap(\.event) == Array(published[300...]))
        #expect(subscription.tryNext() == .nothingNow)
        bus.publish(published[0])
        #expect(subscription.drain() == [.event(published[0])])
    }

    @Test("that keeps exactly as far behind as the ring is long misses nothing")
    func barely() {
        let subscription = bus.subscribe()
        let published = events(1_024)
        bus.publish(contentsOf: published)
        #expect(subscription.drain().compactMap(\.event) == published)
    }

    @Test("that lags again and again is told a number each time, and all numbers and events add up")
    func addsUp() {
        var random = SeededGenerator(seed: 3)
        let subscription = bus.subscribe()
        var (published, seen, missed) = (0, 0, 0)
        for _ in 0..<20 {
            let count = Int.random(in: 0...2_000, using: &random)
            bus.publish(contentsOf: events(count))
            published += count
            for _ in 0..<Int.random(in: 0...1_500, using: &random) {
                switch subscription.tryNext() {
                case .delivery(let delivery):
                    if let number = delivery.missed { missed += number } else { seen += 1 }
                case .nothingNow, .closed: break
                }
            }
        }
        for delivery in subscription.drain() {
            if let number = delivery.missed { missed += number } else { seen += 1 }
        }
        #expect(missed > 0)
        #expect(seen + missed == published)
    }

    @Test("with a filter is told how many events it did not see, whatever its filter says of them")
    func missedWithFilter() {
        let subscription = bus.subscribe(to: [.taskFailed])
        for event in events(700) + events(700, .taskFailed) + events(1) { bus.publish(event) }
        #expect(subscription.tryNext() == .delivery(.missed(377)))
        #expect(subscription.drain().count == 700)
    }

    @Test("that waits for what never comes misses nothing of what it didn't want")
    func waitingFilterMissesNothing() async throws {
        let subscription = bus.subscribe(to: [.taskFailed])
        let waiting = subscription.nextInTask()
        try bus.untilWaiting(1)
        for event in events(3_000) { bus.publish(event) }
        #expect(bus.sleeperCount == 1)
        let wanted = Event(.taskFailed, from: "a")
        bus.publish(wanted)
        #expect(try await waiting.value == .event(wanted))
    }

    @Test("that waits is told what it missed in a batch that is longer than the ring")
    func batchBeyondRing() async throws {
        let subscription = bus.subscribe()
        let waiting = subscription.nextInTask()
        try bus.untilWaiting(1)
        bus.publish(contentsOf: events(2_000))
        #expect(try await waiting.value == .missed(976))
        #expect(subscription.drain().count == 1_024)
    }

    @Test("wakes for an event that is published while it waits")
    func wakes() async throws {
        let subscriptions = (0..<4).map { _ in bus.subscribe() }
        let waiting = subscriptions.map { $0.nextInTask() }
        try bus.untilWaiting(4)
        let event = Event(.taskStarted, from: "a")
        bus.publish(event)
        for task in waiting { #expect(try await task.value == .event(event)) }
        #expect(bus.sleeperCount == 0)
    }

    @Test("whose task is cancelled while it waits ends with nil and leaves no trace")
    func cancelled() async throws {
        let subscription = bus.subscribe()
        let waiting = subscription.nextInTask()
        try bus.untilWaiting(1)
        waiting.cancel()
        #expect(try await waiting.value == nil)
        #expect(bus.sleeperCount == 0)
        #expect(bus.subscriberCount == 1)
        let event = Event(.taskStarted, from: "a")
        bus.publish(event)
        #expect(try await subscription.nextInTask().value == .event(event))
    }

    @Test("whose task is cancelled before it waits ends with nil, but only when all has been read")
    func cancelledBefore() async throws {
        let event = Event(.taskStarted, from: "a")
        let subscription = bus.subscribe()
        bus.publish(event)
        let deliveries = try await Task {
            withUnsafeCurrentTask { $0?.cancel() }
            return try await within("what is left, and the end") {
                [await subscription.next(), await subscription.next()]
            }
        }
        .value
        #expect(deliveries == [.event(event), nil])
        #expect(bus.sleeperCount == 0)
    }

    @Test("whose task is cancelled at any moment never hangs and never loses an event")
    func cancelledAnytime() async throws {
        let subscription = bus.subscribe()
        let published = events(200)
        var seen: [Event] = []
        for event in published {
            let waiting = subscription.nextInTask()
            let publishing = Task { [bus] in _ = bus.publish(event) }
            waiting.cancel()
            await publishing.value
            if let event = try await waiting.value?.event { seen.append(event) }
        }
        seen += subscription.drain().compactMap(\.event)
        #expect(seen == published)
        #expect(bus.sleeperCount == 0)
    }

    @Test("shared by two tasks hands each event to one of them, and cancelling one leaves the other waiting")
    func shared() async throws {
        let subscription = bus.subscribe()
        let published = events(500)
        let readers = (0..<2).map { _ in Task { try await subscription.collect() } }
        let cancelled = subscription.nextInTask()
        try bus.untilWaiting(3)
        cancelled.cancel()
        #expect(try await cancelled.value == nil)
        try bus.untilWaiting(2)
        for event in published { bus.publish(event) }
        bus.close()
        let first = try await readers[0].value.compactMap(\.event)
        let second = try await readers[1].value.compactMap(\.event)
        #expect(first.count + second.count == 500)
        #expect(Set(first).union(second) == Set(published))
    }

    @Test("ends after what is in the ring when the bus is closed, asleep or awake")
    func close() async throws {
        let behind = bus.subscribe()
        let asleep = bus.subscribe(to: [.taskFailed])
        let waiting = asleep.nextInTask()
        try bus.untilWaiting(1)
        let published = events(3)
        bus.publish(contentsOf: published)
        bus.close()
        #expect(try await waiting.value == nil)
        #expect(try await behind.collect().compactMap(\.event) == published)
        #expect(behind.tryNext() == .closed)
        #expect(try await behind.nextInTask().value == nil)
        bus.publish(published[0])
        #expect(behind.tryNext() == .closed)
        #expect(bus.subscribe().tryNext() == .closed)
        #expect(bus.recentEvents() == published)
        #expect(bus.counts == [.taskStarted: 3])
        bus.close()
    }

    @Test("is iterated as a sequence")
    func sequence() async throws {
        let subscription = bus.subscribe()
        let published = events(3)
        bus.publish(contentsOf: published)
        bus.close()
        var seen: [Event] = []
        try await within("the end of the sequence") {
            for await delivery in subscription { if let event = delivery.event { seen.append(event) } }
        }
        #expect(seen == published)
    }

    @Test("is gone from the bus when it is dropped")
    func dropped() {
        var subscription: Subscription? = bus.subscribe()
        let other = bus.subscribe()
        #expect(bus.subscriberCount == 2)
        subscription = nil
        #expect(bus.subscriberCount == 1)
        bus.taskStarted("a")
        #expect(other.drain().count == 1)
        #expect(subscription == nil)
    }
}
