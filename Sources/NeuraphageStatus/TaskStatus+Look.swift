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
        var told: Folded<TaskLog> = try store.folded(of: TaskLog.keys(of: [task]), writing: false)
        let now = Timestamp.now
        let sights = TaskSights(in: directory, at: now)
        var logged = [told.parts.task(task) ?? LoggedTask(task)]
        try logged.bringUpToDate(with: sights, &told, store)
        return TaskStatus(of: logged[0], seen: sights[task], gap: logged[0].gap, at: now)
    }
}

extension [LoggedTask] {
    /// Reads on in the log if something of a task goes on as it says, and not as the ledger says: it may have ended between the
    /// two.
    ///
    /// - Parameter told: What the log said before the ledger was looked into; goes on from there.
    mutating func bringUpToDate(
        with sights: TaskSights,
        _ told: inout Folded<TaskLog>,
        _ store: ProjectionStore
    ) throws {
        let doubtful = indices.filter { self[$0].goesOnBeyond(sights[self[$0].task]) }
        guard !doubtful.isEmpty else { return }
        if try !store.foldNews(into: &told) {
            told = try store.folded(of: TaskLog.keys(of: Set(doubtful.map { self[$0].task })), writing: false)
        }
        let rest = told.parts.rest
        for index in doubtful { self[index] = told.parts.task(self[index].task, beside: rest) ?? self[index] }
    }
}

extension LoggedTask {
    /// Whether something of it goes on as the log says, and not as the ledger says.
    fileprivate func goesOnBeyond(_ seen: TaskSight) -> Bool {
        guard end == nil else { return false }
        let sessions = sessions.contains { session in
            guard session.end == nil else { return false }
            let other = seen.sessions.first { $0.agent == session.agent && $0.id == session.id }
            guard let other else { return true }
            let isTurnOver = other.turn?.hasEnded ?? false
            return isTurnOver && (session.turn?.end == nil || session.turn?.begin?.id != other.turn?.begin)
        }
        return sessions || runs.contains { run in run.end == nil && !seen.runs.contains { $0.begin == run.begin?.id } }
    }
}
