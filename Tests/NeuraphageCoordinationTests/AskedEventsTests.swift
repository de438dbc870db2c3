// Which events each version of an agent is asked for, and how a version is found out.

import Foundation
import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageTasks

@Suite("What an agent is asked for", .apart)
struct AskedEventsTests {
    private static let old = [
        "SessionStart", "SessionEnd", "UserPromptSubmit", "Stop", "Notification", "PostToolUse", "SubagentStop",
        "PreCompact",
    ]

    @Test(
        "is what its version knows",
        arguments: [
            (Agent.claude, AgentVersion(1, 0, 0), []),
            (.claude, AgentVersion(1, 0, 41), ["Stop", "Notification", "PostToolUse", "SubagentStop"]),
            (.claude, AgentVersion(1, 0, 85), old),
            (.claude, AgentVersion(2, 0, 44), old + ["SubagentStart"]),
            (
                .claude, AgentVersion(2, 1, 77),
                old + [
                    "SubagentStart", "PermissionRequest", "PostToolUseFailure", "TaskCompleted", "TeammateIdle",
                    "Elicitation",
                    "ElicitationResult",
                ]
            ),
            (
                .claude, AgentVersion(2, 1, 332),
                old + [
                    "SubagentStart", "PermissionRequest", "PostToolUseFailure", "TaskCompleted", "TeammateIdle",
                    "Elicitation",
                    "ElicitationResult", "StopFailure", "TaskCreated", "PermissionDenied", "PostToolBatch",
                ]
            ),
            (.codex, AgentVersion(0, 113, 9), []),
            (.codex, AgentVersion(0, 117, 0), ["SessionStart", "Stop", "UserPromptSubmit", "PostToolUse"]),
            (
                .codex, AgentVersion(0, 149, 9),
                [
                    "SessionStart", "Stop", "UserPromptSubmit", "PostToolUse", "PermissionRequest", "PreCompact",
                    "SubagentStart", "SubagentStop", "SessionEnd",
                ]
            ),
            (
                .codex, AgentVersion(0, 163, 0),
                [
                    "SessionStart", "Stop", "UserPromptSubmit", "PostToolUse", "PermissionRequest", "PreCompact",
                    "SubagentStart", "SubagentStop", "SessionEnd", "Interrupt",
                ]
            ),
        ] as [(Agent, AgentVersion, [String])]
    )
    func events(agent: Agent, version: AgentVersion, expected: [String]) {
        let events = agent.askedEvents(of: version).map(\.name)
        #expect(Set(events) == Set(expected))
        #expect(Set(events).count == events.count)
    }

    @Test("of an unknown version is what no version refuses the settings for")
    func unknownVersion() {
        #expect(Set(Agent.claude.askedEvents(of: nil).map(\.name)) == Set(Self.old))
        #expect(Agent.codex.askedEvents(of: nil).count == Agent.codex.askedEvents.count)
    }

    @Test("is never to make worktrees, nor to remove them, which the hook would have to do in the agent's place")
    func worktrees() {
        for agent in Agent.allCases {
            #expect(!agent.askedEvents.contains { $0.name.hasPrefix("Worktree") })
        }
    }

    @Test("is in the documentation, with the versions")
    func documented() throws {
        let root = #filePath.split(separator: "/").dropLast(3).map { "/" + $0 }.joined()
        let text = try String(contentsOfFile: root + "/Documentation/coordination.md", encoding: .utf8)
        for agent in Agent.allCases {
            for event in agent.askedEvents {
                #expect(
                    text.contains("| \(agent.title) | `\(event.name)` | \(event.since) |"),
                    "\(agent) \(event.name)"
                )
            }
        }
    }

    @Test("skips all settings before Claude Code 2.1.101 if it is not known, and never in Codex")
    func skipping() {
        #expect(Agent.claude.skipsFileForUnknownEvent(AgentVersion(2, 1, 100)))
        #expect(!Agent.claude.skipsFileForUnknownEvent(AgentVersion(2, 1, 101)))
        #expect(!Agent.codex.skipsFileForUnknownEvent(AgentVersion(0, 1, 0)))
    }

    @Test("needs trust in Codex since 0.129.0, or if its version is not known")
    func trust() {
        #expect(!Agent.codex.asksForTrust(AgentVersion(0, 128, 9)) && Agent.codex.asksForTrust(AgentVersion(0, 129, 0)))
        #expect(Agent.codex.asksForTrust(nil) && !Agent.claude.asksForTrust(nil))
    }

    // MARK: - Versions

    @Test(
        "depends on the version that it prints",
        arguments: [
            (.claude, "2.1.332 (Claude Code)", "2.1.332"), (.claude, "2.1.332 (Claude Code)\n", "2.1.332"),
            (.claude, "a warning\r\n1.0.85 (Claude Code)\r\n", "1.0.85"), (.codex, "codex-cli 0.163.0\n", "0.163.0"),
            (.codex, "WARNING: x\ncodex-cli 0.164.0-alpha.3", "0.164.0"), (.codex, "codex-cli 0.164.0+7", "0.164.0"),
            (.claude, "", nil), (.claude, "2.1.332", nil), (.claude, "2.1 (Claude Code)", nil),
            (.claude, "codex-cli 0.163.0", nil),
            (.claude, "2.1.332.4 (Claude Code)", nil), (.claude, "2.-1.3 (Claude Code)", nil),
            (.claude, "v2.1.3 (Claude Code)", nil),
            (.claude, "99999999999999999999.1.1 (Claude Code)", nil), (.claude, "2..1 (Claude Code)", nil),
            (.codex, "codex 0.163.0", nil), (.codex, "codex-cli", nil), (.codex, "codex-cli 0.163.0 x", nil),
            (.codex, "\u{0}\u{fffd}", nil),
        ] as [(Agent, String, String?)]
    )
    func parse(agent: Agent, output: String, version: String?) {
        #expect(AgentVersion(of: agent, in: output)?.description == version)
    }

    @Test("is ordered by numbers")
    func order() {
        #expect(AgentVersion(2, 1, 99) < AgentVersion(2, 1, 101) && AgentVersion(1, 9, 9) < AgentVersion(2, 0, 0))
        #expect(!(AgentVersion(2, 1, 0) < AgentVersion(2, 0, 9)))
    }

    private func ask(_ script: String, within patience: UInt64 = 60_000_000_000) throws -> VersionAnswer {
        let directory = try TemporaryDirectory(endingProcesses: true)
        try directory.write("#!/bin/sh\n" + script + "\n", to: "claude", permissions: 0o700)
        return AgentVersion.ask(directory("claude"), of: .claude, within: patience)
    }

    @Test(
        "depends on a version that a program prints, also if it fails, complains, or leaves something in the background",
        arguments: [
            "echo '2.1.332 (Claude Code)'", "printf '2.1.332 (Claude Code)'; exit 3",
            "echo 2.0.0 >&2; echo '2.1.332 (Claude Code)'", "cat; [ -t 0 ] || echo '2.1.332 (Claude Code)'",
            "[ \"$1\" = --version ] && echo '2.1.332 (Claude Code)'; sleep 1000 & exit",
            "echo '2.1.332 (Claude Code)'; exec sleep 1000",
        ]
    )
    func answers(script: String) throws {
        #expect(try ask(script) == .version(AgentVersion(2, 1, 332)))
    }

    @Test(
        "is as of an unknown version if a program prints something else, or nothing",
        arguments: [
            ("exit 1", "printed nothing"), ("echo hello; echo you", "printed 'hello'"),
            ("head -c 10000000 /dev/zero", "printed '\(String(repeating: "\0", count: 60))…'"),
            ("kill -9 $$", "printed nothing"), ("yes", "printed 'y'"),
        ]
    )
    func garbage(script: String, reason: String) throws {
        guard case .unknown(let why) = try ask(script) else { throw Failure() }
        #expect(why.hasSuffix("claude --version \(reason)"))
    }

    @Test(
        "is as of an unknown version if a program hangs, which is ended with all that it has started",
        arguments: ["sleep 1000", "trap '' TERM INT HUP; sleep 1000 & wait", "printf 2.1.332; sleep 1000"]
    )
    func hangs(script: String) throws {
        let directory = try TemporaryDirectory(endingProcesses: true)
        let text = "#!/bin/sh\necho $$ > '\(directory("pid"))'\n" + script + "\n"
        try directory.write(text, to: "claude", permissions: 0o700)
        let answer = AgentVersion.ask(directory("claude"), of: .claude, within: 1_000_000_000)
        #expect(answer == .unknown("\(directory("claude")) --version did not answer within 1 s"))
        let group = Int32((directory.read("pid") ?? "").trimmingCharacters(in: .whitespacesAndNewlines)) ?? 0
        try wait(for: "its processes to be gone") { group > 0 && kill(-group, 0) != 0 }
    }

    @Test("is as of an unknown version if there is no such program, or it cannot be started")
    func missing() throws {
        let directory = try TemporaryDirectory(endingProcesses: true)
        try directory.write("\u{0}\u{1}garbage", to: "claude", permissions: 0o700)
        #expect(AgentVersion.ask(directory("claude"), of: .claude, within: 60_000_000_000).version == nil)
        let surroundings = try Surroundings(
            environment: ["HOME": directory.path, "PATH": directory("bin")],
            in: RealFileSystem()
        )
        #expect(AgentVersion.ask(surroundings)[.codex] == .unknown("there is no program codex in PATH"))
    }

    private struct Failure: Error {}
}
