// The index of notifications: the log alone is the truth, and whatever becomes of either, both give the same answer.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("The index of notifications", .apart)
struct NotificationIndexTests {
    let directory: TemporaryDirectory
    let tasks = (1...4).map { TaskID(stringLiteral: "t-\($0)") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var index: NotificationIndex {
        NotificationIndex(logPath: directory[EventLogConfig.fileName], in: DataDirectory(directory.path))
    }

    private func inbox(_ task: TaskID) -> Inbox {
        Inbox(of: task, logPath: directory[EventLogConfig.fileName], in: DataDirectory(directory.path))
    }

    private func line(_ event: Event) -> String { "\(event)\n" }

    private func nudge(_ task: TaskID, _ text: String = "word") -> Event {
        Event(.nudgeSent, to: task, payload: ["message": .string(text)])
    }

    private func mark(_ event: Event, in task: TaskID) -> Event {
        Reading.event(of: event.id, in: task, by: nil, how: "test")
    }

    /// Checks that what the index says of every task is what a pass over the log says.
    private func check(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
        for task in tasks {
            let answer = try #require(try index.unread(of: task))
            let scanned = try inbox(task).unreadByScan()
            #expect(answer.unread == scanned.events, comment, sourceLocation: sourceLocation)
            #expect(answer.end == scanned.end, comment, sourceLocation: sourceLocation)
        }
    }

    @Test("answers as a pass over the log does, at whatever moments it is asked")
    func sameAnswers() throws {
        var generator = SystemRandomNumberGenerator()
        var sent: [Event] = []
        try check("no log")
        for _ in 0..<150 {
            let task = tasks.randomElement(using: &generator)!
            switch Int.random(in: 0..<8, using: &generator) {
            case 0: try directory.append(line(Event(.taskStarted, from: task)))
            case 1: try directory.append("no event\n")
            case 2, 3:
                if let event = sent.randomElement(using: &generator) {
                    try directory.append(line(mark(event, in: event.target!)))
                }
            case 4:
                if let event = sent.randomElement(using: &generator) {
                    try directory.append(line(mark(event, in: task)))
                }
            case 5 where Bool.random():
                if let event = sent.randomElement(using: &generator) { try directory.append(line(event)) }
            default:
                let event = nudge(task, String(repeating: "x", count: Int.random(in: 0..<200, using: &generator)))
                sent.append(event)
                try directory.append(line(event))
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { try check() }
        }
        try check()
    }

    @Test("reads a line only when it is whole")
    func unterminated() throws {
        let text = line(nudge("t-1"))
        try directory.append(line(nudge("t-1")) + String(text.dropLast(20)))
        try check()
        try directory.append(String(text.suffix(20)))
        try check()
        #expect(try index.unread(of: "t-1")?.unread.count == 2)
    }

    @Test("goes on in the files that follow, also where numbers are missing")
    func severalFiles() throws {
        let first = nudge("t-1")
        try directory.append(line(first) + line(nudge("t-2")))
        try check()
        try directory.append(line(nudge("t-2")))
        try directory.rename(EventLogConfig.fileName, to: "event_log.000001.jsonl")
        try directory.append(line(nudge("t-1")) + line(mark(first, in: "t-1")), to: "event_log.000002.jsonl")
        try directory.append(line(nudge("t-3")))
        try check()
        try directory.rename(EventLogConfig.fileName, to: "event_log.000005.jsonl")
        try directory.append(line(nudge("t-4")))
        try check()
        try directory.removeIndex()
        try check("made anew")
        #expect(try index.unread(of: "t-2")?.unread.count == 2)
    }

    enum Change: CaseIterable {
        case cut, replaced, replacedByLonger, deleted, movedAway, oldestDeleted
    }

    @Test("is made anew when the log isn't the one it was", arguments: Change.allCases)
    func changedLog(change: Change) throws {
        let active = EventLogConfig.fileName
        try directory.append(line(nudge("t-4")), to: "event_log.000001.jsonl")
        try directory.append(line(nudge("t-1")) + line(nudge("t-2")))
        try check()
        switch change {
        case .cut: try directory.truncate()
        case .replaced: try directory.write(line(nudge("t-3")), to: active)
        case .replacedByLonger:
            // In place, so that the file is the same one, and longer than what was read.
            let size = try directory.bytes().count
            try directory.write(
                line(nudge("t-3", String(repeating: "x", count: size))) + line(nudge("t-1")),
                to: active
            )
        case .deleted: try directory.unlink()
        case .movedAway: try directory.rename(active, to: "elsewhere")
        case .oldestDeleted: try directory.unlink("event_log.000001.jsonl")
        }
        try check()
        try directory.append(line(nudge("t-2")))
        try check()
    }

    enum Damage: CaseIterable {
        case noCatalogue, halfCatalogue, garbageInCatalogue, noFile, shortFile, garbageInFile, moreInFile, noIndex
    }

    @Test("is made anew when it is damaged, and never trusted", arguments: Damage.allCases)
    func damage(damage: Damage) throws {
        try directory.append((0..<5).map { _ in line(nudge("t-1")) }.joined() + line(nudge("t-2")))
        try check()
        let file = "inbox/index/\(StableHash.name(of: "t-1")).0"
        let catalogue = "inbox/index/catalogue"
        let size = try directory.bytes(file).count
        switch damage {
        case .noCatalogue: try directory.unlink(catalogue)
        case .halfCatalogue: try directory.write(String(try directory.text(catalogue).dropLast(10)), to: catalogue)
        case .garbageInCatalogue: try directory.write("np inbox index 1\nx\nend\n", to: catalogue)
        case .noFile: try directory.unlink(file)
        case .shortFile: try directory.write(String(try directory.text(file).prefix(size / 2)), to: file)
        case .garbageInFile: try directory.write(String(repeating: "\0", count: size), to: file)
        // A crash before the catalogue was written.
        case .moreInFile: try directory.append(line(nudge("t-1")), to: file)
        case .noIndex: try directory.removeIndex()
        }
        try check()
        try directory.append(line(nudge("t-1")))
        try check()
    }

    @Test("is made anew when a single bit of it is another one", arguments: ["catalogue", nil])
    func flippedBits(name: String?) throws {
        let sent = [nudge("t-1"), nudge("t-2")]
        try directory.append(sent.map(line).joined())
        try check()
        let file = "inbox/index/" + (name ?? "\(StableHash.name(of: "t-1")).0")
        let right = try directory.bytes(file)
        for position in right.indices {
            var bytes = right
            bytes[position] ^= 1 << UInt8(position % 8)
            try RealFileSystem().write(bytes, to: directory[file])
            for event in sent {
                #expect(try index.unread(of: event.target!)?.unread == [event], "byte \(position)")
            }
        }
    }

    @Test("is damaged by a file that has gone when something is to be added, too")
    func damageBeforeAdding() throws {
        for read in [false, true] {
            let event = nudge("t-1")
            try directory.append(line(event))
            try check()
            try directory.unlink("inbox/index/\(StableHash.name(of: "t-1")).0")
            try directory.append(line(read ? mark(event, in: "t-1") : nudge("t-1")))
            try check()
            try directory.removeIndex()
        }
    }

    @Test("says nothing rather than reading more than it may")
    func littleTime() throws {
        try directory.append((0..<2_000).map { _ in line(nudge("t-1")) }.joined())
        #expect(try index.unread(of: "t-1", readingAtMost: 1_000) == nil)
        try index.update()
        #expect(try index.unread(of: "t-1", readingAtMost: 1_000)?.unread.count == 2_000)
        try directory.append(line(nudge("t-1")))
        #expect(try index.unread(of: "t-1", readingAtMost: 1_000)?.unread.count == 2_001)
        try check()
    }

    @Test("keeps nothing of what has been read")
    func size() throws {
        for _ in 0..<50 {
            let events = (0..<20).map { _ in nudge("t-1") }
            try directory.append(events.map(line).joined())
            try check()
            try directory.append(events.map { line(mark($0, in: "t-1")) }.joined())
            try check()
        }
        let names = try RealFileSystem().names(in: directory("inbox/index")).sorted()
        #expect(names == ["catalogue", "lock"])
    }

    @Test("is one for many who ask at once")
    func concurrent() async throws {
        try directory.append((0..<500).map { line(nudge(tasks[$0 % 4])) }.joined())
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                group.addTask { try inbox(tasks[number % 4]).unread().events.count }
            }
            for try await count in group { #expect(count == 125) }
        }
    }

    @Test("is not needed: an inbox that cannot have one is read from the log")
    func withoutIndex() throws {
        try directory.append(line(nudge("t-1")))
        try directory.write("", to: "inbox")
        #expect(try inbox("t-1").unread().events.count == 1)
    }
}

extension TemporaryDirectory {
    fileprivate func removeIndex() throws {
        for name in try RealFileSystem().names(in: self["inbox/index"]) { try unlink("inbox/index/" + name) }
    }
}
