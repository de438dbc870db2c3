// What became of the work on a branch that has none of its commits in main, or has lost some.

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

@Suite("The work on a task's branch", .apart)
struct BranchContentTests {
    /// A world in which an agent has begun the task `t-1` in a worktree of that name, and np has looked.
    private func world(_ files: [String] = ["a", "b"]) async throws -> GitWorld {
        let world = try await GitWorld()
        try await world.commit("shared", (1...30).map { "\($0)\n" }.joined(), in: "repo")
        try await world.addTask("t-1")
        let bus = try world.openBus()
        let started = Event(.taskStarted, from: "t-1", payload: ["agent": "claude"])
        bus.publish(started)
        bus.close()
        let common = try await world.observer().repository.commonDirectory
        let note = OpenNote(about: ["git": .string(common), "worktree": "t-1"], begin: started)
        _ = try Ledger(in: DataDirectory(world.dataDirectory)).create(note, "task-", StableHash.name(of: "t-1"))
        for file in files { try await world.commit(file, "\(file)\n", in: "t-1") }
        try await world.look()
        return world
    }

    private func change(line: Int, of world: GitWorld, in place: String) async throws {
        let lines = (world.directory.read("\(place)/shared") ?? "").split(separator: "\n").map(String.init)
        let text = lines.map { $0 == "\(line)" ? "changed \(line)\n" : "\($0)\n" }.joined()
        try await world.commit("shared", text, in: place)
    }

    private func squash(_ world: GitWorld) async throws -> String {
        try await world.git("merge", "-q", "--squash", "neuraphage/t-1", in: "repo")
        try await world.git("commit", "-q", "-m", "All of it", in: "repo")
        return try await world.head(of: "repo")
    }

    private func removeAll(_ world: GitWorld) async throws {
        try await world.git("worktree", "remove", "--force", world.path("t-1"), in: "repo")
        try await world.git("branch", "-q", "-D", "neuraphage/t-1", in: "repo")
    }

    private func end(of world: GitWorld) throws -> Event? {
        try world.events().last { [.taskCompleted, .taskCancelled].contains($0.kind) }
    }

    // MARK: - Taken into main

    @Test("that was squashed into main is completed, and not behind", arguments: [true, false])
    func squashed(isSeen: Bool) async throws {
        let world = try await world()
        try await world.commit("other", "1\n", in: "repo")
        if isSeen { try await world.look() }
        let merge = try await squash(world)
        try await world.commit("other", "2\n", in: "repo")
        #expect(try await world.look().last == "TaskCompleted t-1 squashed as \(merge.short)")
        #expect(try end(of: world)?.payload["how"]?.text == "squashed")
        #expect(try await world.look() == [])
        try await removeAll(world)
        #expect(try await world.look() == [])
        #expect(try !world.events().contains { $0.kind == .taskCancelled })
    }

    @Test("that was squashed and removed before anybody looked is completed, also if main goes on in the same lines")
    func squashedAndRemoved() async throws {
        let world = try await world([])
        try await change(line: 10, of: world, in: "t-1")
        try await change(line: 12, of: world, in: "t-1")
        try await world.look()
        try await change(line: 25, of: world, in: "repo")
        let merge = try await squash(world)
        try await world.commit("shared", "gone\n", in: "repo")
        try await removeAll(world)
        #expect(try await world.look().last == "TaskCompleted t-1 squashed as \(merge.short)")
        #expect(!world.directory.exists("data/repositories/objects"))
    }

    @Test("whose commits were applied to main one by one is completed", arguments: [true, false])
    func rebasedOrPicked(isRebased: Bool) async throws {
        let world = try await world()
        try await world.commit("other", "1\n", in: "repo")
        let tip = try await world.head(of: "t-1")
        if isRebased {
            try await world.git("switch", "-q", "-c", "copy", tip, in: "repo")
            try await world.git("rebase", "-q", "main", in: "repo")
            try await world.git("switch", "-q", "main", in: "repo")
            try await world.git("merge", "-q", "--ff-only", "copy", in: "repo")
            try await world.git("branch", "-q", "-D", "copy", in: "repo")
        } else {
            try await world.git("cherry-pick", "\(tip)~1", in: "repo")
            try await world.commit("other", "2\n", in: "repo")
            try await world.git("cherry-pick", tip, in: "repo")
        }
        let last = try await world.head(of: "repo")
        try await removeAll(world)
        #expect(try await world.look().last == "TaskCompleted t-1 rebased as \(last.short)")
    }

    @Test("of which main has only a part, or that comes to nothing, is not completed")
    func partly() async throws {
        for isPart in [true, false] {
            let world = try await world()
            try await world.commit("other", "1\n", in: "repo")
            if isPart {
                try await world.git("cherry-pick", "neuraphage/t-1~1", in: "repo")
            } else {
                try await world.git("revert", "--no-edit", "HEAD", in: "t-1")
                try await world.git("revert", "--no-edit", "HEAD~2", in: "t-1")
                try await world.commit("a", "a\n", in: "repo")
            }
            let said = try await world.look()
            #expect(said.last?.hasPrefix("RebaseRequired t-1") == true, "\(said)")
            try await removeAll(world)
            #expect(try await world.look().last == "TaskCancelled t-1 its worktree was removed")
        }
    }

    @Test("that goes on after it was squashed is behind again, and is told so when its task begins again")
    func goesOn() async throws {
        let world = try await world()
        _ = try await squash(world)
        try await world.look()
        try await world.commit("c", "c\n", in: "t-1")
        #expect(try await world.look() == [])
        try world.begin("t-1")
        #expect(try await world.look() == ["RebaseRequired t-1 1"])
    }

    // MARK: - Thrown away

    private func discarded(_ world: GitWorld) throws -> [Event] {
        try world.events().filter { $0.kind == .workDiscarded }
    }

    @Test("that a reset takes away is said to be discarded, with the names of the commits; a reset is no rebase")
    func reset() async throws {
        let world = try await world()
        let commits = [try await world.head(of: "t-1"), try await world.git("rev-parse", "HEAD~1", in: "t-1")]
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git("reset", "-q", "--hard", "main", in: "t-1")
        #expect(try await world.look() == ["custom:WorkDiscarded t-1"])
        let event = try #require(try discarded(world).last)
        #expect(event.payload.strings(at: "commits") == commits)
        #expect(event.payload.strings(at: "subjects") == ["Change b", "Change a"])
        #expect(event.payload["count"]?.text == "2")
        #expect(try await world.look() == [])
    }

    @Test("is discarded also if nobody saw it before it was thrown away")
    func unseen() async throws {
        let world = try await world()
        let lost = try await world.commit("c", "c\n", in: "t-1")
        try await world.git("commit", "-q", "--allow-empty", "-m", "nothing", in: "t-1")
        let empty = try await world.head(of: "t-1")
        try await world.git("reset", "-q", "--hard", "HEAD~2", in: "t-1")
        #expect(try await world.look() == ["custom:WorkDiscarded t-1"])
        #expect(try discarded(world).last?.payload.strings(at: "commits") == [empty, lost])
        try await world.git("commit", "-q", "--allow-empty", "-m", "nothing", in: "t-1")
        try await world.git("reset", "-q", "--hard", "HEAD~1", in: "t-1")
        #expect(try await world.look() == ["custom:WorkDiscarded t-1"])
        #expect(try await world.look() == [])
    }

    @Test(
        "is not discarded that a branch, a tag, or the files still have, or that was made again",
        arguments: [
            "git branch keep", "git tag keep", "git reset -q HEAD~2", "git reset -q --soft HEAD~2",
            "git reset -q --soft HEAD~2; git commit -q -m one",
            "git reset -q --hard HEAD~2; git cherry-pick HEAD@{1}~1 HEAD@{1}", "git commit -q --amend -m again",
            "git stash -q",
        ]
    )
    func kept(command: String) async throws {
        let world = try await world()
        try world.directory.write("set -e\n\(command)\n", to: "script")
        try await world.git("-c", "alias.do=!sh \(world.path("script"))", "do", in: "t-1")
        if command.contains("keep") { try await world.git("reset", "-q", "--hard", "HEAD~2", in: "t-1") }
        try await world.look()
        #expect(try discarded(world).isEmpty)
    }

    @Test("is taken for nothing else where git keeps no list of the branch's moves")
    func pruned() async throws {
        let world = try await world()
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try world.directory.unlink("repo/.git/logs/refs/heads/neuraphage/t-1")
        try await world.git("-c", "core.logAllRefUpdates=false", "reset", "-q", "--hard", "main", in: "t-1")
        #expect(try await world.look() == [])
        try await world.commit("file", "3\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
    }

    // MARK: - Rebased

    private func rebased(_ world: GitWorld, _ todo: String) async throws -> [String?] {
        try world.directory.write("#!/bin/sh\n\(todo)\n", to: "edit", permissions: 0o700)
        try await world.git(
            ["-c", "sequence.editor=\(world.path("edit"))", "rebase", "-q", "-i", "main"],
            in: "t-1"
        )
        try await world.look()
        let event = try world.events().last { $0.kind == .rebaseCompleted }
        return [event?.payload["changed"]?.text, event?.payload["dropped"]?.text]
    }

    @Test("that is rebased is said to be, with how many patches were changed and dropped")
    func patches() async throws {
        let world = try await world(["a", "b", "c"])
        try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        #expect(try await rebased(world, "true") == ["0", "0"])
        #expect(try await rebased(world, "sed -i.old 1d \"$1\"") == ["0", "1"])
        #expect(try await rebased(world, "sed -i.old 2s/pick/fixup/ \"$1\"") == ["2", "0"])
        #expect(try discarded(world).isEmpty)
        try await world.git("switch", "-q", "-c", "other", in: "repo")
        try await world.commit("d", "d\n", in: "t-1")
        try await world.look()
        try await world.git("switch", "-q", "main", in: "repo")
        try await world.commit("d", "theirs\n", in: "repo")
        _ = try await world.tryGit("rebase", "main", in: "t-1")
        try world.directory.write("both\n", to: "t-1/d")
        try await world.git("add", "d", in: "t-1")
        try await world.git("rebase", "--continue", in: "t-1")
        try await world.look()
        let event = try world.events().last { $0.kind == .rebaseCompleted }
        #expect(event?.payload["changed"]?.text == "1" && event?.payload["dropped"]?.text == "0")
    }

    // MARK: - Merging main

    @Test("into which main cannot be merged is in conflict, once; and has caught up when it is")
    func mergeConflict() async throws {
        let world = try await world()
        try await world.commit("a", "theirs\n", in: "repo")
        try await world.look()
        let old = try await world.head(of: "t-1")
        #expect(try await !world.tryGit("merge", "main", in: "t-1"))
        #expect(try await world.look() == ["RebaseConflict t-1 a"])
        #expect(try world.events().last?.payload["how"]?.text == "merge")
        #expect(try await world.look() == [])
        try world.directory.write("both\n", to: "t-1/a")
        try await world.git("add", "a", in: "t-1")
        try await world.git("commit", "-q", "--no-edit", in: "t-1")
        let new = try await world.head(of: "t-1")
        #expect(try await world.look() == ["RebaseCompleted t-1 \(old.short)..\(new.short)"])
        // Another branch is none of np's business.
        try await world.git("branch", "side", "\(old)~2", in: "repo")
        try await world.git("switch", "-q", "side", in: "repo")
        try await world.commit("a", "side\n", in: "repo")
        #expect(try await !world.tryGit("merge", "side", in: "t-1"))
        #expect(try await !world.look().contains { $0.hasPrefix("RebaseConflict") })
    }
}

@Suite("The history of a branch", .apart)
struct BranchHistoryTests {
    private func line(_ old: String, _ new: String, _ message: String) -> String {
        "\(old) \(new) A U <a@example.com> 1 +0000\t\(message)\n"
    }

    @Test("tells a rebase, a reset and a merge apart")
    func ways() {
        let ways: [(String, BranchHistory.Way)] = [
            ("rebase (finish): refs/heads/x onto 1", .rebase), ("rebase -i (finish): refs/heads/x onto 1", .rebase),
            ("pull --rebase (finish): refs/heads/x onto 1", .rebase), ("rebase finished: refs/heads/x onto 1", .rebase),
            ("reset: moving to main", .reset), ("branch: Reset to main", .reset), ("merge main: Fast-forward", .merge),
            ("pull: Fast-forward", .merge), ("commit (amend): x", .other), ("commit: x", .other), ("", .other),
        ]
        for (message, way) in ways {
            #expect(BranchHistory(line("0", "1", message)).moves(from: "0", at: nil, to: "1")?.first?.way == way)
        }
    }

    @Test(
        "goes on where it was when it was last read, also if the branch has come back; and is unknown if it was pruned"
    )
    func length() {
        let first = line("0", "1", "branch: Created from main")
        let later = line("1", "2", "commit: two") + line("2", "1", "reset: moving to 1")
        let history = BranchHistory(first + later)
        #expect(history.moves(from: "1", at: first.utf8.count, to: "1")?.map(\.old) == ["1", "2"])
        #expect(history.moves(from: "1", at: nil, to: "1")?.isEmpty == true)
        #expect(BranchHistory(later).moves(from: "1", at: 5_000, to: "1")?.isEmpty == true)
        #expect(BranchHistory(later).moves(from: "0", at: first.utf8.count, to: "1") == nil)
        #expect(history.moves(from: "1", at: first.utf8.count, to: "3") == nil)
        #expect(BranchHistory("").moves(from: "1", at: nil, to: "2") == nil)
    }
}
