// How a branch came to where it is. Its commits alone don't tell: a branch that was made at a commit of main and one whose
// only commit main was moved to look the same, and so do a rebase that dropped a commit and a reset that threw it away. git
// writes down each move of a branch (git-reflog), in a file that costs no process to read.
//
// git prunes that file, and need not keep one. So what isn't in it has not been proved not to have happened.

import NeuraphageEvents

/// The moves of a branch that git has written down.
package struct BranchHistory {
    private static let mostBytes = 16 << 20

    /// What moved a branch.
    package enum Way: Hashable, Sendable {
        /// A rebase, also one that had nothing to do.
        case rebase
        /// A reset, or a command that gives the branch another start: nothing is kept of where it was.
        case reset
        /// A merge or a pull.
        case merge
        /// A commit, or something else that goes on from where it was, or replaces one commit by another.
        case other
    }

    /// A move of a branch: a line of the file.
    package struct Move: Sendable {
        package let old: String
        package let new: String
        let message: Substring
        /// Where its line ends in the file.
        let end: Int

        /// `OLD NEW NAME <ADDRESS> SECONDS ZONE<tab>MESSAGE`; git writes no tab where there is no message.
        init?(_ line: Substring, until end: Int) {
            let halves = line.split(separator: "\t", maxSplits: 1, omittingEmptySubsequences: false)
            let parts = halves[0].split(separator: " ", maxSplits: 2)
            guard parts.count == 3 else { return nil }
            (old, new, message) = (String(parts[0]), String(parts[1]), halves.count > 1 ? halves[1] : "")
            self.end = end
        }

        package var way: Way {
            if message.contains("(finish)") || message.hasPrefix("rebase finished") { return .rebase }
            if message.hasPrefix("reset:") || message.hasPrefix("branch: Reset") { return .reset }
            return message.hasPrefix("merge") || message.hasPrefix("pull") ? .merge : .other
        }
    }

    private let moves: [Move]
    /// How long the file is: longer than before if the branch has moved, also if it is back where it was.
    package let length: Int

    /// The history of a branch; empty if git keeps none for it.
    package init(of branch: String, in repository: GitRepository) {
        let text =
            (try? repository.files.contents(of: Self.path(of: branch, in: repository), atMost: Self.mostBytes)) ?? ""
        self.init(text)
    }

    init(_ text: String) {
        var end = 0
        moves = text.split(separator: "\n", omittingEmptySubsequences: false).compactMap { line in
            end += line.utf8.count + 1
            return Move(line, until: end)
        }
        length = text.utf8.count
    }

    private static func path(of branch: String, in repository: GitRepository) -> String {
        "\(repository.commonDirectory)/logs/refs/heads/\(branch)"
    }

    /// How long the file is, without reading it; 0 if there is none.
    package static func length(of branch: String, in repository: GitRepository) -> Int {
        Int((try? repository.files.status(at: path(of: branch, in: repository), followingLinks: true).size) ?? 0)
    }

    /// Whether the commit at which the branch is was made on it, rather than found elsewhere: `false` if the branch was
    /// made there, `nil` if git doesn't say.
    package func hasMade(_ commit: String) -> Bool? {
        // A renamed branch stays where it is.
        guard let last = moves.last(where: { $0.old != $0.new }), last.new == commit else { return nil }
        let message = last.message
        if message.hasPrefix("branch: Created") { return false }
        if message.hasSuffix("Fast-forward") || last.way == .reset { return nil }
        // A rebase of nothing ends where it was rebased onto.
        if last.way == .rebase { return !message.hasSuffix(commit) }
        let making = ["commit", "cherry-pick", "revert", "am", "merge", "pull"]
        return making.contains { message.hasPrefix($0) } ? true : nil
    }

    /// The commit to which the branch was moved when another one was merged into it; `nil` if that is not known to have
    /// happened after it was at `commit`.
    package func merge(of branch: String, after commit: String) -> String? {
        guard let start = moves.lastIndex(where: { $0.new == commit }) else { return nil }
        return moves[(start + 1)...].last { $0.message.hasPrefix("merge \(branch):") }.map { $0.new }
    }

    /// How the branch came from one commit to another.
    ///
    /// - Parameters:
    ///   - old: Where it was.
    ///   - length: How long the file was then, if that is known: the branch may have come back to where it was.
    ///   - new: Where it is.
    /// - Returns: `nil` if git doesn't say: the file was pruned, or the branch was moved without it.
    package func moves(from old: String, at length: Int?, to new: String) -> [Move]? {
        guard moves.last?.new == new else { return nil }
        if let length, let last = moves.firstIndex(where: { $0.end == length }), moves[last].new == old {
            return Array(moves[(last + 1)...])
        }
        if let start = moves.lastIndex(where: { $0.new == old }) { return Array(moves[(start + 1)...]) }
        // What came before has been pruned.
        return moves.firstIndex { $0.old == old }.map { Array(moves[$0...]) }
    }
}
