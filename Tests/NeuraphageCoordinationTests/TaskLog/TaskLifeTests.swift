// Lives, runs, and what belongs to which.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("What the log says of the lives of a task", .apart)
struct TaskLifeTests {
    var log = TaskLogCase()

    @Test("a beginning tells what the task is about, and where it works")
    mutating func beginning() throws {
        let checkout = Checkout(repo: "/r", commonDirectory: "/r/.git", branch: "b", worktree: "/w")
        let id = log.tell(.taskStarted("t", title: "fix it", by: log.session, at: checkout))
        let task = try log.task()
        #expect(task.lives == 1)
        #expect(task.begin?.id == id)
        #expect(task.title == "fix it")
        #expect(task.agent == "claude")
        #expect(task.checkout == checkout)
        #expect(task.end == nil)
    }

    @Test("an end tells the outcome, in the words of the event")
    mutating func ending() throws {
        let begin = log.tell(.taskStarted("t"))
        log.tell(.ended("t", .failed(error: "red"), of: .init(exitCode: 2, after: .seconds(1)), begin: begin))
        let end = try #require(try log.task().end)
        #expect(end.outcome == .failed)
        #expect(end.words == "red")
        #expect(end.exitCode == 2)
        #expect(!end.isInferred)
    }

    @Test("a beginning begins a life, whether or not the one before has ended")
    mutating func secondBeginning() throws {
        log.tell(.taskStarted("t", title: "one"))
        log.tell(.rebaseConflict("t", files: ["a"], details: "stopped"))
        let second = log.tell(.taskStarted("t", title: "two"))
        let task = try log.task()
        #expect(task.lives == 2)
        #expect(task.begin?.id == second)
        #expect(task.title == "two")
        #expect(task.conflict == nil)
        #expect(try log.story() == ["TaskStarted"])
    }

    @Test("a beginning that is told twice begins one life")
    mutating func repeatedBeginning() throws {
        let begin = Event.taskStarted("t", title: "one")
        log.tell(begin)
        log.tell(.learningExtracted("t", title: "x"))
        log.tell(begin)
        #expect(try log.task().lives == 1)
        #expect(try log.story() == ["TaskStarted", "LearningExtracted"])
    }

    @Test("the late end of an earlier life does not end this one")
    mutating func lateEnd() throws {
        let first = log.tell(.taskStarted("t"))
        log.tell(.taskStarted("t"))
        log.tell(.taskCancelled("t", begin: first, reason: "late"))
        #expect(try log.task().end == nil)
    }

    @Test("an end without a beginning in the log ends the task")
    mutating func endWithoutBeginning() throws {
        log.tell(.taskCompleted("t", begin: Event.taskStarted("t").id, summary: "done"))
        let task = try log.task()
        #expect(task.lives == 0)
        #expect(task.begin == nil)
        #expect(task.end?.outcome == .completed)
    }

    @Test("of two ends the first counts; but what is told counts more than what was concluded")
    mutating func twoEnds() throws {
        let begin = log.tell(.taskStarted("t"))
        log.tell(.ended("t", .cancelled(reason: "gone"), begin: begin, inferred: true))
        log.tell(.taskCompleted("t", begin: begin, summary: "done"))
        log.tell(.taskFailed("t", begin: begin, error: "late"))
        #expect(try log.task().end?.words == "done")
    }

    @Test("a task that has ended is merged once main has its work")
    mutating func merged() throws {
        let begin = log.tell(.taskStarted("t"))
        log.tell(.taskCompleted("t", begin: begin, summary: "done"))
        let checkout = Checkout(repo: "/r")
        log.tell(.taskCompleted("t", begin: begin, asOf: "abcdef0123", how: "squashed", at: checkout))
        log.tell(.taskCancelled("t", begin: begin, reason: "worktree removed"))
        #expect(try log.task().end?.commit == "abcdef0123")
    }

    @Test("an agent's session, its turn, and what is told with the prompt belong to the life that begins with them")
    mutating func sessionBeforeBeginning() throws {
        log.hook("AgentSessionStarted")
        log.prompt()
        log.tell(.taskStarted("t", by: log.session))
        let task = try log.task()
        #expect(task.lives == 1)
        #expect(task.sessions.map(\.id) == ["s-1"])
        #expect(try log.story() == ["AgentSessionStarted", "AgentTurnStarted", "TaskStarted"])
    }

    @Test("a session that goes on while a life ends goes on in the next one; one that has ended does not")
    mutating func sessionAcrossLives() throws {
        let other = SessionName(agent: "codex", id: "s-2")
        log.hook("AgentSessionStarted")
        log.hook("AgentSessionStarted", in: other)
        let begin = log.tell(.taskStarted("t"))
        log.hook("AgentSessionEnded", in: other)
        log.tell(.taskCompleted("t", begin: begin, summary: "done"))
        log.prompt()
        log.tell(.taskStarted("t"))
        let task = try log.task()
        #expect(task.sessions.map(\.id) == ["s-1"])
        #expect(task.lives == 2)
        #expect(try log.story() == ["AgentTurnStarted", "TaskStarted"])
    }

    // MARK: - Runs

    @Test("a command that is the task itself is a run that ends with it")
    mutating func ownRun() throws {
        let begin = log.tell(.commandStarted("t", isPart: false, title: nil, command: "make", by: nil, at: nil))
        #expect(try log.task().runs.map(\.command) == ["make"])
        #expect(try log.task().runs.first?.end == nil)
        log.tell(.ended("t", .failed(error: "exit 1"), of: .init(exitCode: 1, after: .seconds(1)), begin: begin))
        let run = try #require(try log.task().runs.first)
        #expect(run.end != nil)
        #expect(run.exitCode == 1)
    }

    @Test("of runs that are parts those that go on are kept, and the one that ended last")
    mutating func partialRuns() throws {
        log.tell(.taskStarted("t"))
        var runs: [EventID] = []
        for command in ["a", "b", "c"] {
            runs.append(log.tell(.commandStarted("t", isPart: true, title: nil, command: command, by: nil, at: nil)))
        }
        for (run, code) in [(runs[0], Int32(0)), (runs[2], 2)] {
            let outcome: Event.Outcome = code == 0 ? .completed(summary: nil) : .failed(error: "exit 2")
            log.tell(.ended("t", isPart: true, outcome, of: .init(exitCode: code, after: .seconds(1)), begin: run))
        }
        let task = try log.task()
        #expect(task.runs.map(\.command) == ["b", "c"])
        #expect(task.runs.last?.exitCode == 2)
        #expect(task.runs.last?.error == "exit 2")
        #expect(task.end == nil)
    }

    @Test("an end of a run that was not seen to begin is one of a run; told twice it is one")
    mutating func endsOfRuns() throws {
        let begin = log.tell(.commandStarted("t", isPart: true, title: nil, command: "a", by: nil, at: nil))
        log.tell(.ended("t", isPart: true, .failed(error: "killed"), begin: begin, inferred: true))
        log.tell(
            .ended("t", isPart: true, .completed(summary: nil), of: .init(exitCode: 0, after: .zero), begin: begin)
        )
        #expect(try log.task().runs.map(\.error) == ["killed"])
        #expect(try log.task().runs.first?.isEndInferred == true)
        log.tell(.ended("t", isPart: true, .failed(error: "other"), begin: Event.taskStarted("t").id))
        #expect(try log.task().runs.map(\.error) == ["other"])
    }

    // MARK: - Rebasing

    @Test("an order holds until it is overtaken, or the branch has caught up")
    mutating func orders() throws {
        log.tell(.taskStarted("t"))
        let first = log.tell(.rebaseRequired("t", commitsBehind: 2))
        #expect(try log.task().order?.id == first)
        #expect(try log.task().commitsBehind == 2)
        log.tell(.notificationRead(first, in: "t", by: "t", how: "hook", [("commits_behind", 5)]))
        #expect(try log.task().commitsBehind == 5)
        log.tell(.notificationsSuperseded([first], in: "t", by: nil))
        #expect(try log.task().order == nil)
        log.tell(.rebaseRequired("t", commitsBehind: 1))
        log.tell(.rebaseCompleted("t", previous: "a", new: "b"))
        #expect(try log.task().order == nil)
        #expect(try log.task().caughtUp != nil)
    }

    @Test("a conflict holds until the branch has caught up; the next attempt's conflict takes its place")
    mutating func conflicts() throws {
        log.tell(.taskStarted("t"))
        log.tell(.rebaseConflict("t", files: ["a"], details: "stopped"))
        let touched = TouchedFile(
            path: "cart.txt",
            commits: [(commit: "112e659", subject: "cart", author: "Olga")],
            count: 1
        )
        log.tell(
            .rebaseConflict(
                "t",
                files: ["cart.txt", "b"],
                details: "stopped",
                inMerge: true,
                onto: "d5f38a7",
                touched: [touched],
                cause: nil,
                at: Checkout(repo: "/r", worktree: "/w")
            )
        )
        let conflict = try #require(try log.task().conflict)
        #expect(conflict.files == ["cart.txt", "b"])
        #expect(conflict.filesCount == 2)
        #expect(conflict.onto == "d5f38a7")
        #expect(conflict.isMerge)
        #expect(conflict.commit == "112e659")
        #expect(conflict.subject == "cart")
        log.tell(.rebaseCompleted("t", previous: "a", new: "b"))
        #expect(try log.task().conflict == nil)
    }

    @Test("a pause ends when an agent's turn begins")
    mutating func pauses() throws {
        log.tell(.taskStarted("t"))
        log.tell(.taskPaused("t", reason: "review"))
        #expect(try log.task().pause != nil)
        log.prompt()
        #expect(try log.task().pause == nil)
    }

    @Test("work that a reset has taken is noted")
    mutating func discarded() throws {
        log.tell(.taskStarted("t"))
        let checkout = Checkout(repo: "/r", branch: "b", worktree: "/w")
        let id = log.tell(
            .workDiscarded("t", previous: "a", new: "b", commits: [("c", "work")], count: 1, at: checkout)
        )
        #expect(try log.task().discarded?.id == id)
        #expect(try log.task().checkout == checkout)
    }

    // MARK: - Notifications

    @Test("what a task has not read is what its inbox has")
    mutating func unread() throws {
        var generator = SystemRandomNumberGenerator()
        for _ in 0..<20 {
            var log = TaskLogCase()
            var inboxes = ProjectionParts<Unread>()
            for index in 0..<80 {
                let known = log.events.suffix(12).randomElement(using: &generator)?.id ?? "x"
                let event: Event
                switch Int.random(in: 0..<9, using: &generator) {
                case 0: event = .taskStarted("t")
                case 1: event = .taskCompleted("t", summary: "done")
                case 2: event = .notificationsSuperseded([known, "y"], in: "t", by: nil)
                case 3, 4: event = .notificationRead(known, in: "t", by: "t", how: "hook")
                case 5: event = .rebaseRequired("t", commitsBehind: 1)
                case 6: event = Event(.nudgeSent, from: "t", to: "t")
                case 7: event = Event(.taskFailed, from: "u", to: "t")
                default: event = .nudgeSent(to: "t", message: "look")
                }
                log.tell(event)
                Inboxes.apply(event, at: TaskLogCase.place(index), to: &inboxes)
            }
            let task = try #require(TaskLogCase.fold(log.events[...], onto: [:]).task("t"))
            let unread = inboxes["t"]?.events ?? []
            #expect(task.unread.elements.map(\.mark.id) == unread.map(\.id))
            #expect(task.unread.elements.map(\.isOrder) == unread.map { $0.kind == .rebaseRequired })
            #expect(task.unreadCount == unread.count)
        }
    }

    @Test("of very many notifications the latest 32 are known, and how many there are")
    mutating func manyUnread() throws {
        let ids = (0..<100).map { _ in log.tell(.nudgeSent(to: "t", message: "look")) }
        #expect(try log.task().unreadCount == 100)
        #expect(try log.task().unread.elements.map(\.mark.id) == ids.suffix(32))
        log.tell(.notificationsSuperseded(ids[10..<80], in: "t", by: nil))
        #expect(try log.task().unreadCount == 30)
    }
}
