// How people name a file of a task: by its path in the worktree. Agents give absolute paths, and a worktree may have
// several of those.

/// A directory without symbolic links in its path, and the worktree that it lies in, if it lies in one.
struct AgentDirectory {
    private let directory: String
    private let worktree: String?

    /// `nil` if there is no such directory.
    init?(_ path: String) {
        guard let resolved = RealPath.resolve(path) else { return nil }
        directory = resolved
        worktree = GitCheckout(containing: resolved)?.directory
    }

    /// A file's path relative to the worktree, if it lies in it; else its absolute path.
    ///
    /// - Parameter file: A path, absolute or relative to the directory.
    func worktreePath(of file: String) -> String {
        let absolute = file.hasPrefix("/") ? file : directory + "/" + file
        let resolved = RealPath.resolve(absolute) ?? absolute
        guard let worktree else { return resolved }
        let top = worktree == "/" ? "/" : worktree + "/"
        return resolved.hasPrefix(top) ? String(resolved.dropFirst(top.count)) : resolved
    }
}
