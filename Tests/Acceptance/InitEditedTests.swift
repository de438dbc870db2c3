// np init and np uninit in files that others change, too: what somebody wrote stays, however often either is run.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np init, when others change its files,", .apart)
struct InitEditedTests {
    private let me: SetUpHome
    private let home: Home

    init() async throws {
        me = try await SetUpHome()
        home = me.home
    }

    // MARK: - Settings

    @Test("and np uninit keep exactly what somebody else changed in between")
    func edited() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        try home.write(try me.text(me.claude).replacing("opus", with: "sonnet"), to: home("dotfiles/claude.json"))
        try home.write(try me.text(me.codex).replacing("]}}", with: "],\"Mine\":[1]}}"), to: me.codex)
        #expect(try await me.np("uninit").status == 0)
        #expect(try me.text(me.claude) == SetUpHome.foreignSettings.replacing("opus", with: "sonnet"))
        #expect(try me.text(me.codex) == "{\"hooks\":{\"Stop\":[ ],\"Mine\":[1]}}")
        try home.write(SetUpHome.foreignSettings, to: home("dotfiles/claude.json"))
        try home.write("{\"hooks\":{\"Stop\":[ ]}}", to: me.codex)
        me.expectSame(try me.tree(), before)
    }

    @Test("twice with somebody's change in between, and np uninit: the change remains, and nothing of np")
    func editedAndRepeated() async throws {
        try home.write("{\n  \"a\": 1\n}\n", to: me.claude)
        try await me.initialize()
        // Somebody takes one of our entries out and adds something of their own.
        let changed = try me.text(me.claude).replacing("\"a\": 1", with: "\"a\": 2").replacing(
            "\"SubagentStop\"",
            with: "\"Other\""
        )
        try home.write(changed, to: me.claude)
        let repaired = try await me.initialize()
        #expect(repaired.status == 0)
        #expect(try me.text(me.claude).contains("SubagentStop"))
        try await me.np("uninit")
        let left = try me.text(me.claude)
        #expect(left.contains("\"a\": 2"))
        #expect(!left.contains("SubagentStop"))
    }

    @Test("repairs what somebody has removed")
    func repaired() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        let installed = try me.tree()
        unlink(me.hook)
        try home.write(SetUpHome.foreignSettings, to: home("dotfiles/claude.json"))
        #expect(try await me.initialize().status == 0)
        me.expectSame(try me.tree(), installed)
        try await me.np("uninit")
        me.expectSame(try me.tree(), before)
    }

    @Test(
        "and np uninit say what is wrong with settings that are no JSON any more, and take np's out once they are again",
        arguments: [("// mine\n", "", "line 1: JSON has no comments"), ("", "}", "line 30: something follows its end")]
    )
    func invalidSettings(before: String, after: String, problem: String) async throws {
        try home.write("{\n  \"a\": 1\n}\n", to: me.claude)
        try home.makeDirectory(home(".codex"))
        let original = try me.tree()
        try await me.initialize()
        let installed = try me.text(me.claude)
        try home.write(before + installed + after, to: me.claude)
        let invalid = try me.tree()
        for _ in 0..<2 {
            let undone = try await me.np("uninit")
            #expect(undone.status == 1)
            #expect(
                undone.err
                    == "np: Claude Code: \(me.claude) is left as it is: it is not valid JSON, \(problem); correct it "
                    + "and try again\n"
            )
            #expect(try me.tree()[me.claude] == invalid[me.claude])
        }
        try home.write(installed, to: me.claude)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), original)
    }

    // MARK: - Hooks

    @Test(
        "leaves a hook alone that somebody put in the place of np's, and np uninit says each time where the older one is"
    )
    func replacedHook() async throws {
        try await me.furnish()
        let before = try me.tree(me.repository)
        try await me.initialize()
        try home.write("#!/bin/sh\nexit 0\n", to: me.hook)
        for _ in 0..<3 {
            let undone = try await me.np("uninit")
            #expect(undone.status == 1)
            #expect(
                undone.err == "np: git hook: \(me.hook) is another hook by now and stays; the one before np's is "
                    + "\(me.hook).before-np: remove one of them\n"
            )
            #expect(try me.text(me.hook) == "#!/bin/sh\nexit 0\n")
            #expect(try me.text(me.hook + ".before-np") == SetUpHome.foreignHook)
            #expect(try me.text(me.claude) == SetUpHome.foreignSettings)
        }
        unlink(me.hook)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(me.repository), before)
    }

    @Test("and np uninit leave a hook as it is that somebody has edited, and say so each time, until it is gone")
    func editedHook() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        try home.write("echo MINE\n", to: me.hook, appending: true)
        let edited = try me.text(me.hook)
        for _ in 0..<2 {
            let again = try await me.initialize()
            #expect(again.status == 1)
            #expect(
                again.err.hasPrefix("np: git hook: \(me.hook) was changed since np init made it and is left as it is; ")
            )
            for _ in 0..<2 {
                let shown = try await me.np("uninit", "--dry-run")
                #expect(shown.status == 1)
                let undone = try await me.np("uninit")
                #expect(undone.status == 1)
                #expect(undone.err == shown.err)
                #expect(
                    undone.err
                        == "np: git hook: \(me.hook) was changed since and stays; take out what is np's by hand, "
                        + "or remove it\n"
                )
            }
            #expect(try me.text(me.hook) == edited)
        }
        unlink(me.hook)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("and np uninit leave an edited hook as it is also when the record of it is lost")
    func editedHookWithoutRecord() async throws {
        try await me.initialize()
        try home.write("echo MINE\n", to: me.hook, appending: true)
        let edited = try me.text(me.hook)
        try await home.shell("rm -rf \"$D\"", environment: ["D": home.dataDirectory])
        for arguments in [["uninit"], ["init", "--no-daemon"], ["uninit"], ["uninit"]] {
            let done = try await home.run(Home.np, arguments, environment: me.surroundings, in: me.repository)
            #expect(done.status == 1)
            #expect(done.err.hasPrefix("np: git hook: \(me.hook) was changed since"))
            #expect(try me.text(me.hook) == edited)
        }
    }

    @Test("and np uninit leave a hook as it is that is a link that leads nowhere")
    func danglingHook() async throws {
        try await me.furnish()
        try await me.initialize()
        let refusal = "np: git hook: \(me.hook) is a symbolic link that leads nowhere; correct it or remove it\n"
        unlink(me.hook)
        symlink("/no/where", me.hook)
        #expect(try await me.np("uninit").err == refusal)
        unlink(me.hook)
        #expect(try await me.np("uninit").status == 0)

        unlink(me.hook)
        symlink("/no/where", me.hook)
        let before = try me.tree()
        let done = try await me.initialize()
        #expect(done.status == 1)
        #expect(done.err == refusal)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("follows its configuration, and doesn't take the hook that it made before for somebody else's")
    func otherOptions() async throws {
        let before = try me.tree(me.repository)
        try await me.initialize()
        try home.write("", to: home("my.toml"))
        #expect(try await me.initialize("--config", home("my.toml")).status == 0)
        #expect(try me.text(me.hook).contains("--config \(home("my.toml"))"))
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(me.repository), before)
    }

    @Test("and np uninit work without the record of what was, for what is np's is recognised")
    func lostRecord() async throws {
        try await me.furnish()
        let before = try me.tree()
        try await me.initialize()
        try await home.shell("rm -rf \"$D\"", environment: ["D": home.dataDirectory])
        #expect(try await me.initialize().out.hasPrefix(me.repository))
        try await home.shell("rm -rf \"$D\"", environment: ["D": home.dataDirectory])
        #expect(try await me.np("uninit").status == 0)
        #expect(!(try me.text(me.claude)).contains("np hook"))
        #expect(!(try me.text(me.codex)).contains("np hook"))
        #expect(try me.tree(me.repository) == before.filter { $0.key.hasPrefix(me.repository) })
    }
}
