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
    package static let version = 2

    /// What the log says of one task, or what belongs to none.
    package struct Part: ProjectionPart, Hashable {
        // One of them has one element, and the other has none. In arrays, because a part is handed on for each event, and what
        // it holds is a kilobyte of which each member would be copied.
        private var tasks: [LoggedTask] = []
        private var rests: [LoggedRest] = []

        init(_ task: LoggedTask) { tasks = [task] }

        init(_ rest: LoggedRest) { rests = [rest] }

        var task: LoggedTask? { tasks.first }
        var rest: LoggedRest? { rests.first }

        package var isEmpty: Bool { tasks.isEmpty && rests.isEmpty }

        /// Changes the task in place, if it is one.
        mutating func change(_ body: (inout LoggedTask) -> Void) {
            if !tasks.isEmpty { body(&tasks[0]) }
        }

        /// Applies an event to what belongs to no task, in place, if it is that.
        mutating func apply(_ fact: TaskFact, of task: TaskID?, at mark: EventMark) -> LoggedRest.Findings {
            rests.isEmpty ? LoggedRest.Findings() : rests[0].apply(fact, of: task, at: mark)
        }

        mutating func noteGap() {
            if !rests.isEmpty { rests[0].isGapPending = true }
        }
    }

    /// The key of what belongs to no task.
    static let rest = ""

    /// The keys of the parts that say how some tasks are.
    package static func keys(of tasks: some Sequence<TaskID>) -> Set<String> {
        Set(tasks.map(\.description)).union([rest])
    }

    package static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Part>) {
        parts[rest, default: Part(LoggedRest())].noteGap()
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
        for claim in found.losers {
            guard let task = claim.task else { continue }
            change(&parts[task.description], task) { $0.removeLock(claim.mark.id) }
        }
        guard case .agent(let step, let words) = fact, let session = words.name else { return }
        if let former = found.former {
            change(&parts[former.description], former) { $0.sessions.leave(session, for: source, at: mark) }
        }
        if let keeper = found.keeper {
            change(&parts[keeper.description], keeper) { $0.sessions.apply(step, words, of: session, at: mark) }
        }
    }

    private static func apply(
        _ fact: TaskFact,
        of task: TaskID?,
        at mark: EventMark,
        to part: inout Part?
    ) -> LoggedRest.Findings {
        if part == nil { part = Part(LoggedRest()) }
        return part?.apply(fact, of: task, at: mark) ?? LoggedRest.Findings()
    }

    private static func change(_ part: inout Part?, _ task: TaskID, _ body: (inout LoggedTask) -> Void) {
        if part == nil { part = Part(LoggedTask(task)) }
        part?.change(body)
    }
}

extension ProjectionParts<TaskLog.Part> {
    /// What the log says of a task; `nil` if it says nothing.
    package func task(_ id: TaskID) -> LoggedTask? { task(id, beside: rest) }

    /// The same for a caller that asks for many, because reading ``rest`` may cost more than reading a task.
    package func task(_ id: TaskID, beside rest: LoggedRest) -> LoggedTask? {
        guard id.description != TaskLog.rest, var task = self[id.description]?.task else { return nil }
        let gap = rest.gap(from: task.begin?.place, to: task.end?.mark.place)
        task.gap = gap?.time
        return task
    }

    /// What the log says besides.
    package var rest: LoggedRest { self[TaskLog.rest]?.rest ?? LoggedRest() }

    /// The tasks of which the log says something, in no order.
    package var tasks: [TaskID] { keys.filter { $0 != TaskLog.rest }.map { TaskID(asWritten: $0) } }
}
