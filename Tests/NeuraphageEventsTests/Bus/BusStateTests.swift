import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("What publishers and subscribers share", .apart)
struct BusStateTests {
    /// A sleeper is a name here.
    private let state = Shared(BusState<String>(ring: EventRing(capacity: 8, maxBytes: 1 << 20)))

    private static let event = Event(.syncRelayed, from: "a", to: "b")

    @Test(
        "wakes exactly the readers that want an event, by its kind and by its tasks",
        arguments: [
            ([], [], true),
            ([.syncRelayed], [], true),
            ([.taskStarted], [], false),
            ([.taskStarted, .syncRelayed], [], true),
            ([.custom("SyncRelayed")], [], false),
            ([], ["a"], true),
            ([], ["b"], true),
            ([], ["c"], false),
            ([], ["a", "b"], true),
            ([.syncRelayed], ["c", "b"], true),
            ([.syncRelayed], ["c"], false),
            ([.taskStarted], ["a"], false),
        ] as [(Set<EventKind>, Set<TaskID>, Bool)]
    )
    func wanting(kinds: Set<EventKind>, tasks: Set<TaskID>, isWoken: Bool) {
        let reader = state.update { $0.addReader(kinds: kinds, tasks: tasks) }
        #expect(state.update { $0.sleep(reader, "reader") })
        #expect(state.update { $0.insert([Self.event]) } == (isWoken ? ["reader"] : []))
        #expect(state.value.sleeperCount == (isWoken ? 0 : 1))
        #expect(state.update { $0.take(for: reader) } == (isWoken ? .delivery(.event(Self.event)) : .nothingNow))
    }

    @Test("looks at no reader that sleeps and wants other events, so that it costs a publisher nothing")
    func index() {
        var sleeping = SleepingReaders()
        for reader in UInt64(0)..<64 {
            sleeping.insert(reader, kinds: [.taskFailed], tasks: reader % 2 == 0 ? [] : ["a"])
        }
        #expect(sleeping.wanting([Self.event]).isEmpty)
        #expect(
            sleeping.wanting([Event(.taskFailed, from: "b")]) == Set((0..<64 as Range<UInt64>).filter { $0 % 2 == 0 })
        )
        #expect(sleeping.wanting([Event(.taskFailed, from: "b", to: "a")]) == Set(0..<64 as Range<UInt64>))
        for reader in UInt64(0)..<64 {
            sleeping.remove(reader, kinds: [.taskFailed], tasks: reader % 2 == 0 ? [] : ["a"])
        }
        #expect(sleeping.isEmpty)
    }

    @Test("does not count what a sleeping reader did not want as missed, however much of it there was")
    func missesNothing() {
        let reader = state.update { $0.addReader(kinds: [.taskFailed], tasks: []) }
        #expect(state.update { $0.sleep(reader, "reader") })
        for _ in 0..<20 { #expect(state.update { $0.insert([Self.event]) }.isEmpty) }
        #expect(state.update { $0.take(for: reader) } == .nothingNow)
        let wanted = Event(.taskFailed, from: "a")
        #expect(state.update { $0.insert([wanted]) } == ["reader"])
        #expect(state.update { $0.take(for: reader) } == .delivery(.event(wanted)))
        #expect(state.update { $0.take(for: reader) } == .nothingNow)
    }

    @Test("does not let a reader sleep that has something to see, or never will have again")
    func sleeping() {
        let reader = state.update { $0.addReader(kinds: [], tasks: []) }
        _ = state.update { $0.insert([Self.event]) }
        #expect(!state.update { $0.sleep(reader, "reader") })
        #expect(state.update { $0.take(for: reader) } == .delivery(.event(Self.event)))
        #expect(state.update { $0.sleep(reader, "first") })
        #expect(state.update { $0.sleep(reader, "second") })
        #expect(state.update { $0.endSleep(of: reader) } == ["first", "second"])
        #expect(state.update { $0.sleep(reader, "reader") })
        #expect(state.update { $0.close() } == ["reader"])
        #expect(!state.update { $0.sleep(reader, "reader") })
        #expect(state.update { $0.take(for: reader) } == .closed)
        #expect(state.update { $0.removeReader(reader) }.isEmpty)
        #expect(!state.update { $0.sleep(reader, "reader") })
    }

    @Test("wakes a reader that is removed")
    func removed() {
        let reader = state.update { $0.addReader(kinds: [.taskFailed], tasks: ["a"]) }
        #expect(state.update { $0.sleep(reader, "reader") })
        #expect(state.update { $0.removeReader(reader) } == ["reader"])
        #expect(state.value.readerCount == 0)
        #expect(state.update { $0.insert([Event(.taskFailed, from: "a")]) }.isEmpty)
    }

    @Test("keeps events without a history only while there are readers, which see what is published from then on")
    func withoutHistory() {
        var state = BusState<String>(ring: EventRing(capacity: 8, maxBytes: 1 << 20), keepsHistory: false)
        let event = Self.event
        _ = state.insert([event, event])
        #expect(state.ring.end == state.ring.oldest)
        let reader = state.addReader(kinds: [], tasks: [])
        _ = state.insert([event])
        #expect(state.ring.end - state.ring.oldest == 1)
        #expect(state.take(for: reader) == .delivery(.event(event)))
        _ = state.insert([event])
        _ = state.removeReader(reader)
        #expect(state.ring.end == state.ring.oldest)
        #expect(state.counts[.syncRelayed] == 4)
    }
}
