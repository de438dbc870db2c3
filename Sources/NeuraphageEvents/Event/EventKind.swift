// The vocabulary: what can happen, and which of it is worth a line in the log.

/// What kind of thing happened.
///
/// In the log a kind stands as its name (`"TaskStarted"`), a custom one as `{"Custom":"name"}`. A name that this
/// version doesn't know, written by a newer one, is kept as it is.
public enum EventKind: Hashable, Sendable {
    /// A task began.
    case taskStarted
    /// A task ended well.
    case taskCompleted
    /// A task ended with an error.
    case taskFailed
    /// A task was ended by somebody before it was done.
    case taskCancelled
    /// A task waits for an answer from a person.
    case taskWaitingForUser
    /// A task changed a file.
    case fileModified
    /// The main branch moved.
    case mainUpdated
    /// A task's branch is behind the main branch.
    case rebaseRequired
    /// A task's branch has caught up with the main branch.
    case rebaseCompleted
    /// Rebasing a task's branch stopped on a conflict.
    case rebaseConflict
    /// A task was given a hint.
    case nudgeSent
    /// Something that one task learned was passed on to another.
    case syncRelayed
    /// A task was paused.
    case taskPaused
    /// A task learned something.
    case learningExtracted
    /// A task took a lock.
    case lockAcquired
    /// A task gave a lock back.
    case lockReleased
    /// Supervision works only partly.
    case supervisionDegraded
    /// Supervision works again.
    case supervisionRecovered
    /// A rate limit holds a task up.
    case rateLimitReached
    /// A session of the daemon began.
    case sessionStarted
    /// A session of the daemon ended.
    case sessionEnded
    /// A kind that the program using this library defines.
    case custom(CustomName)
    /// A name that stands in a log and that this version doesn't know.
    case unknown(String)

    /// All kinds that have a name of their own, in the order of the vocabulary.
    public static let named: [EventKind] = [
        .taskStarted, .taskCompleted, .taskFailed, .taskCancelled, .taskWaitingForUser, .fileModified,
        .mainUpdated, .rebaseRequired, .rebaseCompleted, .rebaseConflict, .nudgeSent, .syncRelayed, .taskPaused,
        .learningExtracted, .lockAcquired, .lockReleased, .supervisionDegraded, .supervisionRecovered,
        .rateLimitReached, .sessionStarted, .sessionEnded,
    ]

    /// The kind's name: `TaskStarted`, or the custom or unknown name itself.
    public var name: String {
        switch self {
        case .taskStarted: "TaskStarted"
        case .taskCompleted: "TaskCompleted"
        case .taskFailed: "TaskFailed"
        case .taskCancelled: "TaskCancelled"
        case .taskWaitingForUser: "TaskWaitingForUser"
        case .fileModified: "FileModified"
        case .mainUpdated: "MainUpdated"
        case .rebaseRequired: "RebaseRequired"
        case .rebaseCompleted: "RebaseCompleted"
        case .rebaseConflict: "RebaseConflict"
        case .nudgeSent: "NudgeSent"
        case .syncRelayed: "SyncRelayed"
        case .taskPaused: "TaskPaused"
        case .learningExtracted: "LearningExtracted"
        case .lockAcquired: "LockAcquired"
        case .lockReleased: "LockReleased"
        case .supervisionDegraded: "SupervisionDegraded"
        case .supervisionRecovered: "SupervisionRecovered"
        case .rateLimitReached: "RateLimitReached"
        case .sessionStarted: "SessionStarted"
        case .sessionEnded: "SessionEnded"
        case .custom(let name): name.description
        case .unknown(let name): name
        }
    }

    /// Whether events of this kind are written to the log (spec, "Durable EventKinds").
    ///
    /// What is transient (`TaskWaitingForUser`), high in volume (`FileModified`) or merely operational
    /// (`RateLimitReached`) is not. A custom kind is not unless ``EventLogConfig/durableCustom`` lists it, except the
    /// reserved names `LogGap`, `LogResumed`, `NotificationRead`, `RunStarted`, `RunEnded` and those that begin with
    /// `Agent`. An unknown kind is: a log must not lose what a newer version found worth logging.
    public var isDurable: Bool {
        switch self {
        case .taskWaitingForUser, .fileModified, .rateLimitReached: false
        case .custom(let name): name.isReserved
        default: true
        }
    }

    /// Whether such an event is told by the task it is about, rather than about main or to a task.
    package var hasSourceTask: Bool {
        switch self {
        case .mainUpdated, .rebaseRequired, .taskPaused, .supervisionDegraded, .supervisionRecovered, .rateLimitReached,
            .sessionStarted, .sessionEnded:
            false
        default: true
        }
    }
}

extension EventKind: CustomStringConvertible {
    /// The name as people write it: `TaskStarted`, `custom:NAME` for a custom kind.
    public var description: String {
        if case .custom(let name) = self { "custom:\(name)" } else { name }
    }
}

/// The name of a custom kind: printable text of 1 to 128 bytes.
///
/// A name that was read from a file keeps the text it has there, whatever it is.
public struct CustomName: Hashable, Sendable, CustomStringConvertible, ExpressibleByStringLiteral {
    /// The name.
    public let description: String

    /// The custom kind of this name.
    ///
    /// - Throws: ``NameError`` if the name is empty, longer than 128 bytes of UTF-8, or contains a character that
    ///   doesn't print.
    public init(_ name: String) throws(NameError) {
        if let problem = Name.problem(with: name, of: "the name of the custom kind") { throw problem }
        description = name
    }

    /// The custom kind of this name. A literal that is no such name is a mistake in the program and stops it.
    public init(stringLiteral name: String) {
        if let problem = Name.problem(with: name, of: "the name of the custom kind") {
            preconditionFailure(problem.description)
        }
        description = name
    }

    /// The name as it stands in a file, unchecked.
    package init(asWritten name: String) {
        description = name
    }

    var isReserved: Bool {
        switch description {
        case "LogGap", "LogResumed", "NotificationRead", "RunStarted", "RunEnded": true
        default: description.hasPrefix("Agent")
        }
    }
}
