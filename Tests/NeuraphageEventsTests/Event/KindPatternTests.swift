import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A kind as a person types it", .apart)
struct KindPatternTests {
    private func kinds(_ text: String) throws -> Set<EventKind> {
        let pattern = try KindPattern(text)
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
        #expect(try KindPattern.kind(named: text) == .taskStarted)
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
        #expect(try KindPattern("custom:deploy-prod").matches(deploy))
        #expect(try KindPattern("Custom:DEPLOY-*").matches(deploy))
        #expect(try KindPattern("custom:*").matches(deploy))
        #expect(try !KindPattern("custom:deploy").matches(deploy))
        #expect(try !KindPattern("custom:*").matches(.taskStarted))
        #expect(try !KindPattern("custom:*").matches(.unknown("deploy-prod")))
        #expect(try !KindPattern("*").matches(deploy))
        #expect(try KindPattern.kind(named: "custom:deploy-prod") == deploy)
        #expect(throws: NameError.self) { try KindPattern.kind(named: "custom:") }
    }

    @Test("reaches a newer version's kinds by a glob")
    func unknown() throws {
        #expect(try KindPattern("TaskTele*").matches(.unknown("TaskTeleported")))
        #expect(try KindPattern("task_tele*").matches(.unknown("task_teleported")))
        #expect(try !KindPattern("Task*").matches(.unknown("Teleported")))
    }

    @Test(
        "that is a slip gets the name that was meant",
        arguments: [
            ("TaskStrated", "TaskStarted"), ("taskfialed", "TaskFailed"), ("RebaseConflct", "RebaseConflict"),
            ("rebase_confict", "RebaseConflict"), ("conflict", "RebaseConflict"), ("nudge_snet", "NudgeSent"),
            ("MainUpdate d", "MainUpdated"), ("taskfaused", "TaskPaused"), ("taskfauled", "TaskFailed"),
            ("NotificationRead", "custom:NotificationRead"), ("notificationread", "custom:NotificationRead"),
            ("AgentTurnStart", "custom:AgentTurnStarted"), ("RunStrated", "custom:RunStarted"),
            ("log_gap", "custom:LogGap"),
        ]
    )
    func nearest(text: String, meant: String) throws {
        let mistake = try #require(throws: KindPattern.Mistake.self) { try KindPattern(text) }
        #expect(mistake.nearest.first == meant)
        #expect(mistake.nearest.count <= 3)
        #expect(mistake.description.hasPrefix("no kind is called '\(text)'; did you mean \(meant)"))
    }

    @Test("that could be two kinds gets both, the nearer one first")
    func twoNear() throws {
        let mistake = try #require(throws: KindPattern.Mistake.self) { try KindPattern("taskfaused") }
        #expect(mistake.description == "no kind is called 'taskfaused'; did you mean TaskPaused or TaskFailed?")
    }

    @Test("that is nothing like a kind is answered with all kinds", arguments: ["", "xyzzy", "quite_something_else"])
    func nothingNear(text: String) throws {
        let mistake = try #require(throws: KindPattern.Mistake.self) { try KindPattern(text) }
        #expect(mistake.nearest.isEmpty)
        for kind in EventKind.named { #expect(mistake.description.contains(kind.name)) }
    }

    @Test("is no prefix and no glob where exactly one kind is needed", arguments: ["rebase", "Task*", "", "TaskStart"])
    func oneKind(text: String) {
        #expect(throws: KindPattern.Mistake.self) { try KindPattern.kind(named: text) }
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

@Suite("A glob", .apart)
struct GlobTests {
    @Test(
        "matches a whole name, * standing for any text and ? for one character",
        arguments: [
            ("", ""), ("*", ""), ("*", "abc"), ("a*", "a"), ("a*c", "abbbc"), ("a*c", "acbc"), ("*b*", "abc"),
            ("a?c", "abc"), ("?", "é"), ("??", "ab"), ("ABC", "abc"), ("abc", "ABC"), ("a**c", "abc"), ("*?", "x"),
            ("*ab", "aab"), ("a*b*c", "a1b2b3c"), ("ä*", "Äpfel"),
        ]
    )
    func matches(pattern: String, name: String) {
        #expect(Glob(pattern).matches(name))
    }

    @Test(
        "doesn't match a part of a name, or another one",
        arguments: [
            ("", "a"), ("a", ""), ("a", "ab"), ("b", "ab"), ("a*", "ba"), ("*a", "ab"), ("?", ""), ("?", "ab"),
            ("a?c", "ac"), ("*?", ""), ("a*b", "acbc"), ("a.c", "abc"), ("[ab]", "a"), ("a*b*c", "acb"),
        ]
    )
    func doesNotMatch(pattern: String, name: String) {
        #expect(!Glob(pattern).matches(name))
    }

    @Test("with many stars is answered at once also when it doesn't match")
    func manyStars() {
        #expect(!Glob(String(repeating: "a*", count: 30) + "b").matches(String(repeating: "a", count: 2_000)))
    }
}
