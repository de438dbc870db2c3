import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import TestSupport
import Testing

@Suite("A kind as a person types it", .apart)
struct KindPatternTests {
    private func kinds(_ text: String) throws -> Set<EventKind> {
        let pattern = try KindPattern(typed: text)
        return Set(EventKind.named.filter(pattern.matches))
    }

    @Test(
        "names one kind in any spelling",
        arguments: [
            "TaskStarted", "taskstarted", "TASKSTARTED", "task_started", "Task_Started", "task-started", "TASK_STARTED",
        ]
    )
    func spelling(text: String) throws {
        #expect(try kinds(text) == [.taskStarted])
        #expect(try EventKind(typed: text) == .taskStarted)
    }

    @Test(
        "may be the beginning of names or a glob",
        arguments: [
            ("rebase", [.rebaseRequired, .rebaseCompleted, .rebaseConflict]),
            ("REBASE", [.rebaseRequired, .rebaseCompleted, .rebaseConflict]),
            ("rebase_c", [.rebaseCompleted, .rebaseConflict]),
            ("lock", [.lockAcquired, .lockReleased]),
            ("*Completed", [.taskCompleted, .rebaseCompleted]),
            ("rebase_*", [.rebaseRequired, .rebaseCompleted, .rebaseConflict]),
            ("*_completed", [.taskCompleted, .rebaseCompleted]),
            ("lock-*", [.lockAcquired, .lockReleased]),
            ("?ock*", [.lockAcquired, .lockReleased]),
            ("*", Set(EventKind.named)),
            ("*Teleported", []),
        ] as [(String, Set<EventKind>)]
    )
    func severalKinds(text: String, expected: Set<EventKind>) throws {
        #expect(try kinds(text) == expected)
    }

    @Test("reaches custom kinds only through custom:NAME, where NAME may be a glob")
    func custom() throws {
        let deploy = EventKind.custom("deploy-prod")
        #expect(try KindPattern(typed: "custom:deploy-prod").matches(deploy))
        #expect(try KindPattern(typed: "Custom:DEPLOY-*").matches(deploy))
        #expect(try KindPattern(typed: "custom:*").matches(deploy))
        #expect(try !KindPattern(typed: "custom:deploy").matches(deploy))
        #expect(try !KindPattern(typed: "custom:*").matches(.taskStarted))
        #expect(try !KindPattern(typed: "custom:*").matches(.unknown("deploy-prod")))
        #expect(try !KindPattern(typed: "*").matches(deploy))
        #expect(try EventKind(typed: "custom:deploy-prod") == deploy)
        #expect(throws: OperationError.self) { try EventKind(typed: "custom:") }
    }

    @Test("reaches the kinds that np itself logs by their bare names, as any other")
    func kindsOfNP() throws {
        func known(_ text: String) throws -> [EventKind] {
            EventKind.known.filter(try KindPattern(typed: text).matches)
        }
        #expect(try known("run") == [.runStarted, .runEnded])
        #expect(try known("RunEnded") == [.runEnded] && known("run_ended") == [.runEnded])
        #expect(try known("agent") == EventKind.reserved.filter(\.isOfAgent) && known("Agent*") == known("agent"))
        #expect(try known("lock") == [.lockAcquired, .lockReleased, .lockWaiting, .lockTimedOut])
        #expect(try known("*Read") == [.notificationRead])
        #expect(try KindPattern(typed: "agent").matches(.custom("AgentOfAnotherVersion")))
        #expect(try !KindPattern(typed: "run").matches(.custom("Runner")))
        #expect(try KindPattern(typed: "custom").matches(.custom("Runner")))
        #expect(try EventKind(typed: "log_gap") == .logGap)
    }

    @Test("reaches a newer version's kinds by a glob")
    func unknown() throws {
        #expect(try KindPattern(typed: "TaskTele*").matches(.unknown("TaskTeleported")))
        #expect(try KindPattern(typed: "task_tele*").matches(.unknown("task_teleported")))
        #expect(try !KindPattern(typed: "Task*").matches(.unknown("Teleported")))
    }

    @Test(
        "that is a slip gets the name that was meant",
        arguments: [
            ("TaskStrated", "TaskStarted"), ("taskfialed", "TaskFailed"), ("RebaseConflct", "RebaseConflict"),
            ("rebase_confict", "RebaseConflict"), ("conflict", "RebaseConflict"), ("nudge_snet", "NudgeSent"),
            ("MainUpdate d", "MainUpdated"), ("taskfaused", "TaskPaused"), ("taskfauled", "TaskFailed"),
            ("NotificationRaed", "NotificationRead"), ("AgentTurnSatrted", "AgentTurnStarted"),
            ("RunStrated", "RunStarted"),
            ("LogGpa", "LogGap"), ("LockTimeOut", "LockTimedOut"),
        ]
    )
    func nearest(text: String, meant: String) throws {
        let mistake = try #require(throws: OperationError.self) { try KindPattern(typed: text) }
        let suggestions = try #require(mistake.hint).split(separator: " or ")
        #expect(suggestions.count <= 3)
        #expect(mistake.description.hasPrefix("no kind is called '\(text)'; did you mean \(meant)"))
    }

    @Test("that could be two kinds gets both, the nearer one first")
    func twoNear() throws {
        let mistake = try #require(throws: OperationError.self) { try KindPattern(typed: "taskfaused") }
        #expect(mistake.description == "no kind is called 'taskfaused'; did you mean TaskPaused or TaskFailed?")
    }

    @Test("that is nothing like a kind is answered with all kinds", arguments: ["", "xyzzy", "quite_something_else"])
    func nothingNear(text: String) throws {
        let mistake = try #require(throws: OperationError.self) { try KindPattern(typed: text) }
        #expect(mistake.hint?.hasPrefix("kinds are ") == true)
        for kind in EventKind.named { #expect(mistake.description.contains(kind.name)) }
    }

    @Test("is no prefix and no glob where exactly one kind is needed", arguments: ["rebase", "Task*", "", "TaskStart"])
    func oneKind(text: String) {
        #expect(throws: OperationError.self) { try EventKind(typed: text) }
    }

    @Test(
        "is as far from another as edits are needed",
        arguments: [
            ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("abc", "abc", 0), ("abc", "abd", 1), ("abc", "acb", 1),
            ("kitten", "sitting", 3), ("abcd", "bcd", 1),
        ]
    )
    func distance(first: String, second: String, edits: Int) {
        #expect(editDistance(first, second) == edits)
    }
}
