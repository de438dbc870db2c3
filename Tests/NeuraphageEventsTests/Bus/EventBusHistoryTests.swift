import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The bus's memory", .apart)
struct EventBusHistoryTests {
    @Test("answers by task, by kind and by time")
    func queries() {
        let bus = EventBus(historySize: 100)
        for task in ["task-1", "task-2", "task-3"].map(TaskID.init(asWritten:)) {
            bus.taskStarted(task)
            bus.fileModified(task, path: "x")
            bus.taskCompleted(task, summary: "done")
        }
        bus.rebaseRequired("task-1", commitsBehind: 1)
        #expect(bus.recentEvents(limit: 100).count == 10)
        #expect(bus.history(task: "task-1").count == 4)
        #expect(bus.history(kinds: [.taskCompleted]).count == 3)
        #expect(bus.history(kinds: [.taskCompleted], task: "task-2").map(\.source) == ["task-2"])
        #expect(bus.history(kinds: []).isEmpty)
        let late = Event(id: "late", .taskStarted, timestamp: .latest)
        bus.publish(late)
        #expect(bus.history(since: .latest) == [late])
        #expect(bus.history(limit: 2).map(\.kind) == [.rebaseRequired, .taskStarted])
        #expect(bus.history(limit: 0).isEmpty)
        #expect(bus.history(limit: -1).isEmpty)
    }

    @Test("gives the latest events, oldest first")
    func recent() {
        let bus = EventBus(historySize: 10)
        let events = (0..<5).map { Event(.custom("event"), payload: ["n": .integer($0)]) }
        for event in events { bus.publish(event) }
        #expect(bus.recentEvents(limit: 3) == Array(events[2...]))
        #expect(bus.recentEvents() == events)
        #expect(bus.recentEvents(limit: 0).isEmpty)
        #expect(bus.recentEvents(limit: -1).isEmpty)
    }

    @Test("of five holds the last five of ten")
    func limit() {
        let bus = EventBus(historySize: 5)
        let events = (0..<10).map { Event(.custom("event"), payload: ["n": .integer($0)]) }
        for event in events { bus.publish(event) }
        #expect(bus.recentEvents() == Array(events[5...]))
        #expect(bus.history(kinds: [.custom("event")]) == Array(events[5...]))
    }

    @Test("may be switched off without harm to subscribers", arguments: [0, -1])
    func noHistory(size: Int) {
        let bus = EventBus(historySize: size)
        let subscription = bus.subscribe()
        let event = Event(.taskStarted, from: "a")
        bus.publish(event)
        #expect(bus.recentEvents().isEmpty)
        #expect(subscription.drain() == [.event(event)])
    }

    @Test("counts every kind from the beginning, ephemeral ones too, whatever has left the history")
    func counts() throws {
        let bus = EventBus(historySize: 10)
        _ = try onThreads(10) { thread in
            for _ in 0..<100 { bus.publish(Event(.custom(CustomName(asWritten: "event-\(thread)")))) }
            bus.publish(contentsOf: [Event(.taskStarted), Event(.fileModified), Event(.fileModified)])
        }
        var expected: [EventKind: Int] = [.taskStarted: 10, .fileModified: 20]
        for thread in 0..<10 { expected[.custom(CustomName(asWritten: "event-\(thread)"))] = 100 }
        #expect(bus.counts == expected)
        #expect(bus.recentEvents().count == 10)
    }
}

@Suite("The ring", .apart)
struct EventRingTests {
    private func event(_ number: Int, bytes: Int = 0) -> Event {
        Event(
            .custom("event"),
            payload: ["n": .integer(number), "filler": .string(String(repeating: "x", count: bytes))]
        )
    }

    @Test("holds the latest events up to its capacity and knows what left")
    func capacity() {
        var ring = EventRing(capacity: 4, maxBytes: .max)
        #expect(ring.oldest == 0 && ring.end == 0)
        let events = (0..<11).map { event($0) }
        for (index, event) in events.enumerated() {
            ring.append(event)
            #expect(ring.end == UInt64(index + 1))
            #expect(ring.oldest == UInt64(max(0, index - 3)))
        }
        for position in UInt64(0)..<7 { #expect(ring[position] == nil) }
        for position in UInt64(7)..<11 { #expect(ring[position] == events[Int(position)]) }
        #expect(ring[11] == nil)
    }

    @Test("lets the oldest events go when they take too many bytes, and always holds the latest")
    func bytes() {
        var ring = EventRing(capacity: 100, maxBytes: 10_000)
        for number in 0..<50 { ring.append(event(number, bytes: 1_000)) }
        #expect((5...9).contains(ring.end - ring.oldest))
        let large = event(50, bytes: 50_000)
        ring.append(large)
        #expect(ring.end - ring.oldest == 1)
        #expect(ring[50] == large)
        let small = event(51)
        ring.append(small)
        #expect(ring.end - ring.oldest == 1)
        #expect(ring[51] == small)
        for number in 52..<60 { ring.append(event(number, bytes: 100)) }
        #expect(ring.end - ring.oldest == 9)
    }
}
