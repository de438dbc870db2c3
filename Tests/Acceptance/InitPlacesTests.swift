// Where np init finds things: hooks, repositories of all kinds, np itself, service managers.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np init finds", .apart)
struct InitPlacesTests {
    private let me: SetUpHome
    private let home: Home

    init() async throws {
        me = try await SetUpHome()
        home = me.home
    }

    // MARK: - Where hooks are

    @Test("uses core.hooksPath, absolute or in each worktree, which then show nothing in git status")
    func hooksPath() async throws {
        try await me.git("worktree", "add", "-q", home("tree"))
        for path in [home("shared hooks"), ".my hooks[1]"] {
            try await me.git("config", "core.hooksPath", path)
            let before = try me.tree()
            #expect(try await me.initialize(in: home("tree")).status == 0)
            let places = path.hasPrefix("/") ? [path] : [me.repository + "/" + path, home("tree") + "/" + path]
            for place in places { #expect(access(place + "/post-checkout", X_OK) == 0) }
            #expect(try await me.git("status", "--porcelain").out == "")
            #expect(try await me.git("status", "--porcelain", in: home("tree")).out == "")
            #expect(try await me.initialize().out.hasPrefix("Everything is in place"))
            #expect(try await me.np("uninit", in: home("tree")).status == 0)
            me.expectSame(try me.tree(), before)
        }
    }

    @Test("leaves a hook alone that belongs to the repository")
    func trackedHook() async throws {
        try home.write("#!/bin/sh\nexit 0\n", to: me.repository + "/.githooks/post-checkout")
        try await me.git("add", ".")
        try await me.git("commit", "-q", "-m", "hooks")
        try await me.git("config", "core.hooksPath", ".githooks")
        let done = try await me.initialize()
        #expect(done.status == 0)
        #expect(done.out.contains("note: \(me.repository)/.githooks/post-checkout belongs to the repository"))
        #expect(try await me.git("status", "--porcelain").out == "")
    }

    @Test("installs no hook where git runs none")
    func noHooks() async throws {
        try await me.git("config", "core.hooksPath", "/dev/null")
        let done = try await me.initialize()
        #expect(done.status == 0)
        #expect(done.out.contains("note: git runs no hooks here, because core.hooksPath is /dev/null"))
    }

    @Test("names np as it is found in PATH, not the place that a link leads to, which may be gone after an update")
    func linked() async throws {
        symlink(Home.np, home("bin/np"))
        try await me.initialize()
        #expect(try me.text(me.hook).contains("\nnp=\(home("bin/np"))\n"))
    }

    @Test("keeps what git is to overlook, also what somebody adds meanwhile")
    func exclude() async throws {
        let exclude = me.repository + "/.git/info/exclude"
        try home.write([0xff, 0x0a] + Array("*.o".utf8), to: exclude)
        try await me.git("config", "core.hooksPath", ".githooks")
        let before = try me.tree()
        try await me.initialize()
        try await me.np("uninit")
        me.expectSame(try me.tree(), before)
        try await me.initialize()
        try home.write("*.tmp\n", to: exclude, appending: true)
        try await me.np("uninit")
        #expect(try home.read(exclude) == [0xff, 0x0a] + Array("*.o\n*.tmp\n".utf8))
    }

    @Test("works in a bare repository, a subdirectory, a worktree of either, and a submodule")
    func otherRepositories() async throws {
        try await me.git("clone", "-q", "--bare", me.repository, home("bare.git"), in: home.path)
        try await me.git("worktree", "add", "-q", "-b", "side", home("of bare"), in: home("bare.git"))
        let before = try me.tree()
        #expect(try await me.initialize(in: home("of bare")).status == 0)
        #expect(access(home("bare.git/hooks/post-checkout"), X_OK) == 0)
        #expect(try me.text(home.dataDirectory + "/watched") == home("bare.git") + "\n")
        #expect(try await me.initialize(in: home("bare.git")).out.hasPrefix("Everything is in place"))
        #expect(try await me.np("uninit", in: home("bare.git")).status == 0)
        me.expectSame(try me.tree(), before)

        try await me.git("-c", "protocol.file.allow=always", "submodule", "add", "-q", home("bare.git"), "sub")
        try home.makeDirectory(me.repository + "/sub/deep")
        #expect(try await me.initialize("sub/deep").status == 0)
        #expect(try me.text(home.dataDirectory + "/watched") == me.repository + "/sub\n")
        #expect(access(me.repository + "/.git/modules/sub/hooks/post-checkout", X_OK) == 0)
    }

    @Test("knows a repository by its main worktree, also through a link, from its .git, and with one that is elsewhere")
    func oneName() async throws {
        symlink(me.repository, home("link"))
        try await me.git("init", "-q", "--separate-git-dir", home("elsewhere.git"), home("other"), in: home.path)
        try await me.initialize(home("link"))
        try await me.initialize(me.repository + "/.git")
        try await me.initialize(home("other"))
        #expect(try me.text(home.dataDirectory + "/watched") == "\(me.repository)\n\(home("other"))\n")
    }

    @Test("refuses a repository whose path holds a line break, which a list of paths cannot name")
    func lineBreak() async throws {
        try await me.git("init", "-q", home("two\nlines"), in: home.path)
        let done = try await me.initialize(home("two\nlines"))
        #expect(done.status == 1)
        #expect(done.err == "np: the path of the repository holds a line break\nhint: move it to another place\n")
    }

    #if os(Linux)
    @Test("refuses a path that isn't UTF-8, however it comes to it")
    func notText() async throws {
        try await home.shell(
            "git init -q $'odd\\xff'; git -C \"$R\" worktree add -q $'../tree\\xff'",
            environment: ["R": me.repository]
        )
        let refusal = "is not UTF-8, and np knows only paths that are\nhint: rename what isn't\n"
        for command in ["init", "uninit"] {
            for script in ["\"$NP\" \(command) $'odd\\xff'", "cd odd* && \"$NP\" \(command)"] {
                let done = try await home.shell(script)
                #expect(done.status == 1)
                #expect(done.err.hasPrefix("np: the path "))
                #expect(done.err.hasSuffix(refusal))
            }
        }
        try await home.shell("git config core.hooksPath $'/tmp/hooks\\xff'", in: me.repository)
        #expect(try await me.initialize().err == "np: the path /tmp/hooks\u{fffd} " + refusal)
        #expect(access(home.dataDirectory, F_OK) != 0)
    }
    #endif

    // MARK: - Several repositories

    @Test("of two repositories: the agents' hooks go with the last one, also if that is not there any more")
    func twoRepositories() async throws {
        try home.write("{}", to: me.claude)
        let before = try me.tree()
        try await me.git("clone", "-q", me.repository, home("other"), in: home.path)
        try await me.initialize()
        #expect(try await me.initialize(in: home("other")).status == 0)
        let first = try await me.np("uninit")
        #expect(first.status == 0)
        #expect(first.out.contains("note: \(me.claude) stays, for \(home("other"))\n"))
        #expect(try me.text(me.claude).contains("np hook claude"))
        #expect(access(me.hook, F_OK) != 0)
        try await home.shell("rm -rf ~/other")
        let again = try await me.np("uninit")
        #expect(again.out == "Nothing is installed for \(me.repository).\n")
        #expect(try await me.np("uninit", home("other"), in: home.path).status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("leaves the agents' hooks to a repository that is watched without np init")
    func watchedOtherwise() async throws {
        try home.write("{}", to: me.claude)
        let before = try me.tree()
        try await me.initialize()
        try home.write("/elsewhere\n", to: home.dataDirectory + "/watched", appending: true)
        let undone = try await me.np("uninit")
        #expect(
            undone.out.contains("note: \(me.claude) stays, for /elsewhere, which is gone: say np uninit /elsewhere\n")
        )
        #expect(try me.text(me.claude).contains("np hook claude"))
        #expect(try await me.np("uninit", "/elsewhere").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("gives a hook that two repositories share to both, and takes it away with the last")
    func sharedHooks() async throws {
        try await me.git("config", "--global", "core.hooksPath", home("hooks"))
        try await me.git("clone", "-q", me.repository, home("other"), in: home.path)
        let before = try me.tree()
        try await me.initialize()
        try await me.initialize(in: home("other"))
        try await me.np("uninit")
        #expect(access(home("hooks/post-checkout"), X_OK) == 0)
        try await me.np("uninit", in: home("other"))
        me.expectSame(try me.tree(), before)
    }

    @Test("looks only at what was set up, of repositories that share their hooks, and says that they do")
    func sharedHooksLook() async throws {
        try await me.git("config", "--global", "core.hooksPath", home("hooks"))
        try await me.git("clone", "-q", me.repository, home("other"), in: home.path)
        let done = try await me.initialize()
        #expect(
            done.out.contains("note: core.hooksPath is \(home("hooks")), whose hooks git runs in other repositories")
        )
        try await me.git("checkout", "-q", "-b", "unknown", in: home("other"))
        try await me.git("checkout", "-q", "main", in: home("other"))
        #expect(access(home("other/.git/neuraphage"), F_OK) != 0)
        #expect(try await me.np("watch", "--once", in: home("other")).status == 0)
        for place in [home("other"), me.repository] {
            for command in [["commit", "-q", "--allow-empty", "-m", "two"], ["checkout", "-q", "-B", "main"]] {
                let words = ["git", "-C", place] + command
                #expect(try await home.run("/usr/bin/env", words, environment: me.surroundings).status == 0)
            }
        }
        try wait(for: "main to be seen") { try home.logged.contains { $0.contains("\"kind\":\"MainUpdated\"") } }
        #expect(try home.logged.filter { $0.contains("MainUpdated") }.allSatisfy { !$0.contains(home("other")) })
    }

    @Test("takes away the one hook for all references that np had before")
    func formerHook() async throws {
        let before = try me.tree()
        let former = me.repository + "/.git/hooks/reference-transaction"
        let text = "#!/bin/sh\n# np init put this hook here, and np uninit takes it away. It tells np.\nexit 0\n"
        try home.write(text, to: former)
        chmod(former, 0o755)
        let installed = "{\"mode\":493,\"bytes\":\"\(text.replacing("\n", with: "\\n"))\"}"
        try home.write(
            "{\"part\":\"hook\",\"path\":\"\(former)\",\"repositories\":[\"\(me.repository)\"],\"directories\":[],"
                + "\"original\":null,\"installed\":\(installed)}\n",
            to: home.dataDirectory + "/setup.jsonl"
        )
        let status = try await me.np("init", "--status")
        #expect(status.lines.contains { $0.hasPrefix("git hook") && $0.hasSuffix(former) && $0.contains("repairs it") })
        let done = try await me.initialize()
        #expect(done.status == 0, "\(done.err)")
        #expect(done.out.contains("git hook: remove \(former)\n"))
        #expect(access(former, F_OK) != 0)
        #expect(access(me.hook, X_OK) == 0)
        #expect(try await me.initialize().out.hasPrefix("Everything is in place"))
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    // MARK: - Which np, which log

    @Test("takes note of where main is, so that the next commit is told of, without a daemon, too")
    func firstLook() async throws {
        try await me.initialize()
        try await me.git("commit", "-q", "--allow-empty", "-m", "two")
        #expect(try await me.np("watch", "--once").status == 0)
        #expect(try home.logged.filter { $0.contains("\"kind\":\"MainUpdated\"") }.count == 1)
    }

    @Test("names the data directory and the configuration in what it installs, if they are not the usual ones")
    func elsewhere() async throws {
        try home.makeDirectory(home(".claude"))
        try home.write("", to: home("my config.toml"))
        let done = try await me.initialize("--data-dir", "../my data", "--config", home("my config.toml"))
        #expect(done.status == 0, "\(done.err)")
        let options =
            "--data-dir '\(me.repository.replacing("'", with: "'\\''"))/../my data' --config '\(home("my config.toml"))'"
        #expect(try me.text(me.hook).contains("\"$np\" hook git \(options) \"$0\""))
        #expect(try me.text(me.claude).replacing("\\\\", with: "\\").contains("np hook claude \(options)\""))
        #expect(access(home("my data/watched"), F_OK) == 0)
    }

    @Test("updates the paths when np has moved, and np uninit of the new one takes back what the old one made")
    func moved() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        let place = home(".local/share/it's here")
        try home.makeDirectory(place)
        try await home.shell("cp \"$NP\" \"$P/np\"", environment: ["P": place])
        let moved = try await home.run(
            place + "/np",
            ["init", "--no-daemon"],
            environment: me.surroundings,
            in: me.repository
        )
        #expect(moved.status == 0)
        #expect(try me.text(me.hook).contains("np='\(home(".local/share/it"))'\\''s here/np'\n"))
        #expect(try me.text(me.claude).contains("'\\\\''s here/np' hook claude"))
        #expect(!(try me.text(me.claude)).contains(Home.np))
        #expect(try me.text(me.hook + ".before-np") == SetUpHome.foreignHook)
        let undone = try await home.run(place + "/np", ["uninit"], environment: me.surroundings, in: me.repository)
        #expect(undone.status == 0)
        try await home.shell("rm -rf \"$P\"", environment: ["P": place])
        me.expectSame(try me.tree(), before)
    }

    // MARK: - Status and daemon

    @Test("--status tells each part: installed or not, changed, watched, running")
    func status() async throws {
        try await me.furnish()
        func states() async throws -> [String: String] {
            let shown = try await me.np("init", "--status")
            #expect(shown.status == 0)
            let rows = shown.lines.dropFirst().dropLast()
            let columns = rows.map { $0.split(separator: "  ").map { $0.drop { $0 == " " } } }
            return Dictionary(columns.map { (String($0[0]), String($0.dropFirst().first ?? "")) }) { first, _ in first }
        }
        #expect(
            try await states() == [
                "repository": "not watched", "git hook": "not installed", "Claude Code": "not installed",
                "Codex": "not installed", "daemon at login": "not installed", "daemon": "not running",
            ]
        )
        try await me.initialize()
        let installed = try await states()
        #expect(installed["repository"] == "watched")
        #expect(installed["git hook"] == "installed")
        #expect(installed["Claude Code"] == "installed")
        #expect(installed["Codex"] == "installed, not trusted")
        try home.write(SetUpHome.foreignSettings, to: home("dotfiles/claude.json"))
        try home.write("#!/bin/sh\n", to: me.hook)
        let changed = try await states()
        #expect(changed["Claude Code"] == "not what np init would write; np init repairs it")
        #expect(changed["git hook"] == "changed since, and np init leaves it as it is")
        let reason = "both \(me.hook) and \(me.hook).before-np are there, and neither is np's: remove one of them"
        #expect(changed["git hook: " + reason] == "")
        try home.write(SetUpHome.foreignSettings + "// mine", to: home("dotfiles/claude.json"))
        let invalid = try await states()
        #expect(invalid["Claude Code"] == "cannot be read")
        #expect(
            invalid.keys.contains {
                $0.hasSuffix("not valid JSON, line 8: JSON has no comments; correct it and try again")
            }
        )
    }

    @Test("starts the daemon where there is no service manager, and says so; np uninit ends it")
    func daemon() async throws {
        let done = try await me.np("init")
        #expect(done.status == 0, "\(done.err)")
        #expect(done.out.contains("after a reboot, say np daemon start"))
        #expect(try await me.np("daemon", "status").status == 0)
        let again = try await me.np("init")
        #expect(again.out.contains("The daemon runs, pid "))
        #expect(again.out.contains("after a reboot, say np daemon start"))
        let undone = try await me.np("uninit")
        #expect(undone.out.contains("The daemon has ended"))
        #expect(try await me.np("daemon", "status").status == 1)
    }

    #if os(Linux)
    @Test("has systemd start the daemon at login, where systemd answers, and np uninit takes that back")
    func systemd() async throws {
        try await me.program(
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
        let before = try me.tree()
        let done = try await me.np("init")
        #expect(done.status == 0, "\(done.err)")
        #expect(done.out.contains(", and will at each login.\n"))
        let unit = try me.text(home(".config/systemd/user/neuraphage.service"))
        #expect(unit.contains("\nType=exec\nExecStart="))
        #expect(unit.contains("/np daemon run\nRestart=on-failure\n"))
        #expect(
            try me.text(home("asked")).hasSuffix(
                "--user daemon-reload\n--user enable neuraphage.service\n--user start neuraphage.service\n"
            )
        )
        #expect(try await me.np("init").out.hasPrefix("Everything is in place"))
        let undone = try await me.np("uninit")
        #expect(undone.status == 0, "\(undone.err)")
        #expect(undone.err == "")
        #expect(try await me.np("daemon", "status").status == 1)
        try home.write("", to: home("asked"))
        me.expectSame(try me.tree(), before)
    }
    #endif
}
