// Where a repository keeps its hooks, as git itself says: core.hooksPath may name any directory, also one in each
// worktree.

import NeuraphageEvents

/// The places in a repository that concern whoever sets it up.
package struct RepositoryPlaces: Sendable {
    /// The main worktree, or the bare repository: the path by which people know it.
    package let path: String
    /// Every directory in which git looks for hooks, with the worktree that it lies in, if it lies in one.
    let hookDirectories: [(directory: String, worktree: String?)]
    /// The file of what git is to overlook in all worktrees.
    let excludeFile: String

    /// The repository that a directory lies in.
    ///
    /// - Throws: ``SetupError`` if there is none, or git cannot be run.
    package init(containing directory: String) throws(SetupError) {
        guard FileOnDisk.isDirectory(directory) else {
            throw SetupError("there is no directory \(directory)")
        }
        guard let answer = Self.ask("--git-common-dir", in: directory), let common = FileOnDisk.resolved(answer) else {
            let problem = ProgramOutput(of: "git", ["-C", directory, "rev-parse", "--git-common-dir"]).complaint
            throw SetupError("\(directory) lies in no repository that git can use: \(problem)")
        }
        let worktrees = Self.worktrees(of: directory)
        let own = Self.ask("--git-dir", in: directory).flatMap(FileOnDisk.resolved)
        let top = Self.ask("--show-toplevel", in: directory).flatMap(FileOnDisk.resolved)
        path = (own == common ? top ?? common : worktrees.first) ?? common
        guard !path.utf8.contains(UInt8(ascii: "\n")) else {
            throw SetupError("the path of the repository holds a line break; move it to another place")
        }
        excludeFile = common + "/info/exclude"

        let main = path
        let places = [main] + worktrees.filter { $0 != main && FileOnDisk.isDirectory($0) }
        var found: [(directory: String, worktree: String?)] = []
        for place in places {
            guard let answer = Self.ask("--git-path", "hooks", in: place) else { continue }
            let directory = try FileOnDisk.target(of: answer)
            guard !found.contains(where: { $0.directory == directory }) else { continue }
            let isInside = (directory + "/").hasPrefix(place + "/") && !(directory + "/").hasPrefix(common + "/")
            found.append((directory, isInside ? place : nil))
        }
        hookDirectories = found
    }

    /// The path that `git rev-parse` says, made absolute.
    private static func ask(_ arguments: String..., in directory: String) -> String? {
        let answer = ProgramOutput(of: "git", ["-C", directory, "rev-parse"] + arguments)
        guard answer.succeeded, !answer.text.isEmpty else { return nil }
        return answer.text.hasPrefix("/") ? answer.text : directory + "/" + answer.text
    }

    /// The main worktree, or the bare repository, and the linked worktrees behind it.
    private static func worktrees(of directory: String) -> [String] {
        let list = ProgramOutput(of: "git", ["-C", directory, "worktree", "list", "--porcelain"])
        return list.text.split(separator: "\n").compactMap { line in
            line.hasPrefix("worktree ") ? FileOnDisk.resolved(String(line.dropFirst("worktree ".count))) : nil
        }
    }

    /// Whether a file in a worktree belongs to the repository, so that changing it would change `git status`.
    static func isTracked(_ path: String, in worktree: String) -> Bool {
        ProgramOutput(of: "git", ["-C", worktree, "ls-files", "--error-unmatch", "--", path]).succeeded
    }

    /// Whether `git status` would not show a new file in a worktree.
    static func isIgnored(_ path: String, in worktree: String) -> Bool {
        ProgramOutput(of: "git", ["-C", worktree, "check-ignore", "-q", "--", path]).succeeded
    }
}
