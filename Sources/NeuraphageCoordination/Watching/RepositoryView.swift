// What git says of a repository at one moment: where main is, which worktrees there are, where their branches are. One
// git process, however many worktrees and references there are; a second one if the main branch is called otherwise.

import NeuraphageEvents

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
    }

    /// Main; `nil` as long as it has no commit.
    let main: MainBranch?
    let worktrees: [Worktree]

    /// Looks.
    ///
    /// - Parameters:
    ///   - repository: Where to look.
    ///   - name: What main was called before.
    ///   - runs: The tasks that run, the oldest first.
    init(
        of repository: GitRepository,
        knownAs name: String?,
        runs: [TaskRecords.Running]
    ) async throws(GitError) {
        let found = repository.worktrees.map { (worktree: $0, branch: $0.branch) }
        let head = GitCheckout(directory: repository.path, gitDirectory: repository.commonDirectory).branch
        let usual = ["main", "master"]
        let branches = found.compactMap(\.branch)
        var references = try await repository.references(
            MainBranch.patterns(([name] + usual + [head]).compactMap(\.self)) + ["refs/remotes/*/HEAD"]
                + branches.map { "refs/heads/\($0)" }
        )
        let there = MainBranch.remoteDefault(in: references)
        if let there, there != name, !usual.contains(there) {
            references.merge(try await repository.references(MainBranch.patterns([there]))) { $1 }
        }
        main = MainBranch(([name, there] + usual + [head]).compactMap(\.self), in: references)
        worktrees = found.map { worktree, branch in
            Worktree(
                worktree: worktree,
                branch: branch,
                tip: branch.flatMap { references["refs/heads/\($0)"] },
                running: Self.running(in: worktree, of: found.map(\.worktree), runs)
            )
        }
    }

    /// The task that runs in a worktree, the oldest one if there are several.
    static func running(
        in worktree: GitWorktree,
        of worktrees: [GitWorktree],
        _ runs: [TaskRecords.Running]
    ) -> TaskID? {
        runs.first { place(of: $0, among: worktrees) == worktree.name }?.task
    }

    /// The worktree that a run was started in: the innermost one, because a worktree may lie in another one.
    private static func place(of run: TaskRecords.Running, among worktrees: [GitWorktree]) -> String? {
        worktrees.filter { run.directory == $0.directory || run.directory.hasPrefix($0.directory + "/") }
            .max { $0.directory.utf8.count < $1.directory.utf8.count }?.name
    }
}
