// Locks, main, failures, and what was lost.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("What the log says of no single task", .apart)
struct TaskLogRestTests {
    var log = TaskLogCase()
    let repository = Checkout(repo: "/r", commonDirectory: "/r/.git", branch: "main")

    private mutating func take(
        _ lock: String = "build",
        by task: TaskID?,
        sharing isShared: Bool = false,
        after wait: EventID? = nil
    ) -> EventID {
        let request = Event.LockRequest(lock, for: task, sharing: isShared)
        return log.tell(.lockAcquired(request, after: .zero, begin: wait, for: nil))
    }

    private mutating func give(_ lock: String = "build", by task: TaskID?, _ begin: EventID) {
        log.tell(.lockReleased(lock, by: task, after: .seconds(1), begin: begin))
    }

    private mutating func wait(_ lock: String = "build", by task: TaskID?, for holder: TaskID?) -> EventID {
        let hold = Event.LockHold(task: holder, pid: 7)
        return log.tell(
            .lockWaiting(.init(lock, for: task, sharing: false), after: .seconds(1), for: nil, holder: hold)
        )
    }

    // MARK: - Locks

    @Test("a lock is held from its acquisition to its release, by a task or by none")
    mutating func locks() throws {
        let first = take(by: "t")
        _ = take("other", by: nil)
        #expect(try log.task().locks.map(\.name) == ["build"])
        #expect(try log.task().locks.first?.isHeld == true)
        #expect(log.rest().locks.map(\.name) == ["build", "other"])
        #expect(log.rest().locks.map { $0.holders.map(\.task) } == [["t"], [nil]])
        give(by: "t", first)
        #expect(try log.task().locks.isEmpty)
        #expect(log.rest().locks.map(\.name) == ["other"])
    }

    @Test("a lock is waited for until it is had, or the wait is given up")
    mutating func waits() throws {
        _ = take(by: "t")
        let first = wait(by: "u", for: "t")
        let second = wait(by: "v", for: "t")
        #expect(try log.task("u").locks.map(\.holder) == ["t"])
        #expect(log.rest().locks.first?.waiters.map(\.task) == ["u", "v"])
        log.tell(
            .lockTimedOut(
                .init("build", for: "v", sharing: false),
                after: .seconds(9),
                begin: second,
                for: nil,
                holder: nil
            )
        )
        #expect(try log.task("v").locks.isEmpty)
        _ = take(by: "u", after: first)
        #expect(try log.task("u").locks.map(\.isHeld) == [true])
        #expect(log.rest().locks.first?.waiters.isEmpty == true)
    }

    @Test("a lock that another one has cannot be held any more, though its release was lost or comes late")
    mutating func lostRelease() throws {
        let first = take(by: "t")
        _ = take(by: "u")
        #expect(try log.task("t").locks.isEmpty)
        #expect(log.rest().locks.first?.holders.map(\.task) == ["u"])
        give(by: "t", first)
        #expect(log.rest().locks.first?.holders.map(\.task) == ["u"])
    }

    @Test("a lock may be shared")
    mutating func shared() throws {
        let first = take(by: "t", sharing: true)
        _ = take(by: "u", sharing: true)
        #expect(log.rest().locks.first?.holders.map(\.task) == ["t", "u"])
        give(by: "t", first)
        #expect(log.rest().locks.first?.holders.map(\.task) == ["u"])
    }

    @Test("a release that names no acquisition gives back what the task holds")
    mutating func oldRelease() throws {
        _ = take(by: "t")
        log.tell(Event(.lockReleased, from: "t", payload: ["resource": "build"]))
        #expect(try log.task().locks.isEmpty)
        #expect(log.rest().locks.isEmpty)
    }

    // MARK: - Main

    @Test("the latest 256 moves of the main branch of each repository are known")
    mutating func moves() throws {
        let other = Checkout(repo: "/other", branch: "trunk")
        var ids: [EventID] = []
        for index in 0..<300 {
            let move = MainMove(
                isForced: false,
                count: 1,
                subject: "s\(index)",
                author: "Olga",
                files: [],
                fileCount: 0
            )
            ids.append(log.tell(.mainUpdated(repository, previous: nil, commit: "c\(index)", move: move)))
        }
        log.tell(.mainUpdated(other, previous: nil, commit: "x"))
        let rest = TaskLogCase.fold(log.events[...], onto: [:]).rest
        #expect(rest.repositories.map(\.path) == ["/r", "/other"])
        #expect(rest.repositories.map(\.branch) == ["main", "trunk"])
        #expect(rest.repositories.first?.moves.elements.count == 256)
        #expect(rest.repositories.first?.moves.last?.commit == "c299")
        #expect(rest.move(ids[299])?.subject == "s299")
        #expect(rest.move(ids[44])?.commit == "c44")
        #expect(rest.move(ids[43]) == nil)
    }

    // MARK: - Failures

    @Test("failures are those of tasks, runs, turns, and checks, conflicts, and agents that are gone, the latest 16")
    mutating func failures() throws {
        log.tell(.taskStarted("t"))
        log.tell(.ended("t", isPart: true, .failed(error: "exit 1"), begin: nil))
        log.tell(.ended("t", isPart: true, .completed(summary: nil), of: .init(exitCode: 0, after: .zero), begin: nil))
        log.tell(.ended("t", isPart: true, .cancelled(reason: "SIGINT"), begin: nil))
        log.tell(.rebaseConflict("t", files: ["a"], details: "stopped"))
        log.stop(log.prompt(), [("error", "overloaded")])
        log.stop(log.prompt(), [("checks", [["check": "make test", "n": 1, "failed": 1, "last": "failed"]])])
        log.stop(log.prompt(), [("checks", [["check": "make test", "n": 2, "failed": 1, "last": "passed"]])])
        log.prompt()
        log.hook("AgentSessionEnded", [("reason", "its process is gone"), ("inferred", true)])
        log.tell(.taskCompleted("t", summary: "done"))
        log.tell(.taskFailed("u", error: "red"))
        #expect(log.rest().failures.elements.map(\.what) == [.run, .conflict, .turn, .check, .exit, .task])
        #expect(log.rest().failures.last?.task == "u")
        for _ in 0..<20 { log.tell(.taskFailed("v", error: "red")) }
        #expect(log.rest().failures.elements.map(\.task) == Array(repeating: "v", count: 16))
    }

    // MARK: - What was lost

    @Test("a loss that the log tells of is one of the tasks that went on then, and of no other")
    mutating func losses() throws {
        log.tell(.taskStarted("before"))
        log.tell(.taskCompleted("before", summary: "done"))
        log.tell(.taskStarted("t"))
        log.tell(Event(.logGap, payload: ["lost": 7, "from": "a", "to": "b"]))
        log.tell(.taskStarted("after"))
        #expect(log.rest().losses.elements.map(\.count) == [7])
        #expect(try log.task("t").hasGap)
        #expect(try log.task("t").gap != nil)
        #expect(try !log.task("before").hasGap)
        #expect(try !log.task("after").hasGap)
    }

    @Test("a file that is missing is a gap before the event that comes next")
    mutating func missingFiles() throws {
        let (first, second) = (Event.taskStarted("t"), Event.taskStarted("u"))
        var parts = ProjectionParts<TaskLog.Part>()
        TaskLog.apply(first, at: TaskLogCase.place(0), to: &parts)
        TaskLog.apply(.replaced, to: &parts)
        #expect(parts.task("t")?.hasGap == false)
        TaskLog.apply(second, at: TaskLogCase.place(1), to: &parts)
        #expect(parts.task("t")?.hasGap == true)
        #expect(parts.task("t")?.gap == second.timestamp)
        #expect(parts.task("u")?.hasGap == false)
    }

    @Test("messages that reached no task are noted with their task")
    mutating func undelivered() throws {
        let ids = (0..<20).map { EventID("m\($0)") }
        log.tell(.notificationsUndelivered(ids, in: "t", by: nil))
        let undelivered = try #require(log.rest().undelivered.last)
        #expect(undelivered.task == "t")
        #expect(undelivered.count == 20)
        #expect(undelivered.messages == Array(ids.prefix(8)))
    }

    @Test("the daemon's last session is known, and whether it has ended")
    mutating func daemon() throws {
        let first = log.tell(.sessionStarted("a", pid: 1, host: "h", version: "1", previous: "none"))
        let second = log.tell(.sessionStarted("b", pid: 2, host: "h", version: "1", previous: "unclean"))
        log.tell(.sessionEnded("a", begin: first, events: 9, lost: 3))
        #expect(log.rest().daemon.begin?.id == second)
        #expect(log.rest().daemon.previous == "unclean")
        #expect(log.rest().daemon.end == nil)
        log.tell(.sessionEnded("b", begin: second, events: 9, lost: 2))
        #expect(log.rest().daemon.end != nil)
        #expect(log.rest().daemon.lost == 2)
    }
}
