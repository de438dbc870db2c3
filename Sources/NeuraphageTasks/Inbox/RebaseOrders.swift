// Of the rebases that a task was told to make only the latest one is worth a prompt, because it takes the others in; and not
// even that one if the task has caught up since. People who ask are shown all of them.

package import NeuraphageEvents
package import NeuraphageProjections

package enum RebaseOrders {
    /// How many of the latest events are looked at, because an agent waits meanwhile. Whatever came before is told.
    private static let reach = 1_000

    /// The orders that nobody needs to follow any more.
    ///
    /// - Parameters:
    ///   - notifications: What a task was told, in the log's order.
    ///   - task: The task.
    ///   - log: The log.
    /// - Throws: `EventLogError` if the log cannot be read.
    package static func outdated(
        among notifications: [Event],
        to task: TaskID,
        in log: LoggedFacts
    ) throws -> Set<EventID> {
        let orders = notifications.filter { $0.kind == .rebaseRequired }
        guard let latest = orders.last else { return [] }
        let hasCaughtUp = try hasCaughtUp(task, since: latest, in: log)
        return Set((hasCaughtUp ? orders : orders.dropLast()).map(\.id))
    }

    private static func hasCaughtUp(_ task: TaskID, since order: Event, in log: LoggedFacts) throws -> Bool {
        var hasCaughtUp = false
        try log.visit(atMost: reach) { event in
            hasCaughtUp = event.kind == .rebaseCompleted && event.source == task
            return !hasCaughtUp && event.id != order.id
        }
        return hasCaughtUp
    }
}
