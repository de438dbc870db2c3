import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A follower of the log", .apart)
struct LogFollowerTests {
    /// Thrown to end a follower, which otherwise goes on for ever.
    private struct Enough: Error {}

    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func event(_ number: Int) -> Event {
        Event(id: EventID("id-\(number)"), .taskStarted, from: "a", timestamp: .earliest)
    }

    /// What is handed over until `count` events have been.
    private func follow(
        _ follower: consuming LogFollower,
        from end: LogPosition?,
        until count: Int
    ) throws -> (ids: [EventID], notices: [LogFollower.Notice]) {
        var ids: [EventID] = []
        var notices: [LogFollower.Notice] = []
        // The follower ends without an error when the limit is over.
        let limit = try HungUpPipe(after: patience)
        #expect(throws: Enough.self, "waited \(patience.inSeconds) for the follower to show \(count) events") {
            try follower.run(from: end, output: limit.descriptor) { event, _ in
                ids.append(event.id)
                if ids.count == count { throw Enough() }
            } notice: {
                notices.append($0)
            } idle: {
            }
        }
        return (ids, notices)
    }

    @Test("is not fooled by a new file of the same size that got the inode of the one that was scanned")
    func sameInode() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append(event(1).description + "\n")
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.unlink()
        try directory.append(event(2).description + "\n")

        let seen = try follow(follower, from: report.end, until: 1)
        #expect(seen.ids == ["id-2"])
        #expect(seen.notices == [.gap(.replaced)])
    }

    @Test("goes on where the scan ended, and shows the filtered rest once")
    func resumes() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append(event(1).description + "\n")
        let follower = try LogFollower(path: path, filter: EventFilter(tasks: ["a"]))
        let report = try EventScan([.log(path)]).run { _, _ in true }
        let other = Event(.taskStarted, from: "b")
        try directory.append("\(event(2))\n\(other)\ngarbage\n\(event(3))\n")

        let seen = try follow(follower, from: report.end, until: 2)
        #expect(seen.ids == ["id-2", "id-3"])
        #expect(seen.notices.count == 1)
    }

    @Test("says that the log was cut, and shows what is in it now")
    func truncated() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append("\(event(1))\n\(event(2))\n")
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.truncate()
        try directory.append("\(event(3))\n")

        let seen = try follow(follower, from: report.end, until: 1)
        #expect(seen.ids == ["id-3"])
        #expect(
            seen.notices == [
                .gap(.cut(LogPosition(segment: 1, offset: 0, mark: LogPosition.mark(.init(start: nil, count: 0)))))
            ]
        )
    }

    @Test(
        "goes on with the next file when one has ended, in silence, and with all that ended meanwhile",
        arguments: [true, false]
    )
    func severalFiles(isFinal: Bool) throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append(Event.numbered(1...2))
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.append("\(event(3))\n\(event(4))")
        try directory.endFile(1, isFinal: isFinal)
        try directory.append(Event.numbered(5...6))
        try directory.endFile(2, isFinal: isFinal)
        try directory.append(Event.numbered(7...8))

        let seen = try follow(follower, from: report.end, until: 6)
        #expect(seen.ids == (3...8).map { EventID("id-\($0)") })
        #expect(seen.notices == [])
    }

    @Test("follows files that end while it follows, one after the other")
    func endingLive() throws {
        let path = directory[EventLogConfig.fileName]
        let directory = directory
        try directory.append("")
        var follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        var ids: [EventID] = []
        var ended = 0
        let limit = try HungUpPipe(after: patience)
        #expect(throws: Enough.self, "waited \(patience.inSeconds) for the follower to show 20 events") {
            try follower.run(from: report.end, output: limit.descriptor) { event, _ in
                ids.append(event.id)
                if ids.count == 20 { throw Enough() }
            } notice: { notice in
                Issue.record("\(notice)")
            } idle: {
                // It has seen everything; only now comes more, and the file ends.
                guard ids.count == ended else { return }
                ended += 1
                try directory.append([.numbered(ended)])
                try directory.endFile(ended)
            }
        }
        #expect(ids == (1...20).map { EventID("id-\($0)") })
    }

    @Test("goes on from a place in a file that has ended long ago, at its end too")
    func resumesInClosedFile() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append("\(event(1))\n\(event(2))")
        try directory.endFile(1)
        try directory.unlink()
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.append([.numbered(3)])
        try directory.endFile(2)
        try directory.append([.numbered(4)])

        let seen = try follow(LogFollower(path: path, filter: EventFilter()), from: report.end, until: 2)
        #expect(seen.ids == ["id-3", "id-4"])
        #expect(seen.notices == [])
    }

    @Test("waits for the log's first file, and follows from there on all that have come by then")
    func fromTheBeginning() throws {
        let path = directory[EventLogConfig.fileName]
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.append([.numbered(1)])
        try directory.endFile(1)
        try directory.append([.numbered(2)])

        let seen = try follow(follower, from: report.end, until: 2)
        #expect(seen.ids == ["id-1", "id-2"])
        #expect(seen.notices == [])
    }

    @Test("says that a file is missing between two, and that one was taken away")
    func missing() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append([.numbered(1)])
        let follower = try LogFollower(path: path, filter: EventFilter())
        try directory.endFile(1)
        try directory.append([.numbered(2)])
        try directory.endFile(4)
        try directory.append([.numbered(3)])
        var report = try EventScan([.log(path)]).run { _, _ in false }
        let seen = try follow(follower, from: report.end, until: 2)
        #expect(seen.ids == ["id-2", "id-3"])
        let files = LogSegments(activePath: path)
        #expect(seen.notices == [.gap(.missing(try #require(files.missing(between: 1, and: 4))))])

        // A file that was followed is deleted, and two come in its place.
        let other = try LogFollower(path: path, filter: EventFilter())
        report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.rename(EventLogConfig.fileName, to: "elsewhere")
        try directory.append([.numbered(5)])
        try directory.endFile(5)
        try directory.append([.numbered(6)])
        let replaced = try follow(other, from: report.end, until: 2)
        #expect(replaced.ids == ["id-5", "id-6"])
        #expect(replaced.notices == [.gap(.replaced)])
    }

    @Test("holds no file open but the one it follows and the active one")
    func descriptors() throws {
        let path = directory[EventLogConfig.fileName]
        for number in 1...5 {
            try directory.append([.numbered(number)])
            try directory.endFile(number)
        }
        let fileSystem = FaultyFileSystem()
        var follower = try LogFollower(path: path, filter: EventFilter(), fileSystem: fileSystem)
        let hangUp = try HungUpPipe()
        var seen = 0
        try follower.run(from: nil, output: hangUp.descriptor) { _, _ in
            seen += 1
            #expect(fileSystem.openDescriptors <= 2)
        } notice: { _ in
        } idle: {
        }
        #expect(seen == 5)
        #expect(fileSystem.openDescriptors == 0)
    }
}
