// That notifications were not read and are never handed over, as the log has it: a newer one takes them in, or what they
// asked for has happened, or their task has ended.

package import NeuraphageEvents

/// Which notifications lapsed before they were read, and by what.
package struct Lapse: Sendable {
    /// Why they did.
    package enum Reason: Sendable {
        /// A newer one takes them in, or what they asked for has happened.
        case superseded
        /// Their task has ended.
        case undelivered

        /// The kind of the event that says so. It is always logged.
        package var kind: EventKind {
            switch self {
            case .superseded: .notificationSuperseded
            case .undelivered: .notificationUndelivered
            }
        }
    }

    private static let reasons = [Reason.superseded, .undelivered].map { (kind: $0.kind, reason: $0) }
    /// How many notifications one event names: more would not fit into a payload that is logged whole.
    private static let most = 200

    package let reason: Reason
    package let notifications: [EventID]
    /// When it was said.
    package let time: Timestamp

    /// What an event says about that; `nil` if it says something else.
    package init?(_ event: Event) {
        guard let reason = Self.reasons.first(where: { $0.kind == event.kind })?.reason else { return nil }
        self.reason = reason
        notifications = event.payload.strings(at: "notifications").map { EventID($0) }
        time = event.timestamp
    }

    /// The events that say that notifications to `task` lapsed: one, unless there are very many.
    ///
    /// - Parameter cause: The event by which they did, if it is known.
    package static func events(
        _ reason: Reason,
        of notifications: [EventID],
        in task: TaskID,
        by cause: EventID?
    ) -> [Event] {
        stride(from: 0, to: notifications.count, by: most).map { start in
            let ids = notifications[start..<min(start + most, notifications.count)]
            return switch reason {
            case .superseded: .notificationsSuperseded(ids, in: task, by: cause)
            case .undelivered: .notificationsUndelivered(ids, in: task, by: cause)
            }
        }
    }
}
