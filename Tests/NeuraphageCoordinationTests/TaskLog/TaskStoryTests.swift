// Which events the story of a task needs.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("Where the events of a task's story are", .apart)
struct TaskStoryTests {
    var log = TaskLogCase()

    @Test("a story has what a task did and was told, and what led to that, in the order of the log")
    mutating func story() throws {
        let checkout = Checkout(repo: "/r", branch: "main")
        log.tell(.taskStarted("t"))
        let held = log.tell(.lockAcquired("build", by: "u"))
        let move = log.tell(.mainUpdated(checkout, previous: nil, commit: "c"))
        log.tell(.mainUpdated(checkout, previous: "c", commit: "d"))
        let order = log.tell(.rebaseRequired("t", commitsBehind: 1, cause: move))
        log.tell(.notificationRead(order, in: "t", by: "t", how: "hook"))
        log.tell(.fileModified("t", path: "a"))
        let request = Event.LockRequest("build", for: "t", sharing: false)
        let wait = log.tell(.lockWaiting(request, after: .seconds(1), for: held, holder: nil))
        log.tell(.lockReleased("build", by: "u", after: .seconds(9), begin: held))
        let taken = log.tell(.lockAcquired(request, after: .seconds(8), begin: wait, for: held))
        log.tell(.lockReleased(request, after: .seconds(1), begin: taken))
        log.tell(.lockAcquired("quick", by: "t"))
        log.tell(.rebaseConflict("t", files: ["a"], details: "stopped", cause: move))
        log.tell(.nudgeSent(to: "t", message: "look"))
        log.tell(.nudgeSent(to: "u", from: "t", message: "look"))
        log.tell(Event(.custom("Deployed"), from: "t"))
        log.tell(.taskFailed("t", error: "red"))
        #expect(
            try log.story() == [
                "TaskStarted", "LockAcquired", "MainUpdated", "RebaseRequired", "NotificationRead", "LockWaiting",
                "LockAcquired", "RebaseConflict", "NudgeSent", "NudgeSent", "Deployed", "TaskFailed",
            ]
        )
    }

    @Test("what an agent does is told by its turns and waits, not by its subagents and lists")
    mutating func agents() throws {
        log.hook("AgentSessionStarted")
        let turn = log.prompt()
        log.tell(.taskStarted("t"))
        log.hook("AgentSubagentStarted", [("agent_id", "a")])
        log.hook("AgentTaskCreated")
        log.hook("AgentCompacting")
        let wait = log.hook("AgentWaiting", [("for", "permission")])
        log.hook("AgentResumed", TaskLogCase.begin(wait))
        log.stop(turn)
        #expect(
            try log.story() == [
                "AgentSessionStarted", "AgentTurnStarted", "TaskStarted", "AgentWaiting", "AgentResumed",
                "AgentTurnEnded",
            ]
        )
    }

    @Test("of a long life a story has the first 32 events and the latest 224, and says how many are left out")
    mutating func bounds() throws {
        log.tell(.taskStarted("t"))
        for index in 0..<999 { log.tell(.learningExtracted("t", title: "\(index)")) }
        let task = try #require(TaskLogCase.fold(log.events[...], onto: [:]).task("t"))
        #expect(task.story.count == 256)
        #expect(task.storyLeftOut == 1_000 - 256)
        #expect(task.story.prefix(32).map(\.id) == log.events.prefix(32).map(\.id))
        #expect(task.story.suffix(224).map(\.id) == log.events.suffix(224).map(\.id))
    }

    @Test("the last event of a task is what it did last, not what became of its messages")
    mutating func last() throws {
        log.tell(.taskStarted("t"))
        let learned = log.tell(.learningExtracted("t", title: "x"))
        log.tell(.nudgeSent(to: "t", message: "look"))
        log.tell(.notificationsSuperseded(["m"], in: "t", by: nil))
        #expect(try log.task().last?.id == learned)
        #expect(try log.task().lastKind == .learningExtracted)
    }

    @Test("the order of the log counts, whatever the clocks say")
    mutating func clocks() throws {
        let begin = log.tell(.taskStarted("t"))
        let late = Event.taskFailed("t", begin: begin, error: "red")
        let early = Timestamp(microsecondsSinceEpoch: 0)
        log.tell(Event(id: late.id, late.kind, from: "t", payload: late.payload, timestamp: early))
        #expect(try log.task().end?.mark.time == early)
        #expect(try log.story() == ["TaskStarted", "TaskFailed"])
    }
}
