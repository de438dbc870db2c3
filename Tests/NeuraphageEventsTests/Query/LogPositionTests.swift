import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A position in a log", .apart)
struct LogPositionTests {
    private let directory: TemporaryDirectory
    private var path: String { directory[EventLogConfig.fileName] }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func end(of path: String? = nil) throws -> LogPosition {
        try #require(try EventScan([.log(path ?? self.path)]).run { _, _ in true }.end)
    }

    private func ids(after position: LogPosition, in path: String? = nil) throws -> [String] {
        var ids: [String] = []
        guard var cursor = try LogCursor.open(.log(path ?? self.path), from: position, in: RealFileSystem()) else {
            return []
        }
        while try cursor.next({ place, line in
            if let id = LineExaminer.id(line, place) { ids.append(id.description) }
            return true
        }) != .end {}
        return ids
    }

    @Test("is one token, and comes back from it and from JSON")
    func token() throws {
        try directory.append(Event.numbered(1...3))
        let position = try end()
        #expect(LogPosition(position.description) == position)
        #expect(position.description.allSatisfy { $0.isASCII && ($0.isNumber || $0.isLetter || $0 == "-") })
        let json = try JSONEncoder().encode([position])
        #expect(try JSONDecoder().decode([LogPosition].self, from: json) == [position])
        for other in [
            "", "1", "1-2", "1-2-3", "1-2-0123456g", "-1-2-01234567", "1-2-01234567-", "01-2-01234567",
            "9999999999-2-01234567", "1-99999999999999999999-01234567", "1-2-0123456A", " 1-2-01234567",
        ] {
            #expect(LogPosition(other) == nil, "\(other)")
        }
    }

    @Test("is the same in a copy, and after its segment has got its number")
    func sameLog() throws {
        try directory.append(Event.numbered(1...3))
        let position = try end()
        try directory.append([.numbered(4)])
        try directory.makeDirectory("copy")
        try directory.append(try String(contentsOfFile: path, encoding: .utf8), to: "copy/event_log.jsonl")
        #expect(try ids(after: position, in: directory["copy/event_log.jsonl"]) == ["id-4"])
        try directory.endFile(7, next: "\(Event.numbered(5))\n")
        #expect(try ids(after: position) == ["id-4", "id-5"])
    }

    enum Change: CaseIterable {
        case another, cut, restored, deleted
    }

    @Test("of another log, or of one that was cut or restored, is refused", arguments: Change.allCases)
    func refused(change: Change) throws {
        try directory.append(Event.numbered(1...3))
        let position = try end()
        switch change {
        case .another:
            try directory.unlink()
            try directory.append(Event.numbered(11...16))
        case .cut: try directory.truncate()
        case .restored:
            let old = "\(Event.numbered(1))\n"
            try directory.truncate()
            try directory.append(old + "\(Event.numbered(5))\n\(Event.numbered(6))\n\(Event.numbered(7))\n")
        case .deleted:
            try directory.unlink()
            try directory.append([.numbered(8)], to: TemporaryDirectory.closedName(3))
        }
        #expect {
            try ids(after: position)
        } throws: {
            ($0 as? EventLogError)?.code == .unknownPosition
        }
        // A cursor that follows says so, and shows what there is.
        var cursor = try EventCursor(path: path, from: position)
        let foundPosition = cursor.foundPosition
        #expect(!foundPosition)
        var steps: [LogCursor.Step] = []
        while steps.last != .end { steps.append(try cursor.next { _, _ in true }) }
        let nothing = LogPosition.mark(UnsafeRawBufferPointer(start: nil, count: 0))
        let beginning = LogPosition(segment: position.segment, offset: 0, mark: nothing)
        #expect(steps.contains(.gap(change == .cut ? .cut(beginning) : .replaced)))
    }
}

@Suite("A scan plan", .apart)
struct ScanPlanTests {
    private var plan: ScanPlan {
        let ended = [3, 4, 6].map { LogSegments.Ended(number: $0, path: "\($0)") }
        return ScanPlan(ended: ended, active: (path: "active", number: 7))
    }

    private func taken(_ plan: ScanPlan) -> [String] {
        var plan = plan
        var taken: [String] = []
        while let part = plan.takeFirst() { taken.append("\(part.source.name) \(part.range.lowerBound)") }
        return taken
    }

    @Test("is everything, oldest first, and can be taken from either end")
    func everything() {
        #expect(taken(plan) == ["3 0", "4 0", "6 0", "active 0"])
        var backward = plan
        #expect((0..<4).compactMap { _ in backward.takeLast()?.number } == [7, 6, 4, 3])
        #expect(backward.takeLast() == nil && backward.takeFirst() == nil)
    }

    @Test("leaves out what lies before its beginning, also if that segment is not there")
    func beginning() {
        var begun = plan
        begun.begin(at: .init(segment: 4, offset: 10))
        #expect(taken(begun) == ["4 10", "6 0", "active 0"])
        begun.begin(at: .init(segment: 5, offset: 10))
        #expect(taken(begun) == ["6 0", "active 0"])
        begun.begin(at: .init(segment: 8, offset: 0))
        #expect(taken(begun) == [])
    }

    @Test("leaves out what lies behind its end")
    func end() {
        var ended = plan
        ended.end(at: .init(segment: 6, offset: 10))
        #expect(taken(ended) == ["3 0", "4 0", "6 0"])
        #expect(ended.parts.last?.range == 0..<10)
        ended.begin(at: .init(segment: 6, offset: 20))
        #expect(ended.parts.last?.range == 10..<10)
        ended.end(at: .init(segment: 5, offset: 1))
        #expect(ended.parts.isEmpty)
    }
}
