// The options that say which events are wanted.

import ArgumentParser
import NeuraphageCoordination
import NeuraphageEvents

struct EventFilterOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only events from or to this task; '.' is the task of this worktree. Repeatable.",
            valueName: "id"
        ),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: [String] = []

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only events of this kind: its name in any spelling, the beginning of it ('rebase'), a pattern ('Task*'), or custom:NAME. Repeatable.",
            valueName: "kind"
        ),
        completion: .list(EventKind.named.map(\.name))
    )
    var kind: [String] = []

    @Flag(
        name: .shortAndLong,
        help: "Only trouble: failures, conflicts, pauses, degraded supervision, gaps in the log."
    )
    var problems = false

    @Option(
        name: [.customShort("S"), .long],
        help: ArgumentHelp(
            "Only events since then: 90s, 1h30m, 2d, 1w, today, yesterday, 2026-01-11, \"2026-01-11 15:30\", RFC 3339.",
            valueName: "when"
        )
    )
    var since: String?

    @Option(
        name: [.customShort("U"), .long],
        help: ArgumentHelp("Only events until then.", valueName: "when")
    )
    var until: String?

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Only events in whose task, kind or payload this text occurs. Capitals matter only if it has some.",
            valueName: "text"
        )
    )
    var grep: String?

    @Option(
        name: .customLong("where"),
        help: ArgumentHelp("Only events whose payload has this value. Repeatable.", valueName: "payload.key=value")
    )
    var conditions: [String] = []

    /// The kinds that count as trouble.
    private static let problems: Set<EventKind> = [
        .taskFailed, .rebaseConflict, .taskPaused, .supervisionDegraded, .custom("LogGap"),
    ]

    func filter(clock: DisplayClock) throws -> EventFilter {
        do {
            var filter = EventFilter()
            filter.kinds = try kind.map { text throws(KindPattern.Mistake) in try KindPattern(text) }
            if problems { filter.kinds.append(KindPattern(Self.problems)) }
            filter.tasks = Set(try task.map(Self.task))
            filter.since = try since.map { try clock.moment($0) }
            filter.until = try until.map { try clock.moment($0) }
            filter.text = grep
            filter.conditions = try conditions.map(Self.condition)
            return filter
        } catch let mistake as KindPattern.Mistake {
            throw ValidationError("\(mistake)")
        } catch let mistake as TimeExpression.Mistake {
            throw ValidationError("\(mistake)")
        }
    }

    private static func task(_ text: String) throws -> TaskID {
        if text == "." { return try taskHere() }
        guard !text.isEmpty else { throw ValidationError("--task is empty; name a task.") }
        return TaskID(asWritten: text)
    }

    private static func taskHere() throws -> TaskID {
        guard let task = try CurrentTask.find() else {
            throw ValidationError(
                "--task . means the task of the worktree you stand in, and this is none; name the task."
            )
        }
        return task
    }

    private static func condition(_ text: String) throws -> EventFilter.Condition {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        let path = parts[0].split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard parts.count == 2, path.count > 1, path[0] == "payload", !path.contains("") else {
            throw ValidationError(
                "--where '\(text)' is not of the form payload.key=value, such as payload.branch=main."
            )
        }
        return EventFilter.Condition(path: Array(path.dropFirst()), value: String(parts[1]))
    }
}
