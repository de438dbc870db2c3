// Which task a directory belongs to: a task is a git worktree.
//
// Only files are read, no git is started: this runs in every hook of every agent, and must answer in microseconds. What
// git lays down is documented in gitrepository-layout(5) and git-worktree(1); anything else that stands there – garbage,
// half a repository, a foreign layout – means "no task", never an error.

public import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Finds the task of a git worktree.
public enum WorktreeTask {
    /// The branches of tasks: `neuraphage/eg-abc123` is the branch of the task `eg-abc123`.
    public static let branchPrefix = "neuraphage/"

    /// The task of the worktree that a directory lies in.
    ///
    /// It is the one named by the branch that is checked out (or being rebased) there, if that is a task's branch; else,
    /// in a linked worktree, the one named like the worktree's directory.
    ///
    /// - Parameter directory: A path, absolute or relative to the working directory.
    /// - Returns: The task; `nil` outside of a repository, in a main checkout or a submodule without a task's branch,
    ///   and where the name is no valid ``TaskID``.
    public static func find(from directory: String = ".") -> TaskID? {
        guard let checkout = RealPath.resolve(directory).flatMap(GitCheckout.init(containing:)) else { return nil }
        if let branch = checkout.branch, branch.hasPrefix(branchPrefix) {
            return try? TaskID(String(branch.dropFirst(branchPrefix.count)))
        }
        guard checkout.isLinked, let name = checkout.directory.split(separator: "/").last else { return nil }
        return try? TaskID(String(name))
    }
}
