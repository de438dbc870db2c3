// What tasks have not read: the log alone is the truth, and whatever checkpoint there is, the answer is that of a pass over it.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks

@Suite("What tasks have not read", .apart)
struct InboxesTests {
    let directory: TemporaryDirectory
    let tasks = (1...4).map { TaskID(stringLiteral: "t-\($0)") }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var log: String { directory[EventLogConfig.fileName] }

    /// One that writes a checkpoint whenever something is new.
    private var store: ProjectionStore {
        var store = ProjectionStore(ofLogAt: log, in: DataDirectory(directory.path))
        store.leastNews = 1
        return store
    }

    private func inbox(_ task: TaskID) -> Inbox {
        Inbox(of: task, logPath: log, in: DataDirectory(directory.path))
    }

    private func line(_ event: Event) -> String { "\(event)\n" }

    private func nudge(_ task: TaskID, _ text: String = "word") -> Event {
        Event(.nudgeSent, to: task, payload: ["message": .string(text)])
    }

    private func mark(_ event: Event, in task: TaskID) -> Event {
        Reading.event(of: event.id, in: task, by: nil, how: "test")
    }

    /// Checks that what a checkpoint leads to is what a pass over the log says, of one task and of all.
    private func check(_ comment: Comment? = nil, sourceLocation: SourceLocation = #_sourceLocation) throws {
        let scratch: Folded<Inboxes> = try ProjectionStore(ofLogAt: log, in: DataDirectory(directory("nowhere")))
            .folded(writing: false)
        for isWriting in [false, true] {
            let folded: Folded<Inboxes> = try store.folded(writing: isWriting)
            #expect(folded.end == scratch.end, comment, sourceLocation: sourceLocation)
            for task in tasks.map(\.description) {
                let (found, right) = (folded.parts[task], scratch.parts[task])
                #expect(found?.events ?? [] == right?.events ?? [], comment, sourceLocation: sourceLocation)
                let (left, rightlyLeft) = (found?.remainders ?? [], right?.remainders ?? [])
                #expect(left.map(\.end) == rightlyLeft.map(\.end), comment, sourceLocation: sourceLocation)
                #expect(left.map(\.messages) == rightlyLeft.map(\.messages), comment, sourceLocation: sourceLocation)
                #expect(found?.hasRemainders ?? false == !rightlyLeft.isEmpty, comment, sourceLocation: sourceLocation)
                let one: Folded<Inboxes> = try store.folded(of: [task], writing: false)
                #expect(one.parts[task]?.events ?? [] == right?.events ?? [], comment, sourceLocation: sourceLocation)
            }
        }
    }

    private func unreadCount(_ task: TaskID) throws -> Int { try inbox(task).unread().events.count }

    @Test("is what a pass over the log says, at whatever moments it is asked")
    func sameAnswers() throws {
        var generator = SystemRandomNumberGenerator()
        var sent: [Event] = []
        try check("no log")
        for _ in 0..<150 {
            let task = tasks.randomElement(using: &generator)!
            switch Int.random(in: 0..<10, using: &generator) {
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
            case 6: try directory.append(line(Event(.taskCompleted, from: task, to: Bool.random() ? tasks[0] : nil)))
            case 7:
                let ids = sent.filter { $0.target == task }.shuffled(using: &generator).prefix(3).map(\.id)
                for event in Lapse.events(.undelivered, of: ids, in: task, by: nil) {
                    try directory.append(line(event))
                }
            default:
                let event = nudge(task, String(repeating: "x", count: Int.random(in: 0..<200, using: &generator)))
                sent.append(event)
                try directory.append(line(event))
            }
            if Int.random(in: 0..<3, using: &generator) == 0 { try check() }
        }
        try check()
    }

    @Test("keeps of thousands of notifications only those that matter still")
    func thousands() throws {
        let events = (0..<3_000).map { _ in nudge("t-1") }
        try directory.append(events.map(line).joined())
        try check()
        try directory.append(events.dropLast(5).map { line(mark($0, in: "t-1")) }.joined())
        try directory.append(line(Event(.taskCompleted, from: "t-1")) + line(nudge("t-1")))
        try check()
        let part: Folded<Inboxes> = try store.folded(of: ["t-1"], writing: false)
        #expect(part.parts["t-1"]?.events.count == 1)
        #expect(part.parts["t-1"]?.remainders.map(\.messages) == [events.suffix(5).map(\.id)])
    }

    @Test("counts a line only when it is whole")
    func unterminated() throws {
        let text = line(nudge("t-1"))
        try directory.append(line(nudge("t-1")) + String(text.dropLast(20)))
        try check()
        try directory.append(String(text.suffix(20)))
        try check()
        #expect(try unreadCount("t-1") == 2)
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
        #expect(try unreadCount("t-2") == 2)
    }

    @Test("is not said at once if more of the log would have to be read than there is time for")
    func littleTime() throws {
        try directory.append((0..<3_000).map { _ in line(nudge("t-1", String(repeating: "x", count: 200))) }.joined())
        struct Opened: Error {}
        func attempt() throws -> Inbox.Attempt {
            try inbox("t-1").handOverAtOnce(
                to: AgentSession(agent: .claude, id: "s-1"),
                markingIn: { throw Opened() },
                { _ in [] }
            )
        }
        #expect(try attempt() == .behind)
        #expect(!directory.exists("projections"))
        let data = DataDirectory(directory.path)
        guard let lock = try LockFile.take(data.projection(Inboxes.name).lock, until: 0, in: RealFileSystem()) else {
            Issue.record("the lock is free")
            return
        }
        // Another process is at it, so none needs to be started.
        #expect(try attempt() == .busy)
        _ = consume lock
        try ProjectionStore(ofLogAt: log, in: data).update(Inboxes.self)
        let checkpoint = try directory.bytes("projections/inboxes")
        try directory.append((0..<500).map { _ in line(nudge("t-1", String(repeating: "x", count: 200))) }.joined())
        #expect(throws: Opened.self) { try attempt() }
        #expect(try directory.bytes("projections/inboxes") == checkpoint, "a hook writes none")
    }

    @Test("takes no room for what has been read")
    func size() throws {
        for _ in 0..<20 {
            let events = (0..<20).map { _ in nudge("t-1") }
            try directory.append(events.map(line).joined())
            try check()
            try directory.append(events.map { line(mark($0, in: "t-1")) }.joined())
            try check()
        }
        #expect(try directory.bytes("projections/inboxes").count < 200)
    }

    @Test("is the same for many who ask at once")
    func concurrent() async throws {
        try directory.append((0..<500).map { line(nudge(tasks[$0 % 4], String(repeating: "x", count: 900))) }.joined())
        try await withThrowingTaskGroup(of: Int.self) { group in
            for number in 0..<16 {
                group.addTask { try inbox(tasks[number % 4]).unread().events.count }
            }
            for try await count in group { #expect(count == 125) }
        }
    }

    @Test("needs no checkpoint: where none can be written the log is read")
    func withoutCheckpoint() throws {
        try directory.append(line(nudge("t-1")))
        try directory.write("", to: "projections")
        #expect(try unreadCount("t-1") == 1)
    }
}
