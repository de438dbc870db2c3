// Messages that reached no task: the log says so, once, whoever notices it.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("A message that its task has not read when it ends", .apart)
struct UndeliveredTests {
    let np: NPProcess
    private var directory: TemporaryDirectory { np.directory }
    private var data: DataDirectory { DataDirectory(directory.path) }

    init() throws {
        np = try NPProcess()
    }

    private func nudge(_ text: String = "word", to task: TaskID = "t-1") -> Event {
        Event(.nudgeSent, to: task, payload: ["message": .string(text)])
    }

    private func append(_ events: Event...) throws {
        try directory.append(events.map { "\($0)\n" }.joined())
    }

    private func tell() throws -> Bool {
        let log = try EventLog(opening: EventLogConfig(dataDirectory: directory.path))
        defer { log.close() }
        return Inbox.tellUndelivered(in: log, data, readingAtMost: 64 << 20) == .done
    }

    /// The same by a process in the background.
    private func tell(readingAtMost most: Int) throws -> Inbox.Telling {
        let bus = EventBus(log: try EventLog(opening: EventLogConfig(dataDirectory: directory.path)))
        defer { bus.close() }
        return Ledger(in: data).tellUndelivered(publishingTo: bus, readingAtMost: most)
    }

    private func told(in events: [Event]) -> [Event] { events.filter { $0.kind == .notificationUndelivered } }
    private func told() throws -> [Event] { told(in: try np.loggedEvents()) }

    private func isTold(_ event: Event, _ messages: [Event], of task: TaskID = "t-1", by end: Event) -> Bool {
        event.source == task && event.target == nil
            && event.payload.strings(at: "notifications") == messages.map(\.id.description)
            && event.payload.string("cause") == end.id.description
    }

    // MARK: - What is told

    @Test("is told with the end of its life, once, and what came after that waits for the next life")
    func lives() throws {
        let (one, two, three, four) = (nudge("1"), nudge("2"), nudge("3"), nudge("4"))
        let relayed = Event(.syncRelayed, from: "t-2", to: "t-1")
        let (first, second) = (Event(.taskCompleted, from: "t-1"), Event(.taskFailed, from: "t-1"))
        try append(one, relayed, two, Reading.event(of: two.id, in: "t-1", by: "t-1", how: "test"), first)
        try append(Event(.taskStarted, from: "t-1"), three, second, four)
        #expect(try tell())
        let told = try told()
        try #require(told.count == 2)
        #expect(isTold(told[0], [one, relayed], by: first))
        #expect(isTold(told[1], [three], by: second))
        #expect(try tell())
        #expect(try self.told().count == 2)
        #expect(try Inbox(of: "t-1", logPath: directory[EventLogConfig.fileName], in: data).unread().events == [four])
    }

    @Test("is not an order to rebase, which is void, nor what was overtaken, nor a word of the task to itself")
    func noMessages() throws {
        let overtaken = nudge()
        try append(Event(.rebaseRequired, to: "t-1"), Event(.nudgeSent, from: "t-1", to: "t-1"), overtaken)
        for event in Lapse.events(.superseded, of: [overtaken.id], in: "t-1", by: nil) { try append(event) }
        try append(Event(.taskCompleted, from: "t-1"))
        #expect(try tell())
        #expect(try told() == [])
    }

    @Test("is told with others, as many as one event can name")
    func many() throws {
        let messages = (0..<450).map { nudge("\($0)") }
        for message in messages { try append(message) }
        try append(Event(.taskCancelled, from: "t-1"))
        #expect(try tell())
        let told = try told()
        #expect(told.map { $0.payload.strings(at: "notifications").count } == [200, 200, 50])
        #expect(told.flatMap { $0.payload.strings(at: "notifications") } == messages.map(\.id.description))
        #expect(told.allSatisfy { !$0.payload.json.contains("truncated") && $0.payload.string("cause") != nil })
    }

    @Test("is told in the background however much of the log is new, except where no checkpoint can be kept")
    func farBehind() throws {
        let end = Event(.taskCompleted, from: "t-1")
        let message = nudge()
        try append(message, end)
        let filler = Event(
            .learningExtracted,
            from: "t-2",
            payload: ["learning": .string(String(repeating: "x", count: 4_000))]
        )
        try directory.append(String(repeating: "\(filler)\n", count: 200))
        try directory.write("", to: "projections")
        #expect(try tell(readingAtMost: 1_000) == .behind)
        try directory.unlink("projections")
        #expect(try tell(readingAtMost: 1_000) == .done)
        let told = try told()
        #expect(told.count == 1 && isTold(told[0], [message], by: end))
    }

    // MARK: - Sessions that may still answer

    @Test("is not told while a session that was handed it may answer", arguments: [true, false])
    func pending(answers: Bool) async throws {
        let hook = try AgentHookCase()
        let message = nudge()
        let end = Event(.taskCompleted, from: "t-1")
        _ = try hook.hear(.claude, event: "SessionStart")
        try hook.append(message)
        #expect(try hook.hear(.claude, event: "UserPromptSubmit").printed.contains("word"))
        try hook.append(end)
        try hook.settleTasks()
        #expect(told(in: try hook.logged()) == [])
        let history = try await np.start(NPProcess.path, ["inbox", "--all", "--data-dir", hook.directory("data")])
        #expect(history.output.contains("  pending  s-1  "), "\(history)")
        _ = try hook.hear(.claude, event: answers ? "Stop" : "SessionEnd")
        for _ in 0..<2 { try hook.settleTasks() }
        let told = told(in: try hook.logged())
        if answers {
            #expect(told == [])
            #expect(try hook.logged().contains { Reading($0)?.notification == message.id })
        } else {
            #expect(told.count == 1 && isTold(told[0], [message], by: end))
        }
    }

    // MARK: - Who tells it

    @Test("is told once, though a daemon, np emit, and looks in the background all notice")
    func once() async throws {
        _ = try await np.script(
            """
            "$NP" daemon start
            for task in 1 2 3 4; do "$NP" nudge --anyway t-$task word >/dev/null; done
            look() { "$NP" hook settle & "$NP" watch --once & }
            look
            for task in 1 2 3 4; do "$NP" emit TaskCompleted --task t-$task >/dev/null & look; done 2>/dev/null
            wait; look; wait
            "$NP" daemon stop
            """
        )
        #expect(
            try told().compactMap(\.source).sorted { $0.description < $1.description } == ["t-1", "t-2", "t-3", "t-4"]
        )
    }

    @Test("is told by a daemon soon after any process has ended the task, also if no session is open")
    func daemon() async throws {
        let bus = EventBus(log: try EventLog(opening: EventLogConfig(dataDirectory: directory.path)))
        let ledger = Ledger(in: data)
        let watch = Task { try await ledger.watch(publishingTo: bus, every: .milliseconds(10)) }
        for number in 1...3 {
            _ = try await np.script(#""$NP" nudge --anyway t-1 word; "$NP" run --task t-1 -- true"#)
            try wait(for: "the message of life \(number) to be told") { try told().count == number }
        }
        watch.cancel()
        _ = try await within("the watch to end") { await watch.result }
        bus.close()
        #expect(try told().count == 3)
    }

    @Test("is told by np emit with the end that it logs, one by one or many")
    func emit() async throws {
        let outcome = try await np.script(
            """
            for task in 1 2 3; do "$NP" nudge --anyway t-$task word >/dev/null; done 2>/dev/null
            "$NP" emit TaskCompleted --task t-1 >/dev/null; grep -c '"Custom":"NotificationUndelivered"' event_log.jsonl
            for task in 2 3; do echo '{"kind":"TaskFailed","source_task":"t-'$task'"}'; done | "$NP" emit - >/dev/null
            grep -c '"Custom":"NotificationUndelivered"' event_log.jsonl
            """
        )
        #expect(outcome.output == "1\n3\n", "\(outcome)")
    }

    @Test("is told by the next process if one is killed between looking and telling")
    func killedBetween() async throws {
        try append(nudge(), Event(.taskCompleted, from: "t-1"))
        let outcome = try await np.python(
            """
            import fcntl, glob, os, subprocess
            np = os.environ["NP"]
            def held(path):
                with open(path) as file:
                    try: fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                    except BlockingIOError: return True
                return False
            def told():
                return open("event_log.jsonl").read().count("NotificationUndelivered")
            with open("event_log.jsonl") as log:
                # It has the inbox locked, and has to wait for the log.
                fcntl.flock(log, fcntl.LOCK_EX)
                look = subprocess.Popen([np, "hook", "settle"])
                until(lambda: any(held(path) for path in glob.glob("inbox/*.lock")) or look.poll() is not None, "the look")
                look.kill()
                look.wait()
            print(told())
            looks = [subprocess.Popen([np, "hook", "settle"]) for _ in range(4)]
            for look in looks: look.wait()
            print(told())
            """
        )
        #expect(outcome.output == "0\n1\n", "\(outcome)")
    }

    @Test("is told later if another process keeps the inbox, or the log takes nothing")
    func later() throws {
        try append(nudge(), Event(.taskCompleted, from: "t-1"))
        do {
            let number = "t-1".utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff }
            guard let lock = try LockFile.take("\(data.inbox)/\(number).lock", until: 0, in: data.files) else {
                Issue.record("the lock is not free")
                return
            }
            #expect(try !tell())
            _ = consume lock
        }
        #expect(try told() == [])
        #expect(try tell())
        #expect(try told().count == 1)
    }

    // MARK: - Where it shows

    @Test("shows as a problem, by the bare name of its kind, and as never read; nothing but np says it")
    func shown() async throws {
        let outcome = try await np.script(
            """
            "$NP" nudge --anyway t-1 word >/dev/null 2>&1; "$NP" emit RebaseRequired --to t-1 >/dev/null
            "$NP" emit TaskCompleted --task t-1 >/dev/null; "$NP" nudge t-1 later >/dev/null 2>&1
            "$NP" events --problems --no-pager; "$NP" events -k NotificationUndelivered; "$NP" events -k 'notification*'
            "$NP" inbox --all
            "$NP" emit NotificationUndelivered --task t-1; echo $?
            "$NP" emit custom:NotificationUndelivered --task t-1; echo $?
            """
        )
        let lines = outcome.output.split(separator: "\n").map { $0.split(separator: " ").joined(separator: " ") }
        let told = "NotificationUndelivered t-1 → 1 notification was not read before its task ended"
        #expect(lines.prefix(3).allSatisfy { $0.hasSuffix(told) }, "\(outcome)")
        #expect(
            lines.dropFirst(4).prefix(3).map { $0.split(separator: " ").dropFirst(3).prefix(2).joined(separator: " ") }
                == ["never -", "never -", "not yet"],
            "\(lines)"
        )
        #expect(lines.suffix(2) == ["64", "64"])
    }
}
