import Logging
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The reserve of a log", .apart)
struct ReserveTests {
    private let directory: TemporaryDirectory
    private var path: String { directory["event_log.jsonl"] }
    private var reserve: Reserve { Reserve(ofLogAt: path, in: RealFileSystem()) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func open(_ files: any FileSystem = RealFileSystem()) throws -> EventLog {
        var config = EventLogConfig(dataDirectory: directory.path)
        config.path = path
        return try EventLog(
            opening: config,
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() },
            fileSystem: files
        )
    }

    private func events(_ count: Int, _ payload: Payload = .empty) -> [Event] {
        (0..<count).map { Event(.taskStarted, from: TaskID(asWritten: "t-\($0)"), payload: payload) }
    }

    /// The tasks of the events in the log, in its order.
    private func logged() throws -> [String] {
        let lines = directory.read("event_log.jsonl")?.split(separator: "\n") ?? []
        return try lines.map { try Event(line: String($0)) }.map { event in
            event.source?.description ?? "\(event.kind.name) \(event.payload["lost"]?.text ?? "")"
        }
    }

    /// Has events left in the reserve by a process that ends while the disk is full.
    private func leave(_ events: [Event]) throws {
        let files = FaultyFileSystem()
        let log = try open(files)
        try reserve.prepare()
        files.isDiskFull = true
        let bus = EventBus(log: log)
        bus.publish(contentsOf: events)
        _ = bus.closeOrLeave()
    }

    @Test("takes what a process published that ends while the disk is full; the next one appends it before all else")
    func leaving() throws {
        try leave(events(3))
        #expect(try logged() == [])
        #expect(reserve.waiting == .init(events: 3))
        let log = try open()
        log.useReserve()
        try log.append(Event(.taskStarted, from: "later"))
        #expect(try logged() == ["t-0", "t-1", "t-2", "later"])
        #expect(reserve.waiting?.isEmpty == true)
        log.useReserve()
        #expect(try logged().count == 4)
    }

    @Test("takes what several processes leave, one after the other, and again after it was emptied")
    func severalTimes() throws {
        for _ in 0..<3 {
            try leave(events(2))
            try leave(events(1))
            #expect(reserve.waiting == .init(events: 3))
            try open().useReserve()
        }
        #expect(try logged() == ["t-0", "t-1", "t-0", "t-0", "t-1", "t-0", "t-0", "t-1", "t-0"])
    }

    @Test("loses nothing that it had no room for without counting it, and the log says how many events those are")
    func full() throws {
        let large: Payload = ["text": .string(String(repeating: "x", count: 9_000))]
        try leave(events(200, large))
        let waiting = try #require(reserve.waiting)
        #expect(waiting.events > 100 && waiting.events + waiting.lost == 200)
        try leave(events(5))
        #expect(reserve.waiting == .init(events: waiting.events, lost: waiting.lost + 5))
        try open().useReserve()
        #expect(try logged() == (0..<waiting.events).map { "t-\($0)" } + ["LogGap \(waiting.lost + 5)"])
        #expect(try RealFileSystem().status(at: reserve.path, followingLinks: false).size == 1 << 20)
    }

    @Test("gives each event to the log once, at whichever call the process is killed that drains it")
    func killedWhileDraining() throws {
        for killedAt in 1..<1_000 {
            try leave(events(3))
            let calls = Shared(0)
            let log = try? open(
                InterposedFileSystem { _ in
                    calls.update {
                        $0 += 1; return $0
                    } > killedAt ? .failure(EIO) : nil
                }
            )
            log?.drainReserve()
            try open().useReserve()
            let logged = try logged()
            #expect(logged == ["t-0", "t-1", "t-2"], "killed at call \(killedAt)")
            try RealFileSystem().remove(path)
            if calls.value <= killedAt { return }
        }
        Issue.record("draining never ended")
    }

    @Test("has whole records only, at whichever call the process is killed that leaves them")
    func killedWhileLeaving() throws {
        try open().useReserve()
        let lines = try open().lines(of: events(2))
        for killedAt in 1..<100 {
            let calls = Shared(0)
            let files = InterposedFileSystem { _ in
                calls.update {
                    $0 += 1; return $0
                } > killedAt ? .failure(EIO) : nil
            }
            let isLeft = Reserve(ofLogAt: path, in: files).leave(lines, synchronizing: true)
            try open().useReserve()
            let logged = try logged()
            #expect(isLeft ? logged == ["t-0", "t-1"] : ["", "t-0 t-1"].contains(logged.joined(separator: " ")))
            try RealFileSystem().remove(path)
            if calls.value <= killedAt { return }
        }
        Issue.record("leaving never ended")
    }

    @Test("is left alone if a newer version wrote it, or it is something else; then an event is lost as without it")
    func foreign() throws {
        for text in ["{\"format\":2}\nx\n", "garbage", String(repeating: "\0", count: 1 << 20)] {
            try directory.write(text, to: "event_log.jsonl.reserve")
            let before = directory.read("event_log.jsonl.reserve")
            #expect(!reserve.leave([Array("{}".utf8)], synchronizing: false))
            #expect(directory.read("event_log.jsonl.reserve") == before)
            #expect(reserve.waiting == nil)
        }
    }

    /// The real file system, as if it were one that copies on write.
    private struct CopyingFileSystem: ForwardingFileSystem {
        func copiesOnWrite(at path: String) -> Bool { true }
    }

    @Test("is not made on a file system that copies on write, where a full disk would take nothing, and says why")
    func copyOnWrite() throws {
        try open(CopyingFileSystem()).useReserve()
        #expect(!directory.exists("event_log.jsonl.reserve"))
        #expect(Reserve(ofLogAt: path, in: CopyingFileSystem()).absence.hasPrefix("the file system copies on write"))
        try open().useReserve()
        #expect(reserve.waiting?.isEmpty == true)
    }

    @Test("is made whole again where it was cut off; what is left of it is appended")
    func truncated() throws {
        try leave(events(2))
        #expect(truncate(reserve.path, 8_192) == 0)
        try open().useReserve()
        #expect(try logged() == ["t-0", "t-1"])
        #expect(try RealFileSystem().status(at: reserve.path, followingLinks: false).size == 1 << 20)
        try leave(events(1))
        #expect(reserve.waiting == .init(events: 1))
    }
}

@Suite("What is in a reserve", .apart)
struct ReserveContentsTests {
    private static let gap: (id: EventID, timestamp: Timestamp) = ("gap", Timestamp(microsecondsSinceEpoch: 0))

    private func apply(_ writes: [ReserveContents.Write], to bytes: inout [UInt8]) {
        for write in writes {
            bytes.replaceSubrange(write.offset..<write.offset + write.bytes.count, with: write.bytes)
        }
    }

    @Test("is what was written whole: a damaged record ends it, and a damaged head is replaced by the one before it")
    func damage() throws {
        var bytes = ReserveContents.emptyFile
        var contents = try #require(ReserveContents(bytes))
        let lines = ["a", "b", "c"].map { Array($0.utf8) }
        for line in lines { apply(contents.take([line], gap: Self.gap), to: &bytes) }
        #expect(ReserveContents(bytes)?.lines == lines)
        var damaged = bytes
        let last = try #require(bytes.lastIndex(of: UInt8(ascii: "c")))
        damaged[last] = UInt8(ascii: "d")
        #expect(ReserveContents(damaged)?.lines == Array(lines[..<2]))
        damaged = bytes
        damaged[contents.head.offset] = 0
        #expect(ReserveContents(damaged)?.head.waiting == 2)
    }

    @Test("is nothing after it was emptied, though the records are still in the file")
    func emptied() throws {
        var bytes = ReserveContents.emptyFile
        var contents = try #require(ReserveContents(bytes))
        apply(contents.take([Array("a".utf8), Array("b".utf8)], gap: Self.gap), to: &bytes)
        apply([contents.empty()], to: &bytes)
        #expect(ReserveContents(bytes)?.lines == [])
        apply(contents.take([Array("c".utf8)], gap: Self.gap), to: &bytes)
        #expect(ReserveContents(bytes)?.lines == [Array("c".utf8)])
    }

    @Test("counts what a gap says that found no room as so many events")
    func gaps() throws {
        var contents = try #require(ReserveContents(ReserveContents.emptyFile))
        let large = Array(repeating: UInt8(ascii: "x"), count: ReserveContents.size)
        let gap = Event(.logGap, payload: ["lost": 7, "from": "f", "to": "t"])
        _ = contents.take([large, Array(gap.description.utf8)], gap: Self.gap)
        #expect(contents.head.lost == 8 && contents.head.to == "t")
        #expect(contents.events.map(\.id) == ["gap"])
    }
}
