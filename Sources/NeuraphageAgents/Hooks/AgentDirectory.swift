// How people name a file of a task: by its path in the worktree. Agents give absolute paths, and a worktree may have
// several of those.

import NeuraphageEvents
import NeuraphageGit

/// A directory without symbolic links in its path, and the worktree that it lies in, if it lies in one.
struct AgentDirectory {
    private let directory: String
    private let worktree: String?
    private let files: any FileSystem

    /// `nil` if there is no such directory.
    init?(_ path: String, in files: any FileSystem) {
        guard let resolved = try? files.resolve(path) else { return nil }
        directory = resolved
        worktree = GitWorktree(containing: resolved, in: files)?.directory
        self.files = files
    }

    /// A file's path relative to the worktree, if it lies in it; else its absolute path.
    ///
    /// - Parameter file: A path, absolute or relative to the directory.
    func worktreePath(of file: String) -> String {
        let absolute = file.absolute(in: directory)
        let resolved = (try? files.resolve(absolute)) ?? absolute
        guard let worktree else { return resolved }
        let top = worktree == "/" ? "/" : worktree + "/"
        return resolved.hasPrefix(top) ? String(resolved.dropFirst(top.count)) : resolved
    }
}
