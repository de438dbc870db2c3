// Which tasks have begun and not ended. What is said to one that has not begun reaches no session, and one that has ended
// needs to be told nothing.

package import NeuraphageEvents
import NeuraphageProjections
package import NeuraphageSystem

package enum BegunTasks {
    /// How much of the log is read, from its end backward, for tasks of which there is no record: programs that are not np
    /// begin some.
    private static let mostBytes = 16 << 20

    /// Those of some tasks that have begun and not ended, as far as the records and the log's last 16 MiB tell.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package static func among(
        _ tasks: Set<TaskID>,
        in directory: DataDirectory,
        logPath: String
    ) throws -> Set<TaskID> {
        let records = TaskRecords(in: directory)
        var begun = tasks.filter(records.isOpen)
        var rest = tasks.subtracting(begun)
        guard !rest.isEmpty else { return begun }
        let kinds: [EventKind] = [.taskStarted, .taskCompleted, .taskFailed, .taskCancelled]
        let filter = EventFilter(kinds: [KindPattern(Set(kinds))], tasks: rest)
        try LoggedFacts(inLogAt: logPath, directory.files).visit(filter, readingAtMost: mostBytes) { event in
            guard let task = event.source, rest.remove(task) != nil else { return true }
            if event.kind == .taskStarted { begun.insert(task) }
            return !rest.isEmpty
        }
        return begun
    }
}
