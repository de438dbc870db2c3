import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("An event's id", .apart)
struct EventIDTests {
    private static let frozen = Timestamp(microsecondsSinceEpoch: 1_768_145_400_123_456)

    private func rises(_ ids: [EventID]) -> Bool {
        zip(ids, ids.dropFirst()).allSatisfy { $0 < $1 && $0.description < $1.description }
    }

    @Test("is a UUID of version 7 that begins with its millisecond")
    func form() throws {
        let (id, timestamp) = EventIDGenerator { Self.frozen }.mint()
        let text = id.description
        #expect(timestamp == Self.frozen)
        #expect(text.wholeMatch(of: /[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}/) != nil)
        let milliseconds = UInt64(text.prefix(13).filter { $0 != "-" }, radix: 16)
        #expect(milliseconds == 1_768_145_400_123)
    }

    @Test("rises strictly over 100,000 ids in one millisecond")
    func frozenClock() {
        let generator = EventIDGenerator { Self.frozen }
        #expect(rises((0..<100_000).map { _ in generator.mint().id }))
    }

    @Test("rises strictly while the clock steps back, and the time says what the clock says")
    func clockStepsBack() {
        let clock = Shared(Self.frozen)
        let generator = EventIDGenerator { clock.value }
        var ids: [EventID] = []
        for step in 0..<1_000 {
            clock.value = Self.frozen - .milliseconds(step * 7)
            let (id, timestamp) = generator.mint()
            ids.append(id)
            #expect(timestamp == clock.value)
        }
        clock.value = Self.frozen + .milliseconds(1)
        ids.append(generator.mint().id)
        #expect(rises(ids))
    }

    @Test("is minted for clocks before 1970 and at the end of time as well")
    func extremeClocks() {
        for moment in [Timestamp.earliest, .latest, Timestamp(microsecondsSinceEpoch: 0)] {
            let generator = EventIDGenerator { moment }
            #expect(rises((0..<100).map { _ in generator.mint().id }), "\(moment)")
        }
    }

    @Test("is given to nobody else: 8 threads at once, each seeing its own ids rise")
    func threads() throws {
        let generator = EventIDGenerator { Self.frozen }
        let minted = try onThreads(8) { _ in (0..<5_000).map { _ in generator.mint().id } }
        #expect(Set(minted.joined()).count == 40_000)
        for ids in minted { #expect(rises(ids)) }
    }

    @Test("differs between two generators in the same millisecond")
    func twoGenerators() {
        let first = EventIDGenerator { Self.frozen }.mint().id
        #expect(first != EventIDGenerator { Self.frozen }.mint().id)
    }

    @Test(
        "that another program made keeps its exact text",
        arguments: [
            "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f", "019432A1-7C3E-7B10-8F00-3F2A9C4D5E6F", "eg-evt-0123456789", "1",
            "",
            "019432a17c3e7b108f003f2a9c4d5e6f", "00000000-0000-0000-0000-000000000000", "a \"quoted\" id\n\u{1f600}",
            "ffffffff-ffff-ffff-ffff-ffffffffffff", "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6g",
            "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f ", "019432a1-7c3e-7b10-8f00_3f2a9c4d5e6f",
        ]
    )
    func foreignText(text: String) throws {
        #expect(EventID(text).description == text)
        #expect(EventID(text) == EventID(text))
        let event = Event(id: EventID(text), .taskStarted, timestamp: Self.frozen)
        #expect(try Event(line: event.description).id.description == text)
    }

    @Test("is ordered as its text is")
    func order() {
        let texts = [
            "", "00000000-0000-0000-0000-000000000000", "019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f", "eg-evt-1",
            "019432a1-7c3e-7b10-8f00-3f2a9c4d5e70", "ffffffff-ffff-ffff-ffff-ffffffffffff", "zzz",
            "80000000-0000-0000-0000-000000000000", "7fffffff-ffff-ffff-ffff-ffffffffffff",
        ]
        #expect(texts.map { EventID($0) }.sorted().map(\.description) == texts.sorted())
    }
}
