// Builders: what tasks are told, and what has become of it.

extension Event {
    /// A task was given a hint: by another task, by the user, or by a program that is neither.
    package static func nudgeSent(
        to target: TaskID,
        from sender: NudgeSender,
        message: String,
        severity: String,
        in session: SessionName? = nil
    ) -> Event {
        let source: TaskID? = if case .task(let task) = sender { task } else { nil }
        let members = [
            text("message", message), text("severity", severity), text("sender", sender == .user ? userSender : nil),
        ]
        return Event(.nudgeSent, from: source, to: target, saying: members + self.session(session))
    }

    /// A task was given a hint.
    ///
    /// - Parameters:
    ///   - target: The task that it is for.
    ///   - source: The task that gave it, if one did.
    ///   - message: What it says.
    ///   - severity: How much it matters, in a word.
    public static func nudgeSent(
        to target: TaskID,
        from source: TaskID? = nil,
        message: String,
        severity: String = "Hint"
    ) -> Event {
        nudgeSent(to: target, from: source.map { .task($0) } ?? .other, message: message, severity: severity)
    }

    private static let userSender = "user"

    /// Whether it is a hint that the user gave.
    package var isFromUser: Bool { kind == .nudgeSent && source == nil && payload.string("sender") == Self.userSender }

    /// Something that one task learned was passed on to another.
    ///
    /// - Parameters:
    ///   - source: The task that learned it.
    ///   - target: The task that is told.
    ///   - learning: What was learned.
    ///   - urgency: How much it matters, in a word.
    public static func syncRelayed(
        from source: TaskID,
        to target: TaskID,
        learning: String,
        urgency: String = "Fyi"
    ) -> Event {
        Event(.syncRelayed, from: source, to: target, saying: [text("learning", learning), text("urgency", urgency)])
    }

    /// A notification to a task was read.
    ///
    /// - Parameter members: What else there is to say of it, such as the session that read it.
    package static func notificationRead(
        _ notification: EventID,
        in task: TaskID,
        by reader: TaskID?,
        how: String,
        _ members: [Member] = []
    ) -> Event {
        let own: [Member] = [
            event("notification", notification), ("by", .string(orNull: reader?.description)), text("how", how),
        ]
        return Event(.notificationRead, from: task, saying: own + members)
    }

    /// Notifications to a task were overtaken before they were read.
    ///
    /// - Parameter cause: The event by which they were, if it is known.
    package static func notificationsSuperseded(
        _ notifications: some Sequence<EventID>,
        in task: TaskID,
        by cause: EventID?
    ) -> Event {
        lapsed(.notificationSuperseded, notifications, in: task, by: cause)
    }

    /// Notifications to a task were not read before it ended.
    ///
    /// - Parameter cause: The end, if it is known.
    package static func notificationsUndelivered(
        _ notifications: some Sequence<EventID>,
        in task: TaskID,
        by cause: EventID?
    ) -> Event {
        lapsed(.notificationUndelivered, notifications, in: task, by: cause)
    }

    private static func lapsed(
        _ kind: EventKind,
        _ notifications: some Sequence<EventID>,
        in task: TaskID,
        by cause: EventID?
    ) -> Event {
        let members = [texts("notifications", notifications.map(\.description)), event("cause", cause)]
        return Event(kind, from: task, saying: members)
    }
}

/// Where a hint comes from.
package enum NudgeSender: Hashable, Sendable {
    /// A task, such as an agent that works on it.
    case task(TaskID)
    /// The user.
    case user
    /// A program of which no more is known.
    case other
}
