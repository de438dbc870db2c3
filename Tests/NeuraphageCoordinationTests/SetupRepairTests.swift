// Hooks of an older np: what a new one changes in them, and what stays as a person has made it.

import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageTasks

@Suite("The hooks of an older np", .apart)
struct SetupRepairTests {
    private static let claudeHook = #"{"type": "command", "command": "/opt/np hook claude", "timeout": 5}"#

    private func adding(_ text: String, _ hooks: AgentHooks) throws -> String {
        var settings = try AgentSettings(Array(text.utf8), of: "/settings")
        try settings.add(hooks)
        return String(decoding: settings.bytes, as: UTF8.self)
    }

    private func differences(_ text: String, _ hooks: AgentHooks) throws -> AgentSettings.Differences? {
        try AgentSettings(Array(text.utf8), of: "/settings").differences(from: hooks)
    }

    private func hooks(_ agent: Agent, _ version: AgentVersion?) throws -> AgentHooks {
        AgentHooks(agent: agent, version: version, np: try InstalledProgram(path: "/opt/np", options: []))
    }

    /// The list of an event, after the hooks were added.
    private func list(_ event: String, _ list: String, _ hooks: AgentHooks) throws -> String? {
        let text = try adding(#"{"hooks": {"\#(event)": \#(list)}}"#, hooks)
        return try AgentSettings(Array(text.utf8), of: "/settings").text(of: event).map {
            String(decoding: $0, as: UTF8.self)
        }
    }

    @Test(
        "are asked about every use of a tool, in their place",
        arguments: [
            "Write|Edit|MultiEdit|NotebookEdit", "Write|Edit|MultiEdit|NotebookEdit|EnterWorktree|ExitWorktree",
        ]
    )
    func matcher(matcher: String) throws {
        let others = #"{"matcher": "Bash", "hooks": [{"type": "command", "command": "say"}]}"#
        let old = #"[{"matcher": "\#(matcher)", "hooks": [\#(Self.claudeHook)]}, \#(others)]"#
        let newest = try AgentHooks.newest(.claude)
        #expect(try list("PostToolUse", old, newest) == #"[{"hooks": [\#(Self.claudeHook)]}, \#(others)]"#)
        let difference = try differences(#"{"hooks": {"PostToolUse": \#(old)}}"#, newest)
        #expect(difference?.outdated == ["PostToolUse"])
        #expect(difference?.missing.count == newest.events.count - 1)
        #expect(difference?.unknown == [])
    }

    @Test("leave a group that has a user's hooks, too, as the user's")
    func sharedGroup() throws {
        let user = #"{"type": "command", "command": "say"}"#
        let old =
            #"[{"matcher": "apply_patch|Edit|Write", "hooks": [\#(user), {"type": "command", "command": "/opt/np hook codex", "timeout": 5}]}]"#
        let new = try list("PostToolUse", old, try .newest(.codex))
        #expect(
            new == #"[{"matcher": "apply_patch|Edit|Write", "hooks": [\#(user)]}, {"hooks": [{"type": "command", "#
                + #""command": "/opt/np hook codex", "timeout": 5, "statusMessage": "np records this"}]}]"#
        )
    }

    @Test("get a name, and the time that Codex allows, in their place")
    func codex() throws {
        let old = #"[{"hooks": [{"type": "command", "command": "/old/np hook codex", "timeout": 5}]}, {"hooks": []}]"#
        let new = try list("SessionEnd", old, try .newest(.codex))
        #expect(
            new == #"[{"hooks": [{"type": "command", "command": "/opt/np hook codex", "timeout": 3, "#
                + #""statusMessage": "np records this"}]}, {"hooks": []}]"#
        )
    }

    @Test(
        "keep what a person has changed in them, and their order",
        arguments: [
            #"[{"matcher": "Bash", "hooks": [{"type": "command", "command": "/opt/np hook claude", "timeout": 5}]}]"#,
            #"[{"hooks": [{"timeout": 60, "async": true, "command": "/opt/np hook claude", "type": "command"}]}]"#,
            #"[{"hooks": [{"type": "command", "command": "/opt/np hook claude"}, {"type": "prompt"}]}, {"hooks": []}]"#,
        ]
    )
    func userChanges(list old: String) throws {
        let newest = try AgentHooks.newest(.claude)
        #expect(try list("PostToolUse", old, newest) == old)
        #expect(try differences(#"{"hooks": {"PostToolUse": \#(old)}}"#, newest)?.outdated == [])
        let moved = old.replacing("/opt/np", with: "/elsewhere/np")
        #expect(try list("PostToolUse", moved, newest) == old)
        #expect(try differences(#"{"hooks": {"PostToolUse": \#(moved)}}"#, newest)?.outdated == ["PostToolUse"])
    }

    @Test("are one for each event afterward, the first")
    func several() throws {
        let moved = Self.claudeHook.replacing("/opt/np", with: "/old/np")
        let old = #"[{"hooks": [\#(moved), {"type": "command", "command": "say"}]}, {"hooks": [\#(Self.claudeHook)]}]"#
        let new = #"[{"hooks": [\#(Self.claudeHook), {"type": "command", "command": "say"}]}]"#
        #expect(try list("Stop", old, try .newest(.claude)) == new)
    }

    @Test("go where the agent's version does not know the event, and with them the event, if nothing else asks for it")
    func unknownEvent() throws {
        let newest = try adding("{}", try .newest(.claude))
        let older = try hooks(.claude, AgentVersion(2, 0, 50))
        let text = try adding(newest, older)
        #expect(text == (try adding("{}", older)))
        #expect(!text.contains("StopFailure") && text.contains("PermissionRequest"))
        #expect(
            try differences(newest, older)?.unknown == [
                "StopFailure", "PermissionDenied", "PostToolUseFailure", "PostToolBatch", "Elicitation",
                "ElicitationResult", "TaskCreated", "TaskCompleted", "TeammateIdle",
            ]
        )
        let user =
            #"{"hooks": {"StopFailure": [{"hooks": [{"type": "command", "command": "say"}]}, {"hooks": [\#(Self.claudeHook)]}]}}"#
        #expect(
            try adding(user, older).contains(#""StopFailure": [{"hooks": [{"type": "command", "command": "say"}]}]"#)
        )
    }

    @Test("by which Claude Code is woken come beside the others, and go alone, when that is not wanted any more")
    func waking() throws {
        let np = try InstalledProgram(path: "/opt/np", options: ["--config", "/a b"])
        let others = try AgentHooks.newest(.claude, options: ["--config", "/a b"])
        let (wanted, unwanted) = (AgentHooks(wakingClaude: true, np: np), AgentHooks(wakingClaude: false, np: np))
        let without = try adding("{}", others)
        let with = try adding(without, wanted)
        #expect(
            with.contains(#""command": "/opt/np hook wake --config '/a b'", "timeout": 86400, "asyncRewake": true"#)
        )
        #expect(try adding(with, others) == with && adding(with, wanted) == with)
        #expect(try differences(with, wanted)?.isEmpty == true && differences(with, others)?.isEmpty == true)
        #expect(
            try differences(without, wanted)?.missing == ["Stop"] && differences(with, unwanted)?.unknown == ["Stop"]
        )
        #expect(try adding(with, unwanted) == without && adding(without, unwanted) == without)
        #expect(try adding("{}", unwanted) == "{}")
    }

    @Test("stay where the agent's version is not known")
    func unknownVersion() throws {
        let newest = try adding("{}", try .newest(.claude))
        let unknown = try hooks(.claude, nil)
        #expect(try adding(newest, unknown) == newest)
        #expect(try differences(newest, unknown)?.isEmpty == true)
        #expect(try adding("{}", unknown) == (try adding("{}", try hooks(.claude, AgentVersion(1, 0, 85)))))
    }

    @Test("are found in events that np asks for no more")
    func otherEvents() throws {
        let text = #"{"hooks": {"WorktreeRemove": [{"hooks": [\#(Self.claudeHook)]}], "PreToolUse": []}}"#
        let newest = try AgentHooks.newest(.claude)
        let added = try adding(text, newest)
        #expect(!added.contains("WorktreeRemove") && added.contains(#""PreToolUse": []"#))
        var settings = try AgentSettings(Array(text.utf8), of: "/settings")
        settings.remove(newest, like: try AgentSettings(Array(#"{"hooks": {"PreToolUse": []}}"#.utf8), of: "/settings"))
        #expect(String(decoding: settings.bytes, as: UTF8.self) == #"{"hooks": {"PreToolUse": []}}"#)
    }
}
