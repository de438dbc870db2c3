import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A follower of the log")
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
        from end: EventScan.Report.End?,
        until count: Int
    ) -> (ids: [EventID], notices: [LogFollower.Notice]) {
        var ids: [EventID] = []
        var notices: [LogFollower.Notice] = []
        #expect(throws: Enough.self) {
            try follower.run(from: end, output: nil) { event, _, _ in
                ids.append(event.id)
                if ids.count == count { throw Enough() }
            } notice: {
                notices.append($0)
            } idle: {
            }
        }
        return (ids, notices)
    }

    @Test(
        "is not fooled by a new file of the same size that got the inode of the one that was scanned",
        .timeLimit(.minutes(5))
    )
    func sameInode() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append(event(1).description + "\n")
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.unlink()
        try directory.append(event(2).description + "\n")

        let seen = follow(follower, from: report.end, until: 1)
        #expect(seen.ids == ["id-2"])
        #expect(seen.notices == [.replaced])
    }

    @Test("goes on where the scan ended, and shows the filtered rest once", .timeLimit(.minutes(5)))
    func resumes() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append(event(1).description + "\n")
        let follower = try LogFollower(path: path, filter: EventFilter(tasks: ["a"]))
        let report = try EventScan([.log(path)]).run { _, _ in true }
        let other = Event(.taskStarted, from: "b")
        try directory.append("\(event(2))\n\(other)\ngarbage\n\(event(3))\n")

        let seen = follow(follower, from: report.end, until: 2)
        #expect(seen.ids == ["id-2", "id-3"])
        #expect(seen.notices.count == 1)
    }

    @Test("says that the log was cut, and shows what is in it now", .timeLimit(.minutes(5)))
    func truncated() throws {
        let path = directory[EventLogConfig.fileName]
        try directory.append("\(event(1))\n\(event(2))\n")
        let follower = try LogFollower(path: path, filter: EventFilter())
        let report = try EventScan([.log(path)]).run { _, _ in true }
        try directory.truncate()
        try directory.append("\(event(3))\n")

        let seen = follow(follower, from: report.end, until: 1)
        #expect(seen.ids == ["id-3"])
        #expect(seen.notices == [.truncated])
    }
}
