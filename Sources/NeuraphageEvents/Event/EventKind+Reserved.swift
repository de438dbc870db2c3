// The custom kinds that are reserved: the log and np write them to say what only they can know. They are always logged, and
// what comes from outside – np emit, the daemon's API – may not be of these kinds, or anybody could make the log say that
// it has lost something.

extension EventKind {
    /// Events were lost here. Written by the log.
    package static var logGap: EventKind { .custom("LogGap") }
    /// This segment repeats lines of the one before it. Written by the log.
    package static var logResumed: EventKind { .custom("LogResumed") }
    /// A notification was read.
    package static var notificationRead: EventKind { .custom("NotificationRead") }
    /// Notifications were overtaken by something newer before they were read.
    package static var notificationSuperseded: EventKind { .custom("NotificationSuperseded") }
    /// A command began that is a part of its task.
    package static var runStarted: EventKind { .custom("RunStarted") }
    /// Such a command ended.
    package static var runEnded: EventKind { .custom("RunEnded") }

    /// Commits were taken from a task's branch, and no branch or tag has them any more.
    package static var workDiscarded: EventKind { .custom("WorkDiscarded") }

    /// The reserved kinds; and those that begin with ``agentPrefix``.
    package static let reserved: [EventKind] = [
        .logGap, .logResumed, .notificationRead, .notificationSuperseded, .runStarted, .runEnded, .workDiscarded,
    ]
    /// What the kinds of agents' hooks begin with.
    private static let agentPrefix = "Agent"

    /// Whether this is one of the kinds of agents' hooks.
    package var isOfAgent: Bool { customName?.description.hasPrefix(Self.agentPrefix) ?? false }

    /// Whether only the log and np write events of this kind.
    package var isReserved: Bool { Self.reserved.contains(self) || isOfAgent }
}
