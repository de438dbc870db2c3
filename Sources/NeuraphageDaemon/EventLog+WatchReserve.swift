// What other processes leave in the log's reserve while the daemon runs: it gets into the log as soon as the log takes it.

import NeuraphageEvents
import NeuraphageSystem

extension EventLog {
    private static let retry = Duration.seconds(5)

    /// Appends what others leave in the reserve, until the task is cancelled.
    func watchReserve() async throws {
        let name = reserve.path.split(separator: "/").last.map(String.init) ?? ""
        let watch = DirectoryWatch { $0 == name }
        defer { watch.close() }
        try watch.watch([reserve.path.parentDirectory])
        var changes = watch.changes.makeAsyncIterator()
        repeat {
            while !(reserve.waiting?.isEmpty ?? true) {
                drainReserve()
                if !(reserve.waiting?.isEmpty ?? true) { try await Task.sleep(for: Self.retry) }
            }
        } while await changes.next() != nil
    }
}
