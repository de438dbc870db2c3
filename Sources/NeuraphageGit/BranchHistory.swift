// How a branch came to where it is. Its commits alone don't tell: a branch that was made at a commit of main and one whose
// only commit main was moved to look the same. git writes down each move of a branch (git-reflog), in a file that costs no
// process to read.

import NeuraphageEvents

/// The moves of a branch that git has written down.
package struct BranchHistory {
    private static let mostBytes = 16 << 20

    /// A line of the file.
    private struct Move {
        let old: Substring
        let new: Substring
        let message: Substring

        /// `OLD NEW NAME <ADDRESS> SECONDS ZONE<tab>MESSAGE`
        init?(_ line: Substring) {
            guard let tab = line.firstIndex(of: "\t") else { return nil }
            let parts = line[..<tab].split(separator: " ", maxSplits: 2)
            guard parts.count == 3 else { return nil }
            (old, new, message) = (parts[0], parts[1], line[line.index(after: tab)...])
        }
    }

    private let moves: [Move]

    /// The history of a branch; empty if git keeps none for it.
    package init(of branch: String, in repository: GitRepository) {
        let path = "\(repository.commonDirectory)/logs/refs/heads/\(branch)"
        let text = (try? repository.files.contents(of: path, atMost: Self.mostBytes)) ?? ""
        moves = text.split(separator: "\n").compactMap(Move.init)
    }

    /// Whether the commit at which the branch is was made on it, rather than found elsewhere: `false` if the branch was
    /// made there, `nil` if git doesn't say.
    package func hasMade(_ commit: String) -> Bool? {
        // A renamed branch stays where it is.
        guard let last = moves.last(where: { $0.old != $0.new }), last.new == commit else { return nil }
        let message = last.message
        if message.hasPrefix("branch: Created") { return false }
        if message.hasSuffix("Fast-forward") || message.hasPrefix("reset:") { return nil }
        // A rebase of nothing ends where it was rebased onto.
        if message.contains("(finish)") || message.hasPrefix("rebase finished") { return !message.hasSuffix(commit) }
        let making = ["commit", "cherry-pick", "revert", "am", "merge", "pull"]
        return making.contains { message.hasPrefix($0) } ? true : nil
    }

    /// The commit to which the branch was moved when another one was merged into it; `nil` if that is not known to have
    /// happened after it was at `commit`.
    package func merge(of branch: String, after commit: String) -> String? {
        guard let start = moves.lastIndex(where: { $0.new == commit }) else { return nil }
        return moves[(start + 1)...].last { $0.message.hasPrefix("merge \(branch):") }.map { String($0.new) }
    }
}
