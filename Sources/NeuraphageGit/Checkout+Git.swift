// What an event says of a repository and of a worktree.

package import NeuraphageEvents

extension GitRepository {
    /// The repository, and a branch and a worktree of it, as events say it.
    package func checkout(branch: String? = nil, worktree: String? = nil) -> Checkout {
        Checkout(repo: path, commonDirectory: commonDirectory, branch: branch, worktree: worktree)
    }
}

extension GitWorktree {
    /// The same of a worktree, told by its files alone; `nil` if its repository isn't there.
    package var checkout: Checkout? {
        guard let common = commonDirectory else { return nil }
        let main = common.hasSuffix("/.git") ? common.parentDirectory : common
        return Checkout(
            repo: isLinked ? main : directory,
            commonDirectory: common,
            branch: branch,
            worktree: directory
        )
    }
}
