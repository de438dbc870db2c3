// The worktree that a directory lies in, found without a git process, because hooks ask on every call.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation

extension GitWorktree {
    /// The worktree that a directory lies in. A submodule belongs to the worktree around it.
    ///
    /// - Parameter path: Absolute, without symbolic links.
    /// - Returns: `nil` if the directory lies in no worktree.
    /// - Throws: ``OperationError`` if there is something that could be one and cannot be read.
    package static func find(containing path: String, in files: any FileSystem) throws(OperationError) -> GitWorktree? {
        guard let nearest = try nearest(to: path, in: files), nearest.directory != "/" else { return nil }
        // What is around may be broken; then the submodule stands for itself.
        guard let around = try? find(containing: nearest.directory.parentDirectory, in: files),
            nearest.isSubmodule(of: around)
        else { return nearest }
        return around
    }

    /// The same for a caller to whom a broken worktree is none.
    package init?(containing path: String, in files: any FileSystem) {
        guard let found = try? Self.find(containing: path, in: files) else { return nil }
        self = found
    }

    private static func nearest(to path: String, in files: any FileSystem) throws(OperationError) -> GitWorktree? {
        var directory = path
        while true {
            if let found = try worktree(at: directory, in: files) { return found }
            guard directory != "/", directory.contains("/") else { return nil }
            directory = directory.parentDirectory
        }
    }

    /// The worktree whose top directory this is.
    private static func worktree(at directory: String, in files: any FileSystem) throws(OperationError) -> GitWorktree?
    {
        let entry = directory.appendingPathComponent(".git")
        if files.isRegularFile(entry + "/HEAD") {
            return GitWorktree(directory: directory, gitDirectory: entry, in: files)
        }
        if files.isRegularFile(entry) {
            guard let target = target(ofGitFile: entry, in: files)?.absolute(in: directory) else {
                throw OperationError(.git, "\(entry) does not say where the repository is")
            }
            guard files.isRegularFile(target.appendingPathComponent("HEAD")) else {
                throw OperationError(
                    .git,
                    "\(entry) points to \(target), where there is no repository",
                    hint: "git worktree repair, in the main worktree, mends a worktree or repository that was moved"
                )
            }
            return GitWorktree(directory: directory, gitDirectory: target, in: files)
        }
        if !files.exists(entry),
            files.isDirectory(directory.appendingPathComponent(".jj/repo"))
                || files.isRegularFile(directory.appendingPathComponent(".jj/repo"))
        {
            throw OperationError(
                .git,
                "\(directory) is a workspace of Jujutsu without a .git directory, which np cannot read",
                hint: "jj git init --colocate makes a repository that both can read"
            )
        }
        return nil
    }

    private init(directory: String, gitDirectory: String, in files: any FileSystem) {
        let isLinked = files.isRegularFile(gitDirectory.appendingPathComponent("commondir"))
        let name = isLinked ? gitDirectory.split(separator: "/").last.map(String.init) ?? "" : ""
        self.init(name: name, directory: directory, gitDirectory: gitDirectory, in: files)
    }

    /// Where the file `.git` of a linked worktree points.
    static func target(ofGitFile path: String, in files: any FileSystem) -> String? {
        guard let line = files.firstLine(of: path), line.hasPrefix("gitdir:") else { return nil }
        let target = line.dropFirst("gitdir:".count).drop(while: { $0 == " " })
        return target.isEmpty ? nil : String(target)
    }

    /// Whether this is a submodule's: git keeps its repository in the one around it, or, as it did before version 1.7.8,
    /// in the submodule itself.
    private func isSubmodule(of around: GitWorktree) -> Bool {
        guard !isLinked else { return false }
        let own = (try? files.resolve(gitDirectory)) ?? gitDirectory
        let homes = [around.gitDirectory, around.commonDirectory].compactMap { $0.flatMap { try? files.resolve($0) } }
        if homes.contains(where: { own.hasPrefix($0 + "/modules/") }) { return true }
        let list = (try? files.contents(of: around.directory + "/.gitmodules", atMost: 1 << 20)) ?? ""
        let path = directory.dropFirst(around.directory.count + 1)
        return list.split(separator: "\n").contains { line in
            let parts = line.split(separator: "=", maxSplits: 1).map { $0.filter { $0 != " " && $0 != "\t" } }
            return parts.count == 2 && parts[0] == "path" && parts[1] == path
        }
    }
}
