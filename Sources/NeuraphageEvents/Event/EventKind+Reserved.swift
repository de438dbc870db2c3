// The kinds that only np logs: the log and np write them to say what only they can know. In the log they are custom kinds, as
// the specification has it, and people read and type them by their bare names. They are always logged, and what comes from
// outside – np emit, the daemon's API – may not be of these kinds, or any program could make the log say that it has lost
// something.

extension EventKind {
    /// Events were lost here. Written by the log.
    package static var logGap: EventKind { .custom("LogGap") }
    /// This segment repeats lines of the one before it. Written by the log.
    package static var logResumed: EventKind { .custom("LogResumed") }
    /// A notification was read.
    package static var notificationRead: EventKind { .custom("NotificationRead") }
    /// Notifications were overtaken by something newer before they were read.
    package static var notificationSuperseded: EventKind { .custom("NotificationSuperseded") }
    /// The task ended before it had read messages that it was sent.
    package static var notificationUndelivered: EventKind { .custom("NotificationUndelivered") }
    /// A command began that is a part of its task.
    package static var runStarted: EventKind { .custom("RunStarted") }
    /// Such a command ended.
    package static var runEnded: EventKind { .custom("RunEnded") }
    /// A lock has been waited for so long that it is worth knowing.
    package static var lockWaiting: EventKind { .custom("LockWaiting") }
    /// A wait for a lock was given up.
    package static var lockTimedOut: EventKind { .custom("LockTimedOut") }
    /// An agent's session ended.
    package static var agentSessionEnded: EventKind { .custom("AgentSessionEnded") }
    /// An agent waits for a person.
    package static var agentWaiting: EventKind { .custom("AgentWaiting") }
    /// Such a wait ended.
    package static var agentResumed: EventKind { .custom("AgentResumed") }
    /// An agent's turn ended.
    package static var agentTurnEnded: EventKind { .custom("AgentTurnEnded") }

    /// Commits were taken from a task's branch, and no branch or tag has them any more.
    package static var workDiscarded: EventKind { .custom("WorkDiscarded") }

    /// The reserved kinds. Others that begin with ``agentPrefix`` are reserved as well, for other versions.
    package static let reserved: [EventKind] =
        [
            .logGap, .logResumed, .notificationRead, .notificationSuperseded, .notificationUndelivered, .runStarted,
            .runEnded, .lockWaiting, .lockTimedOut, .workDiscarded,
        ] + ofAgents
    /// The kinds of agents' hooks.
    private static let ofAgents: [EventKind] = [
        .custom("AgentSessionStarted"), .agentSessionEnded, .custom("AgentTurnStarted"), .agentTurnEnded,
        .agentWaiting, .agentResumed, .custom("AgentSubagentStarted"), .custom("AgentSubagentEnded"),
        .custom("AgentTaskCreated"),
        .custom("AgentTaskCompleted"), .custom("AgentTeammateIdle"), .custom("AgentCompacting"),
        .custom("AgentCompacted"),
    ]
    /// What the kinds of agents' hooks begin with.
    private static let agentPrefix = "Agent"

    /// All kinds that np knows: those of the vocabulary, and the reserved ones.
    package static let known = named + reserved

    /// Whether this is one of the kinds of agents' hooks.
    package var isOfAgent: Bool { customName?.description.hasPrefix(Self.agentPrefix) ?? false }

    /// Whether only the log and np write events of this kind.
    package var isReserved: Bool { isOfAgent || Self.reserved.contains(self) }

    /// The kind as people read and type it: a bare name if it is one of np's, `custom:NAME` if a program has defined it.
    package var shownName: String { isReserved ? name : description }
}
