// What became of the work on a branch, told by its contents: whether main has it though it has none of its commits, what a
// rebase made of it, and which commits no branch has any more.
//
// Each question costs a few git processes, and is asked only when a branch has moved or gone, or when main has changed all
// files that the branch has. Nothing is written into the repository.

import NeuraphageEvents
package import NeuraphagePresentation
import NeuraphageSystem

extension GitRepository {
    /// How main has the contents of a branch whose commits it doesn't have.
    package struct Absorption: Hashable, Sendable {
        package enum Way: String, Sendable {
            /// As a whole, in a commit.
            case squashed
            /// Each commit as one that makes the same change.
            case rebased
        }

        /// The first commit on main that has all of it.
        package let commit: String
        package let way: Way
    }

    /// How many commits of main are looked at, the newest, and up to how many files of a branch git is told.
    private static let (mostCandidates, mostFiles) = (200, 500)

    /// How main has what a branch changed; `nil` if it has not, or that cannot be told. A branch that comes to no change has
    /// nothing that main could have.
    ///
    /// - Parameters:
    ///   - last: Where main was when this was asked last: what it had then it has not taken since.
    ///   - scratch: A directory for what git has to write; it need not exist, and is removed.
    package func absorption(
        of tip: String,
        into main: String,
        since last: String?,
        scratch: String
    ) async throws(OperationError) -> Absorption? {
        let base = try await git.run(["merge-base", main, tip])
        guard base.succeeded, base.line != tip else { return nil }
        let changed = try await git.run(["diff", "--name-only", "--no-renames", "-z", base.line, tip, "--"])
        let files = changed.output.split(separator: "\0").map(String.init)
        guard changed.succeeded, !files.isEmpty else { return nil }
        let paths = files.count > Self.mostFiles ? [] : files
        let line = try await git.run(
            [
                "--literal-pathspecs", "log", "--first-parent", "--no-show-signature", "--format=%H %T",
                "--max-count=\(Self.mostCandidates)", "\(base.line)..\(main)",
            ] + (last.map { ["^" + $0] } ?? []) + ["--"] + paths
        )
        guard line.succeeded else { return nil }
        let candidates = line.output.split(separator: "\n").map { $0.split(separator: " ").map(String.init) }
            .filter { $0.count == 2 }
        defer { try? self.files.removeTree(scratch) }
        for candidate in candidates.reversed() {
            // Merging the branch would change nothing.
            if try await merge(of: tip, onto: candidate[0], scratch: scratch) == candidate[1] {
                let isRebased = try await hasEachChange(of: tip, in: candidate[0])
                return Absorption(commit: candidate[0], way: isRebased ? .rebased : .squashed)
            }
        }
        guard try await hasEachChange(of: tip, in: main, orOne: true) else { return nil }
        return Absorption(commit: candidates.first?[0] ?? main, way: .rebased)
    }

    /// The tree that merging one commit onto another comes to; `nil` if they conflict.
    private func merge(of tip: String, onto commit: String, scratch: String) async throws(OperationError) -> String? {
        var git = git
        let objects = commonDirectory + "/objects"
        // A colon would end the path.
        if !objects.utf8.contains(UInt8(ascii: ":")), (try? files.makeDirectories(scratch)) != nil {
            git.scratch = (scratch, objects)
        }
        let answer = try await git.run(["merge-tree", "--write-tree", commit, tip])
        return answer.succeeded ? answer.line : nil
    }

    /// Whether main has a commit for each of a branch's commits that makes the same change.
    ///
    /// - Parameter orOne: Whether a branch of one commit counts: what is one and what is all of it is the same then.
    private func hasEachChange(of tip: String, in main: String, orOne: Bool = false) async throws(OperationError)
        -> Bool
    {
        let changes = try await changes(of: tip, comparedWith: main)
        return changes.count > (orOne ? 0 : 1) && changes.allSatisfy(\.isThere)
    }

    /// The commits that one has and another lacks, the oldest first, and whether the other has one that makes the same
    /// change.
    private func changes(
        of tip: String,
        comparedWith other: String
    ) async throws(OperationError) -> [(commit: String, isThere: Bool)] {
        let answer = try await git.run(["cherry", other, tip])
        return answer.output.split(separator: "\n").compactMap { line in
            let parts = line.split(separator: " ")
            return parts.count == 2 ? (String(parts[1]), parts[0] == "-") : nil
        }
    }

    // MARK: - Rebases and resets

    /// What a rebase made of a branch's patches.
    ///
    /// - Parameters:
    ///   - old: Where the branch was.
    ///   - new: Where it is.
    ///   - main: The commits that are not the branch's own.
    /// - Returns: How many make another change now than before, and how many there are no longer.
    package func patches(
        rebasedFrom old: String,
        to new: String,
        on main: String
    ) async throws(OperationError) -> (changed: Int, dropped: Int) {
        let missing = try await changes(of: old, comparedWith: new).count { !$0.isThere }
        guard missing > 0 else { return (0, 0) }
        let range = [
            "rev-list", "--left-only", "--cherry-pick", "--no-merges", "--count", "\(new)...\(old)", "^" + main,
        ]
        let made = Int(try await git.run(range).line) ?? 0
        let dropped = max(missing - made, 0)
        // Several patches that became one are not dropped.
        if dropped > 0, made > 0, try await changesTheSame(old, new, on: main) { return (missing, 0) }
        return (missing - dropped, dropped)
    }

    /// Whether two commits change the same, each compared with where main left it.
    private func changesTheSame(_ old: String, _ new: String, on main: String) async throws(OperationError) -> Bool {
        var changes: [String] = []
        for commit in [old, new] {
            let base = try await git.run(["merge-base", main, commit])
            guard base.succeeded else { return false }
            let format = ["diff", "--no-ext-diff", "--no-textconv", "--no-color", "--no-renames", "-U0"]
            let text = try await git.run(format + [base.line, commit, "--"]).output
            let lines = text.split(separator: "\n").filter { !$0.hasPrefix("index ") && !$0.hasPrefix("@@") }
            changes.append(lines.joined(separator: "\n"))
        }
        return changes[0] == changes[1]
    }

    /// The commits that no reference and no worktree has any more, though a branch had them, and whose changes it has not
    /// made again; the newest first.
    ///
    /// - Parameters:
    ///   - heads: Where the branch was.
    ///   - tip: Where it is.
    package func lost(from heads: [String], at tip: String) async throws(OperationError) -> [(
        commit: String, subject: String
    )] {
        let listing = try await git.run(
            [
                "log", "-z", "--max-count=1000", "--no-show-signature", "--encoding=UTF-8", "--format=%H %s",
            ] + heads + ["--not", tip, "--all", "--"]
        )
        guard listing.succeeded, !listing.output.isEmpty else { return [] }
        var kept: Set<String> = []
        for head in heads {
            for change in try await changes(of: head, comparedWith: tip) where change.isThere {
                kept.insert(change.commit)
            }
        }
        return listing.output.split(separator: "\0").compactMap { line in
            let parts = line.split(separator: " ", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
            return parts.count == 2 && !kept.contains(parts[0]) ? (parts[0], String(parts[1].prefix(200))) : nil
        }
    }
}

extension GitWorktree {
    /// Whether the files here are those of a commit, so that taking it from its branch has lost nothing yet. They need not
    /// be in the index any more.
    ///
    /// - Parameters:
    ///   - tip: Where the branch is now. Only the files in which the two differ are read.
    ///   - scratch: A file for git to write; it need not exist, and is removed.
    package func holds(_ commit: String, insteadOf tip: String, scratch: String) async throws(OperationError) -> Bool {
        let differing = try await git.run(["diff", "--name-only", "--no-renames", "-z", commit, tip, "--"])
        let paths = differing.output.split(separator: "\0").map(String.init)
        guard differing.succeeded, paths.count <= Self.mostFiles else { return false }
        // Commits that change nothing are lost all the same, unless others have come in their place.
        if paths.isEmpty { return try await !git.run(["merge-base", "--is-ancestor", tip, commit]).succeeded }
        var git = git
        git.index = scratch
        _ = try? files.makeDirectories(scratch.parentDirectory)
        defer { try? files.remove(scratch) }
        guard try await git.run(["read-tree", commit]).succeeded else { return false }
        let words = ["--literal-pathspecs", "diff", "--quiet", "--no-ext-diff", "--no-textconv", "--"]
        return try await git.run(words + paths).succeeded
    }

    /// How many files git is told.
    private static let mostFiles = 500

    /// The commit that is being merged here, in a merge that has stopped; `nil` if none is.
    package var merged: String? { files.firstLine(of: gitDirectory + "/MERGE_HEAD") }
}

extension FileSystem {
    /// Removes a directory with all that is in it.
    fileprivate func removeTree(_ path: String) throws {
        for name in try names(in: path) {
            let entry = path + "/" + name
            if isDirectory(entry) { try removeTree(entry) } else { try remove(entry) }
        }
        try removeDirectory(path)
    }
}
