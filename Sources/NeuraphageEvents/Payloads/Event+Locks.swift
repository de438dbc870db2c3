// Builders: locks between processes.

extension Event {
    /// A lock was taken.
    ///
    /// - Parameters:
    ///   - lock: The lock's name.
    ///   - task: The task that holds it, if it is one.
    ///   - isShared: Whether others may hold it at the same time.
    ///   - wait: How long it was waited for.
    ///   - session: The agent's session that took it.
    public static func lockAcquired(
        _ lock: String,
        by task: TaskID?,
        sharing isShared: Bool = false,
        after wait: Duration = .zero,
        in session: SessionName? = nil
    ) -> Event {
        let members = self.lock(lock, isShared) + [milliseconds("waited_ms", wait)]
        return Event(.lockAcquired, from: task, saying: members + self.session(session))
    }

    /// A lock was given back.
    ///
    /// - Parameters:
    ///   - begin: The event that told that it was taken.
    ///   - holding: How long it was held, if that is known.
    public static func lockReleased(
        _ lock: String,
        by task: TaskID?,
        sharing isShared: Bool = false,
        after holding: Duration? = nil,
        begin: EventID
    ) -> Event {
        let members = [milliseconds("held_ms", holding), event("begin", begin), inferred(holding == nil)]
        return Event(.lockReleased, from: task, saying: self.lock(lock, isShared) + members)
    }

    /// A wait for a lock was given up.
    ///
    /// - Parameters:
    ///   - holder: The task that held the lock then, if that is known.
    ///   - process: The process that held it then, if that is known.
    package static func lockTimedOut(
        _ lock: String,
        by task: TaskID?,
        sharing isShared: Bool,
        after wait: Duration,
        holder: TaskID?,
        process: Int32?,
        in session: SessionName? = nil
    ) -> Event {
        let members: [Member] = [
            milliseconds("waited_ms", wait), ("holder", .string(orNull: holder?.description)),
            ("holder_pid", process.map { .integer($0) } ?? .null),
        ]
        return Event(.lockTimedOut, from: task, saying: self.lock(lock, isShared) + members + self.session(session))
    }

    private static func lock(_ name: String, _ isShared: Bool) -> [Member] {
        [text("resource", name), ("exclusive", .bool(!isShared))]
    }
}
