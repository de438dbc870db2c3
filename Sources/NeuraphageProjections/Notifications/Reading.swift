// That a notification was read, as the log has it.

package import NeuraphageEvents

/// When, by which task or session, and how a notification was read.
package struct Reading: Sendable {
    /// The kind of the event that says so. It is always logged.
    package static let kind = EventKind.notificationRead

    /// The notification.
    package let notification: EventID
    /// When it was read.
    package let time: Timestamp
    /// The task that read it, if it was one. Text from the log.
    package let reader: String?
    /// The agent's session that read it, if it was one. Text from the log.
    package let session: String?
    /// What it was read with. Text from the log.
    package let how: String?

    /// What an event says about that; `nil` if it says something else.
    package init?(_ event: Event) {
        guard event.kind == Self.kind, let id = event.payload["notification"]?.text else { return nil }
        notification = EventID(id)
        time = event.timestamp
        reader = event.payload.string("by")
        session = event.payload.string("session")
        how = event.payload.string("how")
    }

    /// The event that says that a notification to `task` was read.
    ///
    /// - Parameter members: What else there is to say of it, such as the session that read it.
    package static func event(
        of notification: EventID,
        in task: TaskID,
        by reader: TaskID?,
        how: String,
        _ members: [(String, JSONValue)] = []
    ) -> Event {
        .notificationRead(notification, in: task, by: reader, how: how, members.map { ($0, $1) })
    }
}
