// Whether Codex runs the hooks that it was given, by what it has written into its own configuration.

import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageTasks

@Suite("Codex' trust", .apart)
struct CodexTrustTests {
    private static let file = "/h/.codex/hooks.json"

    private func state(_ key: String, _ hash: String, _ more: String = "") -> String {
        "[hooks.state.\"\(Self.file):\(key)\"]\ntrusted_hash = \"\(hash)\"\n\(more)\n"
    }

    private func hook(_ event: String, _ hash: String?, group: Int = 0, entry: Int = 0) -> CodexHook {
        CodexHook(event: event, group: group, entry: entry, hash: hash)
    }

    private func verdict(_ configuration: String, _ hooks: CodexHook...) -> CodexTrust.Verdict {
        CodexTrust(configuration: configuration).verdict(on: hooks, in: ["/elsewhere/hooks.json", Self.file])
    }

    // What Codex 0.163.0 says in hooks/list.
    private static let stop = "sha256:2ba34c7a02841fada06b868a093d041fd3d9de81883c789a321916b0aa118851"
    private static let sessionEnd = "sha256:42b05e69997c6370cc104355f7667ba0ed343a21eceaf0e3939a162d65d1f676"

    @Test("has the hashes that Codex has")
    func hashes() {
        #expect(CodexHook.hash(event: "Stop", command: "true") == Self.stop)
        #expect(CodexHook.hash(event: "Stop", command: "true", matcher: "x") == Self.stop)
        for timeout in [3, 5] {
            let hash = CodexHook.hash(event: "SessionEnd", command: "/opt/np hook codex", timeout: timeout, label: "np")
            #expect(hash == Self.sessionEnd)
        }
        #expect(
            CodexHook.hash(event: "PostToolUse", command: "true é\"</\\", matcher: "Bash")
                == "sha256:7b7ff1fd70790a09cb721cbf3f8a247c54df2805546529350c6bdc59fbeab8cd"
        )
        #expect(
            CodexHook.hash(event: "PostToolUse", command: "false", matcher: "Bash", timeout: 9, isAsync: true)
                == "sha256:f6ab331d6ddff3798bd55700dd9ed0af61ec76fde6be2dee31eb987157c217eb"
        )
    }

    @Test("holds for hooks that are as they were trusted")
    func trusted() {
        let both = state("stop:0:0", Self.stop) + state("post_tool_use:1:2", Self.sessionEnd, "enabled = true")
        let hooks = [hook("Stop", Self.stop), hook("PostToolUse", Self.sessionEnd, group: 1, entry: 2)]
        #expect(verdict("model = \"m\"\n" + both, hooks[0], hooks[1]) == .trusted)
        #expect(verdict(state("stop:0:0", Self.stop), hooks[0], hooks[1]) == .partlyUntrusted(["PostToolUse"]))
        #expect(verdict("") == .trusted)
    }

    @Test("does not hold for hooks that were never trusted, or that have changed since", arguments: ["", "no TOML ["])
    func untrusted(configuration: String) {
        #expect(verdict(configuration, hook("Stop", Self.stop)) == .untrusted)
        #expect(verdict(state("stop:0:0", Self.sessionEnd), hook("Stop", Self.stop)) == .partlyUntrusted(["Stop"]))
        #expect(verdict(state("stop:0:1", Self.stop), hook("Stop", Self.stop)) == .untrusted)
    }

    @Test("is believed where np cannot tell the hash")
    func unknownHash() {
        #expect(verdict(state("stop:0:0", "sha512:00"), hook("Stop", Self.stop)) == .trusted)
        #expect(verdict(state("stop:0:0", Self.sessionEnd), hook("Stop", nil)) == .trusted)
        #expect(verdict("", hook("Stop", nil)) == .untrusted)
    }

    @Test("does not help hooks that are switched off, one by one or all")
    func disabled() {
        let hooks = hook("Stop", Self.stop)
        #expect(verdict(state("stop:0:0", Self.stop, "enabled = false"), hooks) == .disabled(["Stop"]))
        for name in ["hooks", "codex_hooks"] {
            #expect(verdict(state("stop:0:0", Self.stop) + "[features]\n\(name) = false\n", hooks) == .off)
        }
    }

    @Test("is about what the entry in the file says")
    func entries() throws {
        let hooks = try AgentHooks.newest(.codex)
        func hash(_ group: String) throws -> String? {
            let settings = try AgentSettings(
                Array(#"{"hooks": {"Stop": [{"hooks": []}, \#(group)]}}"#.utf8),
                of: "/hooks.json"
            )
            let found = settings.codexHooks(hooks)
            #expect(found.count == 1 && found.first?.group == 1 && found.first?.eventKey == "stop")
            return found.first?.hash
        }
        let command = #""command": "/opt/np hook codex""#
        let plain = CodexHook.hash(event: "Stop", command: "/opt/np hook codex", timeout: 5, label: "a")
        #expect(
            try hash(#"{"hooks": [{"type": "command", \#(command), "timeout": 5, "statusMessage": "a"}]}"#) == plain
        )
        #expect(
            try hash(
                #"{"matcher": "x", "hooks": [{"type": "command", \#(command), "timeout": 5, "async": false, "statusMessage": "a"}]}"#
            ) == plain
        )
        #expect(try hash(#"{"hooks": [{"type": "command", \#(command), "new": 1}]}"#) == nil)
        #expect(try hash(#"{"hooks": [{"type": "command", \#(command), "timeout": "5"}]}"#) == nil)
        #expect(try hash(#"{"matcher": 1, "hooks": [{"type": "command", \#(command)}]}"#) == nil)
    }
}
