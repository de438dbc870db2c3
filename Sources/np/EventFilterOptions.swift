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

    func filter(clock: DisplayClock) throws -> EventFilter {
        do {
            var filter = EventFilter()
            filter.kinds = try kind.map { text throws(KindPattern.Mistake) in try KindPattern(text) }
            if problems { filter.kinds.append(KindPattern(EventFilter.problems)) }
            filter.tasks = Set(try task.map(TypedName.taskInLog))
            filter.since = try since.map { try clock.moment($0) }
            filter.until = try until.map { try clock.moment($0) }
            filter.text = grep
            filter.conditions = try conditions.map { text throws(EventFilter.Condition.Mistake) in try .init(text) }
            return filter
        } catch let mistake as KindPattern.Mistake {
            throw ValidationError("\(mistake)")
        } catch let mistake as TimeExpression.Mistake {
            throw ValidationError("\(mistake)")
        } catch let mistake as EventFilter.Condition.Mistake {
            throw ValidationError("--where \(mistake).")
        }
    }

    /// The same filters as the daemon's API takes them.
    func queryParameters(clock: DisplayClock) throws -> [(name: String, value: String)] {
        let filter = try filter(clock: clock)
        var parameters = filter.tasks.map { (name: "task", value: $0.description) }
        parameters += kind.map { ("kind", $0) }
        if problems { parameters.append(("problems", "true")) }
        if let since = filter.since { parameters.append(("since", since.description)) }
        if let until = filter.until { parameters.append(("until", until.description)) }
        if let grep { parameters.append(("text", grep)) }
        return parameters + conditions.map { ("where", $0) }
    }
}
