// Everything that can be settled. It takes a pass over the log, so nobody waits for it: the daemon does it, and processes in
// the background that hooks and commands leave behind.

public import NeuraphageEvents
import NeuraphageSystem

extension Ledger {
    /// Publishes the ends of runs, sessions and locks whose process has died, marked `"inferred":true`, and forgets tasks
    /// that somebody has ended.
    ///
    /// Costs a look at each record, and one pass over the log back to the oldest beginning of those that are settled, or at
    /// most 1 GiB of it.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settle(publishingTo bus: EventBus) {
        settleProcesses(publishingTo: bus)
        settle(paths(DataDirectory.RecordPrefix.task), by: .task, publishingTo: bus)
    }

    /// The same without tasks, which no process is.
    package func settleProcesses(publishingTo bus: EventBus) {
        let sessions = AgentSessions(in: directory)
        sessions.forgetOldEnds()
        let candidates = [
            (DataDirectory.RecordPrefix.run, SettlingRule.run), (DataDirectory.RecordPrefix.holder, .holder),
            (DataDirectory.RecordPrefix.session, sessions.rule),
        ]
        settle(candidates.flatMap { prefix, rule in paths(prefix).map { ($0, rule) } }, publishingTo: bus)
    }
}
