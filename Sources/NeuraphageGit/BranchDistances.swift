// How far branches are from main, for all of them at once: two git processes list the commits that are not common to all,
// and the rest is counted here. One process for each question about each branch would make a look at 500 worktrees take
// ten seconds.

package import NeuraphageEvents
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

/// Branches compared with main.
package struct MainComparison: Sendable {
    /// How far they are from it, by their commits.
    package fileprivate(set) var distances: [String: BranchDistance] = [:]
    /// What has come into main; `nil` if that was not asked, or git no longer has the commit where it was.
    package fileprivate(set) var move: MainMove?
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
        try await comparison(of: tips, with: main).distances
    }

    /// The same, and what has come into main since it was elsewhere: the listing of the one tells the other as well.
    ///
    /// - Parameter previous: Where main was.
    /// - Throws: ``OperationError`` if git knows one of the tips no longer.
    package func comparison(
        of tips: Set<String>,
        with main: String,
        since previous: String? = nil
    ) async throws(OperationError) -> MainComparison {
        var comparison = MainComparison()
        if tips.contains(main) { comparison.distances[main] = BranchDistance.none }
        let others = Array(tips.subtracting([main])).sorted()
        if let previous, !others.isEmpty, let graph = try await graph(of: others + [previous], and: main) {
            for tip in others { comparison.distances[tip] = graph.distance(of: tip, from: main) }
            comparison.move = graph.move(from: previous, to: main)
            return comparison
        }
        comparison.distances.merge(try await distances(ofEach: others, from: main)) { _, new in new }
        if let previous { comparison.move = await move(from: previous, to: main) }
        return comparison
    }

    /// What has come into main; `nil` if git no longer has the commit where it was.
    private func move(from previous: String, to main: String) async -> MainMove? {
        guard let listing = try? await listing(["\(previous)...\(main)"]) else { return nil }
        let graph = CommitGraph(listing)
        return graph.move(from: previous, to: main)
    }

    /// Commits, and the files that they change.
    private func listing(_ words: [String], files: [String]? = nil) async throws(OperationError) -> String {
        let options = files == nil ? [] : ["--literal-pathspecs"]
        let answer = try await git.run(
            options + [
                "log", "-z", "--max-count=\(Self.mostCommits)", "--no-show-signature", "--encoding=UTF-8",
                "--no-renames", "--name-only", "--format=\(CommitGraph.format)",
            ] + words + ["--"] + (files ?? [])
        )
        guard answer.succeeded else {
            throw OperationError(.git, "git log failed in \(path): \(answer.complaint)")
        }
        return answer.output
    }

    /// For the first of some files, the commits that one commit lacks of another and that change the file. Costs one
    /// process; nothing if git cannot tell.
    package func commits(touching files: [String], from tip: String, to other: String) async -> [TouchedFile] {
        let files = Array(files.prefix(TouchedFile.mostFiles))
        guard !files.isEmpty, let listing = try? await listing(["\(tip)..\(other)"], files: files) else { return [] }
        let graph = CommitGraph(listing)
        return files.map(graph.commits)
    }

    private func distances(ofEach tips: [String], from main: String) async throws(OperationError) -> [String:
        BranchDistance]
    {
        var distances: [String: BranchDistance] = [:]
        var groups = [tips]
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
        let graph = CommitGraph(try await listing([main] + tips + ["^" + base.line]))
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
    static let format = "%x02%H%x01%P%x01%an%x01%h: %s"
    static let mostSubjects = 5
    static let longestSubject = 200

    private var indexes: [Substring: Int] = [:]
    private var parents: [[Int]] = []
    private var names: [Substring] = []
    private var authors: [Substring] = []
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
            let line = part.dropFirst().split(separator: "\u{1}", maxSplits: 3, omittingEmptySubsequences: false)
            guard line.count == 4 else { continue }
            indexes[line[0]] = subjects.count
            names.append(line[0])
            ancestors.append(line[1])
            authors.append(line[2])
            subjects.append(line[3])
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

    /// What has come into main.
    func move(from previous: String, to main: String) -> MainMove {
        let (before, now) = (history(of: previous), history(of: main))
        let incoming = subjects.indices.filter { now[$0] && !before[$0] }
        var known: Set<Substring> = []
        let changed = incoming.flatMap { files[$0] }.filter { known.insert($0).inserted }
        let latest = incoming.first { names[$0] == main } ?? incoming.first
        return MainMove(
            isForced: subjects.indices.contains { before[$0] && !now[$0] },
            count: incoming.count,
            subject: latest.map(subject(of:)),
            author: latest.map { String(authors[$0]) },
            files: changed.prefix(MainMove.mostFiles).map(String.init),
            fileCount: changed.count
        )
    }

    /// The commits that change a file.
    func commits(touching file: String) -> TouchedFile {
        let touching = subjects.indices.filter { files[$0].contains(Substring(file)) }
        let latest = touching.prefix(TouchedFile.mostCommits).map { index in
            (commit: String(names[index]), subject: subject(of: index), author: String(authors[index]))
        }
        return TouchedFile(path: file, commits: latest, count: touching.count)
    }

    /// The first line of a commit's message.
    private func subject(of index: Int) -> String {
        // After the commit's short name.
        String(subjects[index].drop { $0 != " " }.dropFirst())
    }
}
