// The git hook, as the git that is installed runs it, with a program in place of np that writes down how it was called.

import Foundation
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

@Suite("The git hook", .apart)
struct SetupHookTests {
    let directory: TemporaryDirectory
    private let hook: GitHook
    private static let place = "it's $HOME %s ä/np"

    init() async throws {
        directory = try TemporaryDirectory()
        try directory.makeDirectory("it's $HOME %s ä")
        try directory.write("#!/bin/sh\necho \"$@\" >> '\(directory("calls"))'\n", to: Self.place, permissions: 0o700)
        hook = GitHook(np: try InstalledProgram(path: directory(Self.place), options: ["--data-dir", "/a b"]))
        try await run("git", "init", "-q", "-b", "main", "repo")
        try directory.write(hook.text, to: "repo/.git/hooks/reference-transaction", permissions: 0o700)
    }

    /// The input comes from a file, because not every hook reads all of it.
    @discardableResult
    private func run(
        _ program: String,
        _ arguments: String...,
        input: String = ""
    ) async throws -> (status: TerminationStatus, error: String) {
        let identity: [Environment.Key: String?] = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
            "GIT_INDEX_FILE": nil, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
        ]
        let words = program == "git" ? ["-C", directory.path] + arguments : arguments
        let file = directory("input-\(UUID())")
        try Data(input.utf8).write(to: URL(fileURLWithPath: file))
        let result = try await Subprocess.run(
            .name("sh"),
            arguments: Arguments(["-c", #"exec "$@" < "$0""#, file, program] + words),
            environment: .inherit.updating(identity),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        return (result.terminationStatus, result.standardError)
    }

    private var calls: [String] {
        (directory.read("calls") ?? "").split(separator: "\n").map(String.init)
    }

    @Test(
        "is known as it is written wherever np lies, and not when somebody has edited it",
        arguments: ["/opt/np", "/my dir/np", "/it's/np", "/'/''/np", "/ä\u{301}$HOME/np"]
    )
    func unedited(path: String) throws {
        func hook(_ path: String, _ options: [String] = []) throws -> GitHook {
            GitHook(np: try InstalledProgram(path: path, options: options))
        }
        let (here, there) = (try hook("/usr/bin/np"), try hook(path).text)
        #expect(here.isUnedited(Array(there.utf8)))
        #expect(try !hook(path, ["--data-dir", "/x"]).isUnedited(Array(there.utf8)))
        for (old, new) in [
            ("exit 0\n", "exit 1\n"), ("\nnp=", "\necho mine\nnp="), ("\nnp=", "\nnp= "), ("\n\n", "; echo mine\n\n"),
        ] {
            #expect(!here.isUnedited(Array(there.replacing(old, with: new).utf8)), "\(new)")
        }
        #expect(!here.isUnedited(Array((there + "echo mine\n").utf8)))
    }

    private static let call = "hook git --data-dir /a b reference-transaction committed"

    @Test("calls np once for each transaction that moves a branch, here or in a worktree, and for nothing else")
    func calls() async throws {
        try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "one")
        #expect(calls == [Self.call])
        try await run("git", "-C", "repo", "tag", "v1")
        try await run("git", "-C", "repo", "update-ref", "refs/stash", "HEAD")
        #expect(calls == [Self.call])
        try await run("git", "-C", "repo", "worktree", "add", "-q", "-b", "side", "../tree")
        let before = calls.count
        try await run("git", "-C", "tree", "commit", "-q", "--allow-empty", "-m", "two")
        #expect(calls.count == before + 1)
        try await run("git", "-C", "repo", "update-ref", "refs/remotes/origin/main", "HEAD")
        #expect(calls.count == before + 2)
    }

    @Test("starts no process at all for other states and other references")
    func noProcess() async throws {
        let script = directory("repo/.git/hooks/reference-transaction")
        for (state, reference) in [
            ("preparing", "refs/heads/a"), ("prepared", "refs/heads/a"), ("aborted", "refs/heads/a"),
            ("committed", "refs/tags/a"), ("committed", "HEAD"), ("committed", "refs/headsmen"),
        ] {
            let ended = try await run(
                "env",
                "-i",
                "PATH=/nowhere",
                script,
                state,
                input: "0 1 \(reference)\n"
            )
            #expect(ended.status == .exited(0))
            #expect(ended.error == "")
        }
        #expect(try await run("env", "-i", "PATH=/nowhere", script, "committed").status == .exited(0))
        #expect(calls.isEmpty)
    }

    @Test("finds a branch behind many other references, and lets np look where there are too many")
    func manyReferences() async throws {
        let script = directory("repo/.git/hooks/reference-transaction")
        let tags = (0..<50).map { "0 1 refs/tags/\($0)\n" }.joined()
        try await run("env", script, "committed", input: tags)
        #expect(calls.isEmpty)
        try await run("env", script, "committed", input: tags + "0 1 refs/heads/a\n")
        #expect(calls.count == 1)
        try await run("env", script, "committed", input: String(repeating: tags, count: 3))
        #expect(calls.count == 2)
    }

    @Test("lets git work when np is gone, or fails")
    func noNP() async throws {
        try directory.write("#!/bin/sh\necho bad >&2\nexit 7\n", to: Self.place, permissions: 0o700)
        let failing = try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "one")
        #expect(failing.status == .exited(0))
        #expect(failing.error == "")
        try directory.unlink(Self.place)
        let gone = try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "two")
        #expect(gone.status == .exited(0))
        #expect(gone.error == "")
    }

    @Test("gives the hook that was there before the same input, and its refusal to git")
    func foreign() async throws {
        try directory.write(
            """
            #!/usr/bin/env python3
            import sys
            lines = sys.stdin.readlines()
            with open('\(directory("seen"))', 'a') as file:
                print(sys.argv[1], len(lines), sum('refs/heads/' in line for line in lines), file=file)
            sys.exit(sys.argv[1] == 'prepared' and any('refs/heads/no' in line for line in lines))
            """,
            to: "repo/.git/hooks/reference-transaction.before-np",
            permissions: 0o700
        )
        try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "one")
        let seen = try #require(directory.read("seen"))
        #expect(seen.hasSuffix("prepared 2 1\ncommitted 2 1\n"))
        #expect(calls == [Self.call])

        let refused = try await run("git", "-C", "repo", "branch", "no")
        #expect(refused.status != .exited(0))
        #expect(try await run("git", "-C", "repo", "rev-parse", "-q", "--verify", "no").status != .exited(0))
        #expect(calls.count == 1)

        let many = (0..<5_000).map { "create refs/heads/many/branch-\($0) HEAD\n" }.joined()
        try await run("git", "-C", "repo", "update-ref", "--stdin", input: many)
        #expect(directory.read("seen")?.hasSuffix("prepared 5000 5000\ncommitted 5000 5000\n") == true)
        #expect(calls.count == 2)
    }

    @Test("runs a hook that is a program and reads nothing, and passes over one that is not executable")
    func programs() async throws {
        let aside = "repo/.git/hooks/reference-transaction.before-np"
        try await run("cp", "/bin/false", directory(aside))
        #expect(try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "x").status != .exited(0))
        try await run("cp", "/bin/true", directory(aside))
        let many = (0..<5_000).map { "create refs/heads/many/branch-\($0) HEAD\n" }.joined()
        try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "one")
        let ended = try await run("git", "-C", "repo", "update-ref", "--stdin", input: many)
        #expect(ended.status == .exited(0))
        #expect(ended.error == "")
        try directory.unlink(aside)
        try directory.write("#!/bin/sh\nexit 1\n", to: aside, permissions: 0o600)
        #expect(try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "-m", "y").status == .exited(0))
        #expect(calls.count == 3)
    }
}
