// One task as it is now: what the log says and what is seen, which may not be of the same moment.

package import NeuraphageEvents
import NeuraphageProjections
package import NeuraphageSystem

extension TaskStatus {
    /// How one task is now; see ``TaskBoard/look(in:logPath:at:dayBegan:home:progress:)``, of which this is a part. What other
    /// tasks do is not looked at, so that there is no ``Flag/collides``.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package static func look(at task: TaskID, in directory: DataDirectory, logPath: String) throws -> TaskStatus {
        let store = ProjectionStore(ofLogAt: logPath, in: directory)
        let told: Folded<TaskLog> = try store.folded(of: TaskLog.keys(of: [task]), writing: false)
        let now = Timestamp.now
        let sights = TaskSights(in: directory, at: now)
        var logged = [told.parts.task(task) ?? LoggedTask(task)]
        try logged.bringUpToDate(with: sights, store)
        return TaskStatus(of: logged[0], seen: sights[task], gap: logged[0].gap, at: now)
    }
}

extension [LoggedTask] {
    /// Reads again what the log says of tasks of which something goes on as it says, and not as the ledger says: it may have
    /// ended between the two.
    mutating func bringUpToDate(with sights: TaskSights, _ store: ProjectionStore) throws {
        let doubtful = Set(filter { $0.goesOnBeyond(sights[$0.task]) }.map(\.task))
        guard !doubtful.isEmpty else { return }
        let again: Folded<TaskLog> = try store.folded(of: TaskLog.keys(of: doubtful), writing: false)
        let rest = again.parts.rest
        for index in indices where doubtful.contains(self[index].task) {
            self[index] = again.parts.task(self[index].task, beside: rest) ?? self[index]
        }
    }
}

extension LoggedTask {
    /// Whether something of it goes on as the log says of which the ledger has no record.
    fileprivate func goesOnBeyond(_ seen: TaskSight) -> Bool {
        guard end == nil else { return false }
        let sessions = sessions.contains { session in
            session.end == nil && !seen.sessions.contains { $0.agent == session.agent && $0.id == session.id }
        }
        return sessions || runs.contains { run in run.end == nil && !seen.runs.contains { $0.begin == run.begin?.id } }
    }
}
