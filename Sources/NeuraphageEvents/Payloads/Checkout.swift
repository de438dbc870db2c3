// Which part of a repository an event is about, as the event says it.

/// A repository, and the branch and the worktree of it that an event is about.
public struct Checkout: Hashable, Sendable {
    /// The repository as people know it: the directory of its main checkout, or the bare repository itself.
    public var repo: String
    /// The directory that all its worktrees share: `.git` of the main checkout, or the bare repository itself; `nil` if it
    /// is not known.
    public var commonDirectory: String?
    /// The branch without `refs/heads/`; `nil` if the event is about none.
    public var branch: String?
    /// The top directory of the worktree; `nil` if the event is about none.
    public var worktree: String?

    /// A repository, or a part of it.
    public init(repo: String, commonDirectory: String? = nil, branch: String? = nil, worktree: String? = nil) {
        self.repo = repo
        self.commonDirectory = commonDirectory
        self.branch = branch
        self.worktree = worktree
    }

    /// What people call the repository: the last part of its path, without `.git`.
    public var name: String {
        let last = repo.lastPathComponent
        return last.hasSuffix(".git") && last != ".git" ? String(last.dropLast(4)) : last
    }
}
