// np demo: what it shows has really happened.

import NeuraphageEvents
import TestSupport
import Testing

@Suite("np demo", .apart)
struct DemoTests {
    let home: Home

    init() throws { home = try Home() }

    @Test("leaves a log of three tasks that ended in three ways, and of commits that are there")
    func story() async throws {
        let result = try await home.np("demo")
        #expect(result.status == 0 && result.err == "", "\(result.err)")
        let directory = try dataDirectory(result)
        let events = try String(decoding: home.read(directory + "/event_log.jsonl"), as: UTF8.self).wholeLines
            .map { try Event(line: $0) }
        expectAsInTable(events)
        func tasks(_ kind: EventKind) -> Set<TaskID?> { Set(events.filter { $0.kind == kind }.map(\.source)) }
        #expect(tasks(.taskStarted) == ["add-login", "fix-cache", "new-parser"])
        #expect(tasks(.taskCompleted) == ["add-login"])
        #expect(tasks(.taskFailed) == ["fix-cache"])
        #expect(tasks(.taskCancelled) == ["new-parser"])
        #expect(Set(events.filter { $0.kind == .rebaseRequired }.map(\.target)) == ["new-parser"])

        let main = try #require(events.first { $0.kind == .mainUpdated })
        let rebase = try #require(events.first { $0.kind == .rebaseCompleted })
        for (event, keys) in [(main, ["previous", "commit"]), (rebase, ["previous", "new"])] {
            for key in keys {
                let commit = try #require(event.payload[key]?.text)
                #expect(commit.utf8.count == 40)
                let check = try await home.shell("git -C '\(directory)/../repo' cat-file -e '\(commit)^{commit}'")
                #expect(check.status == 0, "\(commit): \(check.err)")
            }
        }
        let head = try await home.shell("git -C '\(directory)/../repo' rev-parse main neuraphage/new-parser")
        #expect(head.lines == [main.payload["commit"]?.text, rebase.payload["new"]?.text])
    }

    @Test("shows that log, and how to go on with it")
    func output() async throws {
        let result = try await home.np("demo")
        let directory = try dataDirectory(result)
        let shown = try await home.np("events", "--data-dir", directory)
        #expect(shown.lines.count >= 10 && shown.err == "")
        #expect(result.out.contains(shown.out))
        let again = try await home.np("events", "--problems", environment: ["NP_DATA_DIR": directory])
        #expect(again.lines.count == 1)
        #expect(throws: (any Error).self) { try home.logged }
    }

    @Test("works with any git configuration, and leaves the user's repository alone")
    func hostileGit() async throws {
        try home.write(
            """
            [user]
                name =
            [commit]
                gpgsign = true
            [gpg]
                program = /bin/false
            [core]
                hooksPath = \(home("hooks"))
                editor = /bin/false
            [init]
                defaultBranch = trunk
                templateDir = /nowhere
            [merge]
                ff = only
            [rebase]
                autosquash = true
                missingCommitsCheck = error

            """,
            to: home(".gitconfig")
        )
        try home.write("#!/bin/sh\nexit 1\n", to: home("hooks/pre-commit"))
        let prepared = try await home.shell(
            "chmod +x hooks/pre-commit; unset HOME; git init -q mine && ls -R mine/.git > before"
        )
        #expect(prepared.status == 0)
        let result = try await home.np(
            "demo",
            environment: [
                "GIT_DIR": home("mine/.git"), "GIT_WORK_TREE": home("mine"), "GIT_INDEX_FILE": home("index"),
                "GIT_CONFIG_GLOBAL": home(".gitconfig"), "GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "commit.gpgsign",
                "GIT_CONFIG_VALUE_0": "true", "XDG_CONFIG_HOME": home("config"), "NP_TASK": "mine",
                "NP_DATA_DIR": home("data"), "LC_ALL": "de_DE.UTF-8",
            ]
        )
        #expect(result.status == 0 && result.err == "", "\(result.err)")
        let shown = try await home.np("events", "-k", "RebaseCompleted", "--data-dir", try dataDirectory(result))
        #expect(shown.lines.count == 1)
        #expect(try await home.shell("ls -R mine/.git | diff before - && ! ls data index").status == 0)
    }

    @Test("says what it needs when there is no git")
    func noGit() async throws {
        try home.makeDirectory(home("bin"))
        let result = try await home.np("demo", environment: ["PATH": home("bin")])
        #expect(result.status == 1)
        #expect(result.errorLines.count == 2)
        #expect(result.errorLines.first?.contains("git") == true)
        #expect(result.errorLines.last?.hasPrefix("hint: install ") == true)
        #expect(result.out == "")
        #expect(try await home.shell("ls -d np-demo-*").lines == [])
    }

    @Test("says how to go on and how to clean up in words that a shell reads right, wherever that is")
    func quoting() async throws {
        let parent = home("it's a \"$place\"")
        try home.makeDirectory(parent)
        let result = try await home.np("demo", environment: ["TMPDIR": parent])
        let commands = result.lines.filter {
            $0.hasPrefix("  alias ") || $0.hasPrefix("  export ") || $0.hasPrefix("  rm ")
        }
        #expect(commands.count == 3)
        let check = try await home.shell(
            "shopt -s expand_aliases\n" + commands.dropLast().joined(separator: "\n")
                + "\nnp events --problems | wc -l\n" + (commands.last ?? "") + "\nls -A \"$PARENT\"",
            environment: ["PARENT": parent]
        )
        #expect(check.lines == ["1"], "\(check.err)")
    }

    /// The directory that the output says to try on.
    private func dataDirectory(_ result: Finished) throws -> String {
        let line = try #require(result.lines.first { $0.contains("export NP_DATA_DIR=") })
        return String(line.split(separator: "=")[1])
    }
}
