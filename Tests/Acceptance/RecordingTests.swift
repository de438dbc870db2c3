// Where agents are recorded: in repositories that np init has set up, and elsewhere only if that was said.

import NeuraphagePlatform
import TestSupport
import Testing

@Suite("An agent is recorded", .apart)
struct RecordingTests {
    private let me: SetUpHome
    private let home: Home
    /// A repository that np init has not set up.
    private let other: String

    init() async throws {
        me = try await SetUpHome()
        home = me.home
        other = home("client")
        try await me.git("init", "-q", "-b", "main", other, in: home.path)
        try await me.git("commit", "-q", "--allow-empty", "-m", "one", in: other)
    }

    /// What the events of one session tell its hook, from its beginning to its end.
    private static let life = [
        "SessionStart", "UserPromptSubmit", "PostToolUse", "PermissionRequest", "Stop", "SessionEnd",
    ]

    /// Calls hooks of one session, whose agent is this process.
    private func hear(
        _ events: [String] = life,
        in directory: String,
        session: String = "s-1",
        _ more: [String: String] = [:],
        agent: String = "claude"
    ) async throws {
        for event in events {
            let members = #""cwd":"\#(directory)","tool_name":"Bash","prompt":"x","tool_input":{"command":"ls"}"#
            let call = #"{"session_id":"\#(session)","hook_event_name":"\#(event)",\#(members)}"#
            let environment = me.surroundings.merging(more) { $1 }
            let input = Array(call.utf8)
            let done = try await home.run(
                Home.np,
                ["hook", agent],
                input: input,
                environment: environment,
                in: directory
            )
            #expect(done.status == 0 && done.bytes == [] && done.errorBytes == [], "\(done.err)")
        }
    }

    private var logged: [String] { (try? home.logged) ?? [] }

    private func isLogged(_ session: String) -> Bool { logged.contains { $0.contains(#""session":"\#(session)""#) } }

    @Test("nowhere else than where np init was: in other repositories and in none, hooks leave no trace")
    func noTrace() async throws {
        try await me.git("worktree", "add", "-q", home("client-tree"), in: other)
        let before = try me.tree()
        for directory in [other, home("client-tree"), home.path, me.repository] {
            for agent in ["claude", "codex"] { try await hear(in: directory, agent: agent) }
        }
        me.expectSame(try me.tree(), before)
        #expect(access(home.dataDirectory, F_OK) != 0)

        try await me.initialize()
        let names = try me.text(home.dataDirectory + "/places")
        try await hear(in: other)
        try await hear(in: home.path)
        #expect(!isLogged("s-1") && access(other + "/.git/neuraphage", F_OK) != 0)
        #expect(try me.text(home.dataDirectory + "/places") == names)
        let why = try await home.shell(
            #"echo '{"session_id":"s-1","cwd":"'$PWD'","hook_event_name":"Stop"}' | "$NP" hook claude -v"#,
            in: other
        )
        #expect(why.err.hasPrefix("np: not recorded: np init has not set up this repository; say np init"))
    }

    @Test(
        "in a repository that np init has set up, its worktrees and directories, also if it is moved, until np uninit"
    )
    func initialized() async throws {
        try home.makeDirectory(me.repository + "/deep")
        try await me.git("worktree", "add", "-q", home("tree"))
        try await me.initialize()
        try await hear(in: me.repository, session: "s-main")
        try await hear(in: me.repository + "/deep", session: "s-deep")
        try await hear(in: home("tree"), session: "s-tree")
        for session in ["s-main", "s-deep", "s-tree"] { #expect(isLogged(session), "\(session)") }

        let moved = home("moved")
        rename(me.repository, moved)
        try await hear(in: moved, session: "s-moved")
        #expect(isLogged("s-moved"))
        #expect(try await me.np("uninit", in: moved).status == 0)
        try await hear(in: moved, session: "s-after")
        #expect(!isLogged("s-after"))
    }

    @Test("in a repository that the configuration has watched, and everywhere if agents.record says so")
    func configured() async throws {
        try home.write("[daemon]\nwatch = [\"~/client\"]\n", to: home(".config/neuraphage/neuraphage.toml"))
        try await hear(in: other, session: "s-watched")
        try await hear(in: home.path, session: "s-home")
        #expect(isLogged("s-watched") && !isLogged("s-home"))
        try await hear(in: home.path, session: "s-variable", ["NP_AGENTS_RECORD": "all"])
        try home.write("[agents]\nrecord = \"all\"\n", to: home(".config/neuraphage/neuraphage.toml"))
        try await hear(in: home.path, session: "s-file")
        #expect(isLogged("s-variable") && isLogged("s-file"))
        let mistake = try await home.np("config", environment: ["NP_AGENTS_RECORD": "some"])
        #expect(mistake.status == 64 && mistake.err.contains(#"it must be "initialized" or "all""#))
    }

    @Test("to the end of a session that began where it is recorded, and nothing is written where it goes")
    func drifting() async throws {
        try await me.initialize()
        try await hear(["SessionStart"], in: me.repository)
        try await hear(["UserPromptSubmit", "Stop", "SessionStart", "SessionEnd"], in: other)
        #expect(logged.contains { $0.contains("AgentTurnEnded") && $0.contains("s-1") })
        #expect(logged.contains { $0.contains("AgentSessionEnded") && $0.contains("s-1") })
        #expect(access(other + "/.git/neuraphage", F_OK) != 0)
        try await hear(in: other)
        #expect(logged.count { $0.contains("AgentSessionStarted") } == 2)
    }

    @Test("not where another process takes its session up elsewhere")
    func takenUp() async throws {
        try await me.initialize()
        try await hear(["SessionStart"], in: me.repository)
        let count = logged.count
        let done = try await home.shell(
            #"""
            python3 -c '
            import os, subprocess
            for event in ["SessionStart", "UserPromptSubmit", "Stop"]:
                call = "{\"session_id\":\"s-1\",\"cwd\":\"%s\",\"hook_event_name\":\"%s\"}" % (os.getcwd(), event)
                subprocess.run([os.environ["NP"], "hook", "claude"], input=call, text=True)
            '
            """#,
            environment: me.surroundings,
            in: other
        )
        #expect(done.err == "" && logged.count == count)
    }

    @Test("for the task that np run or an orchestrator names, wherever that is")
    func named() async throws {
        try await hear(in: other, session: "s-named", ["NP_TASK": "t-1"])
        #expect(isLogged("s-named"))
        // What a terminal has inherited of a run that has ended names nothing.
        try await hear(in: other, session: "s-left", ["NP_TASK": "t-1", "NP_RUN": "0190-1"])
        #expect(!isLogged("s-left"))
        let done = try await home.shell(
            #"""
            echo '{"session_id":"s-run","cwd":"'$PWD'","hook_event_name":"SessionStart"}' >"$TMPDIR/call"
            "$NP" run --task t-2 -- sh -c '"$NP" hook claude <"$TMPDIR/call"'
            """#,
            in: other
        )
        #expect(done.err == "" && isLogged("s-run"))
    }

    @Test("as np init and np init --status say")
    func said() async throws {
        let only = "Agents are recorded only in repositories that np init has set up (agents.record = \"initialized\")."
        #expect(try await me.np("init", "--status").lines.last == only + " Those here are not.")
        #expect(try await me.initialize().lines.contains(only))
        #expect(try await me.np("init", "--status").lines.last == only)
        let all = try await home.run(
            Home.np,
            ["init", "--status", other],
            environment: me.surroundings.merging(["NP_AGENTS_RECORD": "all"]) { $1 }
        )
        #expect(all.lines.last == "Agents are recorded in every directory (agents.record = \"all\").")
    }
}
