// Which repositories np was asked to record: those that np init has set up, and those that the configuration has watched.
// Hooks of agents are installed for a user, and git's hooks may be shared, so a hook is also called in repositories that are
// none of np's business.

import NeuraphageEvents
import NeuraphageGit
package import NeuraphageSystem

/// The repositories that np was asked to record.
package struct InitializedRepositories: Sendable {
    /// The line by which np knows a git hook that some np has installed.
    package static let hookMark = "# np init put this hook here, and np uninit takes it away."
    private static let longestHook = 1 << 16

    private let configured: [String]
    private let directory: DataDirectory
    private var files: any FileSystem { directory.files }

    /// - Parameter configured: The repositories that are watched besides those of `np init`.
    package init(configured: [String], in directory: DataDirectory) {
        self.configured = configured
        self.directory = directory
    }

    /// Whether the repository that a directory lies in is one of them. Reads a few small files and writes nothing.
    ///
    /// One that was moved, or is mounted elsewhere, is known by the git hook that np init has put into it. git copies no hooks
    /// into a clone.
    ///
    /// - Parameter path: Absolute, without symbolic links.
    package func contain(_ path: String) -> Bool {
        let common = commonDirectory(at: path)
        return isListed(common) || hasHook(common)
    }

    /// Whether a repository is one of them by its place.
    ///
    /// - Parameter common: What all its worktrees share, without symbolic links in its path.
    func isListed(_ common: String) -> Bool {
        let wanted = ((try? WatchList(in: directory).paths) ?? []) + configured
        // Mostly the path says it.
        return wanted.contains { $0 == common || $0 + "/.git" == common }
            || wanted.contains { (try? files.resolve($0)).map(commonDirectory) == common }
    }

    /// What the worktrees of the repository share that a directory lies in. What isn't a checkout may be a bare repository.
    ///
    /// - Parameter path: Absolute, without symbolic links.
    package func commonDirectory(at path: String) -> String {
        GitWorktree(containing: path, in: files)?.commonDirectory ?? path
    }

    private func hasHook(_ common: String) -> Bool {
        let hook = try? files.contents(of: common + "/hooks/post-checkout", atMost: Self.longestHook)
        return hook?.contains(Self.hookMark) ?? false
    }
}
