// Of the rebases that a task was told to make only the latest one is worth a prompt, because it takes the others in; and not
// even that one if the task has caught up since.

package import NeuraphageEvents
package import NeuraphageProjections

package struct RebaseOrders {
    /// How many of the latest events are looked at, because an agent waits meanwhile. Whatever came before is told.
    private static let reach = 1_000

    /// The orders that need not be followed any more.
    package let outdated: [EventID]
    /// The event that has overtaken them: the latest order, or that the task has caught up.
    package let cause: EventID?

    /// Looks through what a task was told.
    ///
    /// - Parameters:
    ///   - notifications: What it was told, in the log's order.
    ///   - task: The task.
    ///   - standing: How far the task is behind main now, if that is known.
    ///   - log: The log.
    /// - Throws: `EventLogError` if the log cannot be read.
    package init(
        among notifications: [Event],
        to task: TaskID,
        standing: RebaseStanding? = nil,
        in log: LoggedFacts
    ) throws {
        let orders = notifications.filter { $0.kind == .rebaseRequired }
        guard let latest = orders.last else {
            (outdated, cause) = ([], nil)
            return
        }
        let caughtUp = try Self.caughtUp(task, since: latest, in: log)
        // It may have caught up, and fallen behind again since.
        let isOver = standing.map { $0.commitsBehind == 0 } ?? (caughtUp != nil)
        outdated = (isOver ? orders : orders.dropLast()).map(\.id)
        cause = outdated.isEmpty ? nil : isOver ? caughtUp : latest.id
    }

    /// The event that says that a task has caught up since it was told to.
    private static func caughtUp(_ task: TaskID, since order: Event, in log: LoggedFacts) throws -> EventID? {
        var caughtUp: EventID?
        try log.visit(atMost: reach) { event in
            if event.kind == .rebaseCompleted, event.source == task { caughtUp = event.id }
            return caughtUp == nil && event.id != order.id
        }
        return caughtUp
    }
}
