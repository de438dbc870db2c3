// All repositories that a daemon watches: those of its configuration, and those that np init has added since, as they
// come and go in the watch list.

package import NeuraphageEvents
package import NeuraphageSystem

/// Watches the repositories of a data directory.
package struct RepositoryWatches: Sendable {
    /// When to look again at a place where there is no repository.
    private static let retry = Duration.seconds(60)

    private let configured: [String]
    private let directory: DataDirectory
    private let fetchInterval: Duration?

    /// - Parameters:
    ///   - configured: Repositories to watch besides those of the watch list.
    ///   - directory: The directory that holds the watch list.
    ///   - fetchInterval: How often to fetch main where there is a remote; `nil`: never.
    package init(_ configured: [String], in directory: DataDirectory, fetchInterval: Duration?) {
        self.configured = configured
        self.directory = directory
        self.fetchInterval = fetchInterval
    }

    /// Watches until the task is cancelled.
    package func run(
        publishingTo bus: EventBus,
        notice: @escaping @Sendable (RepositoryWatch.Notice) -> Void
    ) async throws {
        let list = WatchList(in: directory)
        let name = String(list.path.split(separator: "/").last ?? "")
        let watch = try DirectoryWatch { $0 == name }
        defer { watch.close() }
        try watch.watch([directory.path])
        var changes = watch.changes.makeAsyncIterator()
        var watching: [String: Task<Void, Never>] = [:]
        repeat {
            do {
                let wanted = Set(configured + (try list.paths))
                for (path, task) in watching where !wanted.contains(path) {
                    task.cancel()
                    watching[path] = nil
                }
                for path in wanted where watching[path] == nil {
                    watching[path] = Task { await self.watch(path, bus, notice) }
                }
            } catch {
                notice(.trouble(path: list.path, "\(error)"))
            }
        } while await changes.next() != nil
        for task in watching.values { task.cancel() }
        for task in watching.values { await task.value }
    }

    /// Watches one repository as soon as there is one.
    private func watch(
        _ path: String,
        _ bus: EventBus,
        _ notice: @escaping @Sendable (RepositoryWatch.Notice) -> Void
    ) async {
        var told: String?
        while !Task.isCancelled {
            do {
                let observer = try await RepositoryObserver(of: path, in: directory)
                try await RepositoryWatch(observer, fetchInterval: fetchInterval).run(publishingTo: bus, notice: notice)
            } catch is CancellationError {
                return
            } catch {
                if told != "\(error)" { notice(.trouble(path: path, "\(error)")) }
                told = "\(error)"
            }
            try? await Task.sleep(for: Self.retry)
        }
    }
}
