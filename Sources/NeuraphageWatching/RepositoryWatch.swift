// Watching a repository: a look whenever git has changed something that may matter, and a fetch now and then. While
// nothing happens, nothing runs but that fetch.

public import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// Keeps looking at a repository.
///
/// One watcher is enough for a repository: a second one waits until the first has gone, and then takes over.
public struct RepositoryWatch: Sendable {
    /// What a watcher has to say besides the events.
    public enum Notice: Sendable, CustomStringConvertible {
        /// It watches now.
        case watching(path: String, commit: String?, worktrees: Int)
        /// Somebody else watches already; it waits.
        case waiting(path: String)
        /// Something doesn't work; it is tried again.
        case trouble(path: String, String)

        /// A sentence for a person. Paths and git's words are in it as they are.
        public var description: String {
            switch self {
            case .watching(let path, let commit, let worktrees):
                let main = commit.map { ", main at \($0.prefix(7))" } ?? ", which has no main branch yet"
                return "watching \(path)\(main), \(worktrees == 1 ? "1 worktree" : "\(worktrees) worktrees")"
            case .waiting(let path): return "\(path) is watched already; taking over when that ends"
            case .trouble(let path, let reason): return "\(path): \(reason)"
            }
        }
    }

    /// How long to wait after a change, because git changes several files at a time.
    private static let settling = Duration.milliseconds(30)
    /// When to try again what didn't work.
    private static let retry = Duration.seconds(2)

    private let observer: RepositoryObserver
    /// How often to fetch main from the remote; `nil`: never.
    private let fetchInterval: Duration?

    /// Watches the repository of an observer.
    ///
    /// - Parameters:
    ///   - observer: What looks.
    ///   - fetchInterval: How often to fetch main where there is a remote; `nil`: never. After a failure the interval
    ///     doubles, up to 16 times.
    public init(_ observer: RepositoryObserver, fetchInterval: Duration?) {
        self.observer = observer
        self.fetchInterval = fetchInterval
    }

    /// Watches until the task is cancelled.
    ///
    /// - Parameters:
    ///   - bus: Where to publish.
    ///   - notice: Takes what else there is to say.
    /// - Throws: `CancellationError`; ``OperationError`` if the repository is gone or the state cannot be kept.
    public func run(publishingTo bus: EventBus, notice: @escaping @Sendable (Notice) -> Void) async throws {
        let path = observer.path
        let lock = try await observer.memory.watch { notice(.waiting(path: path)) }
        let marker = observer.repository.id.map { LookMarker(.watching, of: $0, in: observer.directory) }
        marker?.put()
        defer { marker?.remove() }
        let watch = DirectoryWatch(isRelevant: Self.isRelevant)
        let identity = observer.identity
        if DirectoryWatch.isToldByKernel == false {
            let reason = "no inotify instance is left; raise fs.inotify.max_user_instances"
            notice(.trouble(path: path, "changes are looked for every two seconds, because \(reason)"))
        }
        defer { watch.close() }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await look(whenever: watch, as: identity, bus, notice) }
            group.addTask { try await lookWhenTasksBegin(bus) }
            if let fetchInterval { group.addTask { try await fetch(every: fetchInterval, bus) } }
            // The first that ends with an error ends the other one as well: waiting for all would wait for the fetching.
            while try await group.next() != nil {}
        }
        _ = consume lock
    }

    // MARK: - Looking

    private func look(
        whenever watch: DirectoryWatch,
        as identity: FileStatus.Identity?,
        _ bus: EventBus,
        _ notice: @Sendable (Notice) -> Void
    ) async throws {
        var changes = watch.changes.makeAsyncIterator()
        var isFirst = true
        var troubleTold: String?
        while true {
            let watched = directories
            let blindness = start(watch, watched)
            let trouble = await look(bus) ?? blindness
            guard observer.identity == identity else {
                // What is there now, if anything is, is another repository.
                throw OperationError(.git, "the repository \(observer.path) is gone")
            }
            if let trouble, trouble != troubleTold { notice(.trouble(path: observer.path, trouble)) }
            let isOver = troubleTold != nil && trouble == nil
            troubleTold = trouble
            if isFirst || isOver {
                isFirst = false
                let state = try? observer.memory.state
                let count = observer.repository.worktrees.count
                notice(.watching(path: observer.path, commit: state?.commit, worktrees: count))
            }
            if trouble == nil {
                // What was found may be a reason to watch elsewhere; what happened there meanwhile nobody told.
                if directories != watched { continue }
                guard await changes.next() != nil else { return }
                try await Task.sleep(for: Self.settling)
            } else {
                try await Task.sleep(for: Self.retry)
            }
            try Task.checkCancellation()
        }
    }

    /// Looks when a task begins, which may be behind main already.
    private func lookWhenTasksBegin(_ bus: EventBus) async throws {
        let ledger = Ledger(in: observer.directory)
        let watch = DirectoryWatch(isRelevant: Ledger.isOfTask)
        defer { watch.close() }
        _ = try? observer.directory.files.makeDirectories(ledger.path)
        try? watch.watch([ledger.path])
        var changes = watch.changes.makeAsyncIterator()
        while await changes.next() != nil {
            try await Task.sleep(for: Self.settling)
            if observer.mayHaveOrders { _ = await look(bus) }
        }
    }

    /// Watches these directories, and says why that is not possible.
    private func start(_ watch: DirectoryWatch, _ directories: Set<String>) -> String? {
        do throws(SystemError) {
            try watch.watch(directories, presenceOf: Set(observer.repository.worktrees.map(\.directory)))
            return nil
        } catch {
            return "changes are looked for every \(Self.retry) (\(error)); raise fs.inotify.max_user_watches"
        }
    }

    /// Looks, and says why that was not possible.
    private func look(_ bus: EventBus) async -> String? {
        do {
            try await observer.look(publishingTo: bus)
            return bus.log?.status.trouble.map { "the log is in trouble: \($0)" }
        } catch {
            return "\(error)"
        }
    }

    /// Where git changes something when it moves a branch, makes or removes a worktree, or stops in the middle. A
    /// directory that isn't there yet is made in the nearest one above it.
    private var directories: Set<String> {
        let repository = observer.repository
        let common = repository.commonDirectory
        let worktrees = repository.worktrees
        let main = (try? observer.memory.state)?.branch
        var references = (worktrees.map(\.branch) + [main]).compactMap(\.self)
            .map { "\(common)/refs/heads/\($0)".parentDirectory }
        for base in ["\(common)/refs/heads", "\(common)/refs/remotes", "\(common)/refs/neuraphage/remotes"] {
            references.append(base)
            let names = (try? observer.directory.files.names(in: base)) ?? []
            guard base.hasSuffix("remotes") else { continue }
            references += names.map { "\(base)/\($0)" }
            if let main { references += names.map { "\(base)/\($0)/\(main)".parentDirectory } }
        }
        let places = references + [common, common + "/worktrees"] + worktrees.map(\.gitDirectory)
        return Set(places.map { nearestDirectory($0, below: common) })
    }

    private func nearestDirectory(_ path: String, below root: String) -> String {
        var path = path
        while path.hasPrefix(root + "/"), !observer.directory.files.isDirectory(path) { path = path.parentDirectory }
        return path
    }

    /// Files that git writes all the time and that say nothing about branches.
    private static let noise: Set<String> = [
        "index", "FETCH_HEAD", "ORIG_HEAD", "COMMIT_EDITMSG", "AUTO_MERGE", "gc.pid", "gitk.cache",
    ]

    private static func isRelevant(_ name: String) -> Bool {
        !name.hasSuffix(".lock") && !noise.contains(name) && !name.hasPrefix("sharedindex.") && !name.hasPrefix("tmp_")
    }

    // MARK: - Fetching

    /// How many fetches in a row may fail before that is worth telling: a remote that restarts is no trouble.
    private static let patience = 2

    private func fetch(every interval: Duration, _ bus: EventBus) async throws {
        var remote: RemoteBranch?
        var failures = 0
        while true {
            if remote == nil { remote = try? await RemoteBranch(of: observer.repository) }
            let outcome: RemoteBranch.Outcome = if let remote { try await fetch(from: remote, bus) } else { .noRemote }
            failures = outcome.error == nil ? 0 : failures + 1
            let isTold = (try? observer.memory.state)?.fetchError != nil
            if outcome == .noRemote ? isTold : failures == 0 || failures > Self.patience {
                try? await observer.note(outcome, publishingTo: bus)
            }
            // There is none, or no longer this one, or it doesn't answer.
            if outcome.error != nil { remote = nil }
            let isRare = remote == nil && outcome == .noRemote
            let doublings = isRare ? 4 : min(max(failures - Self.patience, 0), 4)
            try await Task.sleep(for: interval * (1 << doublings))
        }
    }

    /// Fetches once.
    private func fetch(from remote: RemoteBranch, _ bus: EventBus) async throws -> RemoteBranch.Outcome {
        do {
            return try await remote.fetch(observer.mainName(publishingTo: bus))
        } catch let failure as OperationError where [.git, .program].contains(failure.code) {
            return .failed(failure.description)
        }
    }
}
