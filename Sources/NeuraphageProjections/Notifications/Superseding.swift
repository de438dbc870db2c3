// That notifications need not be told any more, as the log has it: a newer one takes them in, or what they asked for has
// happened. They were not read, and are never handed over.

package import NeuraphageEvents

/// Which notifications were overtaken before they were read, and by what.
package struct Superseding: Sendable {
    /// The kind of the event that says so. It is always logged.
    package static let kind = EventKind.notificationSuperseded
    /// How many notifications one event names: more would not fit into a payload that is logged whole.
    private static let most = 200

    package let notifications: [EventID]
    /// When it was said.
    package let time: Timestamp

    /// What an event says about that; `nil` if it says something else.
    package init?(_ event: Event) {
        guard event.kind == Self.kind else { return nil }
        notifications = event.payload.strings(at: "notifications").map { EventID($0) }
        time = event.timestamp
    }

    /// The events that say that notifications to `task` were overtaken: one, unless there are very many.
    ///
    /// - Parameter cause: The event by which they were, if it is known.
    package static func events(of notifications: [EventID], in task: TaskID, by cause: EventID?) -> [Event] {
        stride(from: 0, to: notifications.count, by: most).map { start in
            let ids = notifications[start..<min(start + most, notifications.count)]
            let cause = cause.map { [("cause", JSONValue.string($0.description))] } ?? []
            let members: [(String, JSONValue)] = [("notifications", .array(ids.map { .string($0.description) }))]
            return Event(kind, from: task, payload: Payload(.object(members + cause)))
        }
    }
}
