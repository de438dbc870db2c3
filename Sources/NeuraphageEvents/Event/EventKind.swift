// The vocabulary: what can happen, and which of it is worth a line in the log.

/// What kind of thing happened.
///
/// In the log a kind is its name (`"TaskStarted"`), a custom one `{"Custom":"name"}`. A name that this version doesn't
/// know, written by a newer one, is kept as it is.
///
/// Compare kinds, or switch over them with a `default`: later versions may have more of them.
public struct EventKind: Hashable, Sendable {
    private enum Storage: Hashable, Sendable {
        /// A kind of the vocabulary, by its place in ``EventKind/vocabulary``.
        case named(UInt8)
        case custom(CustomName)
        case unknown(String)
    }

    /// What the vocabulary says of a kind.
    private struct Entry {
        let name: String
        /// Whether events of this kind are logged.
        let isDurable: Bool
        /// Whether such an event comes from the task it is about, rather than being about main or addressed to a task.
        let hasSourceTask: Bool

        init(_ name: String, isDurable: Bool = true, hasSourceTask: Bool = true) {
            self.name = name
            self.isDurable = isDurable
            self.hasSourceTask = hasSourceTask
        }
    }

    private static let vocabulary: [Entry] = [
        Entry("TaskStarted"), Entry("TaskCompleted"), Entry("TaskFailed"), Entry("TaskCancelled"),
        Entry("TaskWaitingForUser", isDurable: false), Entry("FileModified", isDurable: false),
        Entry("MainUpdated", hasSourceTask: false), Entry("RebaseRequired", hasSourceTask: false),
        Entry("RebaseCompleted"), Entry("RebaseConflict"), Entry("NudgeSent"), Entry("SyncRelayed"),
        Entry("TaskPaused", hasSourceTask: false), Entry("LearningExtracted"), Entry("LockAcquired"),
        Entry("LockReleased"), Entry("SupervisionDegraded", hasSourceTask: false),
        Entry("SupervisionRecovered", hasSourceTask: false),
        Entry("RateLimitReached", isDurable: false, hasSourceTask: false),
        Entry("SessionStarted", hasSourceTask: false), Entry("SessionEnded", hasSourceTask: false),
    ]

    private let storage: Storage

    private init(_ storage: Storage) {
        self.storage = storage
    }

    /// A task began.
    public static let taskStarted = EventKind(.named(0))
    /// A task ended well.
    public static let taskCompleted = EventKind(.named(1))
    /// A task ended with an error.
    public static let taskFailed = EventKind(.named(2))
    /// A task was ended from outside before it was done.
    public static let taskCancelled = EventKind(.named(3))
    /// A task waits for an answer from a person.
    public static let taskWaitingForUser = EventKind(.named(4))
    /// A task changed a file.
    public static let fileModified = EventKind(.named(5))
    /// The main branch moved.
    public static let mainUpdated = EventKind(.named(6))
    /// A task's branch is behind the main branch.
    public static let rebaseRequired = EventKind(.named(7))
    /// A task's branch has caught up with the main branch.
    public static let rebaseCompleted = EventKind(.named(8))
    /// Rebasing a task's branch stopped on a conflict.
    public static let rebaseConflict = EventKind(.named(9))
    /// A task was given a hint.
    public static let nudgeSent = EventKind(.named(10))
    /// Something that one task learned was passed on to another.
    public static let syncRelayed = EventKind(.named(11))
    /// A task was paused.
    public static let taskPaused = EventKind(.named(12))
    /// A task learned something.
    public static let learningExtracted = EventKind(.named(13))
    /// A task took a lock.
    public static let lockAcquired = EventKind(.named(14))
    /// A task gave a lock back.
    public static let lockReleased = EventKind(.named(15))
    /// Supervision works only partly.
    public static let supervisionDegraded = EventKind(.named(16))
    /// Supervision works again.
    public static let supervisionRecovered = EventKind(.named(17))
    /// A rate limit holds a task up.
    public static let rateLimitReached = EventKind(.named(18))
    /// A session of the daemon began.
    public static let sessionStarted = EventKind(.named(19))
    /// A session of the daemon ended.
    public static let sessionEnded = EventKind(.named(20))

    /// A kind that the program using this library defines.
    public static func custom(_ name: CustomName) -> EventKind { EventKind(.custom(name)) }

    /// A name in a log that this version doesn't know.
    package static func unknown(_ name: String) -> EventKind { EventKind(.unknown(name)) }

    /// All kinds that have a name of their own, in the order of the vocabulary.
    public static let named: [EventKind] = vocabulary.indices.map { EventKind(.named(UInt8($0))) }

    /// The name of a custom kind; `nil` for any other.
    public var customName: CustomName? {
        if case .custom(let name) = storage { name } else { nil }
    }

    /// Whether this version doesn't know the kind.
    public var isUnknown: Bool {
        if case .unknown = storage { true } else { false }
    }

    /// The kind's name: `TaskStarted`, or the custom or unknown name itself.
    public var name: String {
        switch storage {
        case .named(let index): Self.vocabulary[Int(index)].name
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
        switch storage {
        case .named(let index): Self.vocabulary[Int(index)].isDurable
        case .custom(let name): name.isReserved
        case .unknown: true
        }
    }

    /// Whether such an event comes from the task it is about, rather than being about main or addressed to a task.
    package var hasSourceTask: Bool {
        if case .named(let index) = storage { Self.vocabulary[Int(index)].hasSourceTask } else { true }
    }
}

extension EventKind: CustomStringConvertible {
    /// The name as people write it: `TaskStarted`, `custom:NAME` for a custom kind.
    public var description: String {
        if case .custom(let name) = storage { "custom:\(name)" } else { name }
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

    /// The custom kind of this name. A literal that is not such a name is a mistake in the program and stops it.
    public init(stringLiteral name: String) {
        if let problem = Name.problem(with: name, of: "the name of the custom kind") {
            preconditionFailure(problem.description)
        }
        description = name
    }

    /// The name as it was read from a file, unchecked.
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
