// What every task has not read, as the log says.

package import NeuraphageEvents

/// The projection whose parts are the tasks' ``Unread``.
package enum Inboxes: Projection {
    package static let name = "inboxes"
    package static let version = 1

    package static func apply(_ event: Event, at place: EventPlace, to parts: inout ProjectionParts<Unread>) {
        if let reading = Reading(event) {
            settle([reading.notification], of: event.source, in: &parts)
        } else if let lapse = Lapse(event) {
            settle(lapse.notifications, of: event.source, in: &parts)
        } else {
            let endsTask = event.kind.endsTask
            if endsTask, let task = event.source { parts[task.description]?.endLife(with: event) }
            if let target = event.target, !endsTask || target != event.source {
                parts[target.description, default: Unread()].add(event)
            }
        }
    }

    private static func settle(_ ids: [EventID], of task: TaskID?, in parts: inout ProjectionParts<Unread>) {
        if let task { parts[task.description]?.settle(ids) }
    }

    /// What is not in the log is not known to be unread.
    package static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Unread>) {}
}
