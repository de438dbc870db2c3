import NeuraphageEvents
import TestSupport
import Testing

@Suite("Following over HTTP", .apart)
struct StreamingTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemon() async throws -> DaemonProcess {
        try await DaemonProcess(in: try #require(directory))
    }

    private static func lines(_ numbers: Range<Int>) -> [String] {
        numbers.map { #"{"id":"e-\#($0)","kind":"TaskStarted","source_task":"t-\#($0 % 2)"}"# }
    }

    private static func ids(_ numbers: Range<Int>) -> [String?] {
        numbers.map { "e-\($0)" }
    }

    @Test("A stream shows what is published from then on, with ids, in order")
    func follows() async throws {
        let daemon = try await daemon()
        try await daemon.publish(lines: Self.lines(0..<3))
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        try await daemon.publish(lines: Self.lines(3..<1_000))
        let events = try await blocking { try stream.events(997) }
        #expect(events.map(\.id) == Self.ids(3..<1_000))
        let first = try Event(line: try #require(events.first?.data))
        #expect(first.id == "e-3" && first.source == "t-1")
    }

    @Test("A stream shows nothing that was acknowledged before it was opened")
    func fromNowOn() async throws {
        let daemon = try await daemon()
        for round in 0..<50 {
            try await daemon.publish(lines: Self.lines(round * 100..<round * 100 + 99))
            let stream = try await daemon.stream()
            #expect(try await blocking { try stream.backlog() } == [])
            try await daemon.publish(lines: Self.lines(round * 100 + 99..<round * 100 + 100))
            let events = try await blocking { try stream.events(1) }
            #expect(events.map(\.id) == ["e-\(round * 100 + 99)"])
        }
    }

    @Test("Filters hold for streams")
    func filters() async throws {
        let daemon = try await daemon()
        let stream = try await daemon.stream("task=t-1&kind=task")
        _ = try await blocking { try stream.backlog() }
        try await daemon.publish(lines: Self.lines(0..<10))
        let events = try await blocking { try stream.events(5) }
        #expect(events.map(\.id) == ["e-1", "e-3", "e-5", "e-7", "e-9"])
    }

    @Test("A client that is cut off in the middle of 10,000 events resumes: none is missing, none comes twice")
    func resumes() async throws {
        let daemon = try await daemon()
        var stream = try await daemon.stream()
        _ = try await blocking { [stream] in try stream.backlog() }
        async let published = daemon.publish(lines: Self.lines(0..<10_000))
        var seen: [String?] = []
        for cut in [1_234, 2_500, 10_000 - 3_734] {
            let part = try await blocking { [stream] in try stream.events(cut) }
            seen += part.map(\.id)
            stream = try await daemon.stream(lastEventID: try #require(seen.last ?? nil))
        }
        #expect(try await published.status == 200)
        #expect(seen == Self.ids(0..<10_000))
        let rest = try await blocking { [stream] in try stream.backlog() }
        #expect(rest.isEmpty)
    }

    @Test("A stream that reads nothing while 20,000 events come gets all of them when it reads")
    func slowStream() async throws {
        // On a machine that is busy enough, publishing them takes longer than a stalled client is given.
        let daemon = try await LocalDaemon(in: #require(directory)) { _ in }
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        let filler = String(repeating: "x", count: 500)
        try await daemon.publish(
            lines: (0..<20_000).map { #"{"id":"e-\#($0)","kind":"TaskStarted","payload":{"x":"\#(filler)"}}"# }
        )
        let events = try await blocking { try stream.events(20_000) }
        #expect(events.map(\.id) == Self.ids(0..<20_000))
        try await daemon.end()
    }

    @Test("Resuming from the query shows what the log holds behind the event, then what comes")
    func resumesFromQuery() async throws {
        let daemon = try await daemon()
        try await daemon.publish(lines: Self.lines(0..<5_000))
        let stream = try await daemon.stream("after=e-99")
        let backlog = try await blocking { try stream.backlog() }
        #expect(backlog.map(\.id) == Self.ids(100..<5_000))
        try await daemon.publish(lines: Self.lines(5_000..<5_003))
        let events = try await blocking { try stream.events(3) }
        #expect(events.map(\.id) == Self.ids(5_000..<5_003))
    }

    @Test("Resuming behind an event that the log doesn't have is a gap")
    func unknownStart() async throws {
        let daemon = try await daemon()
        let stream = try await daemon.stream(lastEventID: "nope")
        let backlog = try await blocking { try stream.backlog() }
        #expect(backlog.map(\.type) == ["gap"])
    }

    @Test("Events that another process appends come in the stream")
    func otherProcess() async throws {
        let daemon = try await daemon()
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        let input = Self.lines(0..<500).joined(separator: "\n") + "\n"
        let np = try Child(Child.built("np"), ["emit", "-", "--data-dir", daemon.directory], input: input)
        let events = try await blocking { try stream.events(500) }
        #expect(events.map(\.id) == Self.ids(0..<500))
        _ = try await np.ending()
    }

    @Test("Ephemeral events come without an id")
    func ephemeral() async throws {
        let daemon = try await daemon()
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        try await daemon.publish(#"{"id":"x","kind":"FileModified","payload":{"path":"a"}}"#)
        let event = try #require(try await blocking { try stream.events(1) }.first)
        #expect(event.id == nil)
        #expect(try Event(line: try #require(event.data)).id == "x")
    }

    @Test("A log that is cut is a gap in the stream, and what comes after it is shown")
    func truncated() async throws {
        let daemon = try await daemon()
        try await daemon.publish(lines: Self.lines(0..<10))
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        _ = try await Child("/bin/sh", ["-c", ": > \(daemon.directory)/event_log.jsonl"]).ending()
        let gap = try #require(try await blocking { try stream.events(1) }.first)
        #expect(gap.type == "gap")
        try await daemon.publish(lines: Self.lines(10..<12))
        let events = try await blocking { try stream.events(2) }
        #expect(events.map(\.id) == Self.ids(10..<12))
    }

    @Test("A log that is moved away is a gap in the stream, and what is in the next one is shown")
    func replaced() async throws {
        let daemon = try await daemon()
        try await daemon.publish(lines: Self.lines(0..<10))
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        let log = daemon.directory + "/event_log.jsonl"
        _ = try await Child("/bin/mv", [log, daemon.directory + "/old"]).ending()
        try await daemon.publish(#"{"id":"e-10","kind":"TaskStarted"}"#)
        // It may still have gone into the old file, which is read to its end first.
        var seen: [EventStreamClient.Message] = []
        try await wait(for: "the gap in the stream") {
            try await daemon.publish(#"{"id":"e-11","kind":"TaskStarted"}"#)
            seen += try await blocking { try stream.events(1) }
            return seen.contains { $0.type == "gap" }
        }
        #expect(seen.first?.id == "e-10" || seen.first?.type == "gap")
        #expect(seen.last?.data?.contains("was moved or deleted") == true)
        try await daemon.publish(#"{"id":"e-12","kind":"TaskStarted"}"#)
        try await wait(for: "the last event in the stream") {
            seen += try await blocking { try stream.events(1) }
            return seen.last?.id == "e-12"
        }
        #expect(Set(seen.compactMap(\.id)) == ["e-10", "e-11", "e-12"])
    }

    @Test("A hundred streams get everything")
    func hundredStreams() async throws {
        let daemon = try await daemon()
        var streams: [EventStreamClient] = []
        for _ in 0..<100 {
            let stream = try await daemon.stream()
            _ = try await blocking { try stream.backlog() }
            streams.append(stream)
        }
        #expect(try await daemon.health("subscribers") == "100")
        try await daemon.publish(lines: Self.lines(0..<200))
        for stream in streams {
            let events = try await blocking { try stream.events(200) }
            #expect(events.map(\.id) == Self.ids(0..<200))
        }
    }
}
