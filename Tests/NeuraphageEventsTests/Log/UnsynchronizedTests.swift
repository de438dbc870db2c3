import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("What may not be on the disk", .apart)
struct UnsynchronizedTests {
    private static let line = Array("0123456789\n".utf8)

    @Test("is kept up to a limit: the oldest lines go first, and as a whole")
    func limit() {
        var kept = Unsynchronized(limit: 25)
        for _ in 0..<2 { kept.keep(Self.line) }
        #expect(kept.lines == Self.line + Self.line)
        #expect(kept.isMuch)
        kept.keep(Array("abc\n".utf8))
        #expect(kept.lines == Self.line + Array("abc\n".utf8))
        kept.keep([UInt8](repeating: 0x78, count: 40) + [0x0a])
        #expect(kept.lines.isEmpty)
    }

    @Test("is forgotten up to where it was synchronized, also if old lines have gone meanwhile")
    func forgetting() {
        var kept = Unsynchronized(limit: 25)
        kept.keep(Self.line)
        let batch = kept.take(and: nil)
        kept.keep(Array("abc\n".utf8))
        kept.forget(batch)
        #expect(kept.lines == Array("abc\n".utf8))
        let second = kept.take(and: nil)
        for _ in 0..<3 { kept.keep(Self.line) }
        kept.forget(second)
        #expect(kept.lines == Self.line + Self.line)
    }

    @Test("makes the log try again at longer and longer intervals, because each attempt may end a file")
    func backoff() throws {
        let directory = try TemporaryDirectory()
        var config = EventLogConfig(dataDirectory: directory.path)
        config.durability = .always
        var timing = LogWriter.Timing()
        timing.retry = 1_000_000_000
        timing.longestRetry = 6_000_000_000
        let file = ActiveSegment(path: config.path, fileSystem: RealFileSystem())
        var state = LogWriterState(config, file, timing)
        let error = EventLogError(.writeFailed, path: config.path, because: "")
        for seconds in [2, 4, 6, 6] as [UInt64] {
            let before = MonotonicClock.now
            let batch = state.everythingUnsynchronized()
            state.finish(batch, error)
            let after = MonotonicClock.now
            #expect((before + seconds * 1_000_000_000...after + seconds * 1_000_000_000).contains(state.nextAttempt))
        }
    }
}
