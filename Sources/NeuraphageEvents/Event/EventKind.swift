// The vocabulary: what can happen, and which of it is worth a line in the log.

/// What kind of thing happened.
///
/// In the log a kind is its name (`"TaskStarted"`), a custom one `{"Custom":"name"}`. A name that this version doesn't
/// know, written by a newer one, is kept as it is.
///
/// Compare kinds, or switch over them with a `default`: later versions may have more of them.
public struct EventKind: Hashable, Sendable {
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

    /// The place in the vocabulary of a kind that has one; ``Code/custom`` or ``Code/unknown`` for one that has not.
    ///
    /// Comparing two kinds is nearly always comparing two numbers, also in other modules: readers do it for each line.
    @usableFromInline let code: UInt8
    /// The name of a custom or unknown kind; empty for one of the vocabulary.
    @usableFromInline let text: String

    private enum Code {
        static let custom: UInt8 = 254
        static let unknown: UInt8 = 255
    }

    @inlinable init(code: UInt8, text: String = "") {
        self.code = code
        self.text = text
    }

    /// Whether both are the same kind, of the same name.
    @inlinable public static func == (left: EventKind, right: EventKind) -> Bool {
        left.code == right.code && left.text == right.text
    }

    /// Hashes a kind of the vocabulary as its number alone: publishers do it for each event.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(code)
        if !text.isEmpty { hasher.combine(text) }
    }

    /// A task began.
    @inlinable public static var taskStarted: EventKind { EventKind(code: 0) }
    /// A task ended well.
    @inlinable public static var taskCompleted: EventKind { EventKind(code: 1) }
    /// A task ended with an error.
    @inlinable public static var taskFailed: EventKind { EventKind(code: 2) }
    /// A task was ended from outside before it was done.
    @inlinable public static var taskCancelled: EventKind { EventKind(code: 3) }
    /// A task waits for an answer from a person.
    @inlinable public static var taskWaitingForUser: EventKind { EventKind(code: 4) }
    /// A task changed a file.
    @inlinable public static var fileModified: EventKind { EventKind(code: 5) }
    /// The main branch moved.
    @inlinable public static var mainUpdated: EventKind { EventKind(code: 6) }
    /// A task's branch is behind the main branch.
    @inlinable public static var rebaseRequired: EventKind { EventKind(code: 7) }
    /// A task's branch has caught up with the main branch.
    @inlinable public static var rebaseCompleted: EventKind { EventKind(code: 8) }
    /// Rebasing a task's branch stopped on a conflict.
    @inlinable public static var rebaseConflict: EventKind { EventKind(code: 9) }
    /// A task was given a hint.
    @inlinable public static var nudgeSent: EventKind { EventKind(code: 10) }
    /// Something that one task learned was passed on to another.
    @inlinable public static var syncRelayed: EventKind { EventKind(code: 11) }
    /// A task was paused.
    @inlinable public static var taskPaused: EventKind { EventKind(code: 12) }
    /// A task learned something.
    @inlinable public static var learningExtracted: EventKind { EventKind(code: 13) }
    /// A task took a lock.
    @inlinable public static var lockAcquired: EventKind { EventKind(code: 14) }
    /// A task gave a lock back.
    @inlinable public static var lockReleased: EventKind { EventKind(code: 15) }
    /// Supervision works only partly.
    @inlinable public static var supervisionDegraded: EventKind { EventKind(code: 16) }
    /// Supervision works again.
    @inlinable public static var supervisionRecovered: EventKind { EventKind(code: 17) }
    /// A rate limit holds a task up.
    @inlinable public static var rateLimitReached: EventKind { EventKind(code: 18) }
    /// A session of the daemon began.
    @inlinable public static var sessionStarted: EventKind { EventKind(code: 19) }
    /// A session of the daemon ended.
    @inlinable public static var sessionEnded: EventKind { EventKind(code: 20) }

    /// A kind that the program using this library defines.
    public static func custom(_ name: CustomName) -> EventKind { EventKind(code: Code.custom, text: name.description) }

    /// A name in a log that this version doesn't know.
    package static func unknown(_ name: String) -> EventKind { EventKind(code: Code.unknown, text: name) }

    /// All kinds that have a name of their own, in the order of the vocabulary.
    public static let named: [EventKind] = vocabulary.indices.map { EventKind(code: UInt8($0)) }

    private var entry: Entry? { Self.vocabulary.indices.contains(Int(code)) ? Self.vocabulary[Int(code)] : nil }

    /// The name of a custom kind; `nil` for any other.
    public var customName: CustomName? { code == Code.custom ? CustomName(asWritten: text) : nil }

    /// Whether the kind is one of the vocabulary.
    var isNamed: Bool { code < Code.custom }

    /// The kind's place among the ``named`` ones; `nil` for any other kind.
    package var place: Int? { isNamed ? Int(code) : nil }

    /// Whether this version doesn't know the kind.
    public var isUnknown: Bool { code == Code.unknown }

    /// The kind's name: `TaskStarted`, or the custom or unknown name itself.
    public var name: String { entry?.name ?? text }

    /// Whether events of this kind are written to the log (spec, "Durable EventKinds").
    ///
    /// What is transient (`TaskWaitingForUser`), high in volume (`FileModified`) or merely operational
    /// (`RateLimitReached`) is not. A custom kind is not unless ``EventLogConfig/durableCustom`` lists it, except the
    /// reserved names `LogGap`, `LogResumed`, `NotificationRead`, `NotificationSuperseded`, `NotificationUndelivered`,
    /// `RunStarted`, `RunEnded`, `LockTimedOut`, `WorkDiscarded` and those that begin with `Agent`, which np itself logs. An unknown kind is: a log must not lose what a newer version found worth logging.
    public var isDurable: Bool { entry?.isDurable ?? (code == Code.custom ? isReserved : true) }

    /// Whether such an event says that its source has ended as a task.
    package var endsTask: Bool { self == .taskCompleted || self == .taskFailed || self == .taskCancelled }

    /// Whether such an event comes from the task it is about, rather than being about main or addressed to a task.
    package var hasSourceTask: Bool { entry?.hasSourceTask ?? true }
}

extension EventKind: CustomStringConvertible {
    /// The name as people write it: `TaskStarted`, `custom:NAME` for a custom kind.
    public var description: String { code == Code.custom ? "custom:\(text)" : name }
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
}
