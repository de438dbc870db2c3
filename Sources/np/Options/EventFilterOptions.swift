// The options that say which events are wanted.

import ArgumentParser
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageSystem

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
            "Only events of this kind: its name in any spelling, the beginning of it ('rebase'), a pattern ('Task*'), or custom:NAME; with '!' before it, not of this kind. Repeatable.",
            valueName: "kind"
        ),
        completion: .list(EventKind.known.map(\.name))
    )
    var kind: [String] = []

    @Flag(
        name: .shortAndLong,
        help:
            "Only trouble: failures, conflicts, pauses, agents that are gone, runs that failed or were killed, waits for a lock that were given up, messages that reached no task, degraded supervision, daemons that died, gaps in the log. A kind like those of --kind: with both, either."
    )
    var problems = false

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

    /// What was asked for, by the names of the daemon's API.
    ///
    /// - Parameter directory: Where it is remembered what worktrees are called; `nil` if that isn't known yet, and `.` is
    ///   taken for a name.
    private func asked(
        _ directory: DataDirectory?,
        _ span: TimeSpanOptions?
    ) throws -> [(field: FilterField, text: String)] {
        if task.contains("") { throw ValidationError("--task is empty; name a task.") }
        var asked: [(field: FilterField, text: String)] = try task.map { text in
            (.task, try directory.map { try TypedName.taskInLog(text, in: $0).description } ?? text)
        }
        asked += kind.map { (.kind, $0) }
        if problems { asked.append((.problems, "true")) }
        asked += span?.asked ?? []
        if let grep, !grep.isEmpty { asked.append((.text, grep)) }
        return asked + conditions.map { (.condition, $0) }
    }

    func filter(
        in directory: DataDirectory?,
        _ span: TimeSpanOptions? = nil,
        clock: DisplayClock
    ) throws -> EventFilter {
        var filter = EventFilter()
        for (field, text) in try asked(directory, span) {
            do throws(OperationError) {
                try filter.add(field, text) { text, bound throws(OperationError) in
                    try clock.moment(text, as: bound)
                }
            } catch {
                throw ValidationError(field == .condition ? "--where \(error)." : "\(error)")
            }
        }
        return filter
    }

    /// The same filters as the daemon's API takes them: it knows no time zone but UTC.
    func queryParameters(
        in directory: DataDirectory,
        _ span: TimeSpanOptions,
        clock: DisplayClock
    ) throws -> [(name: String, value: String)] {
        let filter = try filter(in: directory, span, clock: clock)
        return try asked(directory, span).map { field, text in
            switch field {
            case .since: (field.rawValue, filter.since?.description ?? text)
            case .until: (field.rawValue, filter.until?.description ?? text)
            default: (field.rawValue, text)
            }
        }
    }
}
