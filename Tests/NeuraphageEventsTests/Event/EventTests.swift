import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("An event", .apart)
struct EventTests {
    private let noon = Timestamp(microsecondsSinceEpoch: 1_768_132_800_000_000)

    @Test("has a source, a target and details")
    func parts() {
        let event = Event(.syncRelayed, from: "a", to: "b", payload: ["learning": "x"])
        #expect(event.kind == .syncRelayed)
        #expect(event.source == "a")
        #expect(event.target == "b")
        #expect(event.payload.json == #"{"learning":"x"}"#)
    }

    @Test("has neither source nor target nor details unless it is given them")
    func defaults() {
        let event = Event(.mainUpdated)
        #expect(event.source == nil)
        #expect(event.target == nil)
        #expect(event.payload == .empty)
    }

    @Test("takes its id and its time from one look at the clock")
    func mint() {
        let clock = Shared(noon)
        let event = Event(
            .taskStarted,
            generator: EventIDGenerator {
                clock.value = clock.value + .milliseconds(1)
                return clock.value
            }
        )
        #expect(event.timestamp == noon + .milliseconds(1))
        #expect(event.id.description.hasPrefix("019baced-6e01-7"))
    }

    @Test("made without a generator of its own has an id above all before it")
    func sharedGenerator() {
        let events = (0..<100).map { _ in Event(.taskStarted) }
        #expect(events == events.sorted { $0.id < $1.id })
        #expect(Set(events).count == 100)
    }

    @Test("equals another if all six parts do, and no sooner")
    func equality() {
        func event(
            id: EventID = "1",
            _ kind: EventKind = .taskStarted,
            from source: TaskID? = "a",
            to target: TaskID? = "b",
            payload: Payload = ["n": 1],
            timestamp: Timestamp? = nil
        ) -> Event {
            Event(id: id, kind, from: source, to: target, payload: payload, timestamp: timestamp ?? noon)
        }
        #expect(event() == event())
        #expect(event().hashValue == event().hashValue)
        let others = [
            event(id: "2"), event(.taskFailed), event(from: nil), event(from: "b"), event(to: nil), event(to: "a"),
            event(payload: ["n": 2]), event(payload: .empty), event(timestamp: noon + .microseconds(1)),
        ]
        for other in others { #expect(event() != other, "\(other)") }
    }
}
