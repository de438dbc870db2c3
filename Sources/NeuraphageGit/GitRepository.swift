// A repository with all its worktrees. Where they are and what is checked out in them is read from the files that git
// documents in gitrepository-layout(5) and git-worktree(1): it is asked after every change, and costs no process. Where
// references point is git's to say, in one command, because there are several ways to store them.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
import NeuraphageSystem

/// A repository, bare or not.
package struct GitRepository: Sendable {
    /// What all worktrees share: `.git` of the main one, or the bare repository itself.
    package let commonDirectory: String
    /// The main worktree's directory, or the bare repository's: the path by which people know the repository.
    package let path: String
    package let isBare: Bool
    /// What somebody said that the main branch is called: `neuraphage.main` in git's configuration.
    package let mainName: String?
    /// What the main branch of a new repository is called: `init.defaultBranch`.
    package let usualMainName: String?

    /// The door to git's files.
    package let files: any FileSystem

    /// The repository that a directory lies in.
    ///
    /// - Throws: ``OperationError`` if there is none.
    package init(containing directory: String, in files: any FileSystem) async throws(OperationError) {
        self.files = files
        guard let directory = try files.resolvedText(directory) else {
            throw OperationError(
                .git,
                "there is no directory \(directory)"
            )
        }
        let answer = try await Git(directory: directory).run([
            "rev-parse", "--path-format=absolute", "--git-common-dir",
        ])
        guard answer.succeeded else {
            throw OperationError(.git, "\(directory) lies in no git repository that can be read: \(answer.complaint)")
        }
        commonDirectory = answer.text
        guard !commonDirectory.utf8.contains(UInt8(ascii: "\n")) else {
            throw OperationError(
                .git,
                "the path of the repository holds a line break",
                hint: "move it to another place"
            )
        }
        // Bytes that are not UTF-8 were replaced when git's answer was read, and lead nowhere.
        guard !commonDirectory.unicodeScalars.contains("\u{FFFD}") || files.exists(commonDirectory) else {
            throw OperationError(
                .git,
                "the path of the repository, \(commonDirectory), is not UTF-8, and np knows only paths that are",
                hint: "rename what isn't"
            )
        }
        guard !files.exists(commonDirectory + "/reftable") else {
            throw OperationError(
                .git,
                "\(commonDirectory) keeps its references in the format reftable, which np cannot read",
                hint: "git refs migrate --ref-format=files changes that"
            )
        }
        let git = Git(directory: commonDirectory, gitDirectory: commonDirectory)
        let settings = try await Self.settings(with: git)
        isBare = settings["core.bare"].map(Self.isTrue) ?? false
        // As git worktree list says it, which takes the longer, the more worktrees there are.
        let place = commonDirectory.hasSuffix("/.git") ? commonDirectory.parentDirectory : commonDirectory
        // In a submodule that is the repository, though its configuration says where the worktree is.
        let isSubmodule = !isBare && place == commonDirectory
        let top = isSubmodule ? try await git.run(["rev-parse", "--show-toplevel"]) : nil
        path = top.flatMap { $0.succeeded ? $0.line : nil } ?? place
        mainName = settings["neuraphage.main"]
        usualMainName = settings["init.defaultbranch"]
    }

    /// What git's configuration says that a repository needs to be understood, by name; `true` where it says only the name.
    private static func settings(with git: Git) async throws(OperationError) -> [String: String] {
        let names = #"^(core\.bare|neuraphage\.main|init\.defaultbranch)$"#
        let answer = try await git.run(["config", "--get-regexp", names])
        // git ends with 1 if none is set.
        guard answer.code <= 1 else {
            throw OperationError(.git, "cannot read git's configuration of \(git.directory): \(answer.complaint)")
        }
        var settings: [String: String] = [:]
        for line in answer.output.utf8.split(separator: UInt8(ascii: "\n")) {
            let parts = line.split(separator: UInt8(ascii: " "), maxSplits: 1, omittingEmptySubsequences: false)
                .map { String(Substring($0)) }
            settings[parts[0]] = parts.count > 1 ? parts[1] : "true"
        }
        return settings
    }

    /// Whether a setting says that something is so, by a word or a number (git-config(1)).
    private static func isTrue(_ setting: String) -> Bool {
        ["true", "yes", "on"].contains(setting.lowercased()) || Int(setting).map { $0 != 0 } ?? false
    }

    /// git for what concerns no worktree.
    ///
    /// It runs where people run it: the address of a remote may be a path that is relative to there.
    package var git: Git { Git(directory: path, gitDirectory: commonDirectory) }

    /// Its identity; `nil` if nobody needed one yet.
    package var id: RepositoryID? { RepositoryID(of: commonDirectory, making: false, in: files) }

    /// The worktrees that git knows.
    package struct Worktrees: Sendable {
        /// Those whose directories are there: the main one, then the linked ones by their names. One that is locked is there
        /// as well, because git has been told that its disk comes and goes, and so is one that cannot be looked at.
        package let there: [GitWorktree]
        /// The others: removed by hand, moved, or on a disk that is not mounted.
        package let away: [GitWorktree]
    }

    /// Lists the worktrees.
    ///
    /// - Throws: ``OperationError`` if they cannot be read. What cannot be read has not gone.
    package func listWorktrees() throws(OperationError) -> Worktrees {
        let main = isBare ? nil : GitWorktree(name: "", directory: path, gitDirectory: commonDirectory, in: files)
        var (there, away) = (main.map { [$0] } ?? [], [GitWorktree]())
        for worktree in try GitWorktree.linked(to: commonDirectory, in: files) {
            if worktree.isAway { away.append(worktree) } else { there.append(worktree) }
        }
        return Worktrees(there: there, away: away)
    }

    /// The worktrees whose directories are there; none if they cannot be read.
    package var worktrees: [GitWorktree] { (try? listWorktrees())?.there ?? [] }

    /// Where references point.
    ///
    /// - Parameter patterns: Full names, or patterns in which `*` stands for one part of a name.
    package func references(_ patterns: [String]) async throws(OperationError) -> GitReferences {
        let answer = try await git.run(["for-each-ref", GitReferences.format] + patterns)
        guard answer.succeeded else {
            throw OperationError(
                .git,
                "cannot read the references of \(path): \(answer.complaint)"
            )
        }
        return GitReferences(answer.output)
    }
}

// MARK: - History

extension GitRepository {
    /// The commit of a branch; `nil` if there is no such branch.
    package func tip(of branch: String) async throws(OperationError) -> String? {
        try await references(["refs/heads/\(branch)"])["refs/heads/\(branch)"]
    }

    /// Whether `descendant` has everything that `ancestor` has. No, if git knows one of them no longer.
    package func contains(_ descendant: String, _ ancestor: String) async throws(OperationError) -> Bool {
        if descendant == ancestor { return true }
        return try await git.run(["merge-base", "--is-ancestor", ancestor, descendant]).succeeded
    }

    /// The commit on main by which a commit came into it: the first of main's own line that has it.
    package func merge(of commit: String, into main: String) async throws(OperationError) -> String {
        let line = try await git.read("rev-list", "--first-parent", "--reverse", "\(commit)..\(main)", "--")
        let commits = line.split(separator: "\n").map(String.init)
        // All that come behind the first one that has it have it, too.
        var (low, high) = (0, commits.count)
        while low < high {
            let middle = (low + high) / 2
            if try await contains(commits[middle], commit) { high = middle } else { low = middle + 1 }
        }
        guard low < commits.count else { return commit }
        // A commit that main went on from is its own merge: main was moved to it.
        let parent = try await git.run(["rev-parse", "--verify", "--quiet", "\(commits[low])^1"]).line
        return parent == commit ? commit : commits[low]
    }

    /// Whether main went through a commit itself, rather than merging it.
    package func isOnFirstParentLine(_ commit: String, of main: String) async throws(OperationError) -> Bool {
        try await merge(of: commit, into: main) == commit
    }
}
