// What is seen of tasks: real repositories, the records of a data directory, and that looking leaves no trace.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageStatus
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("What is seen of tasks", .apart)
struct TaskSightsTests {
    private let world: GitWorld

    init() async throws {
        world = try await GitWorld()
    }

    private func sights() -> TaskSights { TaskSights(in: DataDirectory(world.dataDirectory)) }

    private func place(_ task: TaskID) throws -> TaskStatus.Place { try #require(sights()[task].places.first) }

    @Test("has each worktree where it is now, with its branch, and how far it is behind main as of the last look")
    func places() async throws {
        try await world.addTask("a")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        let before = Timestamp.now
        #expect(try place("a").behind == 0)
        try await world.look()
        let seen = try place("a")
        #expect(seen.repository == world.path("repo") && seen.worktree == world.path("a"))
        #expect(
            seen.branch == "neuraphage/a" && seen.behind == 1 && !seen.isGone && !seen.isAway && seen.command == nil
        )
        // The state's time is that of the file system, which may be a tick behind the clock.
        #expect(try #require(seen.seen) > before - .seconds(1))
        let repository = try #require(sights().repositories.first)
        #expect(repository.main == "main" && !repository.isWatched)
        #expect(repository.commit == (try await world.head(of: "repo")))
    }

    @Test(
        "follows a worktree that was moved, and tells one that git has forgotten from one whose directory is not there"
    )
    func changedPlaces() async throws {
        for task in ["moved", "removed", "deleted"] { try await world.addTask(task) }
        try await world.look()
        try await world.git("worktree", "move", world.path("moved"), world.path("elsewhere"), in: "repo")
        try await world.git("worktree", "remove", world.path("removed"), in: "repo")
        try await world.remove("deleted")
        #expect(try place("moved").worktree == world.path("elsewhere"))
        #expect(try place("removed").isGone)
        let deleted = try place("deleted")
        #expect(deleted.isAway && !deleted.isGone)
        #expect(sights().all == ["moved", "deleted"])
    }

    @Test("shows a rebase that has stopped, and no longer when it was taken back")
    func rebase() async throws {
        try await world.addTask("a")
        try await world.look()
        try await world.commit("file", "main\n", in: "repo")
        try await world.commit("file", "branch\n", in: "a")
        #expect(try await !world.tryGit("rebase", "main", in: "a"))
        let stopped = try place("a")
        #expect(stopped.command == "rebase" && stopped.commandSince != nil && stopped.branch == "neuraphage/a")
        try await world.git("rebase", "--abort", in: "a")
        #expect(try place("a").command == nil)
        #expect(try await !world.tryGit("merge", "main", in: "a"))
        #expect(try place("a").command == "merge")
    }

    @Test("has the runs of a task, whether they live, and the main checkout only where something works")
    func runs() async throws {
        try await world.addTask("a")
        try await world.look()
        let record = try world.run("job", in: "a")
        let dead = try world.run("dead", in: "repo")
        let seen = sights()
        #expect(seen["job"].runs.map(\.presence) == [.alive] && seen["job"].begin == record.begin?.id)
        // What runs in a worktree is its task.
        #expect(seen["job"].places.map(\.worktree) == [world.path("a")])
        #expect(seen["dead"].places.map(\.worktree) == [world.path("repo")])
        _ = consume dead
        // A process that another test starts has the descriptor until it runs its program.
        try wait(for: "the record to be free") { sights()["dead"].runs.map(\.presence) == [.gone] }
        #expect(!sights().all.contains("repo"))
        _ = consume record
    }

    @Test("leaves no trace: nothing is written, locked, or told")
    func traces() async throws {
        try await world.addTask("a")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        try await world.git("worktree", "add", "-q", "--detach", world.path("new"), in: "repo")
        let before = try files(in: world.dataDirectory)
        #expect(sights()["new"].places.count == 1)
        #expect(try files(in: world.dataDirectory) == before)
    }

    /// All files in a directory, with what they hold.
    private func files(in directory: String) throws -> [String: String] {
        let system = RealFileSystem()
        var found: [String: String] = [:]
        for name in try system.names(in: directory) {
            let path = "\(directory)/\(name)"
            if system.isDirectory(path) {
                found.merge(try files(in: path)) { first, _ in first }
            } else {
                found[path] = (try? system.contents(of: path, atMost: 1 << 20)) ?? "?"
            }
        }
        return found
    }
}
