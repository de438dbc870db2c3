// A process that ends closes its files, however it ends, and the kernel tells whoever watches the directory. So the end of
// a run whose np was killed is told at once, by whoever lives.

package import NeuraphageEvents
import NeuraphageSystem

extension TaskRecords {
    /// Tells the ends of runs whose `np run` was killed, as soon as they are, until the task is cancelled.
    ///
    /// The kernel closes the file of a process that ends before it lets go of the lock on it, so the records are looked at
    /// a moment later, and once more after a second for a machine that is very busy.
    package func watchRuns(publishingTo bus: EventBus) async throws {
        try files.makeDirectories(path)
        let watch = try DirectoryWatch { $0.hasPrefix(Self.runPrefix) }
        defer { watch.close() }
        try watch.watch([path])
        var changes = watch.changes.makeAsyncIterator()
        settleRuns(publishingTo: bus)
        while await changes.next() != nil {
            for pause in [Duration.milliseconds(50), .seconds(1)] {
                try await Task.sleep(for: pause)
                settleRuns(publishingTo: bus)
            }
        }
    }
}
