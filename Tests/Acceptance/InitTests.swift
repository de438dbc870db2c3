// np init and np uninit in a home of the test's own: its agents, its repository, its service manager.

import Testing

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

@Suite("np init", .timeLimit(.minutes(5)))
struct InitTests {
    private let home: Home
    private let repository: String

    init() async throws {
        home = try Home()
        repository = home("my repo's $x %d ä")
        // No service manager that a test could reach, whatever runs the tests.
        for name in ["systemctl", "launchctl"] { try await program(name, "exit 1") }
        try await git("init", "-q", "-b", "main", repository, in: home.path)
        try await git("commit", "-q", "--allow-empty", "-m", "one")
    }

    // MARK: - Doing things

    private func program(_ name: String, _ script: String) async throws {
        try home.write("#!/bin/sh\n" + script + "\n", to: home("bin/" + name))
        chmod(home("bin/" + name), 0o755)
    }

    private var surroundings: [String: String] {
        let path = getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin"
        return [
            "PATH": home("bin") + ":" + path, "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_AUTHOR_DATE": "2026-01-01T00:00:00Z",
            "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.com",
            "GIT_COMMITTER_DATE": "2026-01-01T00:00:00Z",
        ]
    }

    @discardableResult
    private func git(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        let words = ["git", "-C", directory ?? repository] + arguments
        // np's hook starts nothing then that could outlive the test.
        let quiet = surroundings.merging(["NP_EVENTS_ENABLED": "false"]) { $1 }
        let done = try await home.run("/usr/bin/env", words, environment: quiet)
        #expect(done.status == 0, "git \(arguments): \(done.err)")
        return done
    }

    @discardableResult
    private func np(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        try await home.run(Home.np, arguments, environment: surroundings, in: directory ?? repository)
    }

    /// Without a daemon, where it isn't what the test is about.
    @discardableResult
    private func initialize(_ arguments: String..., in directory: String? = nil) async throws -> Finished {
        try await home.run(
            Home.np,
            ["init", "--no-daemon"] + arguments,
            environment: surroundings,
            in: directory ?? repository
        )
    }

    /// Everything below a directory: what kind of thing it is, its mode, and what it holds. Not the data directory, nor
    /// git's index, which holds times.
    private func tree(_ directory: String? = nil) throws -> [String: String] {
        var found: [String: String] = [:]
        func visit(_ path: String) throws {
            if path == home.dataDirectory || path.hasSuffix("/index") { return }
            var status = stat()
            guard lstat(path, &status) == 0 else { return }
            let mode = String(status.st_mode, radix: 8)
            switch status.st_mode & S_IFMT {
            case S_IFDIR:
                if path != home(".local"), path != home(".local/share") { found[path] = mode }
                guard let stream = opendir(path) else { return }
                defer { closedir(stream) }
                while let entry = readdir(stream) {
                    let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                        String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
                    }
                    if name != "." && name != ".." { try visit(path + "/" + name) }
                }
            case S_IFLNK:
                var target = [CChar](repeating: 0, count: 4_096)
                let count = readlink(path, &target, target.count)
                found[path] =
                    "link to " + String(decoding: target[..<count].map { UInt8(bitPattern: $0) }, as: UTF8.self)
            default: found[path] = mode + " " + String(try home.read(path).hashValue)
            }
        }
        try visit(directory ?? home.path)
        return found
    }

    private func expectSame(_ after: [String: String], _ before: [String: String]) {
        let changed = Set(after.keys).union(before.keys).filter { after[$0] != before[$0] }
        #expect(changed.isEmpty)
    }

    private func text(_ path: String) throws -> String { String(decoding: try home.read(path), as: UTF8.self) }

    private var hook: String { repository + "/.git/hooks/reference-transaction" }
    private var claude: String { home(".claude/settings.json") }
    private var codex: String { home(".codex/hooks.json") }

    private static let foreignSettings =
        "{\r\n\t\"model\": \"opus\",\r\n\t\"hooks\": {\r\n\t\t\"Stop\": [\r\n\t\t\t"
        + "{\"hooks\": [{\"type\": \"command\", \"command\": \"say done\"}]}\r\n\t\t]\r\n\t}\r\n}"

    private static let foreignHook = "#!/usr/bin/env python3\nimport sys\nsys.stdin.read()\n"

    /// Hooks, settings and links of somebody who uses other tools, too.
    private func furnish() async throws {
        try home.write(Self.foreignHook, to: hook)
        chmod(hook, 0o750)
        try home.write("#!/bin/sh\nexit 0\n", to: repository + "/.git/hooks/post-commit")
        chmod(repository + "/.git/hooks/post-commit", 0o755)
        try home.write(Self.foreignSettings, to: home("dotfiles/claude.json"))
        chmod(home("dotfiles/claude.json"), 0o640)
        try home.makeDirectory(home(".claude"))
        symlink("../dotfiles/claude.json", claude)
        try home.write("{\"hooks\":{\"Stop\":[ ]}}", to: codex)
    }

    // MARK: - There and back

    @Test("then work, then np uninit: every file of home and repository is what it would be without np, modes included")
    func thereAndBack() async throws {
        try await furnish()
        let home = home
        func work() async throws {
            try await git("commit", "-q", "--allow-empty", "-m", "two")
            try await git("branch", "side")
            try await git("worktree", "add", "-q", home("tree"), "side")
            try await git("commit", "-q", "--allow-empty", "-m", "three", in: home("tree"))
            try await git("merge", "-q", "--ff-only", "side")
            try await git("tag", "v1")
        }
        try await home.shell(
            "cp -a \"$1\" \"$HOME/base\"".replacing("$1", with: repository.replacing("$", with: "\\$"))
        )
        try await work()
        let expected = try tree()
        try await home.shell("cd \"$HOME\" && rm -rf tree my* && cp -a base \"$R\"", environment: ["R": repository])

        let done = try await initialize()
        #expect(done.status == 0, "\(done.err)")
        #expect(try text(hook).contains("np init put this hook here"))
        #expect(try text(hook + ".before-np") == Self.foreignHook)
        #expect(try text(claude).contains("np hook claude"))
        #expect(try text(codex).contains("np hook codex"))
        try await work()
        #expect(try await git("status", "--porcelain").out == "")
        let undone = try await np("uninit")
        #expect(undone.status == 0, "\(undone.err)")
        expectSame(try tree(), expected)
    }

    @Test("changes nothing with --dry-run, and says what it would; nor does np uninit --dry-run")
    func dryRun() async throws {
        try await furnish()
        let before = try tree()
        let shown = try await np("init", "--dry-run")
        #expect(shown.status == 0)
        expectSame(try tree(), before)
        #expect(access(home.dataDirectory, F_OK) != 0)
        #expect(shown.out.contains("git hook: rename \(hook) to \(hook).before-np\n"))
        #expect(shown.out.contains("Claude Code: change \(home("dotfiles/claude.json"))\n     5 -"))
        #expect(shown.out.contains("+             {\"hooks\": [{\"type\": \"command\", \"command\": \""))
        #expect(!shown.out.contains("opus"))

        let done = try await initialize()
        #expect(done.out.hasPrefix(shown.out.components(before: "would be")))
        let installed = try tree()
        let back = try await np("uninit", "--dry-run")
        #expect(back.status == 0)
        #expect(back.out.contains("git hook: rename \(hook).before-np back to \(hook)\n"))
        expectSame(try tree(), installed)
    }

    @Test("a second time says that everything is in place, and changes nothing; np uninit a second time says so, too")
    func twice() async throws {
        try await furnish()
        let before = try tree()
        try await initialize()
        let installed = try tree()
        let again = try await initialize()
        #expect(again.status == 0)
        #expect(again.out.hasPrefix("Everything is in place for \(repository).\n"))
        expectSame(try tree(), installed)
        try await np("uninit")
        let nothing = try await np("uninit")
        #expect(nothing.status == 0)
        #expect(nothing.out == "Nothing is installed for \(repository).\n")
        expectSame(try tree(), before)
    }

    @Test("makes what isn't there, and np uninit removes it, directories included")
    func fresh() async throws {
        try await program("claude", "exit 0")
        try await program("codex", "exit 0")
        let before = try tree()
        #expect(try await initialize().status == 0)
        #expect(access(codex, F_OK) == 0)
        #expect(access(claude, F_OK) == 0)
        try await np("uninit")
        expectSame(try tree(), before)
    }

    @Test(
        "and np uninit leave settings as they were, whatever they look like",
        arguments: ["", "{}", "{ }\n", "\u{feff}{\"a\": 1}\n", "{\n  \"hooks\": {}\n}", "  \n"]
    )
    func oddSettings(settings: String) async throws {
        try home.write(settings, to: claude)
        let before = try tree()
        #expect(try await initialize().status == 0)
        #expect(try text(claude).contains("np hook claude"))
        try await np("uninit")
        expectSame(try tree(), before)
    }

    // MARK: - What others do in between

    @Test("and np uninit keep exactly what somebody else changed in between")
    func edited() async throws {
        try await furnish()
        let before = try tree()
        try await initialize()
        try home.write(try text(claude).replacing("opus", with: "sonnet"), to: home("dotfiles/claude.json"))
        try home.write(try text(codex).replacing("]}}", with: "],\"Mine\":[1]}}"), to: codex)
        #expect(try await np("uninit").status == 0)
        #expect(try text(claude) == Self.foreignSettings.replacing("opus", with: "sonnet"))
        #expect(try text(codex) == "{\"hooks\":{\"Stop\":[ ],\"Mine\":[1]}}")
        try home.write(Self.foreignSettings, to: home("dotfiles/claude.json"))
        try home.write("{\"hooks\":{\"Stop\":[ ]}}", to: codex)
        expectSame(try tree(), before)
    }

    @Test("twice with somebody's change in between, and np uninit: the change remains, and nothing of np")
    func editedAndRepeated() async throws {
        try home.write("{\n  \"a\": 1\n}\n", to: claude)
        try await initialize()
        // Somebody takes one of our entries out and adds something of their own.
        let changed = try text(claude).replacing("\"a\": 1", with: "\"a\": 2").replacing(
            "\"SubagentStop\"",
            with: "\"Other\""
        )
        try home.write(changed, to: claude)
        let repaired = try await initialize()
        #expect(repaired.status == 0)
        #expect(try text(claude).contains("SubagentStop"))
        try await np("uninit")
        let left = try text(claude)
        #expect(left.contains("\"a\": 2"))
        #expect(!left.contains("SubagentStop"))
    }

    @Test("repairs what somebody has removed")
    func repaired() async throws {
        try await furnish()
        let before = try tree()
        try await initialize()
        let installed = try tree()
        unlink(hook)
        try home.write(Self.foreignSettings, to: home("dotfiles/claude.json"))
        #expect(try await initialize().status == 0)
        expectSame(try tree(), installed)
        try await np("uninit")
        expectSame(try tree(), before)
    }

    @Test("leaves a hook alone that somebody put in the place of np's, and np uninit says where the older one is")
    func replacedHook() async throws {
        try await furnish()
        try await initialize()
        try home.write("#!/bin/sh\nexit 0\n", to: hook)
        let undone = try await np("uninit")
        #expect(undone.status == 1)
        #expect(
            undone.err
                == "np: git hook: \(hook) is another hook by now and stays; the one before np's is \(hook).before-np\n"
        )
        #expect(try text(hook) == "#!/bin/sh\nexit 0\n")
        #expect(try text(hook + ".before-np") == Self.foreignHook)
        #expect(try text(claude) == Self.foreignSettings)
    }

    @Test("and np uninit work without the record of what was, for what is np's is recognised")
    func lostRecord() async throws {
        try await furnish()
        let before = try tree()
        try await initialize()
        try await home.shell("rm -rf \"$D\"", environment: ["D": home.dataDirectory])
        #expect(try await initialize().out.hasPrefix(repository))
        try await home.shell("rm -rf \"$D\"", environment: ["D": home.dataDirectory])
        #expect(try await np("uninit").status == 0)
        #expect(!(try text(claude)).contains("np hook"))
        #expect(!(try text(codex)).contains("np hook"))
        #expect(try tree(repository) == before.filter { $0.key.hasPrefix(repository) })
    }

    // MARK: - Refusals

    @Test(
        "leaves settings alone that it cannot read, says what to add by hand, and does the rest",
        arguments: ["{\n  // mine\n  \"a\": 1\n}\n", "{\"hooks\": []}", "nonsense", "{\"hooks\": {\"Stop\": 1}}"]
    )
    func refused(settings: String) async throws {
        try home.write(settings, to: claude)
        try home.makeDirectory(home(".codex"))
        let before = try tree()
        let done = try await initialize()
        #expect(done.status == 1)
        #expect(done.err.hasPrefix("np: Claude Code: \(claude) is left as it is: it"))
        #expect(done.err.contains("To add the hooks by hand: \"hooks\": {\"SessionStart\": [{\"hooks\""))
        #expect(try text(claude) == settings)
        #expect(try text(codex).contains("np hook codex"))
        #expect(access(hook, X_OK) == 0)
        #expect(try await np("uninit").status == 0)
        expectSame(try tree(), before)
    }

    @Test("leaves alone what is no file, or a link that leads nowhere")
    func noFile() async throws {
        try home.makeDirectory(claude)
        try home.makeDirectory(home(".codex"))
        symlink("/no/where", codex)
        let before = try tree()
        let done = try await initialize()
        #expect(done.status == 1)
        #expect(
            done.err == """
                np: Claude Code: cannot read \(claude): it is no regular file
                np: Codex: \(codex) is a symbolic link that leads nowhere; correct it or remove it

                """
        )
        #expect(try await np("uninit").status == 0)
        expectSame(try tree(), before)
    }

    @Test("says so when the person has switched all hooks off")
    func switchedOff() async throws {
        try home.write("{\"disableAllHooks\": true}", to: claude)
        #expect(try await initialize().out.contains("note: \(claude) says \"disableAllHooks\": true"))
    }

    @Test("says what is wrong where there is no repository")
    func noRepository() async throws {
        let here = try await initialize(in: home.path)
        #expect(here.status == 1)
        #expect(here.err.hasPrefix("np: . lies in no repository that git can use: fatal: not a git repository"))
        let nowhere = try await initialize("/no/where")
        #expect(nowhere.err == "np: there is no directory /no/where\n")
        #expect(try await np("uninit", "/no/where").err == "np: there is no directory /no/where\n")
        #expect(access(home.dataDirectory, F_OK) != 0)
    }

    // MARK: - Where hooks are

    @Test("uses core.hooksPath, absolute or in each worktree, which then show nothing in git status")
    func hooksPath() async throws {
        try await git("worktree", "add", "-q", home("tree"))
        for path in [home("shared hooks"), ".my hooks[1]"] {
            try await git("config", "core.hooksPath", path)
            let before = try tree()
            #expect(try await initialize(in: home("tree")).status == 0)
            let places = path.hasPrefix("/") ? [path] : [repository + "/" + path, home("tree") + "/" + path]
            for place in places { #expect(access(place + "/reference-transaction", X_OK) == 0) }
            #expect(try await git("status", "--porcelain").out == "")
            #expect(try await git("status", "--porcelain", in: home("tree")).out == "")
            #expect(try await initialize().out.hasPrefix("Everything is in place"))
            #expect(try await np("uninit", in: home("tree")).status == 0)
            expectSame(try tree(), before)
        }
    }

    @Test("leaves a hook alone that belongs to the repository")
    func trackedHook() async throws {
        try home.write("#!/bin/sh\nexit 0\n", to: repository + "/.githooks/reference-transaction")
        try await git("add", ".")
        try await git("commit", "-q", "-m", "hooks")
        try await git("config", "core.hooksPath", ".githooks")
        let done = try await initialize()
        #expect(done.status == 0)
        #expect(done.out.contains("note: \(repository)/.githooks/reference-transaction belongs to the repository"))
        #expect(try await git("status", "--porcelain").out == "")
    }

    @Test("installs no hook where git runs none")
    func noHooks() async throws {
        try await git("config", "core.hooksPath", "/dev/null")
        let done = try await initialize()
        #expect(done.status == 0)
        #expect(done.out.contains("note: git runs no hooks here, because core.hooksPath is /dev/null"))
    }

    @Test("names np as it is found in PATH, not the place that a link leads to, which may be gone after an update")
    func linked() async throws {
        symlink(Home.np, home("bin/np"))
        try await initialize()
        #expect(try text(hook).contains("\nnp=\(home("bin/np"))\n"))
    }

    @Test("keeps what git is to overlook, also what somebody adds meanwhile")
    func exclude() async throws {
        let exclude = repository + "/.git/info/exclude"
        try home.write([0xff, 0x0a] + Array("*.o".utf8), to: exclude)
        try await git("config", "core.hooksPath", ".githooks")
        let before = try tree()
        try await initialize()
        try await np("uninit")
        expectSame(try tree(), before)
        try await initialize()
        try home.write("*.tmp\n", to: exclude, appending: true)
        try await np("uninit")
        #expect(try home.read(exclude) == [0xff, 0x0a] + Array("*.o\n*.tmp\n".utf8))
    }

    @Test("works in a bare repository, a subdirectory, a worktree of either, and a submodule")
    func otherRepositories() async throws {
        try await git("clone", "-q", "--bare", repository, home("bare.git"), in: home.path)
        try await git("worktree", "add", "-q", "-b", "side", home("of bare"), in: home("bare.git"))
        let before = try tree()
        #expect(try await initialize(in: home("of bare")).status == 0)
        #expect(access(home("bare.git/hooks/reference-transaction"), X_OK) == 0)
        #expect(try text(home.dataDirectory + "/watched") == home("bare.git") + "\n")
        #expect(try await initialize(in: home("bare.git")).out.hasPrefix("Everything is in place"))
        #expect(try await np("uninit", in: home("bare.git")).status == 0)
        expectSame(try tree(), before)

        try await git("-c", "protocol.file.allow=always", "submodule", "add", "-q", home("bare.git"), "sub")
        try home.makeDirectory(repository + "/sub/deep")
        #expect(try await initialize("sub/deep").status == 0)
        #expect(try text(home.dataDirectory + "/watched") == repository + "/sub\n")
        #expect(access(repository + "/.git/modules/sub/hooks/reference-transaction", X_OK) == 0)
    }

    // MARK: - Several repositories

    @Test("of two repositories: the agents' hooks go with the last one, also if that is not there any more")
    func twoRepositories() async throws {
        try home.write("{}", to: claude)
        let before = try tree()
        try await git("clone", "-q", repository, home("other"), in: home.path)
        try await initialize()
        #expect(try await initialize(in: home("other")).status == 0)
        let first = try await np("uninit")
        #expect(first.status == 0)
        #expect(first.out.contains("note: \(claude) stays, for \(home("other"))\n"))
        #expect(try text(claude).contains("np hook claude"))
        #expect(access(hook, F_OK) != 0)
        try await home.shell("rm -rf ~/other")
        #expect(try await np("uninit", home("other"), in: home.path).status == 0)
        expectSame(try tree(), before)
    }

    @Test("leaves the agents' hooks to a repository that is watched without np init")
    func watchedOtherwise() async throws {
        try home.write("{}", to: claude)
        let before = try tree()
        try await initialize()
        try home.write("/elsewhere\n", to: home.dataDirectory + "/watched", appending: true)
        try await np("uninit")
        #expect(try text(claude).contains("np hook claude"))
        #expect(try await np("uninit", "/elsewhere").status == 0)
        expectSame(try tree(), before)
    }

    @Test("gives a hook that two repositories share to both, and takes it away with the last")
    func sharedHooks() async throws {
        try await git("config", "--global", "core.hooksPath", home("hooks"))
        try await git("clone", "-q", repository, home("other"), in: home.path)
        let before = try tree()
        try await initialize()
        try await initialize(in: home("other"))
        try await np("uninit")
        #expect(access(home("hooks/reference-transaction"), X_OK) == 0)
        try await np("uninit", in: home("other"))
        expectSame(try tree(), before)
    }

    // MARK: - Which np, which log

    @Test("takes note of where main is, so that the next commit is told of, without a daemon, too")
    func firstLook() async throws {
        try await initialize()
        try await git("commit", "-q", "--allow-empty", "-m", "two")
        #expect(try await np("watch", "--once").status == 0)
        #expect(try home.logged.filter { $0.contains("\"kind\":\"MainUpdated\"") }.count == 1)
    }

    @Test("names the data directory and the configuration in what it installs, if they are not the usual ones")
    func elsewhere() async throws {
        try home.makeDirectory(home(".claude"))
        try home.write("", to: home("my config.toml"))
        let done = try await initialize("--data-dir", "../my data", "--config", home("my config.toml"))
        #expect(done.status == 0, "\(done.err)")
        let options =
            "--data-dir '\(repository.replacing("'", with: "'\\''"))/../my data' --config '\(home("my config.toml"))'"
        #expect(try text(hook).contains("\"$np\" hook git \(options) reference-transaction committed"))
        #expect(try text(claude).replacing("\\\\", with: "\\").contains("np hook claude \(options)\""))
        #expect(access(home("my data/watched"), F_OK) == 0)
    }

    @Test("updates the paths when np has moved, and np uninit of the new one takes back what the old one made")
    func moved() async throws {
        try await furnish()
        let before = try tree()
        try await initialize()
        let place = home(".local/share/it's here")
        try home.makeDirectory(place)
        try await home.shell("cp \"$NP\" \"$P/np\"", environment: ["P": place])
        let moved = try await home.run(
            place + "/np",
            ["init", "--no-daemon"],
            environment: surroundings,
            in: repository
        )
        #expect(moved.status == 0)
        #expect(try text(hook).contains("np='\(home(".local/share/it"))'\\''s here/np'\n"))
        #expect(try text(claude).contains("'\\\\''s here/np' hook claude"))
        #expect(!(try text(claude)).contains(Home.np))
        #expect(try text(hook + ".before-np") == Self.foreignHook)
        let undone = try await home.run(place + "/np", ["uninit"], environment: surroundings, in: repository)
        #expect(undone.status == 0)
        try await home.shell("rm -rf \"$P\"", environment: ["P": place])
        expectSame(try tree(), before)
    }

    // MARK: - Status and daemon

    @Test("--status tells each part: installed or not, changed, watched, running")
    func status() async throws {
        try await furnish()
        func states() async throws -> [String: String] {
            let shown = try await np("init", "--status")
            #expect(shown.status == 0)
            let columns = shown.lines.dropFirst().map { $0.split(separator: "  ").map { $0.drop { $0 == " " } } }
            return Dictionary(columns.map { (String($0[0]), String($0[1])) }) { first, _ in first }
        }
        #expect(
            try await states() == [
                "repository": "not watched", "git hook": "not installed", "Claude Code": "not installed",
                "Codex": "not installed", "daemon at login": "not installed", "daemon": "not running",
            ]
        )
        try await initialize()
        let installed = try await states()
        #expect(installed["repository"] == "watched")
        #expect(installed["git hook"] == "installed")
        #expect(installed["Claude Code"] == "installed")
        #expect(installed["Codex"] == "installed")
        try home.write(Self.foreignSettings, to: home("dotfiles/claude.json"))
        try home.write("#!/bin/sh\n", to: hook)
        let changed = try await states()
        #expect(changed["Claude Code"] == "changed since, or by another np; np init repairs it")
        #expect(changed["git hook"] == "changed since, or by another np; np init repairs it")
    }

    @Test("starts the daemon where there is no service manager, and says so; np uninit ends it")
    func daemon() async throws {
        let done = try await np("init")
        #expect(done.status == 0, "\(done.err)")
        #expect(done.out.contains("after a reboot, say np daemon start"))
        #expect(try await np("daemon", "status").status == 0)
        let again = try await np("init")
        #expect(again.out.contains("The daemon runs, pid "))
        #expect(again.out.contains("after a reboot, say np daemon start"))
        let undone = try await np("uninit")
        #expect(undone.out.contains("The daemon has ended"))
        #expect(try await np("daemon", "status").status == 1)
    }

    #if os(Linux)
    @Test("has systemd start the daemon at login, where systemd answers, and np uninit takes that back")
    func systemd() async throws {
        try await program(
            "systemctl",
            """
            echo "$@" >> "$HOME/asked"
            wants=$HOME/.config/systemd/user/default.target.wants
            case "$2" in
            enable) mkdir -p "$wants"; ln -sf ../neuraphage.service "$wants/neuraphage.service" ;;
            disable) rm "$wants/neuraphage.service"; [ -z "$(ls ~/.started)" ] || { "$NP" daemon stop; rm ~/.started; } ;;
            start) "$NP" daemon start >/dev/null; touch ~/.started ;;
            esac
            """
        )
        try home.write("", to: home("asked"))
        let before = try tree()
        let done = try await np("init")
        #expect(done.status == 0, "\(done.err)")
        #expect(done.out.contains(", and will at each login.\n"))
        let unit = try text(home(".config/systemd/user/neuraphage.service"))
        #expect(unit.contains("\nType=exec\nExecStart="))
        #expect(unit.contains("/np daemon run\nRestart=on-failure\n"))
        #expect(
            try text(home("asked")).hasSuffix(
                "--user daemon-reload\n--user enable neuraphage.service\n--user start neuraphage.service\n"
            )
        )
        #expect(try await np("init").out.hasPrefix("Everything is in place"))
        let undone = try await np("uninit")
        #expect(undone.status == 0, "\(undone.err)")
        #expect(undone.err == "")
        #expect(try await np("daemon", "status").status == 1)
        try home.write("", to: home("asked"))
        expectSame(try tree(), before)
    }
    #endif

    // MARK: - Killed

    @Test("killed at any moment leaves nothing that np uninit, or another np init, does not put right")
    func killed() async throws {
        try await furnish()
        try await git("config", "core.hooksPath", ".githooks")
        try home.write(Self.foreignHook, to: repository + "/.githooks/reference-transaction")
        chmod(repository + "/.githooks/reference-transaction", 0o755)
        let before = try tree()
        let kill = "timeout -s KILL 0.$(printf %03d $1) \"$NP\" $2 >/dev/null 2>&1; true"
        for moment in 0..<12 {
            let time = String(moment * 7)
            _ = try await home.run(
                "/bin/sh",
                ["-c", kill, "sh", time, "init --no-daemon"],
                environment: surroundings,
                in: repository
            )
            if moment % 2 == 0 {
                #expect(try await initialize().status == 0)
                _ = try await home.run(
                    "/bin/sh",
                    ["-c", kill, "sh", time, "uninit"],
                    environment: surroundings,
                    in: repository
                )
            }
            #expect(try await np("uninit").status == 0)
            expectSame(try tree(), before)
        }
    }
}

extension String {
    /// What stands before the line that holds a word.
    fileprivate func components(before word: String) -> String {
        let lines = split(separator: "\n", omittingEmptySubsequences: false)
        return lines.prefix { !$0.contains(word) }.map { $0 + "\n" }.joined()
    }
}
