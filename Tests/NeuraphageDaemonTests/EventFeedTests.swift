import NIOCore
import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("The feed of all streams", .apart)
struct EventFeedTests {
    private let feed = EventFeed()
    private let place: StreamPlace?

    init() {
        place = feed.takePlace(of: 1)
    }

    private static func event(_ number: Int, from task: TaskID? = nil) -> Event {
        Event(id: EventID("e-\(number)"), .fileModified, from: task, timestamp: .now)
    }

    private func append(_ numbers: Range<Int>, from task: TaskID? = nil, waits: Bool = false) {
        feed.append(numbers.map { (event: Self.event($0, from: task), waits: waits) })
    }

    private func read(_ cursor: inout EventFeed.Cursor) throws -> [String] {
        let text = String(buffer: feed.read(&cursor).frames)
        return try text.split(separator: "\n\n").filter { $0 != ": " }.map {
            try Event(line: String($0.dropFirst("data: ".count))).id.description
        }
    }

    @Test("Each cursor is told what comes after it joined, once, if it passes its filter")
    func cursors() throws {
        var early = feed.join(filter: EventFilter())
        append(0..<2)
        var late = feed.join(filter: EventFilter(tasks: ["t"]))
        append(2..<3)
        append(3..<4, from: "t")
        #expect(try read(&early) == ["e-0", "e-1", "e-2", "e-3"])
        #expect(try read(&late) == ["e-3"])
        #expect(try read(&early) == [])
    }

    @Test("A cursor that the feed has left behind is told how many events it missed, and gets the rest")
    func leftBehind() throws {
        var cursor = feed.join(filter: EventFilter())
        for start in stride(from: 0, to: 10_000, by: 100) { append(start..<start + 100) }
        let reading = feed.read(&cursor)
        let rest = String(buffer: reading.frames).split(separator: "\n\n").count
        #expect(reading.missed > 0 && reading.missed + rest == 10_000)
        #expect(feed.read(&cursor).missed == 0)
    }

    @Test("Without streams nothing is kept")
    func withoutStreams() throws {
        let feed = EventFeed()
        var cursor = feed.join(filter: EventFilter())
        feed.append([(event: Self.event(0), waits: true)])
        #expect(feed.read(&cursor).frames.readableBytes == 0)
        #expect(feed.takeWaiting(among: [Self.event(0)]).isEmpty)
    }

    @Test("An event that had to wait for the log is known to those who saw it then, and new to who joined later")
    func waited() throws {
        let early = feed.join(filter: EventFilter())
        append(0..<1, waits: true)
        let late = feed.join(filter: EventFilter())
        let places = feed.takeWaiting(among: [Self.event(0), Self.event(1)])
        let place = try #require(places["e-0"])
        #expect(places.count == 1 && early.isTold(at: place) && !late.isTold(at: place))
        #expect(feed.takeWaiting(among: [Self.event(0)]).isEmpty)
    }

    @Test("Whatever is new ends the waiting: an event, more in the log, a heartbeat, the end")
    func waiting() async throws {
        var cursor = feed.join(filter: EventFilter())
        for tell in [{ append(0..<1) }, { feed.logChanged() }, { feed.beat() }, { feed.close() }] {
            let version = feed.version
            tell()
            try await within("the feed to have something new") { await feed.wait(since: version) }
        }
        #expect(feed.read(&cursor).isClosed)
    }

    @Test("A heartbeat makes a stream send something, once")
    func heartbeat() {
        var cursor = feed.join(filter: EventFilter())
        feed.beat()
        #expect(feed.read(&cursor).frames.readableBytes > 0)
        #expect(feed.read(&cursor).frames.readableBytes == 0)
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
