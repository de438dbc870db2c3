// All repositories that a daemon watches: those of its configuration, and those that np init has added since, as they
// come and go in the watch list.

package import NeuraphageEvents
package import NeuraphageSystem

/// Watches the repositories of a data directory.
package final class RepositoryWatches: Sendable {
    /// When to look again at a place where there is no repository, which costs no process as long as nothing is there.
    private static let retry = Duration.seconds(10)

    /// How it stands with one repository.
    package struct Status: Sendable {
        package enum State: String, Sendable {
            /// It is watched.
            case watched
            /// Another process watches it.
            case elsewhere
            /// There is no such repository at the moment.
            case absent
            /// It is looked for, and something doesn't work.
            case trouble
        }

        package let path: String
        package var state: State
        /// What doesn't work.
        package var detail: String?
    }

    private let state = Lock<[String: Status]>([:])

    /// How it stands with each repository, by their paths.
    package var statuses: [Status] { state.withLock { $0.values.sorted { $0.path < $1.path } } }

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
        let watch = DirectoryWatch { $0 == name }
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
                    state.withLock { $0[path] = nil }
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
                let watch = RepositoryWatch(observer, fetchInterval: fetchInterval)
                try await watch.run(publishingTo: bus) { [weak self] event in
                    self?.note(event, of: path)
                    notice(event)
                }
            } catch is CancellationError {
                return
            } catch {
                let isThere = directory.files.exists(path)
                note(path, isThere ? .trouble : .absent, "\(error)")
                if told != "\(error)" { notice(.trouble(path: path, "\(error)")) }
                told = "\(error)"
            }
            try? await Task.sleep(for: Self.retry)
        }
    }

    private func note(_ notice: RepositoryWatch.Notice, of path: String) {
        switch notice {
        case .watching: note(path, .watched, nil)
        case .waiting: note(path, .elsewhere, nil)
        case .trouble(_, let reason): note(path, .trouble, reason)
        }
    }

    private func note(_ path: String, _ state: Status.State, _ detail: String?) {
        self.state.withLock { $0[path] = Status(path: path, state: state, detail: detail) }
    }
}
