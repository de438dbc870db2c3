// One worktree, read from the files that git keeps for it: those that gitrepository-layout(5) and git-worktree(1) document.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation

/// A working tree: the main one of a repository, or one that `git worktree add` made.
package struct GitWorktree: Sendable {
    /// The name by which git knows it, also if it is moved; empty for one that is not linked.
    package let name: String
    /// The top directory of the working tree.
    package let directory: String
    /// Where git keeps what belongs to this working tree alone: `.git`, or `.git/worktrees/NAME` for a linked one.
    package let gitDirectory: String
    /// When it was made, if it is linked. Another one may be made later with the same name; this one's file is never written
    /// again.
    package let made: String?
    let files: any FileSystem

    package init(name: String, directory: String, gitDirectory: String, in files: any FileSystem) {
        self.name = name
        self.directory = directory
        self.gitDirectory = gitDirectory
        made = (try? files.modificationTime(at: gitDirectory + "/commondir")).map { "\($0.tv_sec).\($0.tv_nsec)" }
        self.files = files
    }

    /// Whether `git worktree add` made it.
    package var isLinked: Bool { !name.isEmpty }

    /// Where git keeps what all working trees of the repository share, without symbolic links in its path; `nil` if it
    /// isn't there.
    package var commonDirectory: String? {
        let common = files.firstLine(of: gitDirectory.appendingPathComponent("commondir"))
        return try? files.resolve(common?.absolute(in: gitDirectory) ?? gitDirectory)
    }

    /// The branch that is checked out, or that is being rebased, when no branch is checked out.
    package var branch: String? {
        guard let head = files.firstLine(of: gitDirectory.appendingPathComponent("HEAD")) else { return nil }
        let reference =
            head.hasPrefix("ref:")
            ? String(head.dropFirst(4).drop(while: { $0 == " " }))
            : files.firstLine(of: gitDirectory.appendingPathComponent("rebase-merge/head-name"))
                ?? files.firstLine(of: gitDirectory.appendingPathComponent("rebase-apply/head-name"))
        // Where references are kept as a reftable, this file names a branch that cannot be.
        guard let reference, reference.hasPrefix("refs/heads/"), reference != "refs/heads/.invalid" else { return nil }
        return String(reference.dropFirst("refs/heads/".count))
    }

    /// git in this worktree.
    package var git: Git { Git(directory: directory) }

    /// What is being rebased just now.
    package struct Rebase: Hashable, Sendable {
        /// The commit onto which it is rebased.
        package let onto: String
        /// The commit onto which it is rebased, and the step it has come to: another one is another stop.
        package let step: String
    }

    /// The rebase that has begun here and not ended; `nil` if there is none.
    package var rebase: Rebase? {
        for (directory, counter) in [("rebase-merge", "msgnum"), ("rebase-apply", "next")] {
            let path = "\(gitDirectory)/\(directory)"
            guard let onto = files.firstLine(of: path + "/onto") else { continue }
            let step = files.firstLine(of: "\(path)/\(counter)") ?? "0"
            return Rebase(onto: onto, step: "\(onto) \(step)")
        }
        return nil
    }

    /// The file in which git keeps the changes that `--autostash` put aside for a rebase that then didn't begin: it has
    /// checked out nothing yet, but it doesn't put them back, for example if a hook refuses. `nil` if there is none.
    package var strandedAutostash: String? {
        guard rebase == nil else { return nil }
        return ["rebase-merge", "rebase-apply"].map { "\(gitDirectory)/\($0)/autostash" }
            .first(where: files.isRegularFile)
    }

    /// The command that has stopped in the middle here, other than a rebase; `nil` if none has.
    package var unfinishedCommand: String? {
        let commands = [("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")]
        return commands.first { files.isRegularFile("\(gitDirectory)/\($0.0)") }?.1
    }

    /// The files that are in conflict.
    package func conflicts() async throws(OperationError) -> [String] {
        let listing = try await git.read("ls-files", "--unmerged", "-z")
        var files: [String] = []
        for entry in listing.split(separator: "\0") {
            guard let tab = entry.firstIndex(of: "\t") else { continue }
            let file = String(entry[entry.index(after: tab)...])
            if files.last != file { files.append(file) }
        }
        return files
    }
}
