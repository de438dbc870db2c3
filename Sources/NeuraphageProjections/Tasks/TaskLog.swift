// The fold that says what the log has of each task. It must come to the same however often it is interrupted, take the same
// room for a million events as for a hundred, and never stop on what a log may hold: so an end counts for what it names, a
// beginning counts whatever went before, and the order is that of the log, not that of clocks.
//
// A task's part depends on the events and on the part that belongs to no task, and never on that of another task. So who
// asks for a task asks for these two.

package import NeuraphageEvents

/// What a log says of its tasks.
package enum TaskLog: Projection {
    package static let name = "tasks"
    package static let version = 1

    /// What the log says of one task, or what belongs to none.
    package struct Part: ProjectionPart, Hashable {
        var task: LoggedTask?
        var rest: LoggedRest?

        package var isEmpty: Bool { task == nil && rest == nil }
    }

    /// The key of what belongs to no task.
    static let rest = ""

    /// The keys of the parts that say how some tasks are.
    package static func keys(of tasks: some Sequence<TaskID>) -> Set<String> {
        Set(tasks.map(\.description)).union([rest])
    }

    package static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Part>) {
        apply(gap, to: &parts[rest])
    }

    private static func apply(_ gap: LogCursor.Gap, to part: inout Part?) {
        begin(&part)
        part?.rest?.isGapPending = true
    }

    package static func apply(_ event: Event, at place: EventPlace, to parts: inout ProjectionParts<Part>) {
        let mark = EventMark(event, at: place)
        let fact = TaskFact(event)
        let source = event.source.flatMap { $0.description == rest ? nil : $0 }
        let found = apply(fact, of: source, at: mark, to: &parts[rest])
        if let source {
            change(&parts[source.description], source) { $0.apply(fact, event, at: mark, found) }
        }
        if let target = event.target, target != source, target.description != rest {
            change(&parts[target.description], target) { $0.applyAddressed(fact, at: mark, found) }
        }
        for case let (task?, lock) in found.losers.map({ ($0.task, $0.mark.id) }) {
            change(&parts[task.description], task) { $0.removeLock(lock) }
        }
        guard case .agent(let step, let words) = fact, let session = words.name else { return }
        if let former = found.former {
            change(&parts[former.description], former) { $0.sessions.leave(session, for: source, at: mark) }
        }
        if let keeper = found.keeper {
            change(&parts[keeper.description], keeper) { $0.sessions.apply(step, words, of: session, at: mark) }
        }
    }

    private static func begin(_ part: inout Part?) {
        if part?.rest == nil { part = Part(rest: LoggedRest()) }
    }

    private static func apply(
        _ fact: TaskFact,
        of task: TaskID?,
        at mark: EventMark,
        to part: inout Part?
    ) -> LoggedRest.Findings {
        begin(&part)
        return part?.rest?.apply(fact, of: task, at: mark) ?? LoggedRest.Findings()
    }

    /// Changes what is known of a task, in place.
    private static func change(_ part: inout Part?, _ task: TaskID, _ body: (inout LoggedTask) -> Void) {
        if part?.task == nil { part = Part(task: LoggedTask(task)) }
        part?.task?.change(body)
    }
}

extension ProjectionParts<TaskLog.Part> {
    /// What the log says of a task; `nil` if it says nothing.
    package func task(_ id: TaskID) -> LoggedTask? { task(id, beside: rest) }

    /// The same for a caller that asks for many, because reading ``rest`` may cost more than reading a task.
    package func task(_ id: TaskID, beside rest: LoggedRest) -> LoggedTask? {
        guard id.description != TaskLog.rest, var task = self[id.description]?.task else { return nil }
        let gap = rest.gap(from: task.begin?.place, to: task.end?.mark.place)
        (task.hasGap, task.gap) = (gap != nil, gap?.time)
        return task
    }

    /// What the log says besides.
    package var rest: LoggedRest { self[TaskLog.rest]?.rest ?? LoggedRest() }

    /// The tasks of which the log says something, in no order.
    package var tasks: [TaskID] { keys.filter { $0 != TaskLog.rest }.map { TaskID(asWritten: $0) } }
}
