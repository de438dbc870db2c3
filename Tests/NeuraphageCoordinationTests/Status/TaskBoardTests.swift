// The board through the product: real hooks of an agent that is a real process, real git, and the log that they make.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageProjections
@testable import NeuraphageStatus
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("A board of tasks", .apart)
struct TaskBoardTests {
    private let world: GitWorld

    init() async throws {
        world = try await GitWorld()
        try await world.addTask("a")
    }

    private func board(at moment: Timestamp? = nil) throws -> TaskBoard {
        let directory = DataDirectory(world.dataDirectory)
        return try TaskBoard.look(in: directory, logPath: world.logPath, at: moment, dayBegan: .now - .seconds(3_600))
    }

    private func status(_ task: TaskID, at moment: Timestamp? = nil) throws -> TaskStatus {
        try #require(try board(at: moment).tasks.first { $0.task == task })
    }

    /// An agent in the worktree of task a. It does what it is told by files, and says what it has done.
    private func agent(_ script: String) throws -> Child {
        let program =
            Script.python + #"""
                import json, os, subprocess
                os.environ.update(NP_DATA_DIR=sys.argv[1], NP_AGENTS_RECORD="all")
                for name in ("NP_TASK", "NP_RUN"): os.environ.pop(name, None)
                worktree, np, steps = sys.argv[2:5]
                def hear(event, **members):
                    call = {"session_id": "s-1", "cwd": worktree, "hook_event_name": event, **members}
                    done = subprocess.run([np, "hook", "claude"], input=json.dumps(call).encode(), capture_output=True)
                    assert done.returncode == 0, done
                def did(what):
                    print(what, flush=True)
                    until(lambda: os.path.exists(steps + "/" + what), what)

                """# + script
        let arguments = [world.dataDirectory, world.path("a"), NPProcess.path, world.directory.path]
        return try Child("python3", ["-c", program] + arguments)
    }

    /// What the agent says that it has done.
    private func line(of agent: Child) async throws -> String? { try await blocking { try agent.line() } }

    private func goOn(from step: String) throws { try world.directory.write("", to: step) }

    @Test("shows an agent as it works, asks, goes on, stops, and dies")
    func life() async throws {
        let agent = try agent(
            #"""
            hear("SessionStart", source="startup")
            hear("UserPromptSubmit", prompt="x", prompt_id="p-1")
            did("thinks")
            hear("PermissionRequest", tool_name="Bash", tool_input={"command": "make"})
            did("asks")
            hear("PostToolUse", tool_name="Bash", tool_input={"command": "make"}, duration_ms=1)
            did("goes on")
            hear("Stop", prompt_id="p-1", last_assistant_message="Shall I go on?")
            did("asked")
            hear("UserPromptSubmit", prompt="y", prompt_id="p-2")
            did("works")
            os._exit(1)
            """#
        )
        #expect(try await line(of: agent) == "thinks")
        let thinks = try status("a")
        #expect(thinks.phase == .working && thinks.evidence.source == .process, "\(thinks.evidence)")
        #expect(thinks.agents.map(\.session) == ["s-1"] && thinks.places.map(\.worktree) == [world.path("a")])
        #expect(thinks.since == thinks.logged.sessions.first?.turn?.begin?.time)
        try goOn(from: "thinks")

        #expect(try await line(of: agent) == "asks")
        let asks = try status("a")
        #expect(asks.phase == .asks && asks.evidence.source == .log && asks.detail == "wants to use Bash")
        #expect(asks.evidence.event != nil && asks.since != nil)
        let asked = Timestamp.now
        try goOn(from: "asks")

        #expect(try await line(of: agent) == "goes on")
        #expect(try status("a").phase == .working)
        // Of that moment the log alone tells.
        let past = try status("a", at: asked)
        #expect(past.phase == .asks && past.agents.map(\.presence) == [.unknown] && past.unread == 0)
        try goOn(from: "goes on")

        #expect(try await line(of: agent) == "asked")
        let question = try status("a")
        #expect(question.phase == .asked && question.evidence.words.contains("question"), "\(question.phase)")
        try goOn(from: "asked")

        #expect(try await line(of: agent) == "works")
        #expect(try status("a").phase == .working)
        try goOn(from: "works")
        #expect(try await agent.ending() == .exited(1))
        let dead = try status("a")
        #expect(dead.phase == .exited && dead.evidence.source == .process && dead.agents.isEmpty, "\(dead.phase)")
        #expect(try board().tasks.count { $0.task == "a" } == 1)
    }

    @Test("shows a task of which the log has nothing, and main as the log and the last look have it")
    func unheard() async throws {
        try await world.git("worktree", "add", "-q", "--detach", world.path("idle"), in: "repo")
        let bus = try world.openBus()
        try await world.observer().look(publishingTo: bus)
        try await world.commit("file", "2\n", in: "repo")
        try await world.observer().look(publishingTo: bus)
        bus.close()
        let board = try board()
        let idle = try #require(board.tasks.first { $0.task == "idle" })
        #expect(idle.phase == .notRecorded && idle.evidence.source == .git)
        let repository = try #require(board.repositories.first)
        #expect(board.repositories.count == 1 && repository.path == world.path("repo") && repository.name == "repo")
        #expect(repository.main == "main" && repository.movesToday == 1 && repository.moved != nil)
        #expect(repository.commit == (try await world.head(of: "repo")))
        #expect(board.daemon == .stopped && board.hasLog && board.lostEvents == 0 && board.gaps == 0)
    }

    @Test("shows a command that runs, and one whose np run was killed and that nobody has settled")
    func runs() throws {
        let record = try world.run("job", in: "a")
        let bus = try world.openBus()
        let begin = record.begin
        bus.publish(try #require(begin))
        bus.close()
        let runs = try status("job")
        #expect(runs.phase == .working && runs.evidence.source == .process && runs.runs.count == 1)
        _ = consume record
        // A process that another test starts has the descriptor until it runs its program.
        try wait(for: "the record to be free") { try status("job").phase != .working }
        let killed = try status("job")
        #expect(killed.phase == .exited && killed.evidence.source == .process && killed.runs.isEmpty)
    }

    @Test("shows that main has the work of a task that had ended before")
    func merged() async throws {
        try await world.commit("new", "1\n", in: "a")
        let bus = try world.openBus()
        bus.publish(Event(.taskStarted, from: "a"))
        bus.publish(.taskCompleted("a", summary: "added it"))
        try await world.observer().look(publishingTo: bus)
        #expect(try status("a").phase == .done)
        try await world.git("merge", "-q", "--no-ff", "neuraphage/a", in: "repo")
        try await world.observer().look(publishingTo: bus)
        bus.close()
        let merged = try status("a")
        #expect(
            merged.phase == .merged && merged.evidence.source == .git && merged.isOver && merged.detail == "added it"
        )
    }

    @Test("has no task of a name that only got messages, and says that these reached none")
    func names() async throws {
        let bus = try world.openBus()
        try await world.observer().look(publishingTo: bus)
        bus.publish(Event(.taskStarted, from: "checkout"))
        let lost = Event(.nudgeSent, from: "checkout", to: "chekout", payload: ["message": "hello"])
        bus.publish(lost)
        // A worktree is there, and its agent may come.
        bus.publish(Event(.nudgeSent, from: "checkout", to: "a", payload: ["message": "hello"]))
        bus.publish(Event(.nudgeSent, from: "checkout", to: "repo", payload: ["message": "hello"]))
        bus.close()
        let board = try board()
        #expect(Set(board.tasks.map(\.task)) == ["a", "checkout"])
        #expect(board.undelivered.map(\.message) == [lost.id] && board.undelivered.first?.suggestion == "checkout")
        #expect(try status("a").unread == 1)
    }

    @Test("is the same without a ledger as far as the log says so, and unknown where only the ledger could tell")
    func withoutLedger() async throws {
        let agent = try agent(
            #"""
            hear("SessionStart", source="startup")
            hear("UserPromptSubmit", prompt="x", prompt_id="p-1")
            did("thinks")
            """#
        )
        #expect(try await line(of: agent) == "thinks")
        try await world.remove("data/ledger")
        let lost = try status("a")
        #expect(lost.phase == .unknown && lost.evidence.source == .ledger && lost.since == nil, "\(lost.phase)")
        try goOn(from: "thinks")
        #expect(try await agent.ending() == .exited(0))
    }
}
