// How far branches are from main, all at once and as git counts them one by one.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("The distance of branches from main", .apart)
struct BranchDistanceTests {
    @Test("is what git counts for each: behind, ahead, both, merged, main itself, and without anything in common")
    func asGitCounts() async throws {
        let world = try await GitWorld()
        let start = try await world.head(of: "repo")
        for number in 1...7 {
            try await world.commit("file", "new \(number)\n", in: "repo", subject: "Number \(number)")
        }
        try await world.git("switch", "-q", "-c", "one", "main~3", in: "repo")
        try await world.commit("one", "1\n", in: "repo")
        try await world.git("switch", "-q", "-c", "two", in: "repo")
        try await world.git("merge", "-q", "--no-edit", "main~1", in: "repo")
        try await world.git("switch", "-q", "--orphan", "alone", in: "repo")
        try await world.commit("alone", "1\n", in: "repo")
        try await world.git("switch", "-q", "main", in: "repo")
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "one", in: "repo")

        let repository = try await world.observer().repository
        let main = try await world.head(of: "repo")
        var tips = [start, main]
        for name in ["one", "two", "alone", "main~1"] {
            tips.append(try await world.git("rev-parse", name, in: "repo"))
        }
        let distances = try await repository.distances(of: Set(tips), from: main)
        for tip in tips {
            func count(_ range: String) async throws -> Int {
                Int(try await world.git("rev-list", "--count", range, in: "repo")) ?? -1
            }
            let distance = try #require(distances[tip])
            let (behind, ahead) = (try await count("\(tip)..\(main)"), try await count("\(main)..\(tip)"))
            #expect(distance.behind == behind)
            #expect(distance.isAhead == (ahead > 0))
            let latest = try await world.git("log", "--max-count=5", "--format=%h: %s", "\(tip)..\(main)", in: "repo")
            #expect(distance.latest.sorted() == latest.split(separator: "\n").map(String.init).sorted())
        }
    }

    @Test("says that main may have what a branch changes only where it has changed the same files")
    func mayBeTaken() {
        func commit(_ name: String, _ parents: String, _ files: String...) -> String {
            "\u{2}\(name)\u{1}\(parents)\u{1}A\u{1}\(name): subject\0" + (files.isEmpty ? "" : "\n")
                + files.map { $0 + "\0" }.joined()
        }
        let graph = CommitGraph(
            commit("main", "m1", "a", "b") + commit("t1", "base", "a") + commit("t2", "base", "a", "c")
                + commit("m1", "base", "d") + commit("t3", "base")
        )
        #expect(graph.count == 5)
        let taken = ["t1", "t2", "t3"].map { graph.distance(of: $0, from: "main") }
        #expect(taken.map(\.mayBeTaken) == [true, false, false])
        #expect(taken.allSatisfy { $0.behind == 2 && $0.isAhead })
        #expect(taken[0].latest == ["main: subject", "m1: subject"])
    }
}
