// What a task was told and has not read. A notification is a durable event that has a target; that it was read, or overtaken
// by something newer, is an event itself. So the log knows which task was told what, and when it arrived.
//
// Looking for what is unread and handing it over are one step under the lock of the inbox. A process that is killed in between
// has it handed over again rather than never. What was printed for an agent's session is that one's until it answers, which
// means that it was read, or ends (see Handover).

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

/// The notifications to one task.
package struct Inbox: Sendable {
    private struct Arrived: Error {}

    /// How long to wait for another reader, which waits for the one that reads what it prints.
    private static let patience: UInt64 = 10_000_000_000  // ns
    /// The same for a reader that cannot wait, and how much of the log it may read.
    private static let haste: (patience: UInt64, bytes: Int) = (5_000_000, 1 << 19)  // ns

    let task: TaskID
    let logPath: String
    private let directory: DataDirectory
    let store: ProjectionStore
    var files: any FileSystem { directory.files }
    var handovers: Handovers { Handovers(in: directory) }

    /// The inbox of a task.
    ///
    /// - Parameters:
    ///   - logPath: The log.
    ///   - directory: The directory in which readers find each other.
    package init(of task: TaskID, logPath: String, in directory: DataDirectory) {
        self.task = task
        self.logPath = logPath
        self.directory = directory
        store = ProjectionStore(ofLogAt: logPath, in: directory)
    }

    /// What is unread of a task.
    package struct Contents {
        /// Unread notifications in the log's order.
        package var events: [Event]
        /// Up to where the log was read for them; `nil` if there is no log.
        package let end: LogPosition?
        /// What was printed for sessions that have not answered yet: it is unread, and no other session gets it.
        package var pending: [Handover] = []

        /// Without what is pending.
        fileprivate func withheld(_ pending: [Handover], choosing chooses: (Event) -> Bool = { _ in true }) -> Contents
        {
            let ids = Set(pending.flatMap(\.notifications))
            return Contents(events: events.filter { !ids.contains($0.id) && chooses($0) }, end: end, pending: pending)
        }
    }

    /// What became of a session's wish for what is unread.
    package enum Attempt: Hashable, Sendable {
        /// It was looked for, and handed over if there was something.
        case done
        /// Another process reads at the moment.
        case busy
        /// More of the log would have to be read than there is time for.
        case behind
    }

    /// What is unread. Costs a pass over what was appended to the log since the checkpoint of ``Inboxes``, or over the whole
    /// log if there is none.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package func unread() throws -> Contents {
        var contents = contents(try store.folded(of: [task.description], writing: true))
        contents.pending = handovers.pending(of: task)
        return contents
    }

    private func contents(_ folded: Folded<Inboxes>) -> Contents {
        Contents(events: folded.parts[task.description]?.events ?? [], end: folded.end)
    }

    /// Hands over what is unread and not pending for a session. Of many who do so at the same time each gets something else.
    ///
    /// - Parameters:
    ///   - openLog: Opens the log that is told. Called only if there is something to hand over, and before that.
    ///   - body: Hands it over, and returns what the log is told of it; also called if there is nothing. If it throws, the
    ///     log is told nothing.
    /// - Returns: What was handed over, and what is pending.
    /// - Throws: ``OperationError`` if the inbox cannot be locked, also if another reader keeps it for 10 s; `EventLogError`
    ///   if the log cannot be read, or not be told: then the notifications have been handed over and will be again; and what
    ///   `body` throws.
    package func handOver(
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> [Event]
    ) throws -> Contents {
        guard let lock = try lock(until: MonotonicClock.now + Self.patience) else {
            throw OperationError.cannot("lock", lockPath, SystemError(code: ETIMEDOUT))
        }
        let unread = try unread()
        let contents = unread.withheld(unread.pending)
        try handOver(contents, markingIn: openLog, body)
        _ = consume lock
        return contents
    }

    /// The same for a session, if that can be done within milliseconds: if no other reader is at it, and the checkpoint of
    /// ``Inboxes`` is nearly up to date.
    ///
    /// - Parameters:
    ///   - chooses: Which of what is unread it gets.
    /// - Returns: What came of it. If it was not done, all that is unread stays so.
    package func handOverAtOnce(
        to session: AgentSession,
        choosing chooses: (Event) -> Bool = { _ in true },
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> [Event]
    ) throws -> Attempt {
        guard let lock = try lock(until: MonotonicClock.now + Self.haste.patience) else { return .busy }
        let folded = try store.folded(
            Inboxes.self,
            of: [task.description],
            readingAtMost: Self.haste.bytes,
            writing: false
        )
        guard let contents = folded.map(contents) else {
            return store.isBeingUpdated(Inboxes.self) ? .busy : .behind
        }
        // Nearly always there is nothing, and then the sessions need not be looked at.
        if !contents.events.contains(where: chooses) { return .done }
        let own = handovers.handover(to: session)
        let pending = handovers.pending(of: task, besides: session) + [own].compactMap(\.self)
        try handOver(contents.withheld(pending, choosing: chooses), markingIn: openLog, body)
        _ = consume lock
        return .done
    }

    private func handOver(
        _ contents: Contents,
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> [Event]
    ) throws {
        guard !contents.events.isEmpty else {
            _ = try body(contents)
            return
        }
        let log = try openLog()
        try log.appendOrLeave(try body(contents))
    }

    /// Waits until something may be unread that was not: because it arrives in the log, or because it was pending for a
    /// session that has ended without an answer, which is an event of the task as well.
    ///
    /// - Parameters:
    ///   - follower: A follower made by ``follower(until:)`` before the log was read for `contents`.
    ///   - contents: What was unread.
    ///   - output: The wait ends when the reader of this descriptor has gone.
    /// - Returns: Whether it is worth another look. Another reader may have taken it meanwhile.
    /// - Throws: `EventLogError` if the log cannot be read.
    package func waitForNews(
        _ follower: consuming LogFollower,
        after contents: Contents,
        output: Int32?
    ) throws -> Bool {
        let mayBecomeFree = !contents.pending.isEmpty
        return try waitForEvent(follower, from: contents.end, output: output) { mayBecomeFree || $0.target == task }
    }

    /// The same for anything that concerns the task, such as what its agents do.
    func waitForEvent(
        _ follower: consuming LogFollower,
        from end: LogPosition?,
        output: Int32?,
        which isWanted: (Event) -> Bool = { _ in true }
    ) throws -> Bool {
        var follower = follower
        do {
            try follower.run(from: end, output: output) { event, _ in
                if isWanted(event) { throw Arrived() }
            } notice: { _ in
            } idle: {
            }
        } catch is Arrived {
            return true
        }
        return false
    }

    /// A follower of what concerns this task.
    ///
    /// - Parameter deadline: When it stops, in ns of the clock `MonotonicClock`.
    package func follower(until deadline: UInt64) throws -> LogFollower {
        var follower = try LogFollower(path: logPath, filter: filter, fileSystem: files)
        follower.deadline = deadline
        return follower
    }

    private var filter: EventFilter { EventFilter(tasks: [task]) }

    func lock(until deadline: UInt64) throws(OperationError) -> LockFile? {
        try LockFile.take(lockPath, until: deadline, in: files)
    }

    /// Tasks that happen to share a number wait for each other.
    private var lockPath: String {
        let number = task.description.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff }
        return "\(directory.inbox)/\(number).lock"
    }
}

extension Handover {
    /// A sentence about it for a person who asks what is unread.
    ///
    /// - Parameter isShown: Whether its messages are among those that the person gets to see.
    package func sentence(isShown: Bool) -> String {
        let count = notifications.count
        let messages = count == 1 ? "1 notification" : "\(count) notifications"
        let whose = "printed for \(session.agent.title)'s session \(session.id) \((Timestamp.now - time).brief) ago"
        let rest = "is not known to have been read" + (isShown ? "" : ", and is left to it")
        return "\(messages) \(whose) \(rest)"
    }
}
