// What was printed for a session, turns without an end, and whom a nudge comes from: the decisions, without a process.

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

@Suite("What a session was told", .apart)
struct HandoverTests {
    private let directory: TemporaryDirectory
    private let data: DataDirectory

    init() throws {
        directory = try TemporaryDirectory()
        data = DataDirectory(directory.path)
    }

    private let session = AgentSession(agent: .codex, id: "s \"1\"\n")

    private func handover(turn: String? = nil, after tools: [String]? = nil, agent: Agent = .codex) -> Handover {
        let session = AgentSession(agent: agent, id: session.id)
        let marks = ["a", "b"].map { id in
            Reading.event(of: EventID(id), in: "t-1", by: "t-1", how: "np hook", session.members).payload
        }
        return Handover(
            to: session,
            of: "t-1",
            turn: turn,
            after: tools,
            marks: marks,
            at: Timestamp(microsecondsSinceEpoch: 1_700_000_000_000_001)
        )
    }

    @Test("is kept as text, and a text that was never finished is none")
    func text() {
        let text = handover(turn: "7").text
        #expect(Handover(text) == handover(turn: "7"))
        #expect(handover().notifications == ["a", "b"])
        for tools in [[], ["x"], ["x", "y"]] {
            #expect(Handover(handover(after: tools).text) == handover(after: tools))
        }
        for length in 0..<text.utf8.count {
            let cut = Handover(String(decoding: text.utf8.prefix(length), as: UTF8.self))
            #expect((cut?.notifications.count ?? 0) < 2)
        }
    }

    @Test("counts as read with the session's answer, once, and only in the turn that it was printed in")
    func answers() throws {
        let handovers = Handovers(in: data)
        try handovers.store(handover(turn: "7"))
        var told: [Event] = []
        func answer(in turn: String?) throws { try handovers.answer(by: session, with: .stop, in: turn) { told += $0 } }
        try answer(in: "6")
        #expect(told.isEmpty)
        struct Full: Error {}
        #expect(throws: Full.self) {
            try handovers.answer(by: session, with: .stop, in: "7") { _ in throw Full() }
        }
        try answer(in: "7")
        try answer(in: "7")
        #expect(told.map { $0.payload.string("notification") } == ["a", "b"])
        #expect(told.allSatisfy { $0.source == "t-1" && $0.payload.string("session") == session.id })
        #expect(handovers.handover(to: session) == nil)
    }

    @Test("is left alone in a file of a newer version")
    func newer() throws {
        try Handovers(in: data).store(handover())
        let name = try #require(try RealFileSystem().names(in: data.agents).first)
        let text = try directory.text("agents/\(name)")
        try directory.write(
            text.replacing("{\"agent\"", with: "{\"format\":9,\"agent\"", maxReplacements: 1),
            to: "agents/\(name)"
        )
        #expect(Handovers(in: data).handover(to: session) == nil)
    }

    struct Answer: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var agent = Agent.claude
        var printedAfter: [String]?
        let sign: ModelAnswer
        var turn: String?
        let isAnswer: Bool
    }

    @Test(
        "is answered by what the model can only have done after it",
        arguments: [
            Answer(testDescription: "a stop", sign: .stop, isAnswer: true),
            Answer(testDescription: "a stop of another turn", sign: .stop, turn: "2", isAnswer: false),
            Answer(testDescription: "a tool after the prompt", sign: .tools(["x"]), isAnswer: true),
            Answer(testDescription: "a stop after tools", printedAfter: ["x"], sign: .stop, isAnswer: true),
            Answer(testDescription: "the next tool", printedAfter: ["x", "y"], sign: .tools(["z"]), isAnswer: true),
            Answer(
                testDescription: "the same tools",
                printedAfter: ["x", "y"],
                sign: .tools(["x", "y"]),
                isAnswer: false
            ),
            Answer(
                testDescription: "one of them, late",
                printedAfter: ["x", "y"],
                sign: .tools(["y"]),
                isAnswer: false
            ),
            Answer(
                testDescription: "after tools without names",
                printedAfter: [],
                sign: .tools(["x"]),
                isAnswer: false
            ),
            Answer(
                testDescription: "a tool of Codex, which may be of the same batch",
                agent: .codex,
                printedAfter: ["x"],
                sign: .tools(["z"]),
                isAnswer: false
            ),
            Answer(testDescription: "Codex' stop", agent: .codex, printedAfter: ["x"], sign: .stop, isAnswer: true),
        ]
    )
    func signs(row: Answer) {
        let handover = handover(turn: "1", after: row.printedAfter, agent: row.agent)
        #expect(handover.isAnswered(by: row.sign, in: row.turn) == row.isAnswer)
    }

    // MARK: - Senders

    struct Row: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var here: TaskID? = "here"
        var sessions: [TaskID?] = []
        var isMarked = false
        var hasAgent = false
        var seesProcesses = true
        let sender: NudgeSender
    }

    @Test(
        "comes from the user unless an agent has typed it",
        arguments: [
            Row(testDescription: "in a worktree", sender: .user),
            Row(testDescription: "elsewhere", here: nil, sender: .user),
            Row(testDescription: "an agent's variables", isMarked: true, sender: .task("here")),
            Row(testDescription: "an agent's name", hasAgent: true, sender: .task("here")),
            Row(testDescription: "a session of this task", sessions: ["here"], sender: .task("here")),
            Row(
                testDescription: "a program with sessions of several tasks",
                sessions: ["here", "other"],
                sender: .user
            ),
            Row(testDescription: "hidden processes", seesProcesses: false, sender: .task("here")),
            Row(testDescription: "an agent outside of worktrees", here: nil, hasAgent: true, sender: .other),
            Row(testDescription: "a session without a task", here: nil, sessions: [nil], sender: .other),
        ]
    )
    func senders(row: Row) {
        let sender = NudgeSender.decide(
            here: row.here,
            sessions: row.sessions,
            isMarked: row.isMarked,
            hasAgent: row.hasAgent,
            seesProcesses: row.seesProcesses
        )
        #expect(sender == row.sender)
    }

    @Test("is introduced as the user's if it is, and as nobody's user's otherwise")
    func introductions() {
        let user = Event.nudgeSent(to: "t-1", from: .user, message: "one", severity: "Hint")
        let task = Event.nudgeSent(to: "t-1", from: .task("t-2"), message: "two", severity: "Hint")
        func lines(_ events: [Event]) -> [String] {
            InboxDigest(events, to: "t-1").text.split(separator: "\n")
                .map { String($0.replacing(#/^[-0-9: ]+  /#, with: "")) }
        }
        #expect(
            lines([user]) == ["np inbox: 1 notification for t-1 (told by your user)", "NudgeSent from your user: one"]
        )
        #expect(
            lines([user, task]) == [
                "np inbox: 2 notifications for t-1 (told by other tasks and by np, and by your user where it says so)",
                "NudgeSent from your user: one", "NudgeSent from t-2: two",
            ]
        )
        // A task cannot give itself out as the user.
        let forged = Event(.nudgeSent, from: "t-2", to: "t-1", payload: ["message": "m", "sender": "user"])
        #expect(lines([forged]).first?.hasSuffix("(told by other tasks and by np, not by your user)") == true)
    }

    // MARK: - Notices

    @Test("is told again of main only when it has read where main was, and main has moved since")
    func due() {
        #expect(RebaseNotice.isDue(after: nil, main: "m"))
        #expect(RebaseNotice.isDue(after: .gone, main: "m"))
        #expect(!RebaseNotice.isDue(after: .unread, main: "m"))
        #expect(!RebaseNotice.isDue(after: .read(commit: "m"), main: "m"))
        #expect(RebaseNotice.isDue(after: .read(commit: "l"), main: "m"))
    }
}
