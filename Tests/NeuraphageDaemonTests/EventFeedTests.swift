import NIOCore
import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("The feed of all streams", .apart)
struct EventFeedTests {
    private let feed = EventFeed()

    private static func logged(_ number: Int) throws -> FeedItem {
        .logged(event(number), upTo: try position(number, in: "/", number: 1))
    }

    private static func event(_ number: Int) -> Event {
        Event(id: EventID("e-\(number)"), .taskStarted, timestamp: .now)
    }

    /// The place behind an event, in a file that is known by its directory.
    private static func position(_ event: Int, in directory: String, number: Int) throws -> LogPosition {
        let file = try RealFileSystem().status(at: directory, followingLinks: true).identity
        return LogPosition(file: file, offset: Int64(event + 1) * 100, number: number)
    }

    private func read(_ cursor: inout EventFeed.Cursor) -> [String] {
        var frames: [String] = []
        while case .frames(let more) = feed.read(&cursor) {
            frames += String(buffer: more).split(separator: "\n\n").map(String.init)
        }
        return frames
    }

    @Test("What a cursor has read in the log already is passed over, whatever its filter")
    func passesOver() throws {
        var cursor = feed.join(filter: EventFilter())
        var narrow = feed.join(filter: EventFilter(tasks: ["t"]))
        feed.append(try (0..<10).map(Self.logged))
        if case .logged(_, let position) = try Self.logged(6).content {
            cursor.position = position
            narrow.position = position
        }
        #expect(read(&cursor).map { $0.prefix(7) } == ["id: e-7", "id: e-8", "id: e-9"])
        #expect(read(&narrow).isEmpty)
    }

    @Test("A cursor that the ring has left behind is sent to the log, and told how many ephemeral events are lost")
    func leftBehind() throws {
        var cursor = feed.join(filter: EventFilter())
        feed.append([.ephemeral(Event(.fileModified)), .ephemeral(Event(.fileModified))])
        feed.append(try (0..<5_000).map(Self.logged))
        guard case .behind(let missed) = feed.read(&cursor) else {
            Issue.record("the cursor is not behind")
            return
        }
        #expect(missed == 2)
        // From here on the ring still has everything.
        #expect(read(&cursor).count == 4_096)
    }

    @Test("An event that had to wait for the log is shown at once, and not again to those who saw it then")
    func waited() throws {
        let event = Event(id: EventID("e-0"), .taskStarted, timestamp: .now)
        var early = feed.join(filter: EventFilter())
        feed.append([.ephemeral(event, waits: true)])
        var late = feed.join(filter: EventFilter())
        feed.append(try (0..<2).map(Self.logged))
        #expect(read(&early).map { $0.contains("id: e-0\n") } == [false, false])
        #expect(read(&late).map { $0.prefix(7) } == ["id: e-0", "id: e-1"])
    }

    @Test("A cursor that has read on in a later file passes over what the ring still has of earlier ones")
    func severalFiles() throws {
        let files = [("/", 1), ("/tmp", 2), ("/dev", 3)]
        var cursors = (0..<4).map { _ in feed.join(filter: EventFilter()) }
        for (file, (directory, number)) in files.enumerated() {
            let position = try Self.position(1, in: directory, number: number)
            cursors[file].position = position
            for event in 0..<3 {
                let end = try Self.position(event, in: directory, number: number)
                feed.append([.logged(Self.event(file * 3 + event), upTo: end)])
            }
        }
        // Another file was put in place of the third.
        feed.append([.logged(Self.event(9), upTo: try Self.position(0, in: "/proc", number: 3))])
        let seen = cursors.indices.map { read(&cursors[$0]).map { $0.prefix { $0 != "\n" } } }
        #expect(seen == [2, 5, 8, 0].map { first in (first...9).map { "id: e-\($0)" } })
    }

    @Test("A log that was cut begins anew for every cursor")
    func logWasCut() throws {
        var cursor = feed.join(filter: EventFilter())
        let beginning = try Self.position(-1, in: "/", number: 1)
        feed.append(try (0..<3).map(Self.logged) + [.gap("cut", continuedFrom: beginning)] + (0..<1).map(Self.logged))
        let beginnings = read(&cursor).map { $0.prefix(while: { $0 != "\n" }) }
        #expect(beginnings == ["id: e-0", "id: e-1", "id: e-2", "event: gap", "id: e-0"])
    }

    @Test("A closed feed ends after what is in it")
    func closed() async throws {
        var cursor = feed.join(filter: EventFilter())
        feed.append([try Self.logged(0)])
        feed.close()
        try await within("the feed to be closed") { await feed.wait(for: cursor) }
        #expect(read(&cursor).count == 1)
        guard case .closed = feed.read(&cursor) else {
            Issue.record("the feed is not closed")
            return
        }
    }

    @Test("An id with a line break does not become a field of its own")
    func hostileID() {
        let event = Event(id: "a\ndata: forged", .taskStarted, timestamp: .now)
        let frame = String(buffer: ServerSentEvent.frame(of: event, hasID: true))
        #expect(frame.split(separator: "\n").count == 1)
    }
}

@Suite("The histogram of durations", .apart)
struct LatencyHistogramTests {
    @Test("A quantile is right within a quarter, for any duration")
    func quantiles() {
        for microseconds in [0, 1, 3, 4, 5, 99, 1_000, 123_456, 60_000_000] {
            var histogram = LatencyHistogram()
            histogram.record(microseconds: microseconds)
            let found = histogram.quantile(0.99)
            #expect(found >= microseconds && found <= microseconds + microseconds / 4 + 1)
        }
    }

    @Test("Without durations there is no quantile, and a few slow ones show only in the high one")
    func distribution() {
        var histogram = LatencyHistogram()
        #expect(histogram.quantile(0.5) == 0)
        for _ in 0..<97 { histogram.record(microseconds: 10) }
        for _ in 0..<3 { histogram.record(microseconds: 10_000) }
        #expect(histogram.quantile(0.5) <= 12 && histogram.quantile(0.99) >= 10_000)
    }
}
