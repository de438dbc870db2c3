import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("What may not be on the disk", .apart)
struct SyncLedgerTests {
    private static let line = Array("0123456789\n".utf8)
    private static let failure = EventLogError(.writeFailed, path: "/log", because: "no")

    private let harness = WriterHarness()

    private func ledger(_ durability: Durability = .interval(.milliseconds(10)), in segment: OpenSegment? = nil)
        -> SyncLedger
    {
        var ledger = SyncLedger(durability: durability, limit: 25)
        if let segment { ledger.opened(segment) }
        return ledger
    }

    private func add(_ text: String, to ledger: inout SyncLedger, at now: UInt64 = 1) {
        _ = ledger.add(Array(text.utf8), nil, at: now)
    }

    @Test("is kept up to a limit: the oldest lines go first, and as a whole")
    func limit() {
        var kept = ledger()
        add("0123456789\n0123456789\n", to: &kept)
        #expect(kept.lines == Self.line + Self.line)
        #expect(kept.due == 1, "so much should not wait for the interval")
        add("abc\n", to: &kept)
        #expect(kept.lines == Self.line + Array("abc\n".utf8))
        add(String(repeating: "x", count: 40) + "\n", to: &kept)
        #expect(kept.lines.isEmpty)
    }

    @Test("is forgotten up to where it was synchronized, also if old lines have gone meanwhile")
    func forgetting() {
        var kept = ledger()
        add("0123456789\n", to: &kept)
        let batch = kept.takeBatch()
        add("abc\n", to: &kept)
        _ = kept.synchronized(batch, nil)
        #expect(kept.lines == Array("abc\n".utf8))
        let second = kept.takeBatch()
        for _ in 0..<3 { add("0123456789\n", to: &kept) }
        _ = kept.synchronized(second, nil)
        #expect(kept.lines == Self.line + Self.line)
    }

    @Test(
        "is synchronized when the durability says, or at once if a task waits",
        arguments: [
            (.os, false, .max), (.os, true, 7),
            (.interval(.milliseconds(10)), false, 10_000_007), (.interval(.milliseconds(10)), true, 7),
            (.always, false, 7), (.always, true, 7),
        ] as [(Durability, Bool, UInt64)]
    )
    func due(durability: Durability, hasTask: Bool, due: UInt64) {
        var ledger = ledger(durability, in: harness.segment("log"))
        let refusal = ledger.add(Array("a\n".utf8), hasTask ? WaitingTask() : nil, at: 7)
        #expect(refusal == nil)
        #expect(ledger.due == due)
    }

    @Test("is not promised again once a synchronization has failed, until the next segment repeats it")
    func failure() {
        let (log, next) = (harness.segment("log"), harness.segment("next"))
        var ledger = ledger(in: log)
        add("a\n", to: &ledger)
        _ = ledger.synchronized(ledger.takeBatch(), Self.failure)
        #expect(ledger.seam != nil)
        #expect(ledger.due == .max)
        #expect(ledger.lines == Array("a\n".utf8))
        let refusal = ledger.add(Array("b\n".utf8), WaitingTask(), at: 2)
        #expect(refusal == Self.failure)
        let released = ledger.landed(.init(isSynchronized: true, hadSeam: true, segment: next))
        #expect(released.allSatisfy { $0 === log })
        #expect(ledger.seam == nil)
        let (content, _) = ledger.synchronizedCurrent()
        #expect(content.isEmpty)
        #expect(ledger.lines.isEmpty)
        #expect(ledger.due == .max)
    }

    @Test("is every segment that was written to, and for a flush the open one, though nothing of it is known")
    func segments() {
        let (first, second) = (harness.segment("first"), harness.segment("second"))
        var ledger = ledger(in: first)
        add("a\n", to: &ledger)
        _ = ledger.landed(.init(segment: second))
        add("b\n", to: &ledger)
        #expect(ledger.takeBatch().segments.map(ObjectIdentifier.init) == [first, second].map(ObjectIdentifier.init))
        #expect(ledger.takeBatch().segments.isEmpty)
    }

    private func names(_ segments: [OpenSegment], of known: [OpenSegment]) -> [Int?] {
        segments.map { segment in known.firstIndex { $0 === segment } }
    }

    @Test("is for a flush also what is being synchronized, which may fail")
    func underWay() {
        let segments = [harness.segment("first"), harness.segment("second")]
        var ledger = ledger(in: segments[0])
        add("a\n", to: &ledger)
        let first = ledger.takeBatch()
        _ = ledger.landed(.init(segment: segments[1]))
        let flush = ledger.takeBatch(forFlush: true)
        #expect(names(flush.segments, of: segments) == [0, 1])
        _ = ledger.synchronized(first, nil)
        #expect(names(ledger.takeBatch(forFlush: true).segments, of: segments) == [0, 1])
        _ = ledger.synchronized(flush, nil)
    }

    @Test("is with os what another process has ended, at once; if that fails, the next flush says so, once")
    func endedByAnother() {
        let segments = [harness.segment("first"), harness.segment("second"), harness.segment("third")]
        var ledger = ledger(.os, in: segments[0])
        add("a\n", to: &ledger)
        #expect(ledger.due == .max)
        _ = ledger.landed(.init(segment: segments[1]))
        add("b\n", to: &ledger, at: 5)
        #expect(ledger.due == 5)
        let batch = ledger.takeBatch()
        #expect(names(batch.segments, of: segments) == [0, 1] && batch.failure == nil)
        add("c\n", to: &ledger, at: 6)
        _ = ledger.synchronized(batch, Self.failure)
        _ = ledger.landed(.init(hadSeam: true, segment: segments[2]))
        let flush = ledger.takeBatch(forFlush: true)
        #expect(names(flush.segments, of: segments) == [2] && flush.failure == Self.failure)
        #expect(ledger.takeBatch(forFlush: true).failure == nil)
    }
}
