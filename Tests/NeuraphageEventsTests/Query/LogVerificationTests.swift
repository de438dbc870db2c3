import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("The verification of a log", .apart)
struct LogVerificationTests {
    private typealias Finding = LogVerification.Finding

    private static let minted = EventID("019432a1-7c3e-7b10-8f00-3f2a9c4d5e6f")

    private let directory: TemporaryDirectory
    private var path: String { directory[EventLogConfig.fileName] }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func verify(
        _ sources: [LogSource]? = nil,
        _ fileSystem: any FileSystem = RealFileSystem()
    ) throws -> (findings: [Finding], totals: LogVerification.Totals) {
        var findings: [Finding] = []
        let totals = try LogVerification(sources ?? [.log(path)], fileSystem: fileSystem).run { findings.append($0) }
        return (findings, totals)
    }

    private func place(_ line: Int, _ offset: Int, in name: String = EventLogConfig.fileName) -> LogVerification.Place {
        .init(file: directory[name], line: line, offset: Int64(offset))
    }

    @Test("finds nothing in a log of whole lines, however many files it has")
    func intact() throws {
        #expect(try verify().totals == .init())
        try directory.append("\u{feff}\(Event.numbered(1))\r\n\n \t\n")
        try directory.append([.numbered(2), Event(id: Self.minted, .taskStarted, timestamp: .earliest)])
        try directory.endFile(1)
        try directory.append([.numbered(3)])
        let (findings, totals) = try verify()
        #expect(findings == [])
        #expect(totals.files == 2 && totals.events == 4 && totals.isIntact)
    }

    @Test("tells of each damaged line where it stands, what is wrong with it and how it begins")
    func damaged() throws {
        let first = "\(Event.numbered(1))\n"
        let long = String(repeating: "ä", count: LineInput.longestLine)
        try directory.append("\(first){\"id\":\"\n\(Event.numbered(2))\nsome \u{1b}[31mgarbage \(long)\n")
        try directory.append("short \u{1b}[31m\n")
        try directory.endFile(1)
        try directory.append("{}\n")
        let (findings, totals) = try verify()
        let name = TemporaryDirectory.closedName(1)
        let third = first.utf8.count + 8 + first.utf8.count
        let fourth = third + "some \u{1b}[31mgarbage \(long)\n".utf8.count
        #expect(
            findings == [
                .damaged(place(2, first.utf8.count, in: name), reason: reason("{\"id\":\""), beginning: "{\"id\":\""),
                .damaged(
                    place(4, third, in: name),
                    reason: "the line is longer than 4 MiB",
                    beginning: "some \u{1b}[31mgarbage " + String(repeating: "ä", count: 22)
                ),
                .damaged(
                    place(5, fourth, in: name),
                    reason: "not a JSON object at byte 0",
                    beginning: "short \u{1b}[31m"
                ),
                .damaged(place(1, 0), reason: "\"id\" is missing", beginning: "{}"),
            ]
        )
        #expect(totals.damaged == 4 && totals.events == 2 && !totals.isIntact)
    }

    private func reason(_ line: String) -> String {
        do {
            _ = try Event(line: line)
            return ""
        } catch {
            return error.description
        }
    }

    @Test("calls the unterminated last line of the log pending, and that of any other file damaged if it is")
    func pending() throws {
        let line = "\(Event.numbered(1))"
        try directory.append("\(line)\n{\"id\"")
        #expect(try verify().findings == [.pending(place(2, line.utf8.count + 1), bytes: 5)])
        #expect(try verify().totals.isIntact)
        #expect(try verify([.file(path)]).totals.damaged == 1)
        try directory.endFile(1)
        #expect(try verify().totals.damaged == 1)
        try directory.write(line, to: "whole")
        #expect(try verify([.file(directory["whole"])]).findings == [])
    }

    @Test("finds ids that stand twice, within a file and across files, of whatever form")
    func repeated() throws {
        let minted = Event(id: Self.minted, .taskStarted, timestamp: .earliest)
        try directory.append([.numbered(1), minted, .numbered(1)])
        try directory.endFile(1)
        try directory.append([minted])
        let (findings, totals) = try verify()
        let offset = "\(Event.numbered(1))\n\(minted)\n".utf8.count
        #expect(
            findings == [
                .repeated(place(3, offset, in: TemporaryDirectory.closedName(1)), "id-1"),
                .repeated(place(1, 0), minted.id),
            ]
        )
        #expect(totals.repeated == 2 && totals.isIntact)
    }

    @Test("knows which events were written again after a failed sync, and no more than were announced")
    func writtenAgain() throws {
        try directory.append(Event.numbered(1...3))
        try directory.endFile(1)
        let previous = TemporaryDirectory.closedName(1)
        try directory.append([.resumption(previous, from: 2, repeating: 2)] + Event.numbered(2...3) + [.numbered(1)])
        let (findings, totals) = try verify()
        guard case .repeated(_, "id-1")? = findings.first else {
            Issue.record("\(findings)")
            return
        }
        #expect(totals.writtenAgain == 2 && totals.repeated == 1 && totals.isIntact)
    }

    @Test("tells of each repeated id where it is repeated, however few are looked up at once", arguments: 0..<10)
    func repeatedInAnyOrder(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        var seen: Set<EventID> = []
        var expected: [Finding] = []
        for file in 1...3 {
            var offset = 0
            for line in 1...40 {
                let event = Event.numbered(Int.random(in: 0..<60, using: &random))
                let name = TemporaryDirectory.closedName(file)
                if !seen.insert(event.id).inserted {
                    expected.append(.repeated(place(line, offset, in: name), event.id))
                }
                try directory.append([event], to: name)
                offset += "\(event)\n".utf8.count
            }
        }
        for most in [1, 7, 1_000] {
            var verification = LogVerification([.log(path)])
            verification.mostSuspects = most
            var findings: [Finding] = []
            let totals = try verification.run { findings.append($0) }
            #expect(findings == expected && totals.repeated == expected.count)
        }
    }

    @Test("counts steps back in time within a file, and tells of those that several writers cannot explain")
    func clock() throws {
        for (number, seconds) in [100, 40, 100, 39].enumerated() {
            let time = Timestamp(microsecondsSinceEpoch: Int64(seconds) * 1_000_000)
            try directory.append([Event(id: EventID("id-\(number)"), .taskStarted, timestamp: time)])
        }
        try directory.endFile(1)
        // A new file is what a writer begins when the clock goes back.
        try directory.append([.numbered(9)])
        let (findings, totals) = try verify()
        guard case .clockWentBack(let place, 61_000_000)? = findings.first else {
            Issue.record("\(findings)")
            return
        }
        #expect(place.line == 4 && findings.count == 1)
        #expect(totals.backwardSteps == 2 && totals.largestStep == 61_000_000 && totals.isIntact)
    }

    @Test("adds up what the log says it lost")
    func lost() throws {
        for (number, lost) in [3, 4, -5].enumerated() {
            let payload: Payload = ["lost": .integer(lost), "from": "a", "to": "b"]
            let id = EventID("gap-\(number)")
            try directory.append([Event(id: id, .custom("LogGap"), payload: payload, timestamp: .earliest)])
        }
        let (findings, totals) = try verify()
        #expect(findings.first == .lost(place(1, 0), count: 3, from: "a", to: "b"))
        #expect(totals.lost == 7 && totals.isIntact)
        for id in ["max-1", "max-2"] {
            let payload: Payload = ["lost": .integer(Int.max)]
            try directory.append([Event(id: EventID(id), .logGap, payload: payload, timestamp: .earliest)])
        }
        #expect(try verify().totals.lost == .max)
    }

    @Test("misses files in between, and goes on when one cannot be read")
    func files() throws {
        for number in [2, 5, 6] {
            try directory.append([.numbered(number)])
            try directory.endFile(number)
        }
        try directory.unlink(TemporaryDirectory.closedName(5))
        try directory.makeDirectory(TemporaryDirectory.closedName(5))
        let (findings, totals) = try verify()
        let missing = try #require(LogSegments(activePath: path).missing(between: 2, and: 5))
        #expect(findings.first == .missing(missing))
        guard case .unreadable(directory[TemporaryDirectory.closedName(5)], _)? = findings.last else {
            Issue.record("\(findings)")
            return
        }
        #expect(totals.missingFiles == 2 && totals.unreadableFiles == 1 && totals.events == 2 && !totals.isIntact)

        try directory.unlink()
        try directory.makeDirectory(EventLogConfig.fileName)
        #expect(try verify().totals.unreadableFiles == 2)
        #expect(try verify([.file(directory["none"])]).totals.unreadableFiles == 1)
    }
}

@Suite("The ids that a verification has seen", .apart)
struct SeenIDsTests {
    @Test("are never taken for new, and new ones hardly ever for seen")
    func certainty() {
        var random = SeededGenerator(seed: 1)
        var seen = SeenIDs()
        let ids = (0..<100_000).map { _ in EventID.Fingerprint(high: random.next(), low: random.next()) }
        let mistakes = ids.count { seen.insert($0) }
        #expect(mistakes == 0)
        let known = ids.count { seen.insert($0) }
        #expect(known == ids.count)
    }

    @Test("cost no second look as long as they rise")
    func rising() {
        var seen = SeenIDs()
        let mistakes = (0..<100_000).count { seen.insert(EventID.Fingerprint(high: 1, low: UInt64($0))) }
        #expect(mistakes == 0)
    }
}
