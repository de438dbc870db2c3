// What an event says that changes what is known of a task, taken out of it once, before it is known whose it is.

import NeuraphageEvents

/// What an event is about.
enum TaskFact {
    case began(BeginningWords)
    case ended(LoggedTask.Ending.Outcome, EndingWords)
    case runBegan(BeginningWords)
    case runEnded(EndingWords)
    case mainMoved(MainWords)
    case ordered(RebaseWords)
    case caughtUp(RebaseWords)
    case stopped(RebaseWords)
    case discarded(RebaseWords)
    case paused
    case fileChanged(String)
    case lock(LockStep, LockWords)
    case agent(AgentStep, AgentWords)
    /// Notifications were read, or overtaken.
    case read(NotificationWords)
    case superseded(NotificationWords)
    case undelivered(NotificationWords)
    case daemonBegan(DaemonWords)
    case daemonEnded(DaemonWords)
    case lost(DaemonWords)
    /// Anything else; it has happened.
    case other

    init(_ event: Event) {
        let payload = event.payload
        self =
            switch Self.step(of: event.kind) {
            case .began: .began(BeginningWords(payload))
            case .ended(let outcome): .ended(outcome, EndingWords(payload))
            case .runBegan: .runBegan(BeginningWords(payload))
            case .runEnded: .runEnded(EndingWords(payload))
            case .mainMoved: .mainMoved(MainWords(payload))
            case .ordered: .ordered(RebaseWords(payload))
            case .caughtUp: .caughtUp(RebaseWords(payload))
            case .stopped: .stopped(RebaseWords(payload))
            case .discarded: .discarded(RebaseWords(payload))
            case .paused: .paused
            case .fileChanged: payload.string("path").map { .fileChanged($0) } ?? .other
            case .lock(let step): .lock(step, LockWords(payload))
            case .agent(let step): .agent(step, AgentWords(payload))
            case .read: .read(NotificationWords(payload))
            case .superseded: .superseded(NotificationWords(payload))
            case .undelivered: .undelivered(NotificationWords(payload))
            case .daemonBegan: .daemonBegan(DaemonWords(payload))
            case .daemonEnded: .daemonEnded(DaemonWords(payload))
            case .lost: .lost(DaemonWords(payload))
            case .other: .other
            }
    }

    private enum Step {
        case began, ended(LoggedTask.Ending.Outcome), runBegan, runEnded, mainMoved, ordered, caughtUp, stopped,
            discarded
        case paused, fileChanged, lock(LockStep), agent(AgentStep), read, superseded, undelivered, daemonBegan,
            daemonEnded
        case lost, other
    }

    /// Asked for each event, and most are of named kinds.
    private static func step(of kind: EventKind) -> Step { kind.place.map { named[$0] } ?? steps[kind] ?? .other }

    private static let named: [Step] = EventKind.named.map { steps[$0] ?? .other }

    private static let steps: [EventKind: Step] = {
        var steps: [EventKind: Step] = [
            .taskStarted: .began, .taskCompleted: .ended(.completed), .taskFailed: .ended(.failed),
            .taskCancelled: .ended(.cancelled), .taskPaused: .paused, .runStarted: .runBegan, .runEnded: .runEnded,
            .mainUpdated: .mainMoved, .rebaseRequired: .ordered, .rebaseCompleted: .caughtUp, .rebaseConflict: .stopped,
            .workDiscarded: .discarded, .fileModified: .fileChanged, .lockAcquired: .lock(.acquired),
            .lockReleased: .lock(.released), .lockWaiting: .lock(.waiting), .lockTimedOut: .lock(.timedOut),
            .notificationRead: .read, .notificationSuperseded: .superseded, .sessionStarted: .daemonBegan,
            .sessionEnded: .daemonEnded, .logGap: .lost,
        ]
        steps[.notificationUndelivered] = .undelivered
        for kind in EventKind.reserved where kind.isOfAgent { steps[kind] = .agent(AgentStep(kind)) }
        return steps
    }()

    /// Whether the event belongs into the story of a task that it comes from, or is addressed to.
    var isTold: Bool {
        switch self {
        case .fileChanged, .superseded, .lost: false
        case .lock(.acquired, let words): words.begin != nil || words.waited > 1_000
        case .lock(.released, _): false
        case .agent(let step, _): step.isTold
        default: true
        }
    }

    /// Whether it says what became of notifications. It is none itself.
    var isMark: Bool {
        switch self {
        case .read(let words): !words.ids.isEmpty
        case .superseded, .undelivered: true
        default: false
        }
    }

    /// Whether it is the end of the task that it comes from.
    var endsTask: Bool {
        if case .ended = self { true } else { false }
    }

    /// Whether it is an act of the task that it comes from. Other processes tell what has become of messages.
    var isAct: Bool {
        switch self {
        case .superseded, .undelivered: false
        default: true
        }
    }
}

/// What becomes of a lock.
enum LockStep {
    case waiting, acquired, released, timedOut
}

/// What an agent's session does.
enum AgentStep {
    case sessionBegan, sessionEnded, turnBegan, turnEnded, waitBegan, waitEnded, subagentBegan, subagentEnded
    /// It is heard of.
    case other

    init(_ kind: EventKind) {
        self =
            switch kind.name {
            case "AgentSessionStarted": .sessionBegan
            case "AgentSessionEnded": .sessionEnded
            case "AgentTurnStarted": .turnBegan
            case "AgentTurnEnded": .turnEnded
            case "AgentWaiting": .waitBegan
            case "AgentResumed": .waitEnded
            case "AgentSubagentStarted": .subagentBegan
            case "AgentSubagentEnded": .subagentEnded
            default: .other
            }
    }

    var isTold: Bool {
        switch self {
        case .sessionBegan, .sessionEnded, .turnBegan, .turnEnded, .waitBegan, .waitEnded: true
        case .subagentBegan, .subagentEnded, .other: false
        }
    }

    /// Whether the session belongs to the task that the event comes from. What ends a part of a session comes from the task
    /// in which that part began, also if the agent has moved the session to another one since.
    var isOfOwner: Bool {
        switch self {
        case .sessionBegan, .sessionEnded, .turnBegan, .turnEnded, .waitBegan, .subagentBegan: true
        case .waitEnded, .subagentEnded, .other: false
        }
    }
}
