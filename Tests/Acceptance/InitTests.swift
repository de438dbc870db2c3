// np init and np uninit: there and back, whatever others do in between, and whoever is killed.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np init", .apart)
struct InitTests {
    private let me: SetUpHome
    private let home: Home

    init() async throws {
        me = try await SetUpHome()
        home = me.home
    }

    // MARK: - There and back

    @Test(
        "then work, then np uninit: every file of home and repository is what it would be without np, modes included"
    )
    func thereAndBack() async throws {
        try await me.furnish()
        func work() async throws {
            try await me.git("commit", "-q", "--allow-empty", "-m", "two")
            try await me.git("branch", "side")
            try await me.git("worktree", "add", "-q", home("tree"), "side")
            try await me.git("commit", "-q", "--allow-empty", "-m", "three", in: home("tree"))
            try await me.git("merge", "-q", "--ff-only", "side")
            try await me.git("tag", "v1")
        }
        try await home.shell("cp -a \"$R\" \"$HOME/base\"", environment: ["R": me.repository])
        try await work()
        let expected = try me.tree()
        try await home.shell("cd \"$HOME\" && rm -rf tree my* && cp -a base \"$R\"", environment: ["R": me.repository])

        let done = try await me.initialize()
        #expect(done.status == 0, "\(done.err)")
        #expect(try me.text(me.hook).contains("np init put this hook here"))
        #expect(try me.text(me.hook + ".before-np") == SetUpHome.foreignHook)
        #expect(try me.text(me.claude).contains("np hook claude"))
        #expect(try me.text(me.codex).contains("np hook codex"))
        try await work()
        #expect(try await me.git("status", "--porcelain").out == "")
        let undone = try await me.np("uninit")
        #expect(undone.status == 0, "\(undone.err)")
        me.expectSame(try me.tree(), expected)
    }

    @Test("changes nothing with --dry-run, and says what it would; nor does np uninit --dry-run")
    func dryRun() async throws {
        try await me.furnish()
        let before = try me.tree()
        let shown = try await me.np("init", "--dry-run")
        #expect(shown.status == 0)
        me.expectSame(try me.tree(), before)
        #expect(access(home.dataDirectory, F_OK) != 0)
        #expect(shown.out.contains("git hook: rename \(me.hook) to \(me.hook).before-np\n"))
        #expect(shown.out.contains("Claude Code: change \(home("dotfiles/claude.json"))\n     5 -"))
        #expect(shown.out.contains("+             {\"hooks\": [{\"type\": \"command\", \"command\": \""))
        #expect(!shown.out.contains("opus"))

        let done = try await me.initialize()
        #expect(done.out.hasPrefix(shown.out.components(before: "would be")))
        let installed = try me.tree()
        let back = try await me.np("uninit", "--dry-run")
        #expect(back.status == 0)
        #expect(back.out.contains("git hook: rename \(me.hook).before-np back to \(me.hook)\n"))
        me.expectSame(try me.tree(), installed)
    }

    @Test("a second time says that everything is in place, and changes nothing; np uninit a second time says so, too")
    func twice() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        let installed = try me.tree()
        let again = try await me.initialize()
        #expect(again.status == 0)
        #expect(again.out.hasPrefix("Everything is in place for \(me.repository).\n"))
        me.expectSame(try me.tree(), installed)
        try await me.np("uninit")
        let nothing = try await me.np("uninit")
        #expect(nothing.status == 0)
        #expect(nothing.out == "Nothing is installed for \(me.repository).\n")
        me.expectSame(try me.tree(), before)
    }

    @Test("makes what isn't there, and np uninit removes it, directories included")
    func fresh() async throws {
        try await me.program("claude", "exit 0")
        try await me.program("codex", "exit 0")
        let before = try me.tree()
        #expect(try await me.initialize().status == 0)
        #expect(access(me.codex, F_OK) == 0)
        #expect(access(me.claude, F_OK) == 0)
        try await me.np("uninit")
        me.expectSame(try me.tree(), before)
    }

    @Test("speaks of agents that run already only if it has given agents hooks")
    func runningAgents() async throws {
        let words = "Agents that run already get their hooks when they are started again."
        #expect(!(try await me.initialize().out.contains(words)))
        try home.makeDirectory(home(".claude"))
        #expect(try await me.initialize().out.contains(words))
        #expect(!(try await me.initialize().out.contains(words)))
    }

    @Test("says how to let Codex's sandbox write np's files, unless that is so, and leaves Codex's configuration alone")
    func codexSandbox() async throws {
        let file = home(".codex/config.toml")
        let lines = "    [sandbox_workspace_write]\n    writable_roots = [\"\(home.dataDirectory)\"]\n"
        try home.write("model = \"m\"\n", to: file)
        #expect(try await me.initialize().out.contains(lines))
        #expect(try me.text(file) == "model = \"m\"\n")
        try await me.np("uninit")
        try home.write(lines, to: file)
        #expect(!(try await me.initialize().out.contains("writable_roots")))
    }

    @Test(
        "and np uninit leave settings as they were, whatever they look like",
        arguments: ["", "{}", "{ }\n", "\u{feff}{\"a\": 1}\n", "{\n  \"hooks\": {}\n}", "  \n"]
    )
    func oddSettings(settings: String) async throws {
        try home.write(settings, to: me.claude)
        let before = try me.tree()
        #expect(try await me.initialize().status == 0)
        #expect(try me.text(me.claude).contains("np hook claude"))
        try await me.np("uninit")
        me.expectSame(try me.tree(), before)
    }

    // MARK: - Refusals

    @Test(
        "leaves settings alone that it cannot read, says what to add by hand, and does the rest",
        arguments: ["{\n  // mine\n  \"a\": 1\n}\n", "{\"hooks\": []}", "nonsense", "{\"hooks\": {\"Stop\": 1}}"]
    )
    func refused(settings: String) async throws {
        try home.write(settings, to: me.claude)
        try home.makeDirectory(home(".codex"))
        let before = try me.tree()
        let shown = try await me.initialize("--dry-run")
        #expect(shown.status == 1)
        let done = try await me.initialize()
        #expect(done.status == 1)
        #expect(done.err == shown.err)
        #expect(done.err.hasPrefix("np: Claude Code: \(me.claude) is left as it is: it"))
        #expect(done.errorLines.dropFirst().prefix(2) == ["    or add the hooks by hand:", "    \"hooks\": {"])
        #expect(done.errorLines.dropFirst(3).first?.hasPrefix("        \"SessionStart\": [{\"hooks\": [{") == true)
        #expect(done.errorLines.last == "    }")
        #expect(try me.text(me.claude) == settings)
        #expect(try me.text(me.codex).contains("np hook codex"))
        #expect(access(me.hook, X_OK) == 0)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("leaves alone what is no file, or a link that leads nowhere")
    func noFile() async throws {
        try home.makeDirectory(me.claude)
        try home.makeDirectory(home(".codex"))
        symlink("/no/where", me.codex)
        let before = try me.tree()
        let done = try await me.initialize()
        #expect(done.status == 1)
        #expect(
            done.err == """
                np: Claude Code: \(me.claude) is a directory, and has to be a file; move it elsewhere and try again
                np: Codex: \(me.codex) is a symbolic link that leads nowhere; correct it or remove it

                """
        )
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("and np uninit leave a file alone that has another name, which would keep the old version")
    func hardLink() async throws {
        try home.write("{}\n", to: me.claude)
        link(me.claude, home("dotfile"))
        try home.write(SetUpHome.foreignHook, to: me.hook)  // is put aside, and keeps its other name
        link(me.hook, home("hook"))
        let before = try me.tree()
        let refusal = "np: Claude Code: \(me.claude) is left as it is: the file has another name, a hard link, "
        let done = try await me.initialize()
        #expect(done.status == 1)
        #expect(done.err.hasPrefix(refusal))
        #expect(!done.err.contains("git hook"))
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)

        unlink(home("dotfile"))
        #expect(try await me.initialize().status == 0)
        link(me.claude, home("dotfile"))
        let installed = try me.text(me.claude)
        for _ in 0..<2 { #expect(try await me.np("uninit").err.hasPrefix(refusal)) }
        #expect(try me.text(me.claude) == installed)
        unlink(home("dotfile"))
        #expect(try await me.np("uninit").status == 0)
        #expect(try me.text(me.claude) == "{}\n")
    }

    @Test("says so when the person has switched all hooks off")
    func switchedOff() async throws {
        try home.write("{\"disableAllHooks\": true}", to: me.claude)
        #expect(try await me.initialize().out.contains("note: \(me.claude) says \"disableAllHooks\": true"))
    }

    @Test("says what is wrong where there is no repository")
    func noRepository() async throws {
        let here = try await me.initialize(in: home.path)
        #expect(here.status == 1)
        #expect(here.err.hasPrefix("np: . lies in no repository that git can use: fatal: not a git repository"))
        let nowhere = try await me.initialize("/no/where")
        #expect(nowhere.err == "np: there is no directory /no/where\n")
        try home.write("", to: home("file"))
        #expect(try await me.initialize(home("file")).err == "np: \(home("file")) is not a directory\n")
        #expect(try await me.np("uninit", "/no/where").err == "np: there is no directory /no/where\n")
        #expect(access(home.dataDirectory, F_OK) != 0)
    }

    @Test("says that git is missing, where it is", arguments: ["init", "uninit"])
    func noGit(command: String) async throws {
        let environment = me.surroundings.merging(["PATH": "/nowhere"]) { $1 }
        let done = try await home.run(Home.np, [command], environment: environment, in: me.repository)
        #expect(done.status == 1)
        #expect(done.err.contains("there is no program git in PATH\nhint: install it"))
        #expect(access(home.dataDirectory, F_OK) != 0)
    }

    // MARK: - Killed

    @Test("killed at any moment leaves nothing that np uninit, or another np init, does not put right")
    func killed() async throws {
        try await me.furnish()
        try await me.git("config", "core.hooksPath", ".githooks")
        try home.write(SetUpHome.foreignHook, to: me.repository + "/.githooks/post-checkout")
        chmod(me.repository + "/.githooks/post-checkout", 0o755)
        let before = try me.tree()
        let kill = "timeout -s KILL 0.$(printf %03d $1) \"$NP\" $2 >/dev/null 2>&1; true"
        for moment in 0..<12 {
            let time = String(moment * 7)
            _ = try await home.run(
                "/bin/sh",
                ["-c", kill, "sh", time, "init --no-daemon"],
                environment: me.surroundings,
                in: me.repository
            )
            if moment % 2 == 0 {
                #expect(try await me.initialize().status == 0)
                _ = try await home.run(
                    "/bin/sh",
                    ["-c", kill, "sh", time, "uninit"],
                    environment: me.surroundings,
                    in: me.repository
                )
            }
            #expect(try await me.np("uninit").status == 0)
            me.expectSame(try me.tree(), before)
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
