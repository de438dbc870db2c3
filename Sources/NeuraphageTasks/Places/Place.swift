// A worktree, wherever its directory lies at the moment: which repository, and which of git's entries for its worktrees.

package import NeuraphageEvents
package import NeuraphageGit
import NeuraphageSystem

/// Which worktree it is.
package struct Place: Hashable, Sendable {
    package let repository: RepositoryID
    /// git's name for the worktree; empty for the main one.
    package let entry: String
    /// When git made the entry, which may have the name of one that git has forgotten; empty for the main worktree.
    package let made: String

    package init(repository: RepositoryID, entry: String, made: String) {
        self.repository = repository
        self.entry = entry
        self.made = made
    }

    /// The place that a worktree is; `nil` if its repository has no id yet, or isn't there.
    package init?(
        of worktree: GitWorktree,
        knownAs known: RepositoryID? = nil,
        making isMade: Bool = false,
        in files: any FileSystem
    ) {
        guard let common = worktree.commonDirectory,
            let repository = RepositoryID(of: common, knownAs: known, making: isMade, in: files)
        else { return nil }
        self.init(repository: repository, entry: worktree.name, made: worktree.made ?? "")
    }

    /// The same in a repository whose id is known.
    init(of worktree: GitWorktree, in repository: RepositoryID?) {
        self.init(
            repository: repository ?? RepositoryID(asWritten: ""),
            entry: worktree.name,
            made: worktree.made ?? ""
        )
    }

    /// The place that a record names.
    init?(_ about: Payload) {
        self.init(about.membersByKey)
    }

    /// The place that a record names, by its members.
    init?(_ about: [String: Payload.Found]) {
        guard let repository = about["repository"]?.text, let entry = about["worktree"]?.text else { return nil }
        self.init(
            repository: RepositoryID(asWritten: repository),
            entry: entry,
            made: about["made"]?.text ?? ""
        )
    }

    /// The place as a record has it.
    var members: [(String, JSONValue)] {
        [("repository", .string(repository.description)), ("worktree", .string(entry)), ("made", .string(made))]
    }
}
