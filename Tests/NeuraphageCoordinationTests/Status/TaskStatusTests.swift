// How a task is, situation by situation: what the log says, what is seen, and what np must make of it.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections
@testable import NeuraphageStatus

@Suite("How a task is", .apart)
struct TaskStatusTests {
    private typealias Here = TaskSituation

    @Test("follows from what the log says and what is seen, in each situation with its evidence")
    func situations() {
        for situation in Self.working + Self.waiting + Self.stopped + Self.gone + Self.over + Self.dark {
            let status = situation.status
            #expect(status.phase == situation.phase, "\(situation.name): \(status.phase)")
            #expect(status.since == situation.since.map(Here.moment), "\(situation.name): since")
            #expect(status.evidence.source == situation.source, "\(situation.name): \(status.evidence)")
            #expect(status.detail == situation.detail, "\(situation.name)")
            #expect(!status.evidence.words.isEmpty && status.task == "t-1", "\(situation.name)")
        }
    }

    // MARK: - It works

    private static let working: [TaskSituation] = [
        TaskSituation("it thinks for 9 minutes", .working, since: 60, .process, "quiet 9 min, process alive") { log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session()
        },
        TaskSituation("it has used a tool just now", .working, since: 60, .process, "heard 5 s ago") { log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session { $0.sign(595, turn: 60) }
        },
        TaskSituation("it runs a command", .working, since: 60, .process, "runs a command, 9 min") { log in
            log.began()
            log.session()
            log.turn(50)
            log.turn(60)
        } seen: {
            // The first one serves the agent, and the last one has not run for long enough to be a command.
            $0.session { $0.children = [5, 60, 599.5].map(Here.moment) }
        },
        TaskSituation("five subagents work", .working, since: 60, .process, "quiet 9 min, process alive, 5 subagents") {
            log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session { $0.subagents = 5 }
        },
        TaskSituation("it waits for a lock", .working, since: 60, .process, "waits for lock db held by t-2, 13 s") {
            log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session { $0.children = [Here.moment(80)] }
            $0.locks = [
                TaskStatus.Lock("cache", isHeld: true, since: Here.moment(70), presence: .alive),
                TaskStatus.Lock("db", isHeld: false, since: Here.moment(587), presence: .alive, holder: "t-2"),
            ]
        },
        TaskSituation("it was allowed, and goes on", .working, since: 60, .process, "runs a command, 3 min") { log in
            log.began()
            log.session()
            log.turn(60)
            // The log knows no end of the wait yet; the ledger does.
            log.waits(300)
        } seen: {
            $0.session { $0.children = [Here.moment(420)] }
        },
        TaskSituation("a tool was denied, and it goes on", .working, since: 60, .process, "heard 50 s ago") { log in
            log.began()
            log.session()
            log.turn(60) { $0.deniedCount = 1 }
            log.tell(550) { _ in }
        } seen: {
            $0.session()
        },
        TaskSituation("a run failed, and it goes on", .working, since: 60, .process, "heard 20 s ago") { log in
            log.began()
            log.session()
            log.turn(60)
            log.run("make test", 500, end: 510, code: 2)
            log.tell(580) { _ in }
        } seen: {
            $0.session()
        },
        TaskSituation("a part runs", .working, since: 60, .process, "runs make test, 2 min") { log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session { $0.children = [Here.moment(450)] }
            $0.runs = [
                TaskStatus.Run(begin: Here.id(460), since: Here.moment(460), command: "make test", presence: .alive)
            ]
        },
        TaskSituation("it goes on by itself", .working, since: 400, .process, "quiet 3 min, process alive") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.turn(400) { $0.isMachine = true }
        } seen: {
            $0.session()
        },
        TaskSituation("it left tasks in the background", .working, since: 100, .log, "2 tasks in the background") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { $0.background = 2 }
        } seen: {
            $0.session()
        },
        TaskSituation("it was resumed", .working, since: 500, .process, "quiet 1 min, process alive") { log in
            log.began()
            log.session()
            log.turn(60)
            log.sessionEnds(100, "logout")
            log.sessions.removeAll()
            log.session("s-1", at: 490)
            log.turn(500)
        } seen: {
            $0.session("s-1", at: 490)
        },
        TaskSituation("no hook told its beginning", .working, since: 60, .process, "quiet 9 min, process alive") {
            log in
            log.began()
            log.session()
            log.sessions[0].begin = nil
            log.turn(60)
        } seen: {
            $0.session(at: 60)
        },
        TaskSituation("one of two agents works", .working, since: 500, .process, "quiet 1 min, process alive") { log in
            log.began()
            log.session("s-1")
            log.turn(60)
            log.turnEnds(100)
            log.session("s-2", at: 490)
            log.turn(500)
        } seen: {
            $0.session("s-1")
            $0.session("s-2", at: 490)
        },
        TaskSituation("it rebases", .rebasing, since: 540, .git, "heard 40 s ago") { log in
            log.began()
            log.session()
            log.turn(60)
            log.conflict(540, in: "cart.txt")
            log.tell(560) { _ in }
        } seen: {
            $0.session()
            $0.place { ($0.command, $0.commandSince) = ("rebase", Here.moment(540)) }
        },
        TaskSituation("it works in a moved worktree", .working, since: 60, .process, "quiet 9 min, process alive") {
            log in
            log.began()
            log.checkout = Checkout(repo: "/r", worktree: "/w/former")
            log.session()
            log.turn(60)
        } seen: {
            $0.session()
            $0.place("/w/elsewhere")
        },
        TaskSituation("it works in the main checkout", .working, since: 60, .process, "quiet 9 min, process alive") {
            log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session()
            $0.place("/r") { $0.branch = "main" }
        },
        TaskSituation("a command runs without an agent", .working, since: 0, .process, "runs make, 10 min") { log in
            log.began()
            log.command = "make"
            log.run("make", 0)
        } seen: {
            $0.begin = Here.id(0)
            $0.runs = [TaskStatus.Run(begin: Here.id(0), since: Here.moment(0), command: "make", presence: .alive)]
        },
        TaskSituation("a run goes on after its agent", .working, since: 0, .process, "runs ./loop.sh, 10 min") { log in
            log.began()
            log.command = "./loop.sh"
            log.run("./loop.sh", 0)
            log.session(at: 10)
            log.turn(20)
            log.turnEnds(100)
            log.sessionEnds(110)
        } seen: {
            $0.begin = Here.id(0)
            $0.runs = [TaskStatus.Run(begin: Here.id(0), since: Here.moment(0), command: "./loop.sh", presence: .alive)]
        },
        TaskSituation("the clocks are out of order", .working, since: 700, .process, "heard 0 s ago") { log in
            log.began(800)
            log.session(at: 800)
            log.turn(700)
        } seen: {
            $0.session(at: 800)
        },
        TaskSituation("it has begun twice", .working, since: 60, .process, "quiet 9 min, process alive") { log in
            log.began()
            log.began(30)
            log.session(at: 30)
            log.turn(60)
        } seen: {
            $0.session(at: 30)
        },
        TaskSituation("it has ended, and begun again", .working, since: 500, .process, "quiet 1 min, process alive") {
            log in
            log.began()
            log.ends(100, .completed, commit: "68fae731")
            // The next life's beginning waits in the reserve.
            log.session()
            log.turn(500)
        } seen: {
            $0.begin = Here.id(500)
            $0.session()
        },
    ]

    // MARK: - It waits for a person

    private static let waiting: [TaskSituation] = [
        TaskSituation("it asks for a permission", .asks, since: 300, .log, "wants to use Bash") { log in
            log.began()
            log.session()
            log.turn(60)
            log.waits(300)
        } seen: {
            $0.session { $0.wait(300) }
        },
        TaskSituation("it asks a question", .asks, since: 300, .log, "waits for an answer") { log in
            log.began()
            log.session()
            log.turn(60)
            log.waits(300, for: "input", "AskUserQuestion")
        } seen: {
            $0.session { $0.wait(300, "input", "AskUserQuestion") }
        },
        TaskSituation("it asks, which the log could not take", .asks, since: 300, .ledger, "wants to use Write") {
            log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session { $0.wait(300, "permission", "Write") }
        },
        TaskSituation("a subagent asks while others work", .asks, since: 300, .log, "wants to use Bash") { log in
            log.began()
            log.session()
            log.turn(60)
            log.waits(300)
            log.waits(400)
        } seen: {
            $0.session {
                $0.wait(400)
                $0.wait(300)
                ($0.subagents, $0.children) = (5, [Here.moment(500)])
            }
        },
        TaskSituation("it asks in a container", .asks, since: 300, .log, "wants to use Bash, process not visible") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.waits(300)
        } seen: {
            $0.session(as: .unknown) { $0.wait(300) }
        },
        TaskSituation("it asks after its work was merged", .asks, since: 300, .log, "wants to use Bash") { log in
            log.began()
            log.session()
            log.turn(60)
            log.ends(200, .completed, commit: "68fae731")
            log.waits(300)
        } seen: {
            $0.session { $0.wait(300) }
        },
        TaskSituation("it has asked in prose, and stopped", .asked, since: 100, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { $0.asks = true }
        } seen: {
            $0.session { $0.wait(160, "idle", nil) }
        },
        TaskSituation(
            "it has asked while a task of its own goes on",
            .asked,
            since: 100,
            .log,
            "1 task in the background"
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { ($0.asks, $0.background) = (true, 1) }
        } seen: {
            $0.session()
        },
        TaskSituation("one of two has asked", .asked, since: 100, .log, "") { log in
            log.began()
            log.session("s-1")
            log.turn(60)
            log.turnEnds(100) { $0.asks = true }
            log.session("s-2", at: 490)
            log.turn(500)
        } seen: {
            $0.session("s-1")
            $0.session("s-2", at: 490)
        },
    ]

    // MARK: - It has stopped

    private static let stopped: [TaskSituation] = [
        TaskSituation("it has stopped", .stopped, since: 100, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
        } seen: {
            $0.session()
        },
        TaskSituation("it was interrupted", .stopped, since: 100, .log, "was interrupted") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { $0.isInterrupted = true }
        } seen: {
            $0.session()
        },
        TaskSituation("it has no prompt yet", .stopped, since: 0, .log, "has no prompt yet") { log in
            log.began()
            log.session()
        } seen: {
            $0.session()
        },
        TaskSituation("its agent has ended", .stopped, since: 120, .log, "claude has ended") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.sessionEnds(120, "prompt_input_exit")
        },
        TaskSituation("its limit goes on", .limited, since: 100, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { ($0.error, $0.until) = ("rate_limit", Here.moment(900).description) }
        } seen: {
            $0.session()
        },
        TaskSituation(
            "its limit goes on, and so does a task of its own",
            .limited,
            since: 100,
            .log,
            "1 task in the background"
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { ($0.error, $0.background) = ("rate_limit", 1) }
        } seen: {
            $0.session()
        },
        TaskSituation("its limit is over", .stopped, since: 400, .log, "its limit is over") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { ($0.error, $0.until) = ("rate_limit", Here.moment(400).description) }
        } seen: {
            $0.session()
        },
        TaskSituation("its turn failed", .failed, since: 100, .log, "its turn failed: billing_error") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100) { $0.error = "billing_error" }
        } seen: {
            $0.session()
        },
        TaskSituation("it has stopped with a failing check", .checkFailed, since: 90, .log, "make test failed 2 times")
        {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.check("make test", "failed", 90, failed: 2)
            log.check("make lint", "passed", 95, failed: 0)
            log.turnEnds(100)
        } seen: {
            $0.session()
        },
        TaskSituation("it has stopped after a failed run", .failed, since: 90, .log, "make e2e exited with 2") { log in
            log.began()
            log.session()
            log.turn(60)
            log.run("make e2e", 70, end: 90, code: 2)
            log.turnEnds(100)
        } seen: {
            $0.session()
        },
        TaskSituation("it has stopped after a run of an earlier turn failed", .stopped, since: 300, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.run("make e2e", 70, end: 90, code: 2)
            log.turn(200)
            log.turnEnds(300)
        } seen: {
            $0.session()
        },
        TaskSituation("its rebase was taken back", .conflict, since: 90, .log, "conflict in cart.txt with 112e659") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.conflict(90, in: "cart.txt")
            log.turnEnds(100)
        } seen: {
            $0.session()
            $0.place()
        },
        TaskSituation("its rebase has stopped", .conflict, since: 90, .git, "conflict in a and 1 more with 112e659") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.conflict(90, in: "a", "b")
            log.turnEnds(100)
        } seen: {
            $0.session()
            $0.place { ($0.command, $0.commandSince) = ("rebase", Here.moment(88)) }
        },
        TaskSituation("a merge has stopped, as only git shows", .conflict, since: 88, .git, "merge in progress") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
        } seen: {
            $0.session()
            $0.place { ($0.command, $0.commandSince) = ("merge", Here.moment(88)) }
        },
        TaskSituation("it is paused", .paused, since: 200, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.pause = Here.mark(200)
        } seen: {
            $0.session()
        },
        TaskSituation("a reset took work from its branch", .stopped, since: 100, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.heard(110, .custom("WorkDiscarded"))
        } seen: {
            $0.session()
            $0.place()
        },
    ]

    // MARK: - It is gone

    private static let gone: [TaskSituation] = [
        TaskSituation(
            "it crashed, which was told",
            .exited,
            since: 130,
            .log,
            "claude is gone, in the middle of a turn"
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.sessionEnds(130, "its process is gone", inferred: true)
        },
        TaskSituation(
            "it crashed, and no daemon runs",
            .exited,
            since: 60,
            .process,
            "claude is gone, in the middle of a turn"
        ) {
            log in
            log.began()
            log.session()
            log.turn(50)
            log.waits(60)
        } seen: {
            $0.session(as: .gone) { $0.wait(60) }
        },
        TaskSituation("it is gone after its turn", .stopped, since: 100, .process, "claude is gone, after its turn") {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
        } seen: {
            $0.session(as: .gone)
        },
        TaskSituation(
            "np run was killed after its agent had ended",
            .exited,
            since: 110,
            .process,
            "np run was killed: ./loop.sh"
        ) {
            log in
            log.began()
            log.command = "./loop.sh"
            log.run("./loop.sh", 0)
            log.session(at: 10)
            log.turn(20)
            log.turnEnds(100)
            log.sessionEnds(110)
        } seen: {
            $0.begin = Here.id(0)
            $0.runs = [TaskStatus.Run(begin: Here.id(0), since: Here.moment(0), command: "./loop.sh", presence: .gone)]
        },
        TaskSituation("np run was killed, which was told", .exited, since: 130, .log, "np run was killed") { log in
            log.began()
            log.command = "make"
            log.ends(130, .failed, "np run was killed")
            log.end?.isInferred = true
        },
        TaskSituation("np run was killed, and no daemon runs", .exited, since: 0, .process, "np run was killed: make") {
            log in
            log.began()
            log.command = "make"
        } seen: {
            $0.begin = Here.id(0)
            $0.runs = [TaskStatus.Run(begin: Here.id(0), since: Here.moment(0), command: "make", presence: .gone)]
        },
    ]

    // MARK: - It is over

    private static let over: [TaskSituation] = [
        TaskSituation("it is done", .done, since: 120, .log, "added it") { log in
            log.began()
            log.ends(120, .completed, "added it")
        },
        TaskSituation(
            "it says that it is done, and a check failed",
            .checkFailed,
            since: 110,
            .log,
            "says done, and make test failed 2 times"
        ) { log in
            log.began()
            log.check("make test", "failed", 110, failed: 2)
            log.ends(120, .completed, "done!")
        },
        TaskSituation("it is merged", .merged, since: 120, .log, "68fae73") { log in
            log.began()
            log.check("make test", "failed", 110)
            log.ends(120, .completed, commit: "68fae731")
        },
        TaskSituation(
            "it is merged, and its agent is there",
            .merged,
            since: 120,
            .log,
            "68fae73, its agent is still there"
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.ends(120, .completed, commit: "68fae731")
        } seen: {
            $0.session()
        },
        TaskSituation("it failed", .failed, since: 120, .log, "tests red after conflict") { log in
            log.began()
            log.ends(120, .failed, "tests red after conflict")
        },
        TaskSituation("its worktree was removed", .cancelled, since: 120, .log, "its worktree was removed") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.sessionEnds(110)
            log.ends(120, .cancelled, "its worktree was removed")
        },
        TaskSituation("it ended without a beginning", .done, since: 120, .log, "ok") { log in
            log.ends(120, .completed, "ok")
        },
    ]

    // MARK: - Nobody can know

    private static let dark: [TaskSituation] = [
        TaskSituation(
            "it works in a container, and tells",
            .working,
            since: 60,
            .log,
            "heard 50 s ago, process not visible"
        ) { log in
            log.began()
            log.session()
            log.turn(60)
            log.tell(550) { _ in }
        } seen: {
            $0.session(as: .unknown)
        },
        TaskSituation("it is quiet in a container", .unknown, since: nil, .log, "heard 9 min ago, process not visible")
        { log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session(as: .unknown)
        },
        TaskSituation("it has stopped in a container", .stopped, since: 100, .log, "") { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
        } seen: {
            $0.session(as: .unknown)
        },
        TaskSituation(
            "the ledger has lost its session",
            .unknown,
            since: nil,
            .ledger,
            "its agent's end is not in the log"
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.waits(300)
        },
        TaskSituation(
            "the log has a gap since",
            .unknown,
            since: nil,
            .log,
            "events are missing since 9 min ago",
            gap: Here.moment(200)
        ) { log in
            log.began()
            log.session()
            log.turn(60)
        } seen: {
            $0.session()
        },
        TaskSituation(
            "the log has a gap, and hooks have noted the turn",
            .working,
            since: 180,
            .process,
            "quiet 6 min, process alive",
            gap: Here.moment(200)
        ) { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
        } seen: {
            $0.session { $0.sign(190, turn: 180) }
        },
        TaskSituation(
            "the log has a gap, and told more after it",
            .stopped,
            since: 300,
            .log,
            "",
            gap: Here.moment(200)
        ) {
            log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(300)
        } seen: {
            $0.session()
        },
        TaskSituation(
            "a moment of the past: it thinks",
            .unknown,
            since: nil,
            .log,
            "heard 9 min ago, process not visible",
            log: { log in
                log.began()
                log.session()
                log.turn(60)
            },
            seen: nil
        ),
        TaskSituation(
            "a moment of the past: it asks",
            .asks,
            since: 300,
            .log,
            "wants to use Bash",
            log: { log in
                log.began()
                log.session()
                log.turn(60)
                log.waits(300)
            },
            seen: nil
        ),
        TaskSituation(
            "a moment of the past: a command runs",
            .unknown,
            since: nil,
            .log,
            "its process cannot be seen",
            log: { log in
                log.began()
                log.command = "make"
            },
            seen: nil
        ),
        TaskSituation(
            "its worktree is gone, and no look has told",
            .unknown,
            since: nil,
            .git,
            "its worktree is gone, and its end was not told"
        ) { log in
            log.began()
            log.session()
            log.turn(60)
            log.turnEnds(100)
            log.sessionEnds(110)
        } seen: {
            $0.begin = Here.id(0)
            $0.place { $0.isGone = true }
        },
        TaskSituation(
            "its agents are not recorded",
            .notRecorded,
            since: nil,
            .git,
            "np has heard of no agent or command in it",
            log: { _ in },
            seen: { $0.place() }
        ),
        TaskSituation("another program began it", .unknown, since: nil, .log, "np sees neither an agent nor a command")
        { log in
            log.began()
        } seen: {
            $0.place()
        },
        TaskSituation("another program tells of it", .working, since: 0, .log, "heard 20 s ago") { log in
            log.began()
            log.heard(580, .custom("Progress"))
        },
        TaskSituation(
            "np has no record of its command",
            .unknown,
            since: nil,
            .ledger,
            "began 10 min ago, end not told"
        ) { log in
            log.began()
            log.command = "make"
        },
    ]

    @Test("is known in at least the situations that were asked for, each told apart by its name")
    func count() {
        let all = Self.working + Self.waiting + Self.stopped + Self.gone + Self.over + Self.dark
        #expect(all.count >= 60 && Set(all.map(\.name)).count == all.count)
    }

    @Test("says until when a limit holds, and which agents may still live")
    func rest() {
        let limited = Self.stopped.first { $0.phase == .limited }?.status
        #expect(limited?.until == Here.moment(900))
        let two = Self.waiting.first { $0.name == "one of two has asked" }?.status
        #expect(two?.agents.map(\.session) == ["s-1", "s-2"])
        #expect(Self.gone.allSatisfy { $0.status.agents.isEmpty })
        #expect(Self.over.filter { $0.status.isOver }.count == Self.over.count)
        #expect(!Self.working.contains { $0.status.isOver })
    }

    // MARK: - Flags

    private func flags(_ change: (inout LoggedTask) -> Void, behind: Int = 3) -> [String] {
        var logged = LoggedTask("t-1")
        logged.began()
        logged.session()
        logged.turn(60)
        change(&logged)
        var seen = TaskSight()
        seen.session()
        seen.place { $0.behind = behind }
        let now = Here.moment(7_200)
        return TaskStatus(of: logged, seen: seen, at: now).remarks.map { "\($0.flag.rawValue) \($0.words)" }
    }

    @Test("has flags only where something is abnormal")
    func remarks() {
        #expect(flags { _ in } == [])
        let failure = { (count: Int) in LoggedTask.Failure(tool: "Bash", input: "h", count: count, mark: Here.mark(70))
        }
        #expect(flags { $0.failures = [failure(2)] } == [])
        #expect(
            flags { $0.failures = [failure(2), failure(6)] }
                == ["LOOP Bash failed 6 times the same way, no file changed between"]
        )
        #expect(
            flags { $0.check("make test", "failed", 70, failed: 4) }
                == ["LOOP make test failed 4 times, no file changed between"]
        )
        #expect(
            flags { $0.turn(60) { ($0.toolCount, $0.failedCount, $0.deniedCount) = (12, 6, 2) } }
                == ["ERRORS 6 of 12 tools failed in its last turn", "DENIED 2 tools were denied"]
        )
        #expect(flags { $0.turn(60) { ($0.toolCount, $0.failedCount) = (40, 6) } } == [])
        let told: (inout LoggedTask) -> Void = { log in
            (log.order, log.firstChange) = (Here.mark(80), Here.mark(70))
        }
        #expect(flags(told) == ["STALE told to rebase 1 h 58 min ago, 3 commits behind"])
        #expect(flags(told, behind: 0) == [])
        #expect(flags { ($0.order, $0.firstChange) = (Here.mark(80), Here.mark(90)) } == [])
        #expect(
            flags { $0.files = ["cart.txt", "/etc/hosts", "/tmp/x"] }
                == ["OUTSIDE changed /etc/hosts and 1 more outside of its worktree"]
        )
        #expect(
            flags { log in
                log.failures = [failure(6)]
                log.ends(90, .completed, commit: "68fae731")
            } == []
        )
    }

    @Test("says which tasks of one repository have changed the same file")
    func collisions() {
        func status(_ task: TaskID, _ repository: String, _ files: [String], over: Bool = false) -> TaskStatus {
            var logged = LoggedTask(task)
            logged.began()
            logged.files = files
            if over { logged.ends(100, .completed, commit: "68fae731") }
            var seen = TaskSight()
            seen.places = [TaskStatus.Place(repository: repository)]
            return TaskStatus(of: logged, seen: seen, at: Here.now)
        }
        var tasks = [
            status("a", "/r", ["cart.txt", "own"]), status("b", "/r", ["cart.txt", "/etc/hosts"]),
            status("c", "/r", ["cart.txt"], over: true), status("d", "/other", ["cart.txt"]),
            status("e", "/r", ["cart.txt"]), status("f", "/r", []),
        ]
        TaskStatus.markCollisions(&tasks)
        let words = tasks.map { $0.remarks.filter { $0.flag == .collides }.map(\.words) }
        #expect(
            words == [
                ["cart.txt, also changed by b and 1 more"], ["cart.txt, also changed by a and 1 more"], [], [],
                ["cart.txt, also changed by a and 1 more"], [],
            ]
        )
    }
}
