// Builders: locks between processes.

extension Event {
    /// A lock, and who wants it.
    package struct LockRequest: Hashable, Sendable {
        let lock: String
        let task: TaskID?
        let isShared: Bool
        let session: SessionName?

        /// - Parameters:
        ///   - lock: The lock's name.
        ///   - task: The task that wants it, if it is one.
        ///   - isShared: Whether others may hold it at the same time.
        ///   - session: The agent's session whose command wants it.
        package init(_ lock: String, for task: TaskID?, sharing isShared: Bool, in session: SessionName? = nil) {
            self.lock = lock
            self.task = task
            self.isShared = isShared
            self.session = session
        }

        fileprivate func event(_ kind: EventKind, _ members: [Member]) -> Event {
            let lock: [Member] = [text("resource", lock), ("exclusive", .bool(!isShared))]
            return Event(kind, from: task, saying: lock + members + Event.session(session))
        }
    }

    /// Who holds a lock that another process waits for.
    package struct LockHold: Hashable, Sendable {
        let task: TaskID?
        let pid: Int32

        package init(task: TaskID?, pid: Int32) {
            self.task = task
            self.pid = pid
        }
    }

    /// A lock has been waited for so long that it is worth knowing.
    ///
    /// - Parameters:
    ///   - holder: Who holds it now, if that is known.
    ///   - acquisition: The event that told that the lock was taken for which this waits, if that is known.
    package static func lockWaiting(
        _ request: LockRequest,
        after wait: Duration,
        for acquisition: EventID?,
        holder: LockHold?
    ) -> Event {
        let members = [milliseconds("waited_ms", wait), event("waited_for", acquisition)] + self.holder(holder)
        return request.event(.lockWaiting, members)
    }

    /// A lock was taken.
    ///
    /// - Parameters:
    ///   - lock: The lock's name.
    ///   - task: The task that holds it, if it is one.
    ///   - isShared: Whether others may hold it at the same time.
    ///   - wait: How long it was waited for.
    public static func lockAcquired(
        _ lock: String,
        by task: TaskID?,
        sharing isShared: Bool = false,
        after wait: Duration = .zero
    ) -> Event {
        lockAcquired(LockRequest(lock, for: task, sharing: isShared), after: wait, begin: nil, for: nil)
    }

    /// The same, and what was waited for.
    ///
    /// - Parameters:
    ///   - begin: The event that told of the wait, if one did.
    ///   - acquisition: The event that told that the lock was taken for which this has waited, if that is known.
    package static func lockAcquired(
        _ request: LockRequest,
        after wait: Duration,
        begin: EventID?,
        for acquisition: EventID?
    ) -> Event {
        let members = [milliseconds("waited_ms", wait), event("begin", begin), event("waited_for", acquisition)]
        return request.event(.lockAcquired, members)
    }

    /// A lock was given back.
    ///
    /// - Parameters:
    ///   - lock: The lock's name.
    ///   - task: The task that held it, if it was one.
    ///   - isShared: Whether others could hold it at the same time.
    ///   - holding: How long it was held; `nil` if its holder has died, and so it is not known.
    ///   - begin: The event that told that it was taken.
    public static func lockReleased(
        _ lock: String,
        by task: TaskID?,
        sharing isShared: Bool = false,
        after holding: Duration?,
        begin: EventID
    ) -> Event {
        lockReleased(LockRequest(lock, for: task, sharing: isShared), after: holding, begin: begin)
    }

    /// The same, of a lock that was requested.
    package static func lockReleased(_ request: LockRequest, after holding: Duration?, begin: EventID) -> Event {
        let members = [milliseconds("held_ms", holding), event("begin", begin), inferred(holding == nil)]
        return request.event(.lockReleased, members)
    }

    /// A wait for a lock was given up.
    ///
    /// - Parameters:
    ///   - wait: How long it was waited for; `nil` if the process that waited has died, and so it is not known.
    ///   - begin: The event that told of the wait, if one did.
    ///   - acquisition: The event that told that the lock was taken for which this has waited, if that is known.
    ///   - holder: Who held it then, if that is known.
    package static func lockTimedOut(
        _ request: LockRequest,
        after wait: Duration?,
        begin: EventID?,
        for acquisition: EventID?,
        holder: LockHold?
    ) -> Event {
        let members = [milliseconds("waited_ms", wait), event("begin", begin), event("waited_for", acquisition)]
        return request.event(.lockTimedOut, members + self.holder(holder) + [inferred(wait == nil)])
    }

    private static func holder(_ holder: LockHold?) -> [Member] {
        [
            ("holder", .string(orNull: holder?.task?.description)),
            ("holder_pid", holder.map { .integer($0.pid) } ?? .null),
        ]
    }
}
