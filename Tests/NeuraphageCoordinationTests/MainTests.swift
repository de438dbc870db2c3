// Main that moves, here and at a remote, whoever moves it and whenever that is noticed.

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

@Suite("Main", .apart)
struct MainTests {
    @Test("is not said to have moved when it is seen for the first time")
    func first() async throws {
        let world = try await GitWorld()
        #expect(try await world.look() == [])
        #expect(try await world.look() == [])
    }

    @Test("is said to have moved once, from where it was last seen to where it is")
    func local() async throws {
        let world = try await GitWorld()
        let one = try await world.head(of: "repo")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        let three = try await world.commit("file", "3\n", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(three.short)"])
        #expect(try await world.look() == [])
        let event = try #require(try world.events().last)
        #expect(event.payload["repo"]?.text == world.path("repo"))
        #expect(event.payload["branch"]?.text == "main")
        #expect(event.source == nil && event.target == nil)
    }

    @Test("moves when somebody's push is fetched, and not again when it is merged here")
    func remote() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        try await world.look()
        let two = try await world.push("file", "2\n")
        #expect(try await world.look() == [])
        try await world.git("fetch", "-q", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
        try await world.git("merge", "-q", "--ff-only", "origin/main", in: "repo")
        #expect(try await world.look() == [])
    }

    @Test("moves when it is committed here, and not again when that is pushed")
    func push() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        try await world.look()
        let two = try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
        try await world.git("push", "-q", "origin", "main", in: "repo")
        #expect(try await world.look() == [])
    }

    @Test("follows a remote that was forced to something else, also back to an older commit")
    func forced() async throws {
        let world = try await GitWorld(remote: true)
        let one = try await world.head(of: "repo")
        let two = try await world.push("file", "2\n")
        try await world.git("pull", "-q", "--ff-only", "origin", "main", in: "repo")
        try await world.look()
        try await world.git("commit", "-q", "--amend", "-m", "Other", in: "other")
        let other = try await world.head(of: "other")
        try await world.git("push", "-q", "--force", "origin", "HEAD:main", in: "other")
        try await world.git("fetch", "-q", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(two.short)..\(other.short)"])
        try await world.git("push", "-q", "--force", "origin", "\(one):main", in: "other")
        try await world.git("fetch", "-q", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(other.short)..\(one.short)"])
        #expect(try await world.look() == [])
    }

    @Test("that is reset here moves back")
    func reset() async throws {
        let world = try await GitWorld()
        let one = try await world.head(of: "repo")
        let two = try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.git("reset", "-q", "--hard", one, in: "repo")
        #expect(try await world.look() == ["MainUpdated \(two.short)..\(one.short)"])
    }

    @Test("that is renamed is still main, and has not moved")
    func renamed() async throws {
        let world = try await GitWorld()
        try await world.look()
        let one = try await world.head(of: "repo")
        try await world.git("branch", "-m", "main", "trunk", in: "repo")
        #expect(try await world.look() == [])
        let two = try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
        #expect(try world.events().last?.payload["branch"]?.text == "trunk")
    }

    @Test("is the branch that the remote says, whatever it is called")
    func remoteDefault() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("branch", "-m", "main", "development", in: "remote.git")
        try await world.git("clone", "-q", "remote.git", "clone")
        try await world.git("switch", "-q", "-c", "mine", in: "clone")
        try await world.git("branch", "-D", "development", in: "clone")
        try await world.look(at: "clone")
        let observer = try await world.observer(of: "clone")
        #expect(try observer.memory.state?.branch == "development")
    }

    @Test("is found again in the log when what was remembered is lost")
    func lostMemory() async throws {
        let world = try await GitWorld()
        try await world.look()
        let two = try await world.commit("file", "2\n", in: "repo")
        try await world.look()
        try await world.remove("data/repositories")
        let three = try await world.commit("file", "3\n", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(two.short)..\(three.short)"])
    }

    @Test("is the branch that the local one follows, whatever remote that is at")
    func fork() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("clone", "-q", "--bare", "remote.git", "fork.git")
        try await world.git("clone", "-q", "fork.git", "mine")
        try await world.git("remote", "add", "upstream", world.path("remote.git"), in: "mine")
        try await world.git("fetch", "-q", "upstream", in: "mine")
        try await world.git("branch", "-q", "-u", "upstream/main", in: "mine")
        try await world.look(at: "mine")
        let one = try await world.head(of: "mine")
        // The fork's main goes elsewhere.
        try await world.git("clone", "-q", "fork.git", "elsewhere")
        try await world.commit("fork", "only\n", in: "elsewhere")
        try await world.git("push", "-q", in: "elsewhere")
        try await world.git("fetch", "-q", "origin", in: "mine")
        #expect(try await world.look(at: "mine") == [])

        let two = try await world.push("file", "2\n")
        let remote = try #require(try await RemoteBranch(of: try await world.observer(of: "mine").repository))
        #expect(try await remote.fetch("main") == .fetched("main"))
        #expect(try await world.look(at: "mine") == ["MainUpdated \(one.short)..\(two.short)"])
    }

    @Test("is the branch that the configuration says, whatever else there is")
    func configured() async throws {
        let world = try await GitWorld()
        try await world.git("branch", "stale", in: "repo")
        try await world.git("branch", "-m", "main", "develop", in: "repo")
        try await world.git("branch", "-m", "stale", "master", in: "repo")
        try await world.git("config", "neuraphage.main", "develop", in: "repo")
        try await world.look()
        let one = try await world.head(of: "repo")
        try await world.git("switch", "-q", "-c", "topic", in: "repo")
        try await world.commit("mine", "1\n", in: "repo")
        #expect(try await world.look() == [])
        try await world.git("switch", "-q", "develop", in: "repo")
        let two = try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look() == ["MainUpdated \(one.short)..\(two.short)"])
    }

    @Test("is trunk where that is a branch, whatever is checked out")
    func trunk() async throws {
        let world = try await GitWorld()
        try await world.git("branch", "-m", "main", "trunk", in: "repo")
        try await world.git("switch", "-q", "-c", "topic", in: "repo")
        try await world.commit("mine", "1\n", in: "repo")
        try await world.look()
        #expect(try await world.observer().memory.state?.branch == "trunk")
    }

    @Test("may be another name for a branch")
    func symbolic() async throws {
        let world = try await GitWorld()
        try await world.git("branch", "-m", "main", "master", in: "repo")
        try await world.git("symbolic-ref", "refs/heads/main", "refs/heads/master", in: "repo")
        try await world.addTask("t-1", at: "master")
        try await world.look()
        try await world.commit("file", "2\n", in: "repo")
        #expect(try await world.look().last == "RebaseRequired t-1 1")
    }

    @Test("that was renamed at the remote has moved as soon as that is known, though somebody looked before")
    func renamedThere() async throws {
        let world = try await GitWorld(remote: true)
        try await world.look()
        let one = try await world.head(of: "repo")
        try await world.git("branch", "-m", "main", "trunk", in: "remote.git")
        let two = try await world.commit("file", "2\n", in: "other")
        try await world.git("push", "-q", "origin", "HEAD:trunk", in: "other")
        let observer = try await world.observer()
        let fetched = try await RemoteBranch(of: observer.repository)?.fetch("main")
        #expect(fetched == .fetched("trunk"))
        #expect(try await world.look() == [])
        let bus = try world.openBus()
        try await observer.note(#require(fetched), publishingTo: bus)
        bus.close()
        #expect(try world.events().map(GitWorld.text) == ["MainUpdated \(one.short)..\(two.short)"])
    }

    @Test("is not fetched into a mirror, which has no branches of its own")
    func mirror() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("clone", "-q", "--mirror", "remote.git", "mirror.git")
        let repository = try await world.observer(of: "mirror.git").repository
        #expect(try await RemoteBranch(of: repository) == nil)
    }

    @Test("is seen through packed references, a detached head, a bare repository, a submodule and a shallow clone")
    func shapes() async throws {
        let world = try await GitWorld(remote: true)
        try await world.git("clone", "-q", "--depth", "1", "file://\(world.path("remote.git"))", "shallow")
        try await world.git("clone", "-q", "remote.git", "super")
        try await world.git(
            "-c",
            "protocol.file.allow=always",
            "submodule",
            "--quiet",
            "add",
            world.path("remote.git"),
            "sub",
            in: "super"
        )
        try await world.git("pack-refs", "--all", in: "repo")
        try await world.git("switch", "-q", "--detach", in: "repo")
        for place in ["repo", "remote.git", "shallow", "super/sub"] { #expect(try await world.look(at: place) == []) }

        let one = try await world.head(of: "repo")
        let two = try await world.push("file", "2\n")
        for place in ["repo", "shallow", "super/sub"] { try await world.git("fetch", "-q", in: place) }
        for place in ["repo", "remote.git", "shallow", "super/sub"] {
            #expect(try await world.look(at: place) == ["MainUpdated \(one.short)..\(two.short)"], "\(place)")
        }
    }

    @Test("is not looked for where references are in a format that cannot be read, and what to do is said")
    func reftable() async throws {
        let world = try await GitWorld()
        try world.directory.makeDirectory("repo/.git/reftable")
        await #expect {
            try await world.look()
        } throws: {
            "\($0)".contains("reftable, which np cannot read; git refs migrate --ref-format=files changes that")
        }
    }

    @Test("is found among thousands of references and worktrees with names of all kinds")
    func many() async throws {
        let world = try await GitWorld()
        let commit = try await world.head(of: "repo")
        let lines = (0..<5_000).map { "\(commit) refs/heads/some/branch-\($0)\n" }.joined()
        try world.directory.write(
            "# pack-refs with: peeled fully-peeled sorted \n" + lines,
            to: "repo/.git/packed-refs"
        )
        try await world.git(
            "worktree",
            "add",
            "-q",
            "-b",
            "neuraphage/ü 1".replacing(" ", with: "-"),
            world.path("a b\"c"),
            in: "repo"
        )
        try await world.git("worktree", "add", "-q", "-b", "plain", world.path("plain"), in: "repo")
        try await world.look()
        let two = try await world.commit("file", "2\n", in: "repo")
        #expect(
            try await world.look() == [
                "MainUpdated \(commit.short)..\(two.short)", "RebaseRequired ü-1 1", "RebaseRequired plain 1",
            ]
        )
    }
}
