// What agents' hooks begin, and how it ends: each thing is said once, whoever is killed, and whoever says it first.

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

@Suite("An agent's hook that begins or ends something", .apart)
struct AgentHookRecordTests {
    @Test("writes down the task's worktree and repository, so that somebody can tell when it is over")
    func taskRecord() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.codex, event: "SessionStart", #""source":"startup""#)
        let records = TaskRecords(in: DataDirectory(hook.directory("data")))
        let open = try #require(records.open(task: "t-1"))
        #expect(records.openTasks.map(\.task) == ["t-1"] && records.isOpen("t-1") && !records.isOpen("t-2"))
        #expect([open.agent, open.session, open.worktree] == ["codex", "s-1", ""])
        #expect(open.directory == hook.worktree && open.git == hook.worktree + "/.git")

        let bus = EventBus(log: try EventLog(opening: hook.log))
        records.end(open, publishingTo: bus, with: Event(.taskCompleted, from: "t-1"))
        records.end(open, publishingTo: bus, with: Event(.taskCompleted, from: "t-1"))
        bus.close()
        #expect(try hook.logged().map(\.kind.name) == ["AgentSessionStarted", "TaskStarted", "TaskCompleted"])
        #expect(records.openTasks.isEmpty)
    }

    @Test(
        "begins the task with a turn if the agent has come into the worktree since its session began",
        arguments: Agent.allCases
    )
    func comingLater(agent: Agent) throws {
        let hook = try AgentHookCase()
        let elsewhere = #"{"session_id":"s-1","cwd":"/","hook_event_name":"SessionStart"}"#
        #expect(try hook.hear(agent, elsewhere).logged.map(\.kind.name) == ["AgentSessionStarted"])
        #expect(
            try hook.hear(agent, event: "UserPromptSubmit").events == [
                "AgentTurnStarted {}", "TaskStarted {}",
            ]
        )
        #expect(try hook.hear(agent, event: "UserPromptSubmit").events.last == "AgentTurnStarted {}")
        let open = try #require(TaskRecords(in: DataDirectory(hook.directory("data"))).open(task: "t-1"))
        #expect(open.directory == hook.worktree)
    }

    @Test("begins the task anew with a turn of an agent that has gone elsewhere, for the worktree of its session")
    func goneElsewhere() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "SessionStart")
        try hook.append(Event(.taskCompleted, from: "t-1"))
        try hook.settleTasks { !TaskRecords(in: DataDirectory(hook.directory("data"))).isOpen("t-1") }
        let elsewhere = #"{"session_id":"s-1","cwd":"/","hook_event_name":"UserPromptSubmit","prompt":""}"#
        let heard = try hook.hear(.claude, elsewhere)
        let events = heard.logged.map { "\($0.kind.name) \($0.source?.description ?? "")" }
        #expect(events == ["AgentTurnStarted t-1", "TaskStarted t-1"])
        #expect(heard.logged.last?.payload.string("worktree") == hook.worktree)
        let data = DataDirectory(hook.directory("data"))
        #expect(TaskRecords(in: data).open(task: "t-1")?.place == PlaceNames.place(containing: hook.worktree, in: data))
    }

    @Test(
        "begins a task anew that somebody has ended, and only that one",
        arguments: ["SessionStart", "UserPromptSubmit"]
    )
    func endedByHand(event: String) throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "SessionStart")
        try hook.settleTasks()
        #expect(try hook.hear(.claude, event: event).logged.count == 1)
        let records = TaskRecords(in: DataDirectory(hook.directory("data")))
        try hook.append(Event(.taskFailed, from: "t-1"))
        try hook.settleTasks { !records.isOpen("t-1") }
        #expect(try hook.hear(.claude, event: event).logged.map(\.kind).last == .taskStarted)
        try hook.settleTasks()
        #expect(records.isOpen("t-1"))
        #expect(try hook.logged().count { $0.kind == .taskStarted } == 2)
    }

    @Test("has the beginning of a task said by others if it was killed before it could say it, once")
    func killedBeforeSaying() throws {
        for settles in [0, 1, 2] {
            let hook = try AgentHookCase()
            let records = TaskRecords(in: DataDirectory(hook.directory("data")))
            let started = Event(.taskStarted, from: "t-1")
            let session = AgentSession(agent: .claude, id: "s-1")
            // What is left behind by a process that dies: a record that nobody holds.
            _ = records.begin("t-1", with: { started }, by: session, at: nil, in: hook.worktree)
            if settles > 0 {
                try hook.settleTasks { try !hook.logged().isEmpty }
            }
            for _ in 0..<settles { try hook.settleTasks() }
            #expect(try hook.logged().map(\.id) == (settles == 0 ? [] : [started.id]))
            let bus = EventBus(log: try EventLog(opening: hook.log))
            records.end(
                try #require(records.open(task: "t-1")),
                publishingTo: bus,
                with: Event(.taskCancelled, from: "t-1")
            )
            bus.close()
            let events = try hook.logged()
            #expect(events.map(\.kind) == [.taskStarted, .taskCancelled] && events.first == started)
        }
    }

    @Test("is not taken for one that was killed while it has not said it yet")
    func beforeSaying() throws {
        let hook = try AgentHookCase()
        let records = TaskRecords(in: DataDirectory(hook.directory("data")))
        let session = AgentSession(agent: .claude, id: "s-1")
        let record = records.begin(
            "t-1",
            with: { Event(.taskStarted, from: "t-1") },
            by: session,
            at: nil,
            in: hook.worktree
        )
        try hook.settleTasks()
        #expect(try hook.logged() == [])
        _ = consume record
        try hook.settleTasks { try !hook.logged().isEmpty }
        #expect(try hook.logged().map(\.kind) == [.taskStarted])
    }

    /// Says that a session begins, and writes it down as that of a process that there isn't.
    private func beginWithDeadAgent(_ id: String, in hook: AgentHookCase, _ say: (Event) throws -> Void) throws {
        let session = AgentSession(agent: .claude, id: id)
        let started = Event(.custom("AgentSessionStarted"), payload: Payload(.object(session.members)))
        try say(started)
        let process = ProcessIdentity(id: .max, start: 1, numbering: nil)
        let sessions = AgentSessions(in: DataDirectory(hook.directory("data")))
        _ = sessions.begin(session, with: started, of: nil, at: nil, by: process, publishingTo: EventBus())
    }

    @Test("tells the end of a session once: not again, and not after it was inferred; also if nobody saw it begin")
    func sessionEnd() throws {
        let hook = try AgentHookCase()
        func end() throws -> [String] { try hook.hear(.claude, event: "SessionEnd", #""reason":"other""#).events }
        let ended = #"AgentSessionEnded {"reason":"other"}"#
        #expect(try end() == [ended])
        #expect(try end() == [])
        let begin = try #require(try hook.hear(.claude, event: "SessionStart").logged.first).id
        #expect(try end() == [#"AgentSessionEnded {"reason":"other","begin":"\#(begin)"}"#])
        #expect(try end() == [])

        try beginWithDeadAgent("s-1", in: hook) { try hook.append($0) }
        let bus = EventBus(log: try EventLog(opening: hook.log))
        Ledger(in: DataDirectory(hook.directory("data"))).settle(publishingTo: bus)
        bus.close()
        let inferred = try #require(try hook.logged().last).payload
        #expect(inferred["inferred"]?.text == "true" && inferred["begin"] != nil)
        #expect(try end() == [])
    }

    @Test(
        "has the end of a session said by others if it was killed before it could say it, once, though the agent lives"
    )
    func killedBeforeSayingTheEnd() throws {
        let hook = try AgentHookCase()
        _ = try hook.hear(.claude, event: "SessionStart")
        let session = AgentSession(agent: .claude, id: "s-1")
        let ended = Event(.custom(AgentSessions.endName), from: "t-1", payload: Payload(.object(session.members)))
        try hook.directory.append("\n\(ended)\n", to: "data/ledger/session-\(session.fileName)")
        #expect(try hook.hear(.claude, event: "SessionEnd").events == [])
        for _ in 0..<2 {
            let bus = EventBus(log: try EventLog(opening: hook.log))
            Ledger(in: DataDirectory(hook.directory("data"))).settle(publishingTo: bus)
            bus.close()
        }
        #expect(try hook.logged().map(\.id).filter { $0 == ended.id }.count == 1)
        #expect(try hook.hear(.claude, event: "SessionEnd").events == [])
    }

    @Test("has sessions watched, also those that begin later, and their ends told when their agents are gone")
    func watching() async throws {
        let hook = try AgentHookCase()
        let bus = EventBus(log: try EventLog(opening: hook.log))
        let ends = bus.subscribe(to: [.custom(AgentSessions.endName)])
        let ledger = Ledger(in: DataDirectory(hook.directory("data")))
        let watch = Task { try await ledger.watch(publishingTo: bus, every: .milliseconds(10)) }
        for id in ["s-1", "s-2"] {
            try beginWithDeadAgent(id, in: hook) { bus.publish($0) }
            guard let event = try await within("the end of \(id)", { await ends.next() })?.event else { break }
            #expect(event.payload["session"]?.text == id && event.payload["inferred"]?.text == "true")
        }
        watch.cancel()
        _ = try await within("the watch to end") { await watch.result }
        bus.close()
        #expect(try hook.logged().count == 4)
    }
}
