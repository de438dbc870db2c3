// Everything that can be settled. It takes a pass over the log, so nobody waits for it: the daemon does it, and processes in
// the background that hooks and commands leave behind.

public import NeuraphageEvents
import NeuraphageSystem

extension Ledger {
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

    /// Has the log told which messages reached no task.
    ///
    /// - Returns: Whether that is done; see ``Inbox/tellUndelivered(in:_:readingAtMost:)``.
    func tellUndelivered(publishingTo bus: EventBus) -> Bool {
        bus.log.map { Inbox.tellUndelivered(in: $0, directory) } ?? true
    }

    /// The same without tasks, which no process is.
    package func settleProcesses(publishingTo bus: EventBus) {
        let sessions = AgentSessions(in: directory)
        sessions.forgetOldEnds()
        let candidates = [
            (DataDirectory.RecordPrefix.run, SettlingRule.run), (DataDirectory.RecordPrefix.holder, .holder),
            // What goes on in a session ends before it.
            (DataDirectory.RecordPrefix.wait, AgentWaits(in: directory).rule),
            (DataDirectory.RecordPrefix.subagent, Subagents(in: directory).rule),
            (DataDirectory.RecordPrefix.session, sessions.rule),
        ]
        settle(candidates.flatMap { prefix, rule in paths(prefix).map { ($0, rule) } }, publishingTo: bus)
    }
}

// MARK: - In the background of a command

extension Ledger {
    /// Whether a process is needed that calls ``settleOrphans(publishingTo:)``: one that should have told an end has died,
    /// and neither a daemon nor another such process is there.
    public var needsSettling: Bool {
        DaemonLock.livingSession(in: directory) == nil && !isBeingSettled && hasOrphans
    }

    private var isBeingSettled: Bool { (try? LockFile.isHeld(directory.settlingLock, in: files)) ?? false }

    /// Publishes the ends of runs and locks whose process has died, and has the log told which messages reached no task.
    ///
    /// However many processes do this at the same time, one works, and at most one waits to do it next.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settleOrphans(publishingTo bus: EventBus) {
        var tried: Set<String> = []
        repeat {
            guard let lock = try? LockFile.takeInTurn(directory.settlingLock, in: files) else { return }
            tried.formUnion(orphans)
            settleProcesses(publishingTo: bus)
            _ = tellUndelivered(publishingTo: bus)
            _ = consume lock
            // Without the lock: a command that sees it held relies on this look, which comes after it is let go.
        } while !orphans.isSubset(of: tried)
    }
}
