// What git says of a repository at one moment: where main is, which worktrees there are, where their branches are. One
// git process, however many worktrees and references there are; a second one if the main branch is called otherwise.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// A repository as it is now.
struct RepositoryView: Sendable {
    /// A worktree as it is now.
    struct Worktree: Sendable {
        let worktree: GitWorktree
        let branch: String?
        /// The commit of the branch; `nil` if no branch is checked out, or it has no commit yet.
        let tip: String?
        /// The task that something runs as in it.
        let running: TaskID?
        /// The task that it is.
        let task: TaskID?
    }

    /// Main; `nil` as long as it has no commit.
    let main: MainBranch?
    let worktrees: [Worktree]
    /// The worktrees that git knows and whose directories are not there. Nothing is concluded from that: they may come
    /// back, wherever.
    let away: [GitWorktree]
    /// The branches of tasks that began in the main worktree, which has another one checked out now; the commit is `nil`
    /// where the branch is gone.
    let left: [(task: TaskID, branch: String, tip: String?)]

    /// The names of all worktrees.
    let names: PlaceNames

    /// Looks.
    ///
    /// - Parameters:
    ///   - repository: Where to look.
    ///   - state: What it was like before.
    ///   - begun: The tasks that hooks began in it.
    ///   - directory: Where it is remembered what runs in it.
    init(
        of repository: GitRepository,
        since state: RepositoryState,
        begun: [TaskRecords.OpenTask],
        _ directory: DataDirectory
    ) async throws(OperationError) {
        let listed = try repository.listWorktrees()
        let found = listed.there.map { (worktree: $0, branch: $0.branch) }
        let head = GitWorktree(
            name: "",
            directory: repository.path,
            gitDirectory: repository.commonDirectory,
            in: directory.files
        ).branch
        let known = [repository.mainName, state.branch].compactMap(\.self)
        let usual = ["main", "master", "trunk"] + [repository.usualMainName, head].compactMap(\.self)
        // The main worktree may be the task of several by and by.
        let away = begun.filter { $0.worktree.isEmpty }
            .map { (task: $0.task, branch: TaskID.branchPrefix + $0.task.description) }.filter { $0.branch != head }
        // np's own files are read while git answers.
        async let ownTasks = WorktreeTasks(of: found, in: repository, begun: begun, directory)
        let branches = found.compactMap(\.branch) + away.map(\.branch)
        var references = try await repository.references(
            MainBranch.patterns(known + usual) + ["refs/remotes/*/HEAD"] + branches.map { "refs/heads/\($0)" }
        )
        let there = MainBranch.remoteDefault(in: references)
        if let there, !(known + usual).contains(there) {
            references.merge(try await repository.references(MainBranch.patterns([there])))
        }
        let names = known + [there].compactMap(\.self) + usual
        let upstreams = MainBranch.missingUpstreams(of: names, in: references)
        if !upstreams.isEmpty { references.merge(try await repository.references(upstreams)) }
        main = MainBranch(names, in: references)
        let tasks = await ownTasks
        self.names = tasks.chosen
        self.away = listed.away
        left = away.map { ($0.task, $0.branch, references["refs/heads/\($0.branch)"]) }
        worktrees = found.map { worktree, branch in
            let running = tasks.running(in: worktree)
            let named = running ?? state.memory(of: worktree)?.named
            return Worktree(
                worktree: worktree,
                branch: branch,
                tip: branch.flatMap { references["refs/heads/\($0)"] },
                running: running,
                task: tasks.task(of: worktree, onBranch: branch, named: named)
            )
        }
    }
}
