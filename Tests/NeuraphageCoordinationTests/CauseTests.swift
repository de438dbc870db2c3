// What events say of each other, and of where they happened: what an end ends, what a rebase follows, in which repository
// and in which agent's session something was done.

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

@Suite("Events name", .apart)
struct CauseTests {
    @Test("the event that they end: of a task, of a part of one, and of one that is ended by hand")
    func beginnings() async throws {
        let np = try NPProcess()
        _ = try await np.script(
            """
            "$NP" run --task t-1 -- "$NP" run -- false
            "$NP" run --task t-2 -- "$NP" emit TaskCompleted --task t-2 summary=done
            "$NP" lock build -- true
            """
        )
        let events = try np.loggedEvents()
        let kinds = Dictionary(uniqueKeysWithValues: events.map { ($0.id.description, ($0.kind, $0.source)) })
        let beginnings: [EventKind: EventKind] = [
            .taskCompleted: .taskStarted, .taskFailed: .taskStarted, .runEnded: .runStarted,
            .lockReleased: .lockAcquired,
        ]
        let ends = events.filter { beginnings[$0.kind] != nil }
        #expect(ends.map(\.kind) == [.runEnded, .taskFailed, .taskCompleted, .taskCompleted, .lockReleased])
        for end in ends {
            let begin = try #require(kinds[end.payload.string("begin") ?? ""], "\(end)")
            #expect(begin.0 == beginnings[end.kind] && begin.1 == end.source, "\(end)")
        }
    }

    @Test("the move of main that an order to rebase follows, that order, and where all of it happened")
    func rebases() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("own", "1\n", in: "t-1")
        try await world.look()
        func latest(_ kind: EventKind) throws -> Event { try #require(try world.events().last { $0.kind == kind }) }
        func cause(_ event: Event) -> String? { event.payload.string("cause") }

        let commit = try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        let (main, order) = (try latest(.mainUpdated), try latest(.rebaseRequired))
        #expect(cause(order) == main.id.description)
        #expect(order.payload.string("commit") == commit && order.payload.string("main") == "main")

        try await world.git("rebase", "-q", "main", in: "t-1")
        try await world.look()
        let completed = try latest(.rebaseCompleted)
        #expect(cause(completed) == order.id.description)

        try await world.commit("file", "mine\n", in: "t-1")
        try await world.commit("file", "theirs\n", in: "repo")
        try await world.look()
        #expect(try await !world.tryGit("rebase", "main", in: "t-1"))
        try await world.look()
        let conflict = try latest(.rebaseConflict)
        #expect(cause(conflict) == (try latest(.rebaseRequired)).id.description)

        for event in [order, completed, conflict] {
            let members = ["repo", "repo_name", "common_dir", "branch", "worktree"].map { event.payload.string($0) }
            let expected = [
                world.path("repo"), "repo", world.path("repo/.git"), "neuraphage/t-1", world.path("t-1"),
            ]
            #expect(members == expected, "\(event)")
        }
        #expect(main.payload.string("common_dir") == world.path("repo/.git") && main.payload["worktree"] == nil)
    }

    @Test("the move of main if no order was given: a branch that was rebased at once follows that")
    func rebaseAtOnce() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("own", "1\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        try await world.git("rebase", "-q", "main", in: "t-1")
        try await world.look()
        let events = try world.events()
        #expect(events.map(\.kind) == [.mainUpdated, .rebaseCompleted])
        #expect(events.last?.payload.string("cause") == events.first?.id.description)
        try await world.git("commit", "-q", "--amend", "-m", "Other", in: "t-1")
        try await world.git("rebase", "-q", "--force-rebase", "main", in: "t-1")
        try await world.look()
        // A rebase for its own sake follows nothing.
        #expect(try world.events().dropFirst(2).allSatisfy { $0.payload["cause"] == nil })
    }

    @Test("the worktree in which a command runs, and its branch")
    func places() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        let data = world.dataDirectory
        let np = try NPProcess()
        let script = #"cd "$0" && NP_DATA_DIR="$1" "$NP" run -- "$NP" run -- true"#
        _ = try await np.start("/bin/sh", ["-c", script, world.path("t-1"), data])
        let events = try world.events().filter { [.taskStarted, .runStarted].contains($0.kind) }
        #expect(events.count == 2)
        for event in events {
            #expect(event.payload.string("repo") == world.path("repo"))
            #expect(event.payload.string("branch") == "neuraphage/t-1")
            #expect(event.payload.string("worktree") == world.path("t-1"))
        }
    }

    @Test("the agent's session whose commands do something")
    func sessions() async throws {
        let np = try NPProcess()
        let data = DataDirectory(np.directory.path)
        let session = AgentSession(agent: .claude, id: "s-1")
        let started = Event(.custom("AgentSessionStarted"), from: "t-1", payload: ["world": true])
        // The tests play the agent.
        let record = AgentSessions(in: data)
            .begin(
                session,
                with: started,
                of: "t-1",
                at: nil,
                by: .current(in: data.files),
                publishingTo: EventBus()
            )
        _ = try await np.script(
            """
            "$NP" run --task t-1 -- true
            "$NP" lock build -- true
            "$NP" nudge --anyway t-1 hello
            NP_TASK=t-1 "$NP" inbox --ack
            """
        )
        let events = try np.loggedEvents()
        for kind in [EventKind.taskStarted, .lockAcquired, .nudgeSent, .notificationRead] {
            let event = try #require(events.first { $0.kind == kind }, "\(kind)")
            #expect(event.payload.string("session") == "s-1" && event.payload.string("agent") == "claude", "\(event)")
        }
        _ = consume record
    }
}
