// How far branches are from main, for all of them at once: two git processes list the commits that are not common to all,
// and the rest is counted here. One process for each question about each branch would make a look at 500 worktrees take
// ten seconds.

package import NeuraphagePresentation
import NeuraphageSystem

/// What a branch lacks of main, and whether it has what main lacks.
package struct BranchDistance: Hashable, Sendable {
    /// How many commits it lacks of main.
    package let behind: Int
    /// The latest five of them, newest first, as `abc1234: Subject`.
    package let latest: [String]
    /// Whether it has commits that main lacks.
    package let isAhead: Bool
    /// Whether main may have what those commits change: it has changed the same files. `nil` if that was not looked at.
    package let mayBeTaken: Bool?
}

extension GitRepository {
    /// How many commits are counted here. Beyond that git counts, branch by branch.
    private static let mostCommits = 5_000

    /// How far some commits are from main. Equal ones are asked about once.
    ///
    /// - Throws: ``OperationError`` if git knows one of them no longer.
    package func distances(of tips: Set<String>, from main: String) async throws(OperationError) -> [String:
        BranchDistance]
    {
        var distances: [String: BranchDistance] = [:]
        var groups = [Array(tips.subtracting([main])).sorted()]
        if tips.contains(main) { distances[main] = BranchDistance.none }
        while let group = groups.popLast(), let first = group.first {
            if let graph = try await graph(of: group, and: main) {
                for tip in group { distances[tip] = graph.distance(of: tip, from: main) }
            } else if group.count == 1 {
                distances[first] = try await distance(of: first, from: main)
            } else {
                // One that has nothing in common with the others, or is far away, must not make all of them slow.
                groups += [Array(group[..<(group.count / 2)]), Array(group[(group.count / 2)...])]
            }
        }
        return distances
    }

    /// The commits that are not common to all of these; `nil` if they have none in common, or there are too many.
    private func graph(of tips: [String], and main: String) async throws(OperationError) -> CommitGraph? {
        let base = try await git.run(["merge-base", "--octopus", main] + tips)
        guard base.succeeded else { return nil }
        let listing = try await git.read(
            "log",
            "-z",
            "--max-count=\(Self.mostCommits)",
            "--no-show-signature",
            "--encoding=UTF-8",
            "--no-renames",
            "--name-only",
            "--format=\(CommitGraph.format)",
            arguments: [main] + tips + ["^" + base.line, "--"]
        )
        let graph = CommitGraph(listing)
        return graph.count < Self.mostCommits ? graph : nil
    }

    private func distance(of tip: String, from main: String) async throws(OperationError) -> BranchDistance {
        let count = try await git.read("rev-list", "--left-right", "--count", "\(tip)...\(main)", "--")
        let numbers = count.split { $0 == "\t" || $0 == "\n" }.compactMap { Int($0) }
        guard numbers.count == 2 else {
            throw OperationError(.git, "git cannot compare \(tip) and \(main) in \(path)")
        }
        let latest = try await git.read(
            "log",
            "-z",
            "--max-count=\(CommitGraph.mostSubjects)",
            "--no-show-signature",
            "--encoding=UTF-8",
            "--format=%h: %s",
            "\(tip)..\(main)",
            "--"
        )
        return BranchDistance(
            behind: numbers[1],
            latest: latest.split(separator: "\0").map { String($0.prefix(CommitGraph.longestSubject)) },
            isAhead: numbers[0] > 0,
            mayBeTaken: nil
        )
    }
}

extension BranchDistance {
    /// That of main itself.
    package static let none = BranchDistance(behind: 0, latest: [], isAhead: false, mayBeTaken: false)
}

/// Commits, their parents, and the files that they change, in the order of `git log`.
struct CommitGraph {
    /// A commit begins with a character that begins no path in practice; one that does makes two commits of one.
    static let format = "%x02%H%x01%P%x01%h: %s"
    static let mostSubjects = 5
    static let longestSubject = 200

    private var indexes: [Substring: Int] = [:]
    private var parents: [[Int]] = []
    private var subjects: [Substring] = []
    private var files: [[Substring]] = []

    /// - Parameter listing: What `git log -z --name-only` printed in this format.
    init(_ listing: String) {
        var ancestors: [Substring] = []
        for part in listing.split(separator: "\0") {
            guard part.first == "\u{2}" else {
                if !files.isEmpty { files[files.count - 1].append(part.first == "\n" ? part.dropFirst() : part) }
                continue
            }
            let line = part.dropFirst().split(separator: "\u{1}", maxSplits: 2, omittingEmptySubsequences: false)
            guard line.count == 3 else { continue }
            indexes[line[0]] = subjects.count
            ancestors.append(line[1])
            subjects.append(line[2])
            files.append([])
        }
        // A parent that is not listed is common to all.
        parents = ancestors.map { $0.split(separator: " ").compactMap { indexes[$0] } }
    }

    var count: Int { subjects.count }

    /// What a commit has of these.
    private func history(of commit: String) -> [Bool] {
        var isReached = [Bool](repeating: false, count: count)
        var next = indexes[Substring(commit)].map { [$0] } ?? []
        while let index = next.popLast() {
            if isReached[index] { continue }
            isReached[index] = true
            next += parents[index]
        }
        return isReached
    }

    func distance(of tip: String, from main: String) -> BranchDistance {
        let (here, there) = (history(of: tip), history(of: main))
        let missing = subjects.indices.filter { there[$0] && !here[$0] }
        let own = subjects.indices.filter { here[$0] && !there[$0] }
        let changed = Set(own.flatMap { files[$0] })
        return BranchDistance(
            behind: missing.count,
            latest: missing.prefix(Self.mostSubjects).map { String(subjects[$0].prefix(Self.longestSubject)) },
            isAhead: !own.isEmpty,
            mayBeTaken: !changed.isEmpty && changed.isSubset(of: missing.flatMap { files[$0] })
        )
    }
}
