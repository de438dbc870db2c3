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

    private func task(_ path: String) -> TaskID? {
        TaskOfPlace.worktree(at: directory(path))
    }

    @Test("is none outside of a repository, and where there is no directory")
    func outside() {
        #expect(TaskOfPlace.worktree(at: directory.path) == nil)
        #expect(TaskOfPlace.worktree(at: "/") == nil)
        #expect(task("nowhere") == nil)
    }

    @Test("is none in a main checkout of an ordinary branch")
    func mainCheckout() {
        #expect(task("repo") == nil)
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

    @Test("is none in a detached main checkout")
    func detached() async throws {
        try await git("-C", "repo", "switch", "-q", "--detach")
        #expect(task("repo") == nil)
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

    @Test("is none in a submodule, but for a task's branch")
    func submodule() async throws {
        try await git("init", "-q", "-b", "main", "outer")
        try await git("-C", "outer", "-c", "protocol.file.allow=always", "submodule", "add", "-q", "../repo", "sub")
        #expect(task("outer/sub") == nil)
        try await git("-C", "outer/sub", "switch", "-q", "-c", "neuraphage/eg-9")
        #expect(task("outer/sub") == "eg-9")
    }

    @Test("is none where the name is no task id")
    func invalidName() async throws {
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "feature", "../tab\there")
        #expect(task("tab\there") == nil)
        let long = String(repeating: "x", count: 129)
        try await git("-C", "repo", "worktree", "add", "-q", "-b", "neuraphage/\(long)", "../tree")
        #expect(task("tree") == nil)
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

    @Test("is none where HEAD is garbage", arguments: ["", "ref:", "ref: refs/heads/", "ref: refs/heads/neuraphage/"])
    func garbageHead(text: String) throws {
        try directory.write(text, to: "repo/.git/HEAD")
        #expect(task("repo") == nil)
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
        #expect(try TaskOfPlace.current(environment: { $0 == "NP_TASK" ? "eg-7" : nil }, directory: repo) == "eg-7")
        #expect(try TaskOfPlace.current(environment: { _ in nil }, directory: repo) == "eg-1")
        #expect(try TaskOfPlace.current(environment: { _ in "" }, directory: repo) == "eg-1")
        let error = #expect(throws: OperationError.self) {
            try TaskOfPlace.current(environment: { _ in "a\u{7}" }, directory: repo)
        }
        #expect(
            error?.description == """
                the environment variable NP_TASK names no task: the task id contains the unprintable character U+0007; \
                unset it or correct it
                """
        )
    }

    @Test("of what speaks for a task, the nearest to the process counts: what it was told, who works there, then names")
    func precedence() {
        let order: [WritableKeyPath<TaskEvidence, TaskID?>] = [
            \.named, \.ofAgent, \.running, \.begun, \.ranLast, \.ofSession,
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
