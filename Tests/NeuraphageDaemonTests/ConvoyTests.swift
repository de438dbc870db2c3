import TestSupport
import Testing

@testable import NeuraphageDaemon
@testable import NeuraphageEvents

@Suite("Streams on their way through the log", .apart)
struct ConvoyTests {
    private var convoy = Convoy()
    /// The log has two segments.
    private let measure = LogMeasure(sizes: [400, 600])
    private var kept: Set<LogPosition> = []

    /// A position so many bytes from the log's beginning.
    private func at(_ offset: Int64) -> LogPosition {
        offset < 400
            ? LogPosition(segment: 1, offset: offset, mark: 0) : LogPosition(segment: 2, offset: offset - 400, mark: 0)
    }

    private mutating func turn(at now: UInt64 = 0) -> Convoy.Turn {
        let kept = kept
        return convoy.turn(at: now, measure) { position in position.map(kept.contains) ?? false }
    }

    @Test("What is asked for is read in the order in which it was asked for, once for all that ask")
    mutating func order() {
        convoy.ask(1, for: at(500))
        convoy.ask(2, for: at(500))
        #expect(turn() == .read(at(500)))
        convoy.serve(at(500), upTo: at(600), isLast: false, at: 0)
        kept = [at(600)]
        #expect(turn() == .wait(until: .max))
        convoy.ask(2, for: at(600))
        #expect(turn() == .read(at(600)))
    }

    @Test("A stream waits for one that comes after it if they are to read more together than lies between them")
    mutating func worthWaiting() {
        convoy.ask(1, for: at(450))
        convoy.ask(2, for: at(0))
        #expect(turn() == .read(at(0)))
        convoy.serve(at(0), upTo: at(100), isLast: false, at: 0)
        // While the page is sent to the client of the second, and while it asks.
        #expect(turn() == .wait(until: Convoy.patience))
        convoy.ask(2, for: at(100))
        #expect(turn() == .read(at(100)))
        convoy.serve(at(100), upTo: at(450), isLast: false, at: 0)
        #expect(turn() == .read(at(450)))
    }

    @Test("A stream that is near the end waits for no other one, also if that asks first")
    mutating func nearTheEnd() {
        convoy.ask(1, for: at(0))
        convoy.serve(at(0), upTo: at(100), isLast: false, at: 0)
        convoy.ask(2, for: at(990))
        #expect(turn() == .read(at(990)))
        convoy.ask(1, for: at(100))
        convoy.serve(at(990), upTo: at(1_000), isLast: true, at: 0)
        #expect(turn() == .read(at(100)))
    }

    @Test("A page is read ahead as long as those that come after find theirs kept")
    mutating func keptPages() {
        convoy.ask(1, for: at(0))
        convoy.ask(2, for: at(0))
        _ = turn()
        convoy.serve(at(0), upTo: at(100), isLast: false, at: 0)
        convoy.ask(1, for: at(100))
        #expect(turn() == .read(at(100)))
        convoy.serve(at(100), upTo: at(200), isLast: false, at: 0)
        convoy.ask(1, for: at(200))
        kept = [at(100)]
        #expect(turn() == .read(at(200)))
        kept = []
        #expect(turn() == .wait(until: Convoy.patience))
        convoy.move(2, to: at(200), at: 0)
        #expect(turn() == .read(at(200)))
    }

    @Test("A client that doesn't take its page in time, or has gone, holds up no other", arguments: [false, true])
    mutating func patience(leaves: Bool) {
        convoy.ask(1, for: at(300))
        convoy.ask(2, for: at(0))
        convoy.serve(at(0), upTo: at(100), isLast: false, at: 5)
        #expect(turn(at: 5) == .wait(until: 5 + Convoy.patience))
        if leaves { convoy.leave(2) }
        #expect(turn(at: leaves ? 5 : 5 + Convoy.patience) == .read(at(300)))
    }

    @Test("No stream waits for others longer than ten seconds until it has reached the end")
    mutating func mostWaiting() {
        convoy.ask(1, for: at(300))
        var now: UInt64 = 0
        for round in UInt64(0)..<20 {
            // Another one comes each time, and takes its page just in time.
            convoy.ask(2 + round, for: at(0))
            convoy.serve(at(0), upTo: at(100), isLast: false, at: now)
            guard case .wait(let end) = turn(at: now) else { break }
            #expect(end <= Convoy.mostWaiting)
            now = end - 1
        }
        #expect(turn(at: Convoy.mostWaiting) == .read(at(300)))
        convoy.serve(at(300), upTo: at(400), isLast: false, at: Convoy.mostWaiting)
        convoy.ask(1, for: at(400))
        convoy.ask(100, for: at(0))
        #expect(turn(at: Convoy.mostWaiting) == .read(at(400)))
    }

    @Test("What is no longer asked for is not read")
    mutating func abandoned() {
        convoy.ask(1, for: at(300))
        convoy.ask(2, for: at(300))
        convoy.leave(1)
        #expect(turn() == .read(at(300)))
        convoy.leave(2)
        #expect(turn() == .wait(until: .max))
    }
}
