// Branches of tasks that fall behind main, catch up, are merged or removed.

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

@Suite("A task's branch", .apart)
struct BranchTests {
    @Test("that is behind is told so once for each new main, with the number of commits and the latest five")
    func behind() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        for number in 1...6 {
            try await world.commit("file", "new \(number)\n", in: "repo", subject: "Number \(number)")
        }
        let said = try await world.look()
        #expect(said.count == 2 && said.last == "RebaseRequired t-1 6")
        #expect(try await world.look() == [])
        let event = try #require(try world.events().last)
        #expect(event.source == nil && event.target == "t-1")
        let subjects = event.payload.strings(at: "new_commits").map { $0.split(separator: ": ").last.map(String.init) }
        #expect(subjects == ["Number 6", "Number 5", "Number 4", "Number 3", "Number 2"])
        try await world.commit("mine", "2\n", in: "t-1")
        #expect(try await world.look() == [])
        try await world.commit("file", "7\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 7")
    }

    @Test(
        "is told once that it is behind, however often main moves, until it has read that, and then of what it lacks by then"
    )
    func onceUntilRead() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try world.begin("t-1")
        let observer = try await world.observer()
        func look() async throws -> [String] {
            let before = try world.events().count
            let bus = try world.openBus()
            try await observer.look(publishingTo: bus)
            bus.close()
            return try world.events().dropFirst(before).map(GitWorld.text)
        }
        _ = try await look()
        for number in 1...3 {
            try await world.commit("file", "main \(number)\n", in: "repo")
            let orders = try await look().filter { $0.hasPrefix("RebaseRequired") }
            #expect(orders == (number == 1 ? ["RebaseRequired t-1 1"] : []))
        }
        let place = PlaceNames.place(containing: world.path("t-1"), in: DataDirectory(world.dataDirectory))
        let standing = RepositoryObserver.standing(of: try #require(place), in: DataDirectory(world.dataDirectory))
        let last = try #require(try world.events().last { $0.kind == .mainUpdated })
        #expect(standing?.commitsBehind == 3 && standing?.update == last.id)
        #expect(standing?.commit == last.payload.string("commit"))
        // It reads that, and where main is, so there is nothing new to tell.
        let order = try #require(try world.events().first { $0.kind == .rebaseRequired })
        let bus = try world.openBus()
        bus.publish(
            Reading.event(of: order.id, in: "t-1", by: "t-1", how: "test", try #require(standing).members)
        )
        bus.close()
        #expect(try await look() == [])
        try await world.commit("file", "main 4\n", in: "repo")
        #expect(try await look().last == "RebaseRequired t-1 4")
        // What it has done before it read of it is overtaken.
        try await world.git("rebase", "-q", "main", in: "t-1")
        #expect(
            try await look().map { $0.split(separator: " ")[0] } == [
                "RebaseCompleted", "custom:NotificationSuperseded",
            ]
        )
        try await world.commit("file", "main 5\n", in: "repo")
        #expect(try await look().last == "RebaseRequired t-1 1")
    }

    @Test("is told nothing before it has begun, nor when it has ended, and is told when it begins behind main")
    func onlyWhenBegun() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        let observer = try await world.observer()
        func orders() async throws -> [String] {
            let bus = try world.openBus()
            let before = try world.events().count
            try await observer.look(publishingTo: bus)
            bus.close()
            return try world.events().dropFirst(before).map(GitWorld.text).filter { $0.hasPrefix("RebaseRequired") }
        }
        _ = try await orders()
        try await world.commit("file", "main 1\n", in: "repo")
        #expect(try await orders() == [])
        try world.begin("t-1")
        #expect(try await orders() == ["RebaseRequired t-1 1"])
        #expect(try await orders() == [])
        let bus = try world.openBus()
        bus.publish(Event(.taskCompleted, from: "t-1"))
        bus.close()
        try await world.commit("file", "main 2\n", in: "repo")
        #expect(try await orders() == [])
    }

    @Test("that was behind already when it is seen for the first time is told so")
    func firstLook() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look() == ["RebaseRequired t-1 1"])
    }

    @Test("is told as the task that runs in its worktree, also after that has ended")
    func running() async throws {
        let world = try await GitWorld()
        try await world.git("worktree", "add", "-q", "-b", "feature", world.path("tree"), in: "repo")
        try await world.look()
        let record = try world.run("named", in: "tree")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired named 1")
        record.remove()
        try await world.commit("file", "3\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired named 2")
    }

    @Test("is told as the task of the agent that is in its worktree, whatever ran there or runs there")
    func withAgent() async throws {
        let world = try await GitWorld()
        try await world.git("worktree", "add", "-q", "-b", "feature", world.path("tree"), in: "repo")
        try await world.look()
        let record = try world.run("named", in: "tree")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired named 1")
        try await begin("tree", in: "tree", of: world)
        let session = AgentSession(agent: .claude, id: "s-1")
        let started = Event(.custom("AgentSessionStarted"), from: "tree")
        _ = AgentSessions(in: DataDirectory(world.dataDirectory)).begin(
            session,
            with: started,
            of: "tree",
            at: PlaceNames.place(containing: world.path("tree"), in: DataDirectory(world.dataDirectory)),
            by: .agent(in: RealFileSystem()),
            publishingTo: EventBus()
        )
        try await world.commit("file", "3\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired tree 2")
        record.remove()
        for name in try world.directory.names("data/ledger") where name.hasPrefix("session-") {
            try world.directory.unlink("data/ledger/\(name)")
        }
        try await world.commit("file", "4\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired tree 3")
    }

    @Test(
        "that caught up by anybody's hand has done so once",
        arguments: [
            ["rebase", "-q", "main"], ["merge", "-q", "--no-edit", "main"],
        ]
    )
    func caughtUp(command: [String]) async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git(command, in: "t-1")
        let new = try await world.head(of: "t-1")
        #expect(try await world.look() == ["RebaseCompleted t-1 \(old.short)..\(new.short)"])
        #expect(try await world.look() == [])
    }

    @Test("that caught up with one main while the next came has done so, and is behind again")
    func caughtUpLate() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        let two = try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git("rebase", "-q", "main", in: "t-1")
        let new = try await world.head(of: "t-1")
        let three = try await world.commit("file", "3\n", in: "repo")
        #expect(
            try await world.look() == [
                "MainUpdated \(two.short)..\(three.short)", "RebaseCompleted t-1 \(old.short)..\(new.short)",
                "RebaseRequired t-1 1",
            ]
        )
    }

    @Test("that fell behind and caught up while nobody looked has caught up")
    func unseen() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        let one = try await world.head(of: "repo")
        let two = try await world.commit("file", "2\n", in: "repo")
        try await world.git("rebase", "-q", "main", in: "t-1")
        let new = try await world.head(of: "t-1")
        #expect(
            try await world.look() == [
                "MainUpdated \(one.short)..\(two.short)", "RebaseCompleted t-1 \(old.short)..\(new.short)",
            ]
        )
    }

    @Test("to which main was moved has not caught up")
    func mainMoved() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.look()
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.git("merge", "-q", "--ff-only", "neuraphage/t-1", in: "repo")
        #expect(try await world.look().map { $0.prefix(12) } == ["MainUpdated "])
    }

    @Test("that went on from the commit that merged it has not caught up")
    func wentOnFromMerge() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/t-1", in: "repo")
        try await world.git("merge", "-q", "--ff-only", "main", in: "t-1")
        try await world.commit("mine", "2\n", in: "t-1")
        let said = try await world.look()
        #expect(said.count == 1 && said[0].hasPrefix("MainUpdated"))
    }

    @Test("is told again when main comes back to a commit that had been taken from it")
    func mainForcedBackAndForth() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.look()
        let two = try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
        try await world.git("reset", "-q", "--hard", "HEAD~1", in: "repo")
        #expect(try await world.look().count == 1)
        try await world.git("reset", "-q", "--hard", two, in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
    }

    @Test("that was merged is not told that it is behind, until it goes on")
    func merged() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/t-1", in: "repo")
        #expect(try await world.look().count == 1)
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().count == 1)
        try await world.commit("mine", "2\n", in: "t-1")
        #expect(try await world.look() == ["RebaseRequired t-1 2"])
    }

    @Test("that is switched to another one is not told twice, and has not caught up")
    func switched() async throws {
        let world = try await GitWorld()
        try await world.git("worktree", "add", "-q", "-b", "feature", world.path("tree"), in: "repo")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired tree 1")
        try await world.git("switch", "-q", "-c", "other", "main", in: "tree")
        #expect(try await world.look() == [])
        try await world.git("switch", "-q", "feature", in: "tree")
        #expect(try await world.look().count <= 1)
    }

    @Test("whose head was detached in between is still known: what it was told, and where it was")
    func detachedInBetween() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git("switch", "-q", "--detach", in: "t-1")
        #expect(try await world.look() == [])
        try await world.git("switch", "-q", "neuraphage/t-1", in: "t-1")
        try await world.git("rebase", "-q", "main", in: "t-1")
        let new = try await world.head(of: "t-1")
        #expect(try await world.look() == ["RebaseCompleted t-1 \(old.short)..\(new.short)"])
    }

    @Test("whose head was detached while main moved is told when it is checked out again")
    func detachedWhileMainMoved() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.git("switch", "-q", "--detach", in: "t-1")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().count == 1)
        try await world.git("switch", "-q", "neuraphage/t-1", in: "t-1")
        #expect(try await world.look() == ["RebaseRequired t-1 1"])
        #expect(try await world.look() == [])
    }

    @Test("whose index cannot be read keeps no other one from being told")
    func brokenIndex() async throws {
        let world = try await GitWorld()
        for task in ["t-1", "t-2"] { try await world.addTask(task) }
        try await world.commit("file", "mine\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        _ = try await world.tryGit("rebase", "main", in: "t-1")
        try world.directory.write("garbage", to: "repo/.git/worktrees/t-1/index")
        #expect(try await world.look().dropFirst() == ["RebaseRequired t-1 1", "RebaseRequired t-2 1"])
    }

    @Test("in a submodule is a task's as anywhere else")
    func submodule() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("init", "-q", "super")
        try await world.git(
            ["-c", "protocol.file.allow=always", "submodule", "--quiet", "add", world.path("remote.git"), "sub"],
            in: "super"
        )
        try await world.git("switch", "-q", "-c", "neuraphage/t-1", in: "super/sub")
        try await world.commit("file", "mine\n", in: "super/sub")
        try await world.look(at: "super/sub")
        try await world.push("file", "2\n")
        try await world.git("fetch", "-q", in: "super/sub")
        #expect(try await world.look(at: "super/sub").last == "RebaseRequired t-1 1")
        #expect(try world.events().first?.payload["repo"]?.text == world.path("super/sub"))
        _ = try await world.tryGit("rebase", "origin/main", in: "super/sub")
        #expect(try await world.look(at: "super/sub") == ["RebaseConflict t-1 file"])
    }

    @Test("whose worktree is moved is the same task's, and has not ended")
    func moved() async throws {
        let world = try await GitWorld()
        try await world.git("worktree", "add", "-q", "-b", "neuraphage/t-1", world.path("t-1"), in: "repo")
        try await begin("t-1", in: "t-1", of: world)
        try await world.look()
        try await world.git("worktree", "move", world.path("t-1"), world.path("elsewhere"), in: "repo")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
        #expect(try await world.look() == [])
    }

    @Test("whose worktree is on its way from one place to another has not ended")
    func moving() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await begin("t-1", in: "t-1", of: world)
        try await world.look()
        try world.directory.rename("t-1", to: "moved")
        #expect(try await world.look() == [])
        try await world.git("worktree", "repair", world.path("moved"), in: "repo")
        #expect(try await world.look() == [])
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
    }

    @Test("whose worktree is linked by relative paths is a task's as any other, also to whoever runs in it")
    func relativeLinks() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        // What `git worktree add --relative-paths` writes.
        try world.directory.write("../../../../t-1/.git\n", to: "repo/.git/worktrees/t-1/gitdir")
        try world.directory.write("gitdir: ../repo/.git/worktrees/t-1\n", to: "t-1/.git")
        #expect(
            try await world.observer().repository.worktrees.map(\.directory).last
                == RealFileSystem().resolve(world.path("t-1"))
        )
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look(at: "t-1").last == "RebaseRequired t-1 1")
    }

    @Test("whose head is detached is told nothing")
    func detached() async throws {
        let world = try await GitWorld()
        try await world.git("worktree", "add", "-q", "--detach", world.path("tree"), in: "repo")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().count == 1)
    }

    // MARK: - Conflicts

    @Test("whose rebase stops is said to conflict, once for each stop, with the files")
    func conflict() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("file", "mine\n", in: "t-1")
        try await world.commit("other", "mine\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "theirs\n", in: "repo")
        try await world.commit("other", "theirs\n", in: "repo")
        try await world.look()
        let isDone = try await world.tryGit("rebase", "main", in: "t-1")
        #expect(!isDone)
        #expect(try await world.look() == ["RebaseConflict t-1 file"])
        #expect(try await world.look() == [])
        let old = try await world.git("rev-parse", "neuraphage/t-1", in: "repo")
        try world.directory.write("both\n", to: "t-1/file")
        try await world.git("add", "file", in: "t-1")
        let isDoneNow = try await world.tryGit("rebase", "--continue", in: "t-1")
        #expect(!isDoneNow)
        #expect(try await world.look() == ["RebaseConflict t-1 other"])
        try world.directory.write("both\n", to: "t-1/other")
        try await world.git("add", "other", in: "t-1")
        try await world.git("rebase", "--continue", in: "t-1")
        let new = try await world.head(of: "t-1")
        #expect(try await world.look() == ["RebaseCompleted t-1 \(old.short)..\(new.short)"])
    }

    @Test("whose rebase is aborted is left alone until main moves again")
    func aborted() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("file", "mine\n", in: "t-1")
        try await world.look()
        try await world.commit("file", "theirs\n", in: "repo")
        try await world.look()
        _ = try await world.tryGit("rebase", "main", in: "t-1")
        #expect(try await world.look() == ["RebaseConflict t-1 file"])
        try await world.git("rebase", "--abort", in: "t-1")
        #expect(try await world.look() == [])
        try await world.commit("more", "1\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 2")
        _ = try await world.tryGit("rebase", "main", in: "t-1")
        #expect(try await world.look() == ["RebaseConflict t-1 file"])
    }

    // MARK: - Ends

    /// What a hook writes down when an agent begins in a worktree.
    private func begin(_ task: TaskID, in name: String, of world: GitWorld) async throws {
        let bus = try world.openBus()
        let started = Event(.taskStarted, from: task, payload: ["agent": "claude"])
        bus.publish(started)
        bus.close()
        let common = try await world.observer().repository.commonDirectory
        let note = OpenNote(about: ["git": .string(common), "worktree": .string(name)], begin: started)
        let ledger = Ledger(in: DataDirectory(world.dataDirectory))
        _ = try ledger.create(note, "task-", StableHash.name(of: task.description))
    }

    @Test("to which nothing was committed is not merged by what happens around it")
    func nothingToMerge() async throws {
        let world = try await GitWorld(remote: true)
        try await world.addTask("t-1", at: "origin/main")
        try await world.addTask("t-2")
        try await world.commit("two", "1\n", in: "t-2")
        try await world.addTask("t-3", at: "neuraphage/t-2")
        try await begin("t-1", in: "t-1", of: world)
        try await begin("t-3", in: "t-3", of: world)
        try await world.look()
        // A merge by which main's own line goes past where the first one began, and one of what the third began at.
        try await world.commit("file", "2\n", in: "repo")
        try await world.push("other", "1\n")
        try await world.git("pull", "-q", "--no-rebase", "--no-edit", "origin", "main", in: "repo")
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/t-2", in: "repo")
        let said = try await world.look()
        #expect(said.dropFirst() == ["RebaseRequired t-1 5", "RebaseRequired t-3 4"])
    }

    @Test("that is committed and to which main is moved at once ends the task, its worktree there or not")
    func committedAndMerged() async throws {
        let world = try await GitWorld()
        for task in ["t-1", "t-2", "t-3"] {
            try await world.addTask(task)
            try await begin(TaskID(task), in: task, of: world)
        }
        try await world.look()
        for task in ["t-1", "t-2", "t-3"] {
            try await world.commit("file", "\(task)\n", in: task)
            try await world.git("merge", "-q", "--ff-only", "neuraphage/\(task)", in: "repo")
            let main = try await world.head(of: "repo")
            if task != "t-1" { try await world.git("worktree", "remove", world.path(task), in: "repo") }
            if task == "t-3" { try await world.git("branch", "-q", "-d", "neuraphage/t-3", in: "repo") }
            #expect(try await world.look().last == "TaskCompleted \(task) merged as \(main.short)")
            for other in ["t-2", "t-3"] where other > task {
                try await world.git("reset", "-q", "--hard", "main", in: other)
            }
            try await world.look()
        }
    }

    @Test("that is left in the main worktree ends its task when it is merged or deleted")
    func leftBranches() async throws {
        let world = try await GitWorld()
        // It has its name from elsewhere, and so no branch that could be left.
        try await begin("planner", in: "", of: world)
        for (task, option) in [("t-1", "-d"), ("t-2", "-d"), ("t-3", "-D")] {
            try await world.git("switch", "-q", "-c", "neuraphage/\(task)", in: "repo")
            try await begin(TaskID(task), in: "", of: world)
            try await world.commit(task, "1\n", in: "repo")
            try await world.look()
            try await world.git("switch", "-q", "main", in: "repo")
            #expect(try await world.look() == [])
            if task != "t-3" {
                try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/\(task)", in: "repo")
            }
            let main = try await world.head(of: "repo")
            if task == "t-1" {
                #expect(try await world.look().last == "TaskCompleted t-1 merged as \(main.short)")
            }
            try await world.git("branch", "-q", option, "neuraphage/\(task)", in: "repo")
            let said = try await world.look()
            switch task {
            case "t-1": #expect(said == [])
            case "t-2": #expect(said.last == "TaskCompleted t-2 merged as \(main.short)")
            default: #expect(said == ["TaskCancelled t-3 its branch was deleted"])
            }
        }
    }

    @Test("is another one when its worktree was made anew, and the old one's task has ended")
    func madeAnew() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await begin("t-1", in: "t-1", of: world)
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
        try await world.git("worktree", "remove", world.path("t-1"), in: "repo")
        try await world.git("branch", "-q", "-D", "neuraphage/t-1", in: "repo")
        try await world.addTask("t-1")
        #expect(try await world.look() == ["TaskCancelled t-1 its worktree was removed"])
        try await world.commit("file", "3\n", in: "repo")
        // The new one has not begun.
        #expect(try await world.look().count == 1)
        try world.begin("t-1")
        #expect(try await world.look() == ["RebaseRequired t-1 1"])
    }

    @Test("that is merged ends the task that an agent began, naming the merge")
    func endByMerge() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await begin("t-1", in: "t-1", of: world)
        try await world.look()
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/t-1", in: "repo")
        let merge = try await world.head(of: "repo")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "TaskCompleted t-1 merged as \(merge.short)")
        #expect(try await world.look() == [])
        try await world.git("worktree", "remove", world.path("t-1"), in: "repo")
        #expect(try await world.look() == [])
    }

    @Test("to which main is moved ends the task, too")
    func endByFastForward() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await begin("t-1", in: "t-1", of: world)
        let tip = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        try await world.git("merge", "-q", "--ff-only", "neuraphage/t-1", in: "repo")
        #expect(try await world.look().last == "TaskCompleted t-1 merged as \(tip.short)")
    }

    @Test("whose worktree is removed cancels the task, unless main has the branch")
    func endByRemoval() async throws {
        let world = try await GitWorld()
        for task in ["t-1", "t-2"] {
            try await world.addTask(task)
            try await begin(TaskID(task), in: task, of: world)
            try await world.commit("file-\(task)", "1\n", in: task)
        }
        try await world.look()
        try await world.git("merge", "-q", "--no-ff", "--no-edit", "neuraphage/t-2", in: "repo")
        let merge = try await world.head(of: "repo")
        for task in ["t-1", "t-2"] {
            try await world.git("worktree", "remove", "--force", world.path(task), in: "repo")
        }
        let said = try await world.look()
        #expect(
            said.dropFirst() == [
                "TaskCancelled t-1 its worktree was removed", "TaskCompleted t-2 merged as \(merge.short)",
            ]
        )
        #expect(try world.events().suffix(2).allSatisfy { $0.payload["inferred"]?.text == "true" })
        #expect(try await world.look() == [])
    }

    @Test("whose worktree is locked has not ended while its disk is away, nor has one that cannot be looked at")
    func absence() async throws {
        let world = try await GitWorld()
        for task in ["t-1", "t-2"] {
            try await world.addTask(task)
            try await begin(TaskID(task), in: task, of: world)
        }
        try await world.look()
        try await world.git("worktree", "lock", world.path("t-1"), in: "repo")
        for task in ["t-1", "t-2"] { try world.directory.rename(task, to: "away-\(task)") }
        #expect(symlink("t-2", world.path("t-2")) == 0)  // a link to itself
        #expect(try await world.look() == [])
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().dropFirst() == ["RebaseRequired t-1 1", "RebaseRequired t-2 1"])
        try await world.git("worktree", "unlock", world.path("t-1"), in: "repo")
        #expect(try await world.look() == [])
        // git itself takes the link to nowhere for no worktree.
        try await world.git("worktree", "prune", in: "repo")
        let ended = ["t-1", "t-2"].map { "TaskCancelled \($0) its worktree was removed" }
        #expect(try await world.look().sorted() == ended)
    }

    @Test("ends no task that has ended otherwise")
    func endedOtherwise() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await begin("t-1", in: "t-1", of: world)
        let bus = try world.openBus()
        bus.taskFailed("t-1", error: "given up")
        bus.close()
        try await world.git("worktree", "remove", world.path("t-1"), in: "repo")
        #expect(try await world.look() == [])
    }

    @Test("ends a task whose worktree came and went while nobody looked, once git has forgotten it")
    func unseenRemoval() async throws {
        let world = try await GitWorld()
        try await world.look()
        try await world.addTask("t-1")
        try await begin("t-1", in: "t-1", of: world)
        try await world.remove("t-1")
        #expect(try await world.look() == [])
        try await world.git("worktree", "prune", in: "repo")
        #expect(try await world.look() == ["TaskCancelled t-1 its worktree was removed"])
    }
}
