import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A query of the log", .apart)
struct EventLogQueryTests {
    private let directory: TemporaryDirectory
    private let log: EventLog
    /// One event a second: what happened to two tasks.
    private let events: [Event]

    init() throws {
        directory = try TemporaryDirectory()
        log = try EventLog(opening: EventLogConfig(dataDirectory: directory.path))
        let kinds: [(EventKind, TaskID?, TaskID?)] = [
            (.taskStarted, "a", nil), (.taskStarted, "b", nil), (.mainUpdated, nil, nil), (.rebaseRequired, nil, "a"),
            (.syncRelayed, "b", "a"), (.taskFailed, "b", nil), (.taskCompleted, "a", nil),
        ]
        events = kinds.enumerated().map { index, entry in
            Event(
                id: EventID("id-\(index)"),
                entry.0,
                from: entry.1,
                to: entry.2,
                payload: ["n": .integer(index), "word": index == 2 ? "Parser" : "parser"],
                timestamp: Timestamp(microsecondsSinceEpoch: Int64(index) * 1_000_000)
            )
        }
        #expect(log.append(contentsOf: events).written == events.count)
    }

    @Test("without filters gives all events as they were, in their order")
    func all() throws {
        let result = try log.readAll()
        #expect(result.events == events)
        #expect(result.skippedCount == 0)
    }

    @Test("by task finds the events from it and those addressed to it")
    func byTask() throws {
        #expect(try log.query(task: "a").events.map(\.id) == ["id-0", "id-3", "id-4", "id-6"])
        #expect(try log.query(task: "c").events.isEmpty)
    }

    @Test("by kinds finds any of them")
    func byKinds() throws {
        #expect(try log.query(kinds: [.taskFailed, .mainUpdated]).events.map(\.id) == ["id-2", "id-5"])
    }

    @Test("by time includes both ends")
    func byTime() throws {
        let result = try log.query(since: events[2].timestamp, until: events[4].timestamp)
        #expect(result.events == Array(events[2...4]))
    }

    @Test("by text ignores capitals unless it has some")
    func byText() throws {
        #expect(try log.query(text: "parser").events.count == 7)
        #expect(try log.query(text: "Parser").events.map(\.id) == ["id-2"])
    }

    @Test("with all filters finds what passes each of them")
    func combined() throws {
        let result = try log.query(kinds: [.taskStarted, .syncRelayed], task: "b", since: events[1].timestamp)
        #expect(result.events.map(\.id) == ["id-1", "id-4"])
    }

    @Test("with a limit gives the latest, oldest first unless asked otherwise")
    func limited() throws {
        #expect(try log.query(limit: 2).events.map(\.id) == ["id-5", "id-6"])
        #expect(try log.query(limit: 2, newestFirst: true).events.map(\.id) == ["id-6", "id-5"])
        #expect(try log.query(task: "a", limit: 2).events.map(\.id) == ["id-4", "id-6"])
        #expect(try log.query(limit: 0).events.isEmpty)
        #expect(try log.query(newestFirst: true).events == events.reversed())
    }

    @Test("counts what is no event, and says where it is, from whichever end it reads")
    func skipped() throws {
        let size = Int64(try directory.bytes().count)
        try directory.append("garbage\n\n{}\n")
        try log.append(events[0])
        for (result, numbers) in [(try log.readAll(), [8, 10]), (try log.query(limit: 100), [nil, nil])] {
            #expect(result.events.count == 8)
            #expect(result.skippedCount == 2)
            let places = result.skipped.sorted { $0.offset < $1.offset }
            // Lines are counted from the beginning, which a query with a limit need not read.
            #expect(places.map(\.number) == numbers)
            #expect(places.map(\.offset) == [size, size + 9])
            #expect(places.map(\.reason) == ["not a JSON object at byte 0", "\"id\" is missing"])
        }
    }

    @Test("leaves out a line that has no newline yet")
    func pending() throws {
        try directory.append(events[0].description)
        #expect(try log.readAll().events.count == 7)
        #expect(try log.query(limit: 1).events.map(\.id) == ["id-6"])
        try directory.append("\n")
        #expect(try log.readAll().events.count == 8)
    }

    @Test("ends when its answer isn't wanted any more, also if it has found nothing", arguments: [false, true])
    func abandoned(isNewestFirst: Bool) throws {
        for _ in 0..<40 { try directory.append(String(repeating: "x", count: 99_999) + "\n") }
        let asked = Shared(0)
        var scan = EventScan([.log(log.config.path)], filter: EventFilter(tasks: ["nobody"]))
        scan.isNewestFirst = isNewestFirst
        scan.isWanted = {
            asked.update {
                $0 += 1; return $0 < 3
            }
        }
        #expect(throws: CancellationError.self) { try scan.run { _, _ in true } }
        #expect(asked.value == 3)
    }

    @Test("hands over many of the last events from memory or from the file, the same ones", arguments: [10, 8_000])
    func manyLast(bytes: Int) throws {
        let payload: Payload = ["text": .string(String(repeating: "x", count: bytes))]
        let more = (0..<1_000).map { number in
            Event(id: EventID("more-\(number)"), .taskStarted, payload: payload, timestamp: .earliest)
        }
        try directory.append(more.map { "\($0)\n" }.joined())
        for limit in [1, 900, 1_003, 2_000] {
            #expect(try log.query(limit: limit).events == (events + more).suffix(limit))
        }
    }

    @Test("of a log that shrinks while it is read says so, from whichever end", arguments: [false, true])
    func shrinks(isNewestFirst: Bool) throws {
        for _ in 0..<20 { try directory.append(String(repeating: "x", count: 99_999) + "\n") }
        var scan = EventScan([.log(log.config.path)])
        scan.isNewestFirst = isNewestFirst
        let path = log.config.path
        let report = try scan.run { _, _ in true }
        #expect(report.gaps.isEmpty)
        let cut = Shared(0)
        scan.isWanted = {
            // Before the second piece.
            if cut.update({
                $0 += 1; return $0 == 3
            }) {
                truncate(path, isNewestFirst ? 0 : 700_000)
            }
            return true
        }
        let gaps = try scan.run { _, _ in true }.gaps
        #expect(gaps.count == 1)
        guard case .cut? = gaps.first else {
            Issue.record("\(gaps)")
            return
        }
    }

    @Test("that may read only so much reads no more in the middle of a line that has no end")
    func endlessLine() throws {
        #expect(truncate(log.config.path, 1 << 40) == 0)
        var scan = EventScan([.log(log.config.path)])
        scan.isNewestFirst = true
        scan.mostBytes = 4 << 20
        let report = try scan.run { _, _ in true }
        #expect(report.isCut)
    }

    @Test("of a log without a file finds nothing")
    func noFile() throws {
        try directory.unlink()
        #expect(try log.readAll().events.isEmpty)
    }

    @Test("works when the log is closed or switched off")
    func closed() throws {
        log.close()
        #expect(try log.readAll().events == events)
        var config = log.config
        config.isEnabled = false
        #expect(try EventLog(opening: config).readAll().events == events)
    }
}
