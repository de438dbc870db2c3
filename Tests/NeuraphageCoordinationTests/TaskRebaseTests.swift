// np rebase: the branch has been rebased, or everything is as it was.

import NeuraphageEvents
import NeuraphagePlatform
import Subprocess
import SystemPackage
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("np rebase", .apart)
struct TaskRebaseTests {
    /// Runs np in a place of the world.
    private func np(
        _ arguments: String...,
        in place: String,
        of world: GitWorld,
        environment variables: [Environment.Key: String?] = [:]
    ) async throws -> Outcome {
        var environment = GitWorld.environment.merging(variables) { $1 }
        environment["NP_DATA_DIR"] = world.dataDirectory
        environment["NP_TASK"] = .some(nil)
        let result = try await Subprocess.run(
            .path(FilePath(NPProcess.path)),
            arguments: Arguments(arguments),
            environment: .inherit.updating(environment),
            workingDirectory: FilePath(world.path(place)),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        return Outcome(status: result.terminationStatus, output: result.standardOutput, error: result.standardError)
    }

    private func state(of place: String, in world: GitWorld) async throws -> [String] {
        [
            try await world.git("status", "--porcelain=v2", "--branch", in: place),
            try await world.git("diff", "HEAD", in: place), try await world.git("stash", "list", in: place),
            try await world.git("reflog", "-1", "--format=%H", in: place),
        ]
    }

    @Test("fetches main, rebases onto it, says so, and has it in the log once")
    func clean() async throws {
        let world = try await GitWorld(remote: true)
        try await world.addTask("t-1")
        let old = try await world.commit("mine", "1\n", in: "t-1")
        try await world.look()
        let one = try await world.head(of: "repo")
        let two = try await world.push("file", "2\n")
        let outcome = try await np("rebase", in: "t-1", of: world)
        let new = try await world.head(of: "t-1")
        #expect(outcome.status == .exited(0) && outcome.error == "")
        #expect(outcome.output == "rebased neuraphage/t-1 onto main (\(two.short)): \(old.short)..\(new.short)\n")
        #expect(try await world.git("merge-base", "HEAD", two, in: "t-1") == two)
        try await world.look()
        #expect(
            try world.events().map(GitWorld.text) == [
                "MainUpdated \(one.short)..\(two.short)", "RebaseRequired t-1 1",
                "RebaseCompleted t-1 \(old.short)..\(new.short)", "custom:NotificationSuperseded t-1",
            ]
        )
        let again = try await np("rebase", in: "t-1", of: world)
        #expect(again.status == .exited(0) && again.output == "neuraphage/t-1 has everything that main has\n")
    }

    @Test("takes a conflict back, leaves everything as it was, and says which files")
    func conflict() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("good", "mine\n", in: "t-1")
        try await world.commit("file", "mine\n", in: "t-1")
        try world.directory.write("new\n", to: "t-1/untracked")
        try await world.look()
        try await world.commit("file", "theirs\n", in: "repo")
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", "t-1", in: "repo", of: world)
        #expect(outcome.status == .exited(1) && outcome.output == "")
        #expect(
            outcome.error.hasPrefix("np: neuraphage/t-1 conflicts with main in file; everything is as it was\nhint: ")
        )
        #expect(try await state(of: "t-1", in: world) == before)
        try await world.look()
        let said = try world.events().map(GitWorld.text)
        #expect(said.dropFirst(2) == ["RebaseConflict t-1 file"])
    }

    @Test("does not begin with changes that are not committed, and names them")
    func dirty() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("other", "2\n", in: "repo")
        try world.directory.write("changed\n", to: "t-1/file")
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(1))
        #expect(
            outcome.error.contains("has changes that are not committed (file)\nhint: commit them, or say --autostash")
        )
        #expect(try await state(of: "t-1", in: world) == before)
    }

    @Test("puts changes aside with --autostash, and touches nobody's stash, with and without a conflict")
    func autostash() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try world.directory.write("somebody's\n", to: "repo/file")
        try await world.git("stash", "push", "-q", "-m", "precious", in: "repo")
        let stash = try await world.git("rev-parse", "refs/stash", in: "repo")
        try await world.commit("other", "2\n", in: "repo")
        try world.directory.write("changed\n", to: "t-1/mine")
        try world.directory.write("new\n", to: "t-1/untracked")
        let outcome = try await np("rebase", "--autostash", in: "t-1", of: world)
        #expect(outcome.status == .exited(0), "\(outcome.error)")
        #expect(try await world.git("status", "--porcelain", in: "t-1") == " M mine\n?? untracked")

        try await world.commit("mine", "theirs\n", in: "repo")
        try world.directory.write("changed again\n", to: "t-1/other")
        try await world.git("checkout", "-q", "mine", in: "t-1")
        let before = try await state(of: "t-1", in: world)
        let second = try await np("rebase", "--autostash", in: "t-1", of: world)
        #expect(second.status == .exited(1) && second.error.contains("conflicts with main in mine"))
        #expect(try await state(of: "t-1", in: world).prefix(3) == before.prefix(3))
        #expect(try await world.git("rev-parse", "refs/stash", in: "repo") == stash)
        #expect(try await world.git("stash", "list", in: "repo").split(separator: "\n").count == 1)
    }

    @Test("with only untracked files nothing is put aside, so nobody's stash lands in the worktree")
    func untrackedOnly() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try world.directory.write("somebody's\n", to: "repo/file")
        try await world.git("stash", "push", "-q", in: "repo")
        try await world.commit("other", "2\n", in: "repo")
        try world.directory.write("new\n", to: "t-1/untracked")
        #expect(try await np("rebase", "--autostash", in: "t-1", of: world).status == .exited(0))
        #expect(try await np("rebase", in: "t-1", of: world).status == .exited(0))
        #expect(try world.directory.text("t-1/file") == "1\n")
        #expect(try await world.git("stash", "list", in: "repo").split(separator: "\n").count == 1)
    }

    @Test("puts changes back that git put aside for a rebase that a hook then refused")
    func refusedByHook() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.commit("other", "2\n", in: "repo")
        try world.directory.write("precious\n", to: "t-1/mine")
        try world.directory.write("#!/bin/sh\nexit 1\n", to: "repo/.git/hooks/pre-rebase", permissions: 0o700)
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", "--autostash", in: "t-1", of: world)
        #expect(outcome.status == .exited(1) && outcome.error.contains("hook refused to rebase"))
        #expect(try await state(of: "t-1", in: world) == before)
        #expect(!world.directory.exists("repo/.git/worktrees/t-1/rebase-merge"))
    }

    @Test("does not begin where changes that git put aside were never put back, and says how to get at them")
    func strandedChanges() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("other", "2\n", in: "repo")
        try world.directory.write("precious\n", to: "t-1/file")
        let hook = "repo/.git/hooks/pre-rebase"
        try world.directory.write("#!/bin/sh\nexit 1\n", to: hook, permissions: 0o700)
        _ = try await world.tryGit("rebase", "--autostash", "main", in: "t-1")
        try world.directory.unlink(hook)
        let outcome = try await np("rebase", "--autostash", in: "t-1", of: world)
        #expect(outcome.status == .exited(1) && outcome.error.contains("git rebase --quit there stashes them"))
        try await world.git("rebase", "--quit", in: "t-1")
        #expect(try await world.git("stash", "list", in: "t-1").split(separator: "\n").count == 1)
    }

    @Test("names the files in conflict whatever the environment tells git of paths")
    func literalPaths() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("file", "mine\n", in: "t-1")
        try await world.commit("file", "theirs\n", in: "repo")
        let outcome = try await np("rebase", in: "t-1", of: world, environment: ["GIT_LITERAL_PATHSPECS": "1"])
        #expect(outcome.error.contains("conflicts with main in file;"))
    }

    @Test("that git refuses changes nothing, and says why in git's words")
    func refused() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.commit("inTheWay", "2\n", in: "repo")
        try world.directory.write("precious\n", to: "t-1/inTheWay")
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(1))
        #expect(outcome.error.contains("would be overwritten") && outcome.error.contains("inTheWay"))
        #expect(try await state(of: "t-1", in: world) == before)
        #expect(try world.directory.text("t-1/inTheWay") == "precious\n")
    }

    @Test("explains what it cannot rebase")
    func impossible() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.git("worktree", "add", "-q", "--detach", world.path("loose"), in: "repo")
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await np("rebase", in: "repo", of: world).error.contains("is on main itself"))
        #expect(try await np("rebase", in: "loose", of: world).error.contains("no branch is checked out"))
        #expect(try await np("rebase", "nobody", in: "repo", of: world).error.contains("there is no task 'nobody'"))
        try await world.commit("file", "mine\n", in: "t-1")
        _ = try await world.tryGit("rebase", "main", in: "t-1")
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(1) && outcome.error.contains("git rebase --continue or --abort"))
        let nowhere = try await np("rebase", in: "data", of: world)
        #expect(nowhere.status == .exited(1) && nowhere.error.contains("lies in no git repository"))
    }

    @Test("goes on with main as it was last if the remote cannot be reached, and says so")
    func offline() async throws {
        let world = try await GitWorld(remote: true)
        try await world.addTask("t-1")
        try await world.commit("file", "2\n", in: "repo")
        try world.directory.rename("remote.git", to: "away.git")
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(0) && outcome.output.hasPrefix("rebased neuraphage/t-1 onto main"))
        #expect(outcome.error.hasPrefix("np: warning: main cannot be fetched"))
    }

    @Test("fetches what is main here, though the remote calls no branch its main one and its address is relative")
    func relative() async throws {
        let world = try await GitWorld(remote: true)
        try await world.addTask("t-1")
        try await world.git("symbolic-ref", "HEAD", "refs/heads/nothing", in: "remote.git")
        try await world.git("remote", "set-url", "origin", "../remote.git", in: "repo")
        let two = try await world.push("file", "2\n")
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(0) && outcome.error == "")
        #expect(try await world.head(of: "t-1") == two)
    }

    @Test("is of the worktree that it is started in, wherever the repository of that is")
    func separateRepository() async throws {
        let world = try await GitWorld()
        try await world.git("clone", "-q", "--separate-git-dir", world.path("kept.git"), "repo", "apart")
        try await world.git("switch", "-q", "-c", "neuraphage/t-1", in: "apart")
        let main = try await world.commit("file", "2\n", in: "repo")
        let outcome = try await np("rebase", in: "apart", of: world)
        #expect(outcome.status == .exited(0), "\(outcome)")
        #expect(try await world.head(of: "apart") == main)
    }

    @Test("that somebody ends while it fetches changes nothing")
    func interruptedFetch() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("other", "2\n", in: "repo")
        try await world.git("remote", "add", "origin", "ssh://nowhere/repo.git", in: "repo")
        // Its parent is git, whose parent is np.
        try world.directory.write(
            "#!/bin/sh\nkill -TERM $(ps -o ppid= -p $PPID) $PPID\n",
            to: "ssh",
            permissions: 0o700
        )
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", in: "t-1", of: world, environment: ["GIT_SSH": world.path("ssh")])
        #expect(outcome.status == .signaled(SIGTERM), "\(outcome)")
        #expect(try await state(of: "t-1", in: world) == before)
    }

    @Test("that somebody ends in the middle is taken back")
    func interrupted() async throws {
        let world = try await GitWorld()
        try await world.addTask("t-1")
        try await world.commit("mine", "1\n", in: "t-1")
        try await world.commit("other", "2\n", in: "repo")
        // A hook that ends git and its own parent's np in the middle of the rebase, as Ctrl-C does.
        try world.directory.write(
            "#!/bin/sh\nkill -INT $(ps -o ppid= -p $PPID) $PPID; exec sleep 300\n",
            to: "repo/.git/hooks/post-checkout",
            permissions: 0o700
        )
        let before = try await state(of: "t-1", in: world)
        let outcome = try await np("rebase", in: "t-1", of: world)
        #expect(outcome.status == .exited(1), "\(outcome)")
        #expect(try await state(of: "t-1", in: world).prefix(3) == before.prefix(3))
    }
}
