// Rebasing a task's branch onto main so that nothing is lost, whatever happens: either the branch has been rebased, or
// everything is as it was.
//
// The repository's lock is held meanwhile. So a conflict is seen and told of here, before it is taken back, and whoever
// watches the repository looks at it afterwards and finds nothing that has not been said.

public import NeuraphageEvents
import NeuraphageGit
public import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// Rebases the branch of a task onto main.
public struct TaskRebase: Sendable {
    /// How it went.
    public enum Outcome: Hashable, Sendable {
        /// The branch had everything that main has.
        case upToDate(branch: String, main: String)
        /// It has been rebased, onto this commit of main.
        case rebased(branch: String, previous: String, new: String, onto: String, main: String)
        /// The same, but the changes that had been put aside could not be put back: they are in the stash.
        case rebasedWithoutChanges(branch: String, previous: String, new: String, onto: String, main: String)
        /// These files are in conflict. Everything is as it was.
        case conflict(branch: String, files: [String], onto: String, main: String)
    }

    /// Whether changes that are not committed are put aside meanwhile by git's own `--autostash`, instead of being a
    /// reason not to begin.
    public var autostash = false
    /// Whether to fetch main before where there is a remote.
    public var fetches = true

    private let observer: RepositoryObserver
    private let worktree: GitWorktree
    /// The worktree's directory.
    public var directory: String { worktree.directory }

    /// A rebase of the worktree of a task.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - observer: What watches the repository.
    /// - Throws: ``OperationError`` if the task has no worktree there.
    public init(of task: TaskID, in observer: RepositoryObserver) throws(OperationError) {
        let tasks = observer.tasks
        let worktrees = tasks.filter { $0.task == task }.map(\.worktree)
        guard let worktree = worktrees.first else {
            let known = tasks.map(\.task.description).joined(separator: ", ")
            let hint = known.isEmpty ? "it has no worktrees of tasks" : "its tasks are \(known)"
            throw OperationError(.git, "\(observer.path) has no worktree of the task \(task)", hint: hint)
        }
        guard worktrees.count == 1 else {
            let places = worktrees.map(\.directory).joined(separator: " and ")
            throw OperationError(
                .git,
                "\(task) is the task of \(places)",
                hint: "go to the one that is meant, and say: np rebase"
            )
        }
        self.init(of: worktree, in: observer)
    }

    /// A rebase of the worktree that a directory lies in.
    public init(at directory: String, in observer: RepositoryObserver) async throws(OperationError) {
        // What git keeps for a worktree tells which one it is: its directory may have been moved, or be another one than
        // its repository's.
        let git = Git(directory: directory)
        let top = try await git.read("rev-parse", "--show-toplevel").firstLine
        let gitDirectory = try await git.read("rev-parse", "--absolute-git-dir").firstLine
        guard let known = observer.repository.worktrees.first(where: { $0.gitDirectory == gitDirectory }) else {
            throw OperationError(.git, "\(top) is not a worktree of \(observer.path) that git lists")
        }
        self.init(
            of: GitWorktree(
                name: known.name,
                directory: top,
                gitDirectory: gitDirectory,
                in: observer.directory.files
            ),
            in: observer
        )
    }

    private init(of worktree: GitWorktree, in observer: RepositoryObserver) {
        self.worktree = worktree
        self.observer = observer
    }

    /// Fetches main, rebases, and publishes what has happened. A conflict is taken back.
    ///
    /// - Parameters:
    ///   - bus: Where to publish.
    ///   - warn: Takes what doesn't keep it from going on, such as a remote that can't be reached.
    ///   - begin: Called before anything is changed. Until then it does no harm to end the process.
    /// - Throws: ``OperationError`` if it cannot begin, or git refuses; then everything is as it was.
    public func perform(
        publishingTo bus: EventBus,
        warn: (String) -> Void,
        begin: () -> Void = {}
    ) async throws -> Outcome {
        if fetches, let remote = try await RemoteBranch(of: observer.repository),
            let error = try await remote.fetch(observer.mainName(publishingTo: bus)).error
        {
            warn("main cannot be fetched, so it is taken as it was last: \(error)")
        }
        let lock = try await observer.memory.lock()
        let state = try await observer.look(holding: lock, publishingTo: bus)
        guard let main = state.branch, let onto = state.commit else {
            throw OperationError(.git, "\(observer.path) has no main branch yet")
        }
        let branch = try await branchToRebase(main: main)
        let git = worktree.git
        let previous = try await git.read("rev-parse", "--verify", "HEAD").firstLine
        if try await observer.repository.contains(previous, onto) { return .upToDate(branch: branch, main: main) }
        if !autostash { try await refuseChanges() }

        begin()
        let options = autostash ? ["--autostash"] : ["--no-autostash"]
        let answer = try await git.run(["rebase"] + options + [onto])
        if let stranded = worktree.strandedAutostash { try await putBack(stranded) }
        if worktree.rebase != nil {
            return try await takeBack(answer, branch, previous, onto: onto, main: main, holding: lock, bus)
        }
        guard answer.succeeded else {
            throw OperationError(
                .git,
                "git refuses to rebase \(branch), and nothing was changed: \(answer.explanation)"
            )
        }
        try await observer.look(holding: lock, publishingTo: bus)
        let new = try await git.read("rev-parse", "--verify", "HEAD").firstLine
        let isKeptInStash = (answer.output + answer.error).contains("Your changes are safe in the stash")
        return isKeptInStash
            ? .rebasedWithoutChanges(branch: branch, previous: previous, new: new, onto: onto, main: main)
            : .rebased(branch: branch, previous: previous, new: new, onto: onto, main: main)
    }

    // MARK: - Before

    private func branchToRebase(main: String) async throws(OperationError) -> String {
        if worktree.rebase != nil {
            throw OperationError(
                .git,
                "a rebase has begun in \(directory) and not ended",
                hint: "end it there with git rebase --continue or --abort"
            )
        }
        if worktree.strandedAutostash != nil {
            throw OperationError(
                .git,
                "changes that a rebase put aside in \(directory) were never put back",
                hint: "git rebase --quit there stashes them"
            )
        }
        if let command = worktree.unfinishedCommand {
            throw OperationError(
                .git,
                "git \(command) has begun in \(directory) and not ended",
                hint: "end it there with --continue or --abort"
            )
        }
        guard let branch = worktree.branch else {
            throw OperationError(
                .git,
                "no branch is checked out in \(directory)",
                hint: "check one out with git switch"
            )
        }
        if branch == main {
            throw OperationError(.git, "\(directory) is on \(main) itself; there is nothing to rebase it onto")
        }
        return branch
    }

    private func refuseChanges() async throws(OperationError) {
        let listing = try await worktree.git.read("status", "--porcelain", "-z", "--untracked-files=no")
        let changed = listing.split(separator: "\0").map { String($0.dropFirst(3)) }
        guard let first = changed.first else { return }
        let others = changed.count > 1 ? " and \(changed.count - 1) more" : ""
        throw OperationError(
            .git,
            "\(directory) has changes that are not committed (\(first)\(others))",
            hint: "commit them, or say --autostash"
        )
    }

    // MARK: - After a stop

    /// Puts back the changes that git put aside for a rebase that it then didn't begin.
    private func putBack(_ stranded: String) async throws {
        let files = observer.directory.files
        let stash = (try? files.contents(of: stranded, atMost: 8_192))?.firstLine ?? ""
        let answer = try await worktree.git.run(["stash", "apply", "--quiet", stash])
        guard answer.succeeded else {
            throw OperationError(
                .git,
                "the rebase did not begin, and the changes that were put aside for it cannot be put back "
                    + "(\(answer.complaint))",
                hint: "git rebase --quit in \(directory) stashes them"
            )
        }
        try? files.remove(stranded)
        try? files.removeDirectory(stranded.parentDirectory)
    }

    private func takeBack(
        _ answer: ProgramAnswer,
        _ branch: String,
        _ previous: String,
        onto: String,
        main: String,
        holding lock: borrowing LockFile,
        _ bus: EventBus
    ) async throws -> Outcome {
        let files = try await worktree.conflicts()
        // The conflict is there to be seen, and is told of.
        try await observer.look(holding: lock, publishingTo: bus)
        let abortion = try await worktree.git.run(["rebase", "--abort"])
        try await observer.look(holding: lock, publishingTo: bus)
        let head = try await worktree.git.read("rev-parse", "--verify", "HEAD").firstLine
        guard abortion.succeeded, head == previous, worktree.branch == branch, worktree.rebase == nil else {
            throw OperationError(
                .git,
                "the rebase of \(branch) stopped and could not be taken back (\(abortion.complaint))",
                hint: "look at \(directory)"
            )
        }
        guard !files.isEmpty else {
            throw OperationError(
                .git,
                "git stopped rebasing \(branch), and everything is as it was: \(answer.explanation)"
            )
        }
        return .conflict(branch: branch, files: files, onto: onto, main: main)
    }
}

extension String {
    fileprivate var firstLine: String { String(prefix { $0 != "\n" }) }
}

extension ProgramAnswer {
    /// What git said that was wrong, with the files that it names below.
    fileprivate var explanation: String {
        let lines = error.split(separator: "\n").filter { !$0.hasPrefix("hint:") }
        guard let start = lines.firstIndex(where: { $0.hasPrefix("error:") || $0.hasPrefix("fatal:") }) else {
            return complaint
        }
        return lines[start...].prefix(8).map { String($0.drop { $0 == "\t" || $0 == " " }) }.joined(separator: "; ")
            .replacing(":; ", with: ": ")
    }
}
