// What np init gives agents of each version, and what it says of hooks that they don't have, don't know, or don't run.

import Foundation
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("np init", .apart)
struct InitAgentsTests {
    private let me: SetUpHome
    private let home: Home

    init() async throws {
        me = try await SetUpHome()
        home = me.home
    }

    /// What np init --status says of an agent, besides its state.
    private func remarks(_ agent: String) async throws -> [String] {
        let status = try await me.np("init", "--status")
        #expect(status.status == 0)
        return status.lines.filter { $0.hasPrefix(agent + ": ") }.map { String($0.dropFirst(agent.count + 2)) }
    }

    /// How np init --status says that an agent's hooks are.
    private func state(_ agent: String) async throws -> String {
        let line = try await me.np("init", "--status").lines.first { $0.hasPrefix(agent + "  ") } ?? ""
        return line.dropFirst(agent.count).split(separator: "  ").first.map { $0.trimmingCharacters(in: .whitespaces) }
            ?? ""
    }

    private func events(_ path: String) throws -> [String] {
        let root = try JSONSerialization.jsonObject(with: Data(home.read(path))) as? [String: Any]
        return (root?["hooks"] as? [String: Any])?.keys.sorted() ?? []
    }

    @Test("asks each agent for its version, and registers what that knows")
    func versions() async throws {
        try await me.agents(claude: "2.0.44", codex: "0.120.0")
        #expect(try await me.initialize().status == 0)
        let old = ["Notification", "PostToolUse", "PreCompact", "SessionEnd", "SessionStart", "Stop"]
        #expect(try events(me.claude) == old + ["SubagentStart", "SubagentStop", "UserPromptSubmit"])
        #expect(try events(me.codex) == ["PostToolUse", "SessionStart", "Stop", "UserPromptSubmit"])
        #expect(try await state("Claude Code") == "installed")
        #expect(try await remarks("Claude Code").isEmpty)
        // This one runs hooks without asking.
        #expect(try await remarks("Codex").isEmpty)
    }

    @Test("names after an update what the new version has, and a second time adds it")
    func update() async throws {
        try await me.agents(claude: "2.1.40", codex: "0.148.0")
        try home.write(SetUpHome.foreignSettings, to: me.claude)
        let before = try me.tree()
        #expect(try await me.initialize().status == 0)
        try await me.agents(claude: "2.1.332", codex: "0.163.0")
        #expect(
            try await remarks("Claude Code") == [
                "no hooks for StopFailure, PermissionDenied, PostToolBatch, Elicitation, ElicitationResult, and TaskCreated, "
                    + "which version 2.1.332 has; say np init to add them"
            ]
        )
        #expect(
            try await remarks("Codex").first
                == "no hooks for Interrupt, which version 0.163.0 has; say np init to add them"
        )
        let again = try await me.initialize()
        #expect(again.out.contains("Codex asks once whether it may run these hooks: start codex, and trust them."))
        #expect(again.out.contains("After an update of Claude Code, Codex, or np, say np init again"))
        #expect(try await remarks("Claude Code").isEmpty)
        #expect(try await state("Claude Code") == "installed")
        try await me.agents(claude: "2.1.40", codex: "0.148.0")
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("names hooks that an older version does not know, and for which it skips the file, and takes them out")
    func downgrade() async throws {
        try await me.agents(claude: "2.1.332")
        #expect(try await me.initialize().status == 0)
        try await me.agents(claude: "2.1.80")
        #expect(
            try await remarks("Claude Code") == [
                "version 2.1.80 does not know PermissionDenied, PostToolBatch, and TaskCreated, and skips all of the file for "
                    + "them; say np init to take them out"
            ]
        )
        #expect(try await me.initialize().status == 0)
        #expect(try !events(me.claude).contains("TaskCreated"))
        #expect(try await remarks("Claude Code").isEmpty)
    }

    @Test(
        "gives Claude Code the hook by which it is woken where its user wants that and its version can, and takes it back"
    )
    func waking() async throws {
        try await me.agents(claude: "2.1.219")
        try home.write("[agents]\nwake = \"messages\"\n", to: home(".config/neuraphage/neuraphage.toml"))
        let before = try me.tree()
        #expect(try await me.initialize().out.contains("Claude Code is not woken: that takes version 2.1.220 or later"))
        #expect(!(try me.text(me.claude).contains("hook wake")))
        try await me.agents(claude: "2.1.332")
        #expect(try await me.initialize().status == 0)
        #expect(try me.text(me.claude).contains("hook wake\", \"timeout\": 86400, \"asyncRewake\": true"))
        #expect(try await state("Claude Code") == "installed")
        try home.write("", to: home(".config/neuraphage/neuraphage.toml"))
        #expect(try await state("Claude Code") == "not what np init would write; np init repairs it")
        #expect(try await me.initialize().status == 0)
        #expect(!(try me.text(me.claude).contains("hook wake")))
        try home.write("[agents]\nwake = \"messages\"\n", to: home(".config/neuraphage/neuraphage.toml"))
        #expect(try await me.initialize().status == 0)
        try await me.agents(claude: "2.1.219")
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("names hooks of an older np, and updates them where they are")
    func olderNP() async throws {
        try await me.agents(claude: "2.1.332", codex: "0.163.0")
        #expect(try await me.initialize().status == 0)
        let installed = try me.text(me.claude)
        let older = try me.text(me.codex).replacing(", \"statusMessage\": \"np records this\"", with: "")
        try home.write(older, to: me.codex)
        let matcher =
            "\"PostToolUse\": [\n      {\"matcher\": \"Write|Edit|MultiEdit|NotebookEdit|EnterWorktree|ExitWorktree\", "
        try home.write(installed.replacing("\"PostToolUse\": [\n      {", with: matcher), to: me.claude)
        #expect(
            try await remarks("Claude Code") == [
                "hooks of an older np, or of one elsewhere, for PostToolUse; say np init to update them"
            ]
        )
        #expect(try await state("Claude Code") == "not what np init would write; np init repairs it")
        #expect(
            try await remarks("Codex").contains {
                $0.hasPrefix("hooks of an older np, or of one elsewhere, for SessionStart")
            }
        )
        #expect(try await me.initialize().status == 0)
        #expect(try me.text(me.claude) == installed)
        #expect(try me.text(me.codex) != older)
        #expect(try await remarks("Claude Code").isEmpty)
    }

    @Test(
        "of an agent that does not say its version registers what every version knows, says why, and keeps what is there",
        arguments: [
            ("echo garbage", "printed 'garbage'"), ("exit 1", "printed nothing"),
            ("sleep 1000", "did not answer within 5 s"),
        ]
    )
    func unknownVersion(script: String, reason: String) async throws {
        try await me.program("claude", script)
        let done = try await me.initialize()
        #expect(done.status == 0)
        let words =
            "its version is not known, because \(home("bin/claude")) --version \(reason), so np adds only hooks that every version "
            + "knows; when claude --version works, say np init again"
        #expect(done.out.contains("note: Claude Code: " + words))
        #expect(try await remarks("Claude Code") == [words])
        #expect(try events(me.claude).count == 8)
        try await me.agents(claude: "2.1.332")
        #expect(try await me.initialize().status == 0)
        let installed = try me.text(me.claude)
        try await me.program("claude", script)
        #expect(try await me.initialize().status == 0)
        #expect(try me.text(me.claude) == installed)
    }

    @Test("does not speak of Codex' version if it is not known, because that passes over what it does not know")
    func unknownCodex() async throws {
        try home.makeDirectory(home(".codex"))
        #expect(!(try await me.initialize().out.contains("its version is not known")))
        #expect(try events(me.codex).count == 10)
    }

    // MARK: - Codex' trust

    private var configuration: String { home(".codex/config.toml") }

    /// What Codex writes when its user trusts all hooks, as Codex 0.163.0 does.
    private func trust(_ path: String) async throws {
        let script = """
            import hashlib, json, re, sys
            for event, groups in json.load(open(sys.argv[1]))["hooks"].items():
                event = re.sub("(?<!^)([A-Z])", r"_\\1", event).lower()
                hook = groups[0]["hooks"][0] | {"async": False}
                identity = {"event_name": event, "hooks": [hook]}
                text = json.dumps(identity, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
                digest = hashlib.sha256(text.encode()).hexdigest()
                print(f'[hooks.state."{sys.argv[2]}:{event}:0:0"]')
                print(f'trusted_hash = "sha256:{digest}"')
            """
        let done = try await home.run(
            "/usr/bin/env",
            ["python3", "-c", script, me.codex, path],
            environment: me.surroundings
        )
        #expect(done.status == 0, "\(done.err)")
        try home.write("model = \"m\"\n" + done.out, to: configuration)
    }

    @Test("says that Codex runs no hooks, and codex exec records nothing, until its user has trusted them")
    func untrustedHooks() async throws {
        try await me.agents(codex: "0.163.0")
        try home.write("model = \"m\"\n", to: configuration)
        let done = try await me.initialize()
        #expect(done.out.contains("Codex asks once whether it may run these hooks"))
        let words =
            "not trusted: start codex once and trust its hooks; until then it runs none, and codex exec records nothing"
        #expect(try await remarks("Codex") == [words])
        #expect(try await state("Codex") == "installed, not trusted")
        try await trust(me.codex)
        #expect(try await remarks("Codex").isEmpty)
        #expect(!(try await me.initialize().out.contains("Codex asks once")))
    }

    @Test("says which of Codex' hooks are new or changed since they were trusted, or switched off")
    func changedHooks() async throws {
        try await me.agents(codex: "0.163.0")
        #expect(try await me.initialize().status == 0)
        try await trust(me.codex)
        let text = try me.text(configuration)
        try home.write(text + "enabled = false\n", to: configuration)
        #expect(try await remarks("Codex") == ["switched off in Codex: PreCompact; say /hooks in it to switch them on"])
        try home.write(text + "[features]\nhooks = false\n", to: configuration)
        #expect(try await remarks("Codex") == ["features.hooks is false in its config.toml, so it runs no hooks"])
        let changed = try me.text(me.codex).replacing("\"timeout\": 5", with: "\"timeout\": 7", maxReplacements: 1)
        try home.write(text, to: configuration)
        try home.write(changed, to: me.codex)
        #expect(
            try await remarks("Codex") == [
                "not trusted, because new or changed: SessionStart; start codex once and trust its hooks"
            ]
        )
    }

    @Test("finds what Codex has trusted also where $CODEX_HOME is a link")
    func linkedHome() async throws {
        try await me.agents(codex: "0.163.0")
        try home.makeDirectory(home("real codex"))
        symlink(home("real codex"), home(".codex"))
        #expect(try await me.initialize().status == 0)
        try await trust(home("real codex/hooks.json"))
        #expect(try await remarks("Codex").isEmpty)
    }

    // MARK: - Directories in the place of files

    @Test("and np uninit say plainly that a settings file has become a directory, lose nothing, and do the rest")
    func directoryInPlace() async throws {
        try await me.furnish()
        try await me.agents(claude: "2.1.332", codex: "0.163.0")
        let before = try me.tree()
        let refusal = "\(me.codex) is a directory, and has to be a file; move it elsewhere and try again"
        #expect(try await me.initialize().status == 0)
        let codex = try home.read(me.codex)
        unlink(me.codex)
        try home.write("mine", to: me.codex + "/x")

        let done = try await me.initialize()
        #expect(done.status == 1 && done.err == "np: Codex: \(refusal)\n")
        let status = try await me.np("init", "--status")
        #expect(status.status == 0 && status.lines.contains("Codex: \(refusal)"))
        #expect(try await state("Codex") == "cannot be read")
        #expect(try await state("Claude Code") == "installed")
        for _ in 0..<2 {
            let undone = try await me.np("uninit")
            #expect(undone.status == 1 && undone.err == "np: Codex: \(refusal)\n")
            #expect(try me.text(me.claude) == SetUpHome.foreignSettings)
            #expect(try me.text(me.hook) == SetUpHome.foreignHook)
            #expect(try me.text(me.codex + "/x") == "mine")
        }
        try await home.shell("rm -r \"$F\"", environment: ["F": me.codex])
        try home.write(codex, to: me.codex)
        #expect(try await me.np("uninit").status == 0)
        me.expectSame(try me.tree(), before)
    }

    @Test("says what to do where a hook or the list of hooks' files has become a directory, and does the rest")
    func directoriesElsewhere() async throws {
        try await me.agents(claude: "2.1.332")
        try home.makeDirectory(me.hook)
        let done = try await me.initialize()
        #expect(done.status == 1)
        #expect(
            done.err
                == "np: git hook: \(me.hook) is a directory, and has to be a file; move it elsewhere and try again\n"
        )
        #expect(try events(me.claude).count == 19)
        #expect(try await me.np("uninit").status == 0)
        #expect(access(me.hook, F_OK) == 0 && access(me.claude, F_OK) != 0)
    }
}
