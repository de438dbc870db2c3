import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// Every way to read a log finds the same events, gaps and skipped lines.
@Suite("Every reader of a log", .apart)
struct ReaderConformanceTests {
    private typealias Item = LogHistory.Item

    /// Where a cursor was after some step, and how much it had found by then.
    private struct Stop {
        var position: LogPosition
        var found: Int
    }

    private static func cursor(
        _ source: LogSource,
        _ direction: LogCursor.Direction = .forward,
        from start: LogPosition? = nil,
        upTo end: LogPosition? = nil
    ) throws -> LogCursor {
        guard let cursor = try LogCursor.open(source, direction, from: start, upTo: end, in: RealFileSystem()) else {
            throw SystemError(code: ENOENT)
        }
        return cursor
    }

    private static func item(_ position: LinePosition, _ line: Span<UInt8>, in file: String) -> Item? {
        switch LineExaminer(EventFilter()).examine(line, position) {
        case .event(let event): .event(event.id)
        case .skipped: .skipped(file: file, offset: position.offset)
        case .nothing, .one: nil
        }
    }

    /// Pulls everything out of a cursor, so many bytes at a time.
    private static func pull(_ cursor: inout LogCursor, atMost most: Int64 = .max) throws -> (
        items: [Item], stops: [Stop]
    ) {
        var items: [Item] = []
        var stops: [Stop] = []
        while true {
            let name = cursor.segmentName
            let step = try cursor.next(atMost: most) { position, line in
                if let item = item(position, line, in: name) { items.append(item) }
                return true
            }
            switch step {
            case .lines: break
            case .gap(let gap): items.append(.gap(gap))
            case .end:
                guard cursor.isLeaving else { return (items, stops) }
                cursor.leave()
            }
            if let position = cursor.position, position != stops.last?.position {
                stops.append(Stop(position: position, found: items.count))
            }
        }
    }

    private static func scan(_ history: LogHistory, _ configure: (inout EventScan) -> Void) throws -> [Item] {
        var scan = EventScan([.log(history.path)])
        configure(&scan)
        var items: [Item] = []
        let report = try scan.run { event, _ in
            items.append(.event(event.id))
            return true
        }
        #expect(report.skippedCount == report.skipped.count && report.foundStart)
        return items + report.skipped.map { .skipped(file: $0.file, offset: $0.offset) } + report.gaps.map(Item.gap)
    }

    private static func follow(_ history: LogHistory, from position: LogPosition?) throws -> [Item] {
        var follower = try LogFollower(path: history.path, filter: EventFilter())
        let hungUp = try HungUpPipe()
        var items: [Item] = []
        try follower.run(from: position, output: hungUp.descriptor) { event, _ in
            items.append(.event(event.id))
        } notice: { notice in
            switch notice {
            case .gap(let gap): items.append(.gap(gap))
            case .skipped(let line): items.append(.skipped(file: line.file, offset: line.offset))
            }
        } idle: {
        }
        return items
    }

    /// The same in the order in which a report tells it: events, skipped lines, gaps.
    private static func sorted(_ items: some Sequence<Item>) -> [Item] {
        func rank(_ item: Item) -> Int {
            switch item {
            case .event: 0
            case .skipped: 1
            case .gap: 2
            }
        }
        return (0...2).flatMap { wanted in items.filter { rank($0) == wanted } }
    }

    @Test(
        "finds the same, forward, backward, as it follows, and resumed at every position",
        arguments: (0..<200).map { UInt64($0) }
    )
    func sameHistory(seed: UInt64) throws {
        let history = try LogHistory(seed: seed)
        let (items, source) = (history.items, LogSource.log(history.path))
        var cursor = try Self.cursor(source)
        #expect(try Self.pull(&cursor).items == items, "at once")
        let end = cursor.position
        var position = end
        cursor = try Self.cursor(source)
        let (pieces, stops) = try Self.pull(&cursor, atMost: 1)
        #expect(pieces == items, "line by line")
        position = cursor.position
        #expect(position == end)
        cursor = try Self.cursor(source, .backward)
        #expect(try Self.pull(&cursor).items == items.reversed(), "backward")
        position = cursor.position
        #expect(position == end)
        cursor = try Self.cursor(source, .backward)
        #expect(try Self.pull(&cursor, atMost: 1).items == items.reversed(), "backward, line by line")

        #expect(try Self.scan(history) { _ in } == Self.sorted(items))
        #expect(try Self.scan(history) { $0.isNewestFirst = true } == Self.sorted(items.reversed()))
        #expect(Set(try Self.scan(history) { $0.last = .max }) == Set(items))
        #expect(try Self.follow(history, from: nil) == items, "followed")

        for stop in stops {
            let (position, rest) = (stop.position, Array(items[stop.found...]))
            #expect(LogPosition(position.description) == position)
            cursor = try Self.cursor(source, from: position)
            #expect(try Self.pull(&cursor).items == rest, "resumed at \(position)")
            cursor = try Self.cursor(source, .backward, from: position)
            #expect(try Self.pull(&cursor).items == rest.reversed(), "backward to \(position)")
            cursor = try Self.cursor(source, upTo: position)
            #expect(try Self.pull(&cursor).items == Array(items[..<stop.found]), "up to \(position)")
            #expect(try Self.follow(history, from: position) == rest, "followed from \(position)")
        }

        for (index, item) in items.enumerated() {
            guard case .event(let id) = item else { continue }
            #expect(
                try Self.scan(history) { $0.start = .after(id) } == Self.sorted(items[(index + 1)...]),
                "after \(id)"
            )
        }
    }

    @Test("counts the same events, damaged lines and missing files as a verification", arguments: 0..<50)
    func verified(seed: UInt64) throws {
        let history = try LogHistory(seed: seed)
        let totals = try LogVerification([.log(history.path)]).run { _ in }
        var (events, skipped, missing) = (0, 0, 0)
        for item in history.items {
            switch item {
            case .event: events += 1
            case .skipped: skipped += 1
            case .gap(.missing(let files)): missing += files.numbers.count
            case .gap: Issue.record("\(item)")
            }
        }
        #expect(totals.events - totals.writtenAgain == events && totals.damaged == skipped)
        #expect(totals.missingFiles == missing && totals.repeated == 0 && totals.unreadableFiles == 0)
    }
}
