// Everything that can be settled. It takes a pass over the log, so nobody waits for it: the daemon does it, and processes in
// the background that hooks and commands leave behind.

public import NeuraphageEvents
import NeuraphageProjections
import NeuraphageSystem

extension Ledger {
    /// How long to wait for another process that reads all of the log, in ns.
    private static let patienceWithUpdate: UInt64 = 60_000_000_000

    /// Publishes the ends of runs, sessions and locks whose process has died, marked `"inferred":true`, forgets tasks
    /// that somebody has ended, and has the log told which messages reached no task.
    ///
    /// Costs a look at each record, and one pass over the log back to the oldest beginning of those that are settled, or at
    /// most 1 GiB of it; and reading what is new in the log.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settle(publishingTo bus: EventBus) {
        settleProcesses(publishingTo: bus)
        settle(paths(DataDirectory.RecordPrefix.task), by: .task, publishingTo: bus)
        _ = tellUndelivered(publishingTo: bus)
    }

    /// Has the log told which messages reached no task. If the checkpoint of ``Inboxes`` is far behind the log, or there is
    /// none, it is brought up to date for that, at the cost of a pass over the log.
    ///
    /// - Parameter most: How many bytes of the log may be read without that.
    /// - Returns: What came of it; `behind` only if the checkpoint cannot be written.
    func tellUndelivered(publishingTo bus: EventBus, readingAtMost most: Int = 64 << 20) -> Inbox.Telling {
        guard let log = bus.log else { return .done }
        let telling = Inbox.tellUndelivered(in: log, directory, readingAtMost: most)
        guard telling == .behind else { return telling }
        let store = ProjectionStore(ofLogAt: log.config.path, in: directory)
        try? store.update(Inboxes.self, until: MonotonicClock.now + Self.patienceWithUpdate)
        return Inbox.tellUndelivered(in: log, directory, readingAtMost: most)
    }

    /// Settles what processes keep or leave: runs, sessions with what goes on in them, and locks, and no tasks.
    ///
    /// - Returns: The records that it had to itself. The others are in use, or were for a moment.
    @discardableResult
    package func settleProcesses(publishingTo bus: EventBus) -> Set<String> {
        let sessions = AgentSessions(in: directory)
        sessions.forgetOldEnds()
        let candidates = [
            (DataDirectory.RecordPrefix.run, SettlingRule.run), (DataDirectory.RecordPrefix.holder, .holder),
            // What goes on in a session ends before it.
            (DataDirectory.RecordPrefix.wait, AgentWaits(in: directory).rule),
            (DataDirectory.RecordPrefix.subagent, Subagents(in: directory).rule),
            (DataDirectory.RecordPrefix.session, sessions.rule),
        ]
        return settle(candidates.flatMap { prefix, rule in paths(prefix).map { ($0, rule) } }, publishingTo: bus)
    }
}

// MARK: - In the background of a command

extension Ledger {
    /// How often ``settleOrphans(publishingTo:)`` tries to do what others prevent.
    private static let mostAttempts = 3

    /// Whether a process is needed that calls ``settleOrphans(publishingTo:)``: one that should have told an end has died,
    /// and neither a daemon nor another such process is there.
    public var needsSettling: Bool {
        DaemonLock.livingSession(in: directory) == nil && !isBeingSettled && hasOrphans
    }

    private var isBeingSettled: Bool { (try? LockFile.isHeld(directory.settlingLock, in: files)) ?? false }

    /// Publishes the ends of runs and locks whose process has died, and has the log told which messages reached no task.
    ///
    /// However many processes do this at the same time, one works, and at most one waits to do it next, for as long as it
    /// takes.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settleOrphans(publishingTo bus: EventBus) {
        var tried: Set<String> = []
        var attemptsLeft = Self.mostAttempts
        while attemptsLeft > 0 {
            guard let lock = try? LockFile.takeInTurn(directory.settlingLock, in: files) else { return }
            let taken = settleProcesses(publishingTo: bus)
            let telling = tellUndelivered(publishingTo: bus)
            _ = consume lock
            // Without the lock: a command that sees it held relies on this look, which comes after it is let go.
            if telling != .busy, orphans.isSubset(of: tried.union(taken)) { return }
            if taken.isSubset(of: tried) { attemptsLeft -= 1 }
            tried.formUnion(taken)
        }
    }
}
