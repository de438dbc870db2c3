// One worktree, read from the files that git keeps for it.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A worktree whose directory is there.
struct GitWorktree: Sendable {
    /// The name by which git knows it, also if it is moved; empty for the main one.
    let name: String
    let directory: String
    /// Where git keeps what belongs to it alone.
    let gitDirectory: String

    /// The branch that is checked out, or that is being rebased; `nil` if no branch is.
    var branch: String? { checkout.branch }

    /// When it was made. Another one may be made later with the same name; this one's file is never written again.
    var made: String? {
        ModificationTime.of(gitDirectory + "/commondir").map { "\($0.tv_sec).\($0.tv_nsec)" }
    }

    private var checkout: GitCheckout { GitCheckout(directory: directory, gitDirectory: gitDirectory) }

    /// git in this worktree.
    var git: Git { Git(directory: directory) }

    /// What is being rebased just now.
    struct Rebase: Hashable, Sendable {
        /// The commit onto which it is rebased, and the step it has come to: another one is another stop.
        let step: String
    }

    /// The rebase that has begun here and not ended; `nil` if there is none.
    var rebase: Rebase? {
        for (directory, counter) in [("rebase-merge", "msgnum"), ("rebase-apply", "next")] {
            let path = "\(gitDirectory)/\(directory)"
            guard let onto = GitCheckout.firstLine(of: path + "/onto") else { continue }
            let step = GitCheckout.firstLine(of: "\(path)/\(counter)") ?? "0"
            return Rebase(step: "\(onto) \(step)")
        }
        return nil
    }

    /// The file in which git keeps the changes that `--autostash` put aside for a rebase that then didn't begin: it has
    /// checked out nothing yet, but it doesn't put them back, for example if a hook refuses. `nil` if there is none.
    var strandedAutostash: String? {
        guard rebase == nil else { return nil }
        return ["rebase-merge", "rebase-apply"].map { "\(gitDirectory)/\($0)/autostash" }
            .first(where: GitCheckout.isRegularFile)
    }

    /// The command that has stopped in the middle here, other than a rebase; `nil` if none has.
    var unfinishedCommand: String? {
        let commands = [("MERGE_HEAD", "merge"), ("CHERRY_PICK_HEAD", "cherry-pick"), ("REVERT_HEAD", "revert")]
        return commands.first { GitCheckout.isRegularFile("\(gitDirectory)/\($0.0)") }?.1
    }

    /// The files that are in conflict.
    func conflicts() async throws(GitError) -> [String] {
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
