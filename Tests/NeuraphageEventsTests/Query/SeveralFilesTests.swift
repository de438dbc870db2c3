import TestSupport
import Testing

@testable import NeuraphageEvents

/// A log of several files is read as if it were one.
@Suite("A log of several files", .apart)
struct SeveralFilesTests {
    private let directory: TemporaryDirectory
    private var path: String { directory[EventLogConfig.fileName] }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func read(
        _ fileSystem: any FileSystem = RealFileSystem(),
        _ configure: (inout EventScan) -> Void = { _ in }
    ) throws -> (numbers: [Int], report: EventScan.Report) {
        var scan = EventScan([.log(path)], fileSystem: fileSystem)
        configure(&scan)
        var numbers: [Int] = []
        let report = try scan.run { event, _ in
            if let number = Int(event.id.description.dropFirst(3)) { numbers.append(number) }
            return true
        }
        return (numbers, report)
    }

    /// The ways to read everything; each must find the same.
    private func readEveryWay() throws -> [[Int]] {
        [
            try read().numbers,
            try read { $0.isNewestFirst = true }.numbers.reversed(),
            try read { $0.last = 1_000 }.numbers,
        ]
    }

    private func writeThreeFiles() throws {
        try directory.append(Event.numbered(1...3))
        try directory.endFile(1)
        try directory.append(Event.numbered(4...6))
        try directory.endFile(2)
        try directory.append(Event.numbered(7...9))
    }

    @Test("is read from the oldest to the newest, or the other way round")
    func order() throws {
        try writeThreeFiles()
        for numbers in try readEveryWay() { #expect(numbers == Array(1...9)) }
        #expect(try read { $0.start = .after("id-5") }.numbers == Array(6...9))
        let end = try read().report.end
        #expect(end?.segment == 3)
        #expect(end?.offset == Int64(try directory.bytes().count))
        #expect(try read { $0.last = 0 }.report.end == end)
    }

    @Test(
        "has its last events read, oldest first, also if they are more than memory is to hold",
        arguments: [nil, "id-", "started"]
    )
    func lastOfMany(text: String?) throws {
        try directory.append(Event.numbered(1...5_000))
        try directory.append("this is no event\n")
        try directory.endFile(1)
        try directory.append(Event.numbered(5_001...10_000))
        let all = try read { $0.filter.text = text }.numbers
        #expect(all.count == (text == "id-" ? 0 : 10_000))
        for last in [1, 3_000, 7_000, 20_000] {
            let found = try read {
                $0.filter.text = text
                $0.last = last
            }
            #expect(found.numbers == all.suffix(last))
            #expect(found.report.skippedCount == (all.count >= last && last < 5_000 ? 0 : 1))
        }
    }

    @Test("is read between two events, in whichever segments they are, also from the end and in part")
    func between() throws {
        try writeThreeFiles()
        for first in 1...9 {
            for last in first...9 {
                func read(_ configure: (inout EventScan) -> Void) throws -> [Int] {
                    try self.read { scan in
                        scan.start = .before(EventID("id-\(first)"))
                        scan.end = .after(EventID("id-\(last)"))
                        configure(&scan)
                    }.numbers
                }
                let all = Array(first...last)
                #expect(try read { _ in } == all)
                #expect(try read { $0.isNewestFirst = true } == all.reversed())
                #expect(try read { $0.last = 3 } == all.suffix(3))
                #expect(try read { $0.end = .before(EventID("id-\(last)")) } == all.dropLast())
                #expect(
                    try read {
                        $0.start = .after(EventID("id-\(first)")); $0.last = 3
                    } == all.dropFirst().suffix(3)
                )
                #expect(try read { $0.end = .after("nothing") } == Array(first...9))
            }
        }
    }

    @Test("finds more events between two others than are kept in memory")
    func manyBetween() throws {
        try directory.append(Event.numbered(1...20_000))
        let numbers = try read { scan in
            (scan.start, scan.end, scan.last) = (.before("id-2"), .before("id-20000"), 15_000)
        }.numbers
        #expect(numbers == Array(5_000...19_999))
    }

    @Test("opens no older files than the latest events need")
    func opensFew() throws {
        try writeThreeFiles()
        try directory.unlink(TemporaryDirectory.closedName(1))
        try directory.makeDirectory(TemporaryDirectory.closedName(1))
        #expect(throws: EventLogError.self) { try read() }
        #expect(try read { $0.last = 6 }.numbers == Array(4...9))
        #expect(try read { $0.last = 6 }.report.gaps.isEmpty)
    }

    @Test("is there as long as one of its files is")
    func withoutActiveFile() throws {
        #expect(try read().report.missing == [.log(path)])
        try writeThreeFiles()
        try directory.rename(EventLogConfig.fileName, to: TemporaryDirectory.closedName(3))
        for numbers in try readEveryWay() { #expect(numbers == Array(1...9)) }
        let report = try read().report
        #expect(report.missing.isEmpty)
        #expect(report.end?.segment == 3)
    }

    @Test("tells which files are missing in between, not at its beginning")
    func missingFiles() throws {
        for number in [3, 4, 7, 9] {
            try directory.append([.numbered(number)])
            try directory.endFile(number)
        }
        let files = LogSegments(activePath: path)
        let missing = try [(4, 7), (7, 9)].map { try #require(files.missing(between: $0, and: $1)) }
        #expect(missing.map(\.numbers) == [5...6, 8...8])
        #expect(missing[1].description == "\(directory[TemporaryDirectory.closedName(8)]) is missing")
        #expect(try read().report.gaps == missing.map(LogCursor.Gap.missing))
        #expect(try read { $0.last = 2 }.report.gaps == [.missing(missing[1])])
    }

    @Test("has no pending line in a file that has ended: that one is all there is, or damaged")
    func unterminatedLine() throws {
        try directory.append("\(Event.numbered(1))")
        try directory.endFile(1)
        try directory.append("\(Event.numbered(2))\n{\"id\":")
        try directory.endFile(2)
        try directory.append("\(Event.numbered(3))\n{\"id\":")
        for numbers in try readEveryWay() { #expect(numbers == [1, 2, 3]) }
        for report in [try read().report, try read { $0.last = 9 }.report] {
            #expect(report.skipped.map(\.file) == [directory[TemporaryDirectory.closedName(2)]])
            #expect(report.skipped.map(\.offset) == [Int64("\(Event.numbered(2))\n".utf8.count)])
        }
    }

    @Test("loses no event and shows none twice when a file ends while it is opened", arguments: [1, 2])
    func endsMeanwhile(times: Int) throws {
        for call in 0... {
            let directory = try TemporaryDirectory()
            try directory.append(Event.numbered(1...3))
            try directory.endFile(1)
            try directory.append(Event.numbered(4...6))
            let fileSystem = MeddledFileSystem(before: call) {
                for number in 2..<2 + times { try? directory.endFile(number, next: "\(Event.numbered(5 + number))\n") }
            }
            for isBackward in [false, true] {
                var scan = EventScan([.log(directory[EventLogConfig.fileName])], fileSystem: fileSystem)
                scan.last = isBackward ? 1_000 : nil
                var ids: [String] = []
                let report = try scan.run { event, _ in
                    ids.append(event.id.description)
                    return true
                }
                #expect(ids.count >= 6 && ids == (1...ids.count).map { "id-\($0)" }, "\(call): \(ids)")
                // Whatever was not read comes from there on, and if it happened at the last moment, the next time.
                var end = report.end
                for fileSystem: any FileSystem in [fileSystem, RealFileSystem()] {
                    let path = directory[EventLogConfig.fileName]
                    var follower = try LogFollower(path: path, filter: EventFilter(), fileSystem: fileSystem)
                    let hangUp = try HungUpPipe()
                    end = try follower.run(from: end, output: hangUp.descriptor) { event, _ in
                        ids.append(event.id.description)
                    } notice: { notice in
                        Issue.record("\(call): \(notice)")
                    } idle: {
                    }
                }
                let written = fileSystem.hasMeddled ? 6 + times : 6
                #expect(ids == (1...written).map { "id-\($0)" }, "\(call): \(ids)")
            }
            #expect(fileSystem.openDescriptors == 0)
            if !fileSystem.hasMeddled { break }
        }
    }
}

@Suite("A search for an event", .apart)
struct EventSearchTests {
    private let directory: TemporaryDirectory
    private var source: LogSource { .log(directory[EventLogConfig.fileName]) }

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// Events of 1,000 bytes with ids that tell their time, a second apart.
    private func events(_ numbers: Range<Int>) -> [Event] {
        numbers.map { number in
            let second = 1_768_145_400_000 + UInt64(number) * 1_000
            return Event(
                id: EventID(high: second << 16 | 0x7000, low: 1 << 63 | UInt64(number)),
                .taskStarted,
                from: nil,
                to: nil,
                payload: ["text": .string(String(repeating: "x", count: 800))],
                timestamp: Timestamp(microsecondsSinceEpoch: Int64(second) * 1_000)
            )
        }
    }

    private func next(after id: EventID, _ fileSystem: any FileSystem = RealFileSystem()) throws -> EventID? {
        var scan = EventScan([source], fileSystem: fileSystem)
        scan.start = .after(id)
        var next: EventID?
        let report = try scan.run { event, _ in
            next = event.id
            return false
        }
        #expect(report.foundStart)
        return next
    }

    @Test("finds it wherever it is, whatever the order of times, in segments that begin at any time")
    func anywhere() throws {
        var all = events(0..<6_000)
        // Some are far from where their time says.
        all.swapAt(5, 4_000)
        all.swapAt(1_000, 5_998)
        try directory.append(Array(all[..<2_500]))
        try directory.endFile(1)
        try directory.append("garbage\n")
        try directory.append(Array(all[2_500...]))
        for index in [0, 1, 5, 6, 999, 1_000, 2_498, 2_499, 2_500, 2_501, 3_333, 4_000, 5_900, 5_998] {
            #expect(try next(after: all[index].id) == all[index + 1].id, "\(index)")
        }
        var scan = EventScan([source])
        scan.start = .after(events(7_000..<7_001)[0].id)
        #expect(try !scan.run { _, _ in true }.foundStart)
    }

    @Test("reads little of a long log if times are in order")
    func costsLittle() throws {
        try directory.append(events(0..<30_000))
        let fileSystem = CountingFileSystem()
        let position = try EventSearch(source, fileSystem).positions(after: [events(700..<701)[0].id])
        #expect(position.count == 1 && fileSystem.bytesRead < 8 << 20)
    }

    @Test("passes over what a segment repeats of the one before")
    func repetition() throws {
        let all = events(0..<6)
        try directory.append(Array(all[0..<4]))
        try directory.endFile(1)
        let previous = TemporaryDirectory.closedName(1)
        let payload: JSONValue = [
            "previous": .string(previous), "from": .string(all[2].id.description), "repeated": 2,
        ]
        let resumption = Event(id: "r", .custom("LogResumed"), payload: Payload(payload), timestamp: .earliest)
        try directory.append([resumption] + all[2...])
        #expect(try next(after: all[2].id) == all[3].id)
        #expect(try next(after: all[3].id) == "r")
    }
}

@Suite("A file that repeats what the one before could not make safe", .apart)
struct SeamTests {
    private let directory: TemporaryDirectory
    private let previous = TemporaryDirectory.closedName(1)

    init() throws {
        directory = try TemporaryDirectory()
    }

    /// The ids, read in each of the two directions.
    private func ids(last: Int? = nil) throws -> [EventID] {
        var ids: [EventID] = []
        var scan = EventScan([.log(directory[EventLogConfig.fileName])])
        scan.last = last
        _ = try scan.run { event, _ in
            ids.append(event.id)
            return true
        }
        return ids
    }

    private func expect(_ numbers: [Int], resumptions: Int) throws {
        for last in [nil, 1_000] {
            let found = try ids(last: last)
            #expect(found.filter { $0.description.hasPrefix("id-") } == numbers.map { EventID("id-\($0)") })
            #expect(found.count == numbers.count + resumptions)
        }
    }

    @Test("shows each event once, where it stood first, whoever else wrote in between")
    func once() throws {
        try directory.append(Event.numbered(1...6))
        try directory.endFile(1)
        // Another process is first in the new file; two repeat what was theirs.
        try directory.append([.numbered(7), .resumption(previous, from: 4, repeating: 2), .numbered(4), .numbered(6)])
        try directory.append([.numbered(8), .resumption(previous, from: 3, repeating: 2), .numbered(3), .numbered(5)])
        try directory.append([.numbered(9)])
        try expect(Array(1...9), resumptions: 2)
        #expect(try ids(last: 5).first == "id-7")
    }

    @Test("shows what the earlier file doesn't have any more")
    func lost() throws {
        try directory.append("\(Event.numbered(1))\n\(Event.numbered(2))\n\0\0\0\0\n\(Event.numbered(4))\n")
        try directory.endFile(1)
        try directory.append([.resumption(previous, from: 2, repeating: 3)] + Event.numbered(2...4))
        try expect([1, 2, 4, 3], resumptions: 1)
        try directory.unlink(previous)
        try expect([2, 3, 4], resumptions: 1)
    }

    @Test("shows what stands behind the repeated lines, even with the same ids")
    func behind() throws {
        try directory.append(Event.numbered(1...2))
        try directory.endFile(1)
        try directory.append([.resumption(previous, from: 2, repeating: 1), .numbered(2), .numbered(1), .numbered(2)])
        try expect([1, 2, 1, 2], resumptions: 1)
    }

    @Test("may itself be repeated by the next one")
    func chain() throws {
        try directory.append(Event.numbered(1...2))
        try directory.endFile(1)
        let first = Event.resumption(previous, from: 2, repeating: 1)
        try directory.append([first, .numbered(2), .numbered(3)])
        try directory.endFile(2)
        let payload: JSONValue = [
            "previous": .string(TemporaryDirectory.closedName(2)), "from": .string(first.id.description),
            "repeated": .integer(3),
        ]
        let second = Event(id: "second", .custom("LogResumed"), payload: Payload(payload), timestamp: .earliest)
        try directory.append([second, first, .numbered(2), .numbered(3), .numbered(4)])
        try expect([1, 2, 3, 4], resumptions: 2)
    }

    @Test("is believed only about files of the log, and only if it says so near its beginning")
    func disbelieved() throws {
        try directory.append(Event.numbered(1...2))
        try directory.endFile(1)
        let far = Event(.taskStarted, payload: ["text": .string(String(repeating: "x", count: 70_000))])
        try directory.append([.resumption("../other.000001.jsonl", from: 1, repeating: 1), .numbered(1), far])
        try directory.append([.resumption(previous, from: 1, repeating: 1), .numbered(1)])
        try expect([1, 2, 1, 1], resumptions: 3)
    }

    @Test("is followed without showing anything twice, from wherever one comes", arguments: 0...5)
    func followed(seen: Int) throws {
        try directory.append(Event.numbered(1...3))
        let path = directory[EventLogConfig.fileName]
        try directory.endFile(1)
        try directory.append([.resumption(previous, from: 2, repeating: 2)] + Event.numbered(2...4))
        var count = 0
        var ids: [EventID] = []
        let report = try EventScan([.log(path)]).run { event, _ in
            guard count < seen else { return false }
            count += 1
            ids.append(event.id)
            return count < seen
        }
        var follower = try LogFollower(path: path, filter: EventFilter())
        let hangUp = try HungUpPipe()
        let end = try follower.run(from: seen == 0 ? nil : report.end, output: hangUp.descriptor) { event, _ in
            ids.append(event.id)
        } notice: { notice in
            Issue.record("\(notice)")
        } idle: {
        }
        #expect(ids.filter { $0.description.hasPrefix("id-") } == (1...4).map { EventID("id-\($0)") })
        #expect(ids.count == 5)
        #expect(try end == EventScan([.log(path)]).run { _, _ in true }.end)
    }
}
