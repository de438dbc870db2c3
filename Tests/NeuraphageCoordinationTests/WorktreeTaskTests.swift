// The task of a directory, with repositories made by the git that is installed.

import NeuraphageEvents
import Subprocess
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageGit
@testable import NeuraphagePresentation
@testable import NeuraphageProjections
@testable import NeuraphageSystem
@testable import NeuraphageTasks
@testable import NeuraphageWatching

@Suite("The task of a directory", .apart)
struct WorktreeTaskTests {
    let directory: TemporaryDirectory

    init() async throws {
        directory = try TemporaryDirectory()
        try await git("init", "-q", "-b", "main", "repo")
        try await git("-C", "repo", "commit", "-q", "--allow-empty", "-m", "one")
    }

    @discardableResult
    private func git(_ arguments: String...) async throws -> TerminationStatus {
        let result = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(["-C", directory.path] + arguments),
            environment: .inherit.updating([
                "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
                "GIT_INDEX_FILE": nil, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
                "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
            ]),
            output: .discarded
        )
        return result.terminationStatus
    }

    private var data: DataDirectory { DataDirectory(directory("data")) }

    private func task(_ path: String) -> TaskID? {
        try? TaskOfPlace.worktree(at: directory(path), in: data)
    }

    @Test("is none outside of a repository, and where there is no directory")
    func outside() throws {
        #expect(try TaskOfPlace.worktree(at: directory.path, in: data) == nil)
        #expect(try TaskOfPlace.worktree(at: "/", in: data) == nil)
        #expect(task("nowhere") == nil)
    }

    @Test("is named like the repository in its main checkout")
    func mainCheckout() async throws {
        #expect(task("repo") == "repo")
        try await git("clone", "-q", "--bare", "repo", "bare.git")
        try await git("-C", "bare.git", "worktree", "add", "-q", "../tree")
        #expect(task("bare.git") == nil && task("tree") == "tree")
    }

    @Test("is named by the branch, in the main checkout and in a linked worktree, however deep")
    func branch() async throws {
        try await git("-C", "repo", "switch", "-q", "-c", "neuraphage/eg-1")
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "neuraphage/team/eg-2", "../tree")
        try directory.makeDirectory("tree/a")
        try directory.makeDirectory("tree/a/b")
        #expect(task("repo") == "eg-1")
        #expect(task("tree") == "team/eg-2")
        #expect(task("tree/a/b") == "team/eg-2")
        #expect(task("tree/a/../../repo") == "eg-1")
    }

    @Test("is named like the directory in a linked worktree of another branch, or of none")
    func directoryName() async throws {
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "feature", "../fix login")
        try await git("-C", "repo", "worktree", "add", "-q", "--detach", "../detached")
        #expect(task("fix login") == "fix login")
        #expect(task("detached") == "detached")
    }

    @Test("stays the same while the branch is being rebased")
    func rebase() async throws {
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "neuraphage/eg-1", "../tree")
        for tree in ["tree", "repo"] {
            try directory.write(tree, to: tree + "/file")
            try await git("-C", tree, "add", "file")
            try await git("-C", tree, "commit", "-q", "-m", tree)
        }
        #expect(try await git("-C", "tree", "rebase", "-q", "main") != .exited(0))
        #expect(task("tree") == "eg-1")
        try await git("-C", "tree", "rebase", "--abort")
        #expect(try await git("-C", "tree", "rebase", "-q", "--apply", "main") != .exited(0))
        #expect(task("tree") == "eg-1")
    }

    @Test("stays the same in a detached main checkout")
    func detached() async throws {
        try await git("-C", "repo", "switch", "-q", "--detach")
        #expect(task("repo") == "repo")
    }

    @Test("is found through a relative path to the git directory")
    func relativePath() async throws {
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "feature", "../tree")
        try directory.write("gitdir: ../repo/.git/worktrees/tree\n", to: "tree/.git")
        #expect(task("tree") == "tree")
    }

    @Test("is found through a symbolic link")
    func symbolicLink() async throws {
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "feature", "../tree")
        _ = try await Subprocess.run(
            .name("ln"),
            arguments: ["-s", directory("tree"), directory("link")],
            output: .discarded
        )
        #expect(task("link") == "tree")
    }

    @Test("is that of the worktree around a submodule, also one that keeps its repository in itself")
    func submodule() async throws {
        try await git("init", "-q", "-b", "main", "outer")
        try await git("-C", "outer", "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../repo", "sub")
        #expect(task("outer/sub") == "outer")
        try await git("-C", "outer/sub", "switch", "-q", "-c", "neuraphage/eg-9")
        #expect(task("outer/sub") == "outer")
        try await git("clone", "-q", "repo", "outer/old")
        #expect(task("outer/old") == "old")
        try await git("-C", "outer", "submodule", "add", "-q", "./old", "old")
        #expect(task("outer/old") == "outer")
    }

    @Test(
        "is none where .git is garbage",
        arguments: [
            "", "\n", "gitdir:", "gitdir: \n", "gitdir: nowhere\n", "gitdir: .\n", "gitdir: .git\n", "\u{0}\u{0}",
            "gitdir: \(String(repeating: "x/", count: 9_000))\n", "hello",
        ]
    )
    func garbage(text: String) throws {
        try directory.makeDirectory("tree")
        try directory.write(text, to: "tree/.git")
        #expect(task("tree") == nil)
    }

    @Test("is that of the place where HEAD is garbage", arguments: ["", "ref:", "ref: refs/heads/neuraphage/"])
    func garbageHead(text: String) throws {
        try directory.write(text, to: "repo/.git/HEAD")
        #expect(task("repo") == "repo")
    }

    @Test("is the one of the repository above an empty .git directory")
    func emptyGitDirectory() async throws {
        try await git("-C", "repo", "switch", "-q", "-c", "neuraphage/eg-1")
        try directory.makeDirectory("repo/a")
        try directory.makeDirectory("repo/a/.git")
        #expect(task("repo/a") == "eg-1")
    }

    @Test("is what NP_TASK says, if it says anything")
    func environment() async throws {
        try await git("-C", "repo", "switch", "-q", "-c", "neuraphage/eg-1")
        let repo = directory("repo")
        func current(_ name: String?) throws -> TaskID? {
            try TaskOfPlace.current(in: data, environment: { $0 == "NP_TASK" ? name : nil }, directory: repo)
        }
        #expect(try current("eg-7") == "eg-7")
        #expect(try current(nil) == "eg-1" && current("") == "eg-1")
        let error = #expect(throws: OperationError.self) { try current("a\u{7}") }
        #expect(
            error?.description == """
                the environment variable NP_TASK names no task: the task id contains the unprintable character U+0007; \
                unset it or correct it
                """
        )
    }

    @Test("is not what NP_TASK says if the run is over that set it, or NP_RUN is anything else than a run's id")
    func pastRun() throws {
        let repo = directory("repo")
        for run in ["01a21d63-75ee-7691-bf49-2c87c2ed7769", "../../etc/passwd", "x y", "%00"] {
            let variables = ["NP_TASK": "eg-7", "NP_RUN": run]
            let task = try TaskOfPlace.current(in: data, environment: { variables[$0] }, directory: repo)
            #expect(task == "repo", "\(run)")
        }
    }

    @Test(
        "of what speaks for a task, the nearest to the process counts: its session, what it was told, who works there"
    )
    func precedence() {
        let order: [WritableKeyPath<TaskEvidence, TaskID?>] = [
            \.ofSession, \.named, \.ofAgent, \.running, \.ofBranch, \.begun, \.ranLast, \.ofPlace,
        ]
        for (first, path) in order.enumerated() {
            var evidence = TaskEvidence()
            for later in order[first...] { evidence[keyPath: later] = "later" }
            evidence[keyPath: path] = "first"
            #expect(evidence.task == "first", "\(path)")
        }
        #expect(TaskEvidence().task == nil)
    }
}
