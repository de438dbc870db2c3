// The git hooks, as the git that is installed runs it, with a program in place of np that writes down how it was called.

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

@Suite("The git hooks", .apart)
struct SetupHookTests {
    let directory: TemporaryDirectory
    private let hook: GitHook
    private static let place = "it's $HOME %s ä/np"
    private static let data = "the data"

    init() async throws {
        directory = try TemporaryDirectory(endingProcesses: true)
        try directory.makeDirectory("it's $HOME %s ä")
        try directory.write("#!/bin/sh\necho \"$@\" >> '\(directory("calls"))'\n", to: Self.place, permissions: 0o700)
        let np = try InstalledProgram(path: directory(Self.place), options: ["--data-dir", directory(Self.data)])
        hook = GitHook(np: np, data: directory(Self.data))
        try await run("git", "init", "-q", "-b", "main", "repo")
        for name in GitHook.names { try directory.write(hook.text, to: "repo/.git/hooks/\(name)", permissions: 0o700) }
        try directory.write("{\"format\":1,\"id\":\"the-id\",\"inode\":\"1\"}\n", to: "repo/.git/neuraphage")
    }

    @discardableResult
    private func run(_ program: String, _ arguments: String...) async throws -> (
        status: TerminationStatus, error: String
    ) {
        let identity: [Environment.Key: String?] = [
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_NOSYSTEM": "1", "GIT_DIR": nil, "GIT_WORK_TREE": nil,
            "GIT_INDEX_FILE": nil, "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com", "GIT_EDITOR": "true",
            "NP_DATA_DIR": "/elsewhere",
        ]
        let result = try await Subprocess.run(
            .name(program),
            arguments: Arguments(program == "git" ? ["-C", directory.path] + arguments : arguments),
            environment: .inherit.updating(identity),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        return (result.terminationStatus, result.standardError)
    }

    private func commit(_ place: String = "repo") async throws {
        try await run("git", "-C", place, "commit", "-q", "--allow-empty", "-m", "\(UUID())")
    }

    /// The hooks for which np was called, by their names.
    private var calls: [String] {
        let start = "hook git --data-dir \(directory(Self.data)) "
        return (directory.read("calls") ?? "").split(separator: "\n").filter { $0.hasPrefix(start) }
            .compactMap { $0.split(separator: "/").last.map(String.init) }
    }

    private func expect(_ expected: [String]) throws {
        try wait(for: "np to be called for \(expected)") { calls.count >= expected.count }
        #expect(calls.sorted() == expected.sorted())
    }

    private func put(_ marker: String, _ text: String) throws {
        try RealFileSystem().makeDirectories(directory("\(Self.data)/looks"))
        try directory.write(text, to: "\(Self.data)/looks/the-id.\(marker)")
    }

    @Test(
        "are known as they are written wherever np lies, and not when somebody has edited them",
        arguments: ["/opt/np", "/my dir/np", "/it's/np", "/'/''/np", "/ä\u{301}$HOME/np"]
    )
    func unedited(path: String) throws {
        func hook(_ path: String, _ options: [String] = []) throws -> GitHook {
            GitHook(np: try InstalledProgram(path: path, options: options), data: "/my data")
        }
        let (here, there) = (try hook("/usr/bin/np"), try hook(path).text)
        #expect(here.isUnedited(Array(there.utf8)))
        #expect(try !hook(path, ["--data-dir", "/x"]).isUnedited(Array(there.utf8)))
        for (old, new) in [
            ("exit $status\n", "exit 1\n"), ("\nnp=", "\necho mine\nnp="), ("\nnp=", "\nnp= "),
            ("\n\n", "; echo mine\n\n"),
        ] {
            #expect(!here.isUnedited(Array(there.replacing(old, with: new).utf8)), "\(new)")
        }
        #expect(!here.isUnedited(Array((there + "echo mine\n").utf8)))
    }

    @Test("call np for a command that has moved a branch, here or in a worktree, and for nothing else")
    func commands() async throws {
        try await commit()
        try await run("git", "-C", "repo", "tag", "v1")
        try await run("git", "-C", "repo", "update-ref", "refs/stash", "HEAD")
        try await run("git", "-C", "repo", "checkout", "-q", "--", ".")
        try await run("git", "clone", "-q", "repo", "other")
        try await commit("other")
        try await run("git", "-C", "repo", "fetch", "-q", "../other", "main:refs/remotes/other/main")
        #expect(calls.isEmpty)
        try await run("git", "-C", "repo", "worktree", "add", "-q", "-b", "side", "../tree")
        try await commit("tree")
        try await run("git", "-C", "repo", "merge", "-q", "other/main")
        try await run("git", "-C", "other", "push", "-q", "../repo", "HEAD:refs/heads/new")
        let before = ["post-checkout", "post-merge", "post-receive"]
        try expect(before)
        try await run("git", "-C", "tree", "rebase", "-q", "main")
        try expect(before + ["post-checkout", "post-rewrite"])
    }

    @Test("call np neither where np has never been, nor while a process watches or is about to look")
    func seen() async throws {
        let me = ProcessIdentity.current(in: RealFileSystem())
        guard me.start != 0 else { return }  // a system that has no /proc
        try await commit()
        for marker in ["watching", "looking"] {
            try put(marker, "\(me.id) \(me.start)\n")
            try await run("git", "-C", "repo", "checkout", "-q", "-b", marker)
            // What a process has left that was killed names no process, or another one.
            try put(marker, "\(me.id) \(me.start - 1)\n")
        }
        try directory.rename("repo/.git/neuraphage", to: "id")
        try await run("git", "-C", "repo", "checkout", "-q", "-b", "unknown")
        #expect(calls.isEmpty)
        try directory.rename("id", to: "repo/.git/neuraphage")
        try await run("git", "-C", "repo", "checkout", "-q", "-b", "last")
        try expect(["post-checkout"])
    }

    @Test("read a file and start nothing that they wait for")
    func noProcess() async throws {
        for name in GitHook.names {
            let script = directory("repo/.git/hooks/\(name)")
            let ended = try await run("env", "-i", "PATH=/nowhere", "GIT_DIR=/nowhere", script, "a", "b", "1")
            #expect(ended.status == .exited(0))
            #expect(ended.error == "")
        }
        #expect(calls.isEmpty)
    }

    @Test("let git work when np is gone, or fails, or doesn't end")
    func noNP() async throws {
        for script in ["echo bad >&2\nexit 7\n", "exec sleep 1000\n"] {
            try directory.write("#!/bin/sh\n" + script, to: Self.place, permissions: 0o700)
            let failing = try await within("the checkout to end") {
                try await run("git", "-C", "repo", "checkout", "-q", "-B", "one")
            }
            #expect(failing.status == .exited(0))
            #expect(failing.error == "")
        }
        try directory.unlink(Self.place)
        let gone = try await run("git", "-C", "repo", "checkout", "-q", "-b", "two")
        #expect(gone.status == .exited(0))
        #expect(gone.error == "")
    }

    @Test("run the hook that was here before with the same arguments and input, and end as it does")
    func foreign() async throws {
        try await commit()
        try directory.write(
            "#!/bin/sh\n(echo \"$@\"; cat) >> '\(directory("seen"))'\nexit 3\n",
            to: "repo/.git/hooks/post-checkout.before-np",
            permissions: 0o700
        )
        let ended = try await run("git", "-C", "repo", "checkout", "-q", "-b", "side")
        #expect(ended.status != .exited(0))
        #expect(directory.read("seen")?.hasSuffix(" 1\n") == true)
        try directory.write(
            "#!/bin/sh\n(echo \"$@\"; wc -l) >> '\(directory("rewritten"))'\n",
            to: "repo/.git/hooks/post-rewrite.before-np",
            permissions: 0o700
        )
        try await run("git", "-C", "repo", "commit", "-q", "--allow-empty", "--amend", "-m", "again")
        #expect(directory.read("rewritten") == "amend\n1\n")
        try expect(["post-checkout", "post-rewrite"])
        chmod(directory("repo/.git/hooks/post-checkout.before-np"), 0o600)
        #expect(try await run("git", "-C", "repo", "checkout", "-q", "main").status == .exited(0))
    }

    @Test("are not put before a hook that asks for its own name, which it would not have any more")
    func ownName() {
        for text in ["#!/bin/sh\n. \"$(dirname \"$0\")/h\"\n", "#!/bin/bash\nn=${0##*/}\n"] {
            #expect(!GitHook.canBePutAside(Array(text.utf8)))
        }
        #expect(GitHook.canBePutAside(Array("#!/bin/sh\ngit lfs post-commit \"$@\"\n".utf8)))
    }
}
