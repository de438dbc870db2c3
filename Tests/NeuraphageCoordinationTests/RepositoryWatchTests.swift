// Watching: what happens is said as it happens, by whoever watches, once.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("A watcher", .apart)
struct RepositoryWatchTests {
    /// Watches while `body` runs. It gets what is said as it comes.
    private func watching(
        _ world: GitWorld,
        fetchingEvery interval: Duration? = nil,
        _ body: (_ next: () async throws -> String?) async throws -> Void
    ) async throws {
        let bus = try world.openBus()
        let events = bus.subscribe()
        let watch = RepositoryWatch(try await world.observer(), fetchInterval: interval)
        let (notices, notice) = AsyncStream<String>.makeStream()
        let watching = Task { try await watch.run(publishingTo: bus) { notice.yield($0.description) } }
        try await within("the watcher to say that it watches") {
            for await notice in notices where notice.hasPrefix("watching ") { break }
        }
        try await body {
            guard let event = try await within("what the watcher says next", { await events.next() })?.event else {
                return nil
            }
            return GitWorld.text(event)
        }
        watching.cancel()
        _ = try await within("the watcher to end") { await watching.result }
        bus.close()
    }

    @Test("says that main moved and who is behind, as soon as it happens")
    func local() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try world.begin("t-1")
        let one = try await world.head(of: "repo")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await watching(world) { next in
            let two = try await world.commit("file", "2\n", in: "repo")
            #expect(try await next() == "MainUpdated \(one.short)..\(two.short)")
            #expect(try await next() == "RebaseRequired t-1 1")
            try world.readEverything()
            try await world.git("rebase", "-q", "main", in: "t-1")
            let new = try await world.head(of: "t-1")
            #expect(try await next() == "RebaseCompleted t-1 \(old.short)..\(new.short)")
            try await world.addTask("t-2")
            try world.begin("t-2")
            try await world.commit("file", "3\n", in: "t-2")
            let three = try await world.commit("file", "4\n", in: "repo")
            #expect(try await next() == "MainUpdated \(two.short)..\(three.short)")
            #expect(try await next() == "RebaseRequired t-1 1")
            #expect(try await next() == "RebaseRequired t-2 1")
            _ = try await world.tryGit("rebase", "main", in: "t-2")
            #expect(try await next() == "RebaseConflict t-2 file")
        }
        #expect(try world.events().count == 7)
    }

    @Test("notices branches of any depth, packed references, and worktrees that are made meanwhile")
    func depths() async throws {
        let world = try await GitWorld()
        try world.begin("team/deep/t-1")
        try await watching(world) { next in
            try await world.git(
                "worktree",
                "add",
                "-q",
                "-b",
                "neuraphage/team/deep/t-1",
                world.path("tree"),
                in: "repo"
            )
            try await world.git("pack-refs", "--all", in: "repo")
            try await world.commit("file", "2\n", in: "repo")
            #expect(try await next()?.hasPrefix("MainUpdated ") == true)
            #expect(try await next() == "RebaseRequired team/deep/t-1 1")
            try world.readEverything()
            try await world.git("pack-refs", "--all", in: "repo")
            try await world.git("rebase", "-q", "main", in: "tree")
            #expect(try await next()?.hasPrefix("RebaseCompleted team/deep/t-1 ") == true)
        }
    }

    @Test(
        "ends when its repository is moved away, whether it fetches or not",
        arguments: [nil, Duration.seconds(3_600)]
    )
    func movedAway(interval: Duration?) async throws {
        let world = try await GitWorld()
        let bus = try world.openBus()
        let watch = RepositoryWatch(try await world.observer(), fetchInterval: interval)
        let (notices, notice) = AsyncStream<String>.makeStream()
        let watching = Task { try await watch.run(publishingTo: bus) { notice.yield($0.description) } }
        try await within("the watcher to say that it watches") {
            for await notice in notices where notice.hasPrefix("watching ") { break }
        }
        try world.directory.rename("repo", to: "away")
        let result = try await within("the watcher to end") { await watching.result }
        #expect(throws: OperationError.self) { try result.get() }
        bus.close()
    }

    @Test("the daemon's watches take a repository up again that comes back, and say how it stands")
    func comingBack() async throws {
        let world = try await GitWorld()
        let bus = try world.openBus()
        let watches = RepositoryWatches(
            [world.path("repo")],
            in: DataDirectory(world.dataDirectory),
            fetchInterval: .seconds(3_600)
        )
        try RealFileSystem().makeDirectories(world.dataDirectory)
        let watching = Task { try await watches.run(publishingTo: bus) { _ in } }
        func state() -> RepositoryWatches.Status.State? { watches.statuses.first?.state }
        try wait(for: "the repository to be watched") { state() == .watched }
        try world.directory.rename("repo", to: "away")
        try wait(for: "the repository to be absent") { state() == .absent }
        try world.directory.rename("away", to: "repo")
        try wait(for: "the repository to be watched again") { state() == .watched }
        let events = bus.subscribe()
        try await world.commit("file", "2\n", in: "repo")
        let event = try await within("main to be seen") { await events.next() }?.event
        #expect(event?.kind == .mainUpdated)
        watching.cancel()
        _ = await watching.result
        bus.close()
    }

    @Test("fetches main again and again, and nothing but main, and leaves everything else as it was")
    func fetching() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        try await world.git("push", "-q", "origin", "HEAD:refs/heads/topic", in: "other")
        try await world.git("tag", "v1", in: "other")
        try world.directory.unlink("repo/.git/FETCH_HEAD")
        try await watching(world, fetchingEvery: .milliseconds(50)) { next in
            let two = try await world.push("file", "2\n")
            try await world.git("push", "-q", "origin", "v1", in: "other")
            #expect(try await next() == "MainUpdated \(one.short)..\(two.short)")
            let three = try await world.push("file", "3\n")
            #expect(try await next() == "MainUpdated \(two.short)..\(three.short)")
        }
        let references = try await world.git("for-each-ref", "--format=%(refname)", in: "repo")
        #expect(references == "refs/heads/main\nrefs/neuraphage/remotes/origin/main\nrefs/remotes/origin/main")
        #expect(!world.directory.exists("repo/.git/FETCH_HEAD"))
        // What the user's git compares before it moves it.
        #expect(try await world.git("rev-parse", "origin/main", in: "repo") == one)
    }

    @Test("moves no branch here when it fetches, though the remote's configuration says that all follow")
    func mirror() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        try await world.git("config", "remote.origin.fetch", "+refs/*:refs/*", in: "repo")
        try await world.git("switch", "-q", "--detach", in: "repo")
        try await watching(world, fetchingEvery: .milliseconds(50)) { next in
            let two = try await world.push("file", "2\n")
            #expect(try await next() == "MainUpdated \(one.short)..\(two.short)")
        }
        #expect(try await world.git("rev-parse", "main", in: "repo") == one)
    }

    @Test("notices what is fetched of a main with slashes in its name")
    func deepMain() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("branch", "-m", "main", "team/trunk", in: "remote.git")
        try await world.git("branch", "-m", "main", "team/trunk", in: "repo")
        try await world.git("fetch", "-q", "--prune", in: "repo")
        try await world.git("remote", "set-head", "origin", "team/trunk", in: "repo")
        try await world.git("switch", "-q", "-c", "away", in: "repo")
        let one = try await world.head(of: "repo")
        try await watching(world) { next in
            let two = try await world.commit("file", "2\n", in: "other")
            try await world.git("push", "-q", "origin", "HEAD:team/trunk", in: "other")
            try await world.git("fetch", "-q", in: "repo")
            #expect(try await next() == "MainUpdated \(one.short)..\(two.short)")
        }
    }

    @Test("follows a remote that has renamed its main branch")
    func renamedThere() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        try await watching(world, fetchingEvery: .milliseconds(50)) { next in
            try await world.git("branch", "-m", "main", "trunk", in: "remote.git")
            let two = try await world.commit("file", "2\n", in: "other")
            try await world.git("push", "-q", "origin", "HEAD:trunk", in: "other")
            // The local main stays; what is called main there has moved.
            var said = try await next()
            while said?.hasPrefix("MainUpdated") == false { said = try await next() }
            #expect(said == "MainUpdated \(one.short)..\(two.short)")
        }
    }

    @Test("says once that main cannot be fetched, and once that it can be again")
    func degraded() async throws {
        let world = try await GitWorld(remote: true)
        try world.directory.rename("remote.git", to: "away.git")
        try await watching(world, fetchingEvery: .milliseconds(10)) { next in
            #expect(try await next() == "SupervisionDegraded")
            try world.directory.rename("away.git", to: "remote.git")
            #expect(try await next() == "SupervisionRecovered ")
        }
        #expect(try world.events().count == 2)
        #expect(try world.events().first?.payload["error"]?.text.contains("remote.git") == true)
    }

    @Test("says that main needs no fetching any more when the remote that could not be reached is taken away")
    func recoveredWithoutRemote() async throws {
        let world = try await GitWorld(remote: true)
        try world.directory.rename("remote.git", to: "away.git")
        try await watching(world, fetchingEvery: .milliseconds(10)) { next in
            #expect(try await next() == "SupervisionDegraded")
            try await world.git("remote", "remove", "origin", in: "repo")
            #expect(try await next() == "SupervisionRecovered ")
        }
    }

    @Test("waits while another one watches, and takes over when that ends")
    func takingOver() async throws {
        let world = try await GitWorld()
        let bus = try world.openBus()
        let (notices, notice) = AsyncStream<String>.makeStream()
        var iterator = notices.makeAsyncIterator()
        func next() async throws -> String? {
            try await within("what a watcher says next") { await iterator.next() }
        }
        let first = Task {
            try await RepositoryWatch(try await world.observer(), fetchInterval: nil).run(publishingTo: bus) {
                notice.yield("first: \($0)")
            }
        }
        #expect(try await next()?.hasPrefix("first: watching ") == true)
        let second = Task {
            try await RepositoryWatch(try await world.observer(), fetchInterval: nil).run(publishingTo: bus) {
                notice.yield("second: \($0)")
            }
        }
        #expect(try await next()?.contains("second: \(world.path("repo")) is watched already") == true)
        #expect(try await world.observer().memory.isWatched)
        first.cancel()
        #expect(try await next()?.hasPrefix("second: watching ") == true)
        second.cancel()
        _ = try await within("the second watcher to end") { await second.result }
        #expect(try await !world.observer().memory.isWatched)
    }

    @Test("says each thing once when many look at the same time as it watches")
    func manyLook() async throws {
        let world = try await GitWorld()
        for number in 1...3 {
            try await world.addTask("t-\(number)")
            try world.begin(TaskID("t-\(number)"))
        }
        try await watching(world) { next in
            for round in 1...5 {
                try await world.commit("file", "round \(round)\n", in: "repo")
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 1...4 {
                        group.addTask {
                            let bus = try world.openBus()
                            try await world.observer().look(publishingTo: bus)
                            bus.close()
                        }
                    }
                    try await group.waitForAll()
                }
                try world.readEverything()
            }
        }
        let said = try world.events().map(GitWorld.text)
        #expect(said.count { $0.hasPrefix("MainUpdated") } == 5)
        for number in 1...3 { #expect(said.count { $0.hasPrefix("RebaseRequired t-\(number) ") } == 5) }
        #expect(said.count == 20)
    }

    @Test("changes nothing in any worktree, and reads the index without touching it")
    func untouched() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try world.directory.write("new\n", to: "t-1/untracked")
        try world.directory.write("changed\n", to: "t-1/file")
        func state() async throws -> [String] {
            [
                try await world.git("status", "--porcelain=v2", "--branch", in: "t-1"),
                try await world.git("stash", "list", in: "t-1"), try world.directory.text("repo/.git/HEAD"),
            ]
        }
        let before = try await state()
        let index = try world.directory.bytes("repo/.git/worktrees/t-1/index")
        try await world.look()
        try await world.commit("other", "2\n", in: "repo")
        try await world.look()
        #expect(try world.directory.bytes("repo/.git/worktrees/t-1/index") == index)
        #expect(try await state() == before)
    }

    // MARK: - Whoever is killed, and a log in trouble

    @Test("that was killed before it said what it had seen has it said by the next one, once")
    func killedBeforeSaying() async throws {
        let world = try await GitWorld()
        try await world.look()
        let observer = try await world.observer()
        let one = try await world.head(of: "repo")
        let two = try await world.commit("file", "2\n", in: "repo")
        // What it has written down when it is killed.
        var state = try #require(try observer.memory.state)
        state.pending = [.mainUpdated(observer.repository.checkout(branch: "main"), previous: one, commit: two)]
        (state.local, state.commit) = (two, two)
        try observer.memory.store(state)
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
        #expect(try await world.look() == [])
    }

    @Test("that was killed after it had said it is not repeated")
    func killedAfterSaying() async throws {
        let world = try await GitWorld()
        try await world.look()
        let observer = try await world.observer()
        let event = Event.mainUpdated(observer.repository.checkout(), previous: "1", commit: "2")
        let bus = try world.openBus()
        bus.publish(event)
        bus.taskStarted("later")
        bus.close()
        var state = try #require(try observer.memory.state)
        state.pending = [event]
        try observer.memory.store(state)
        #expect(try await world.look() == [])
        #expect(try observer.memory.state?.pending == [])
    }

    @Test("that is killed anywhere loses nothing and repeats nothing")
    func killedAnywhere() async throws {
        let world = try await GitWorld()
        for number in 1...3 { try await world.addTask("t-\(number)") }
        try await world.look()
        for round in 1...12 {
            try await world.commit("file", "round \(round)\n", in: "repo")
            // The longer it lives, the farther it comes.
            for pause in 0..<4 {
                try await world.lookAndKill(after: Double(round) * 0.01 + Double(pause) * 0.003)
            }
            try world.readEverything()
        }
        try await world.look()
        try world.readEverything()
        try await world.look()
        let events = try world.events()
        let moves = events.filter { $0.kind == .mainUpdated }
        for (move, next) in zip(moves, moves.dropFirst()) {
            #expect(move.payload["commit"] == next.payload["previous"])
        }
        #expect(moves.last?.payload["commit"]?.text == (try await world.head(of: "repo")))
        var told: [String: Int] = [:]
        var main = ""
        for event in events {
            if event.kind == .mainUpdated { main = event.payload["commit"]?.text ?? "" }
            if event.kind == .rebaseRequired { told["\(main) \(event.target?.description ?? "")", default: 0] += 1 }
        }
        #expect(told.values.allSatisfy { $0 == 1 })
        for number in 1...3 { #expect(told["\(main) t-\(number)"] == 1) }
    }

    @Test("looks at nothing while the log is in trouble, and finds everything afterwards")
    func logInTrouble() async throws {
        let world = try await GitWorld()
        try await world.look()
        let one = try await world.head(of: "repo")
        let two = try await world.commit("file", "2\n", in: "repo")
        try world.directory.rename("data/event_log.jsonl", to: "kept")
        try world.directory.makeDirectory("data/event_log.jsonl")
        let bus = try world.openBus()
        try await world.observer().look(publishingTo: bus)
        bus.close()
        #expect(rmdir(world.logPath) == 0)
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
    }
}
