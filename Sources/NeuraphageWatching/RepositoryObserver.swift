// A look at a repository: what has happened there since the last look goes to the log, once, whoever looks.
//
// Under the repository's lock the state is read, compared with what git shows, and written down together with the events
// that follow from the difference; then they are published; then they are struck from the state. Whoever finds events in
// the state asks the log which of them it has. So a process may be killed anywhere, and no fact is lost or told twice.
//
// While the log is in trouble nothing is looked at: what happens meanwhile is found when it can be told.

public import NeuraphageEvents
import NeuraphageGit
public import NeuraphagePresentation
import NeuraphageProjections
public import NeuraphageSystem
package import NeuraphageTasks

/// Looks at a repository and publishes what has happened since the last look.
///
/// ```swift
/// let observer = try await RepositoryObserver(of: "/home/me/project", in: directory)
/// try await observer.look(publishingTo: bus)
/// ```
///
/// What is published: `MainUpdated` when main moved here or, as last fetched, at the remote, `previous` always being the
/// `commit` of the one before; `RebaseRequired` to the task of every worktree whose branch is behind, if it has begun and
/// not ended, once until it has read that; `RebaseCompleted` when such a branch has caught up, or was rebased;
/// `RebaseConflict` when a rebase or a merge of main stops; `WorkDiscarded` when a reset left commits that no branch or tag
/// has; and the end of a task that an agent began, when its branch was merged or its worktree removed.
///
/// Looks of any number of processes at the same time say each thing once. Nothing in the repository is changed.
public struct RepositoryObserver: Sendable {
    /// How much of the log is read at most, from its end backward, to find what was said by a process that was killed
    /// before it could note that.
    private static let mostBytes = 1 << 30

    let repository: GitRepository
    let memory: RepositoryMemory
    let directory: DataDirectory
    private let records: TaskRecords

    /// The repository's main worktree, or the repository itself if it is bare.
    public var path: String { repository.path }

    /// Which directory the repository is; `nil` if it is gone.
    var identity: FileStatus.Identity? {
        let identity = directory.files.identity(at: repository.commonDirectory)
        return directory.files.isRegularFile(repository.commonDirectory + "/HEAD") ? identity : nil
    }

    /// Finds the repository that a directory lies in.
    ///
    /// - Parameters:
    ///   - directory: A directory in any worktree, or the repository.
    ///   - dataDirectory: Where to remember what was seen; beside the log that the events go to.
    /// - Throws: ``OperationError`` if there is no repository.
    public init(of directory: String, in dataDirectory: DataDirectory) async throws(OperationError) {
        repository = try await GitRepository(containing: directory, in: dataDirectory.files)
        self.directory = dataDirectory
        records = TaskRecords(in: dataDirectory)
        PlaceNames.identify(repository.commonDirectory, in: dataDirectory)
        memory = RepositoryMemory(of: repository.commonDirectory, in: dataDirectory)
    }

    /// Whether somebody watches the repository that a directory lies in, or is about to look at it. Costs no process;
    /// where there is no repository that can be told without one, nobody does.
    public static func isSeen(at directory: String, in dataDirectory: DataDirectory) -> Bool {
        guard let path = try? dataDirectory.files.resolve(directory) else { return false }
        let memory = RepositoryMemory(of: commonDirectory(at: path, dataDirectory), in: dataDirectory)
        return memory.isWatched || memory.isAwaited
    }

    /// Whether something may have happened in a worktree since its repository was looked at, and no process watches it or is
    /// about to look. Costs no process. Not where np has never looked.
    package static func isOutdated(at directory: String, in dataDirectory: DataDirectory) -> Bool {
        guard let path = try? dataDirectory.files.resolve(directory),
            let worktree = GitWorktree(containing: path, in: dataDirectory.files),
            let common = worktree.commonDirectory
        else { return false }
        let memory = RepositoryMemory(of: common, in: dataDirectory)
        return memory.isOutdated(in: [common, worktree.gitDirectory]) && !memory.isWatched && !memory.isAwaited
    }

    /// How long git's next command is waited for, so that one look sees what several have done.
    private static let settling = Duration.milliseconds(250)

    /// Waits a moment before a look, and has git's hooks know meanwhile that it comes. Costs no process.
    ///
    /// - Returns: Whether np still knows the repository then: it may have been taken back meanwhile.
    public static func settle(at directory: String, in dataDirectory: DataDirectory) async throws -> Bool {
        let files = dataDirectory.files
        guard let path = try? files.resolve(directory) else { return false }
        let common = commonDirectory(at: path, dataDirectory)
        guard let id = RepositoryID(of: common, making: false, in: files) else { return false }
        let marker = LookMarker(.looking, of: id, in: dataDirectory)
        marker.put()
        defer { marker.remove() }
        try await Task.sleep(for: settling)
        return files.exists(RepositoryID.path(in: common))
    }

    /// Whether a repository is to be looked at when one of its git hooks is run: a directory of hooks may be shared by
    /// repositories that nobody asked np to watch.
    ///
    /// - Parameters:
    ///   - hook: The path of the hook, from the directory in which git has run it.
    ///   - configured: Repositories that are watched besides those of `np init`.
    public static func isWanted(
        at directory: String,
        byHook hook: String,
        configured: [String],
        in dataDirectory: DataDirectory
    ) -> Bool {
        let files = dataDirectory.files
        guard let path = try? files.resolve(directory),
            let place = try? files.resolve(hook.absolute(in: path)).parentDirectory
        else { return false }
        let common = commonDirectory(at: path, dataDirectory)
        let top = GitWorktree(containing: path, in: files)?.directory
        // What is in the repository was put there for it.
        if [common, top].compactMap({ $0 }).contains(where: { place.hasPrefix($0 + "/") }) { return true }
        return InitializedRepositories(configured: configured, in: dataDirectory).isListed(common)
    }

    private static func commonDirectory(at path: String, _ directory: DataDirectory) -> String {
        InitializedRepositories(configured: [], in: directory).commonDirectory(at: path)
    }

    /// How far the task of a place is behind main, as it was when the repository was last looked at; `nil` if that isn't
    /// known. Reads one file.
    package static func standing(of place: Place, in dataDirectory: DataDirectory) -> RebaseStanding? {
        RepositoryMemory.standing(of: place, in: dataDirectory)
    }

    /// Whether a task that has begun may have to be told that it is behind. Reads one file.
    var mayHaveOrders: Bool {
        guard let state = try? memory.state else { return false }
        return state.worktrees.values.contains { $0.behind > 0 && $0.required != state.commit }
    }

    /// The worktrees that are tasks, and which.
    var tasks: [(worktree: GitWorktree, task: TaskID)] {
        let worktrees = repository.worktrees.map { (worktree: $0, branch: $0.branch) }
        let tasks = WorktreeTasks(of: worktrees, in: repository, begun: records.openTasks(of: repository), directory)
        let state = try? memory.state
        return worktrees.compactMap { worktree, branch in
            let named = state?.memory(of: worktree)?.named
            return tasks.task(of: worktree, onBranch: branch, named: named).map { (worktree, $0) }
        }
    }

    /// Looks once. Costs one git process if nothing has happened, and a few for each branch that is concerned otherwise.
    ///
    /// - Throws: ``OperationError`` if git does not answer or the state cannot be kept, `CancellationError`.
    ///   What was to be said then is said after the next look.
    public func look(publishingTo bus: EventBus) async throws {
        let lock = try await memory.lock()
        try await look(holding: lock, publishingTo: bus)
    }

    /// Main's name as it was last seen, or as it is if nobody has looked yet.
    func mainName(publishingTo bus: EventBus) async throws -> String? {
        if let state = try memory.state { return state.branch }
        try await look(publishingTo: bus)
        return try memory.state?.branch
    }

    /// Looks for somebody who has the lock.
    ///
    /// - Returns: The state as it is now.
    @discardableResult
    func look(holding lock: borrowing LockFile, publishingTo bus: EventBus) async throws -> RepositoryState {
        let remembered = try memory.state
        var state = try remembered ?? stateFromLog(of: bus)
        guard bus.log?.status.trouble == nil else { return state }
        if !state.pending.isEmpty || !state.ended.isEmpty {
            // Somebody was killed, or the log was in trouble, before all was said.
            let said = try said(state.pending, in: bus)
            state.pending.removeAll { said.contains($0.id) }
            try say(&state, publishingTo: bus)
            guard state.pending.isEmpty else { return state }
        }

        records.endReplaced(by: repository, publishingTo: bus)
        // Read before git is asked: a worktree that is made meanwhile, and begins a task, has not been removed.
        let begun = records.openTasks(of: repository)
        let view = try await RepositoryView(of: repository, since: state, begun: begun, directory)
        var comparison = RepositoryComparison(of: repository, from: state, to: view, scratch: memory.scratch)
        try await comparison.run()
        state = comparison.new
        state.ended += endedUnseen(begun, view, besides: state.ended)
        try await RebaseOrdering(of: repository, in: directory, logPath: bus.log?.config.path)
            .run(on: &state, view, comparison)
        let gitDirectories = [repository.commonDirectory] + view.worktrees.map(\.worktree.gitDirectory)
        if state != remembered || memory.isOutdated(in: gitDirectories) {
            try memory.store(state)
            try say(&state, publishingTo: bus)
        }
        forget(view.names, besidesThoseToldBy: bus)
        return state
    }

    /// Forgets the names of worktrees that git has forgotten, unless their tasks go on or have something to read.
    private func forget(_ names: PlaceNames, besidesThoseToldBy bus: EventBus) {
        guard let log = bus.log, log.config.isEnabled else { return }
        var names = names
        names.forget(at: repository.commonDirectory) { name in
            if records.isKnown(name) { return true }
            let inbox = Inbox(of: name, logPath: log.config.path, in: directory)
            return (try? inbox.unread().events.isEmpty) != true
        }
    }

    /// Remembers what came of fetching main: its name, if that is another one now, and what went wrong. That it cannot be
    /// fetched, and that it can be again, is published once each.
    func note(_ fetch: RemoteBranch.Outcome, publishingTo bus: EventBus) async throws {
        let lock = try await memory.lock()
        let before = try memory.state ?? stateFromLog(of: bus)
        guard before.pending.isEmpty else { return }
        var state = before
        state.fetchError = fetch.error
        if (state.fetchError == nil) != (before.fetchError == nil) {
            state.pending.append(.mainFetched(repository.checkout(), error: fetch.error))
        } else {
            state.fetchError = before.fetchError
        }
        if case .fetched(let name) = fetch, name != before.branch {
            state.branch = name
            (state.local, state.remote, state.tracked, state.fetched) = (nil, nil, nil, nil)
        }
        guard state != before else { return }
        try memory.store(state)
        try say(&state, publishingTo: bus)
        // Who looked between the fetch and now didn't know which branch it is.
        if state.branch != before.branch { try await look(holding: lock, publishingTo: bus) }
        _ = consume lock
    }

    // MARK: - Saying it

    /// Publishes what is pending, and strikes it from the state that is kept.
    private func say(_ state: inout RepositoryState, publishingTo bus: EventBus) throws(OperationError) {
        guard !state.pending.isEmpty || !state.ended.isEmpty else { return }
        while let event = state.pending.first {
            let receipt = bus.publish(event)
            // What waits in memory would be lost with this process: it stays until the log has it.
            guard receipt == .written || receipt == .notLogged else { return }
            state.pending.removeFirst()
        }
        state.ended = state.ended.filter { !records.end($0, of: repository, publishingTo: bus) }
        try memory.store(state)
    }

    /// Worktrees that git has forgotten and that were never seen, though a task began in them.
    private func endedUnseen(
        _ begun: [TaskRecords.OpenTask],
        _ view: RepositoryView,
        besides known: [TaskEnding]
    ) -> [TaskEnding] {
        let worktrees = view.worktrees.map(\.worktree) + view.away
        var ended: [TaskEnding] = []
        for open in begun {
            // The main worktree is there as long as the repository is, also where git takes that for bare.
            let isKnown =
                open.worktree.isEmpty
                || worktrees.contains { worktree in
                    worktree.name == open.worktree && open.place.map { $0.made == worktree.made ?? $0.made } ?? true
                }
            let ending = TaskEnding(worktree: open.worktree, made: open.place?.made, merge: nil)
            let isEnded = known.contains { $0.worktree == ending.worktree && ($0.made ?? ending.made) == ending.made }
            if !isKnown, !isEnded, !ended.contains(ending) { ended.append(ending) }
        }
        return ended
    }

    // MARK: - What the log has

    /// Which of these events the log has.
    private func said(_ events: [Event], in bus: EventBus) throws -> Set<EventID> {
        guard let log = bus.log, log.config.isEnabled, !events.isEmpty else { return [] }
        let facts = LoggedFacts(inLogAt: log.config.path, directory.files)
        return try facts.ids(among: Set(events.map(\.id)), readingAtMost: Self.mostBytes)
    }

    /// Where main was when the log last heard of it. Costs a pass over the log.
    private func stateFromLog(of bus: EventBus) throws -> RepositoryState {
        var state = RepositoryState()
        guard let log = bus.log, log.config.isEnabled else { return state }
        var filter = EventFilter(kinds: [KindPattern([.mainUpdated])])
        filter.conditions = [.init(path: ["repo"], value: path)]
        let latest = try LoggedFacts(inLogAt: log.config.path, directory.files).latest(filter)
        state.commit = latest?.payload["commit"]?.text
        return state
    }
}
