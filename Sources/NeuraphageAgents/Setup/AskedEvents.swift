// Which events of an agent np asks for, and since which of the agent's versions each exists. Every event costs the agent a
// process, so those are left out of which np would make nothing.
//
// The versions of Claude Code are those of its CHANGELOG.md (`hook_event_name`, without which np understands no call, came with
// 1.0.41). Two are in none of its entries: the program of 2.0.57 has PostToolUseFailure and that of 2.0.53 does not, that of
// 2.1.119 has PostToolBatch and that of 2.1.117 does not. The programs of 2.0.49, 2.1.23, 2.1.77, 2.1.87, and 2.1.332 list the
// events that this table says they have. Those of Codex are the first release tags that have the event: openai/codex#14626
// (UserPromptSubmit), #17563 (PermissionRequest), #19905 (PreCompact), #22720 (SubagentStart, SubagentStop), #33895 (SessionEnd),
// #40511 (Interrupt); 0.133.0, 0.144.4, 0.147.0, 0.149.0, 0.153.4, and 0.163.0 list them (`hooks/list` of codex app-server).

import NeuraphageTasks

/// An event that an agent is asked to tell of.
struct AskedEvent: Sendable {
    let name: String
    /// The first version of the agent that has it.
    let since: AgentVersion
    /// How long the agent waits for the hook, in s.
    let timeout: Int
    /// What older versions of np asked for, which is not what the user wanted.
    let former: Former

    /// What an entry of an older np may have, in place of what this np would write.
    struct Former: Sendable {
        var matchers: [String] = []
        var timeouts: [Int] = []
    }

    fileprivate init(
        _ name: String,
        _ major: Int,
        _ minor: Int,
        _ patch: Int,
        timeout: Int = AgentHook.timeout,
        former: Former = Former()
    ) {
        self.name = name
        since = AgentVersion(major, minor, patch)
        self.timeout = timeout
        self.former = former
    }
}

extension AskedEvent {
    /// What Claude Code runs in the background when it has stopped. A version that does not know `asyncRewake` would wait for the
    /// hook; this is the oldest of which it is known that it does.
    static let waking = AskedEvent("Stop", 2, 1, 220, timeout: WakingHook.timeout)
}

extension Agent {
    /// All events that np asks a version of this agent for that has them all.
    var askedEvents: [AskedEvent] {
        switch self {
        case .claude: Self.eventsOfClaude
        case .codex: Self.eventsOfCodex
        }
    }

    /// The events to ask a version for.
    ///
    /// - Parameter version: The version; `nil` if it is not known. Then only the events are asked for that no version
    ///   refuses.
    func askedEvents(of version: AgentVersion?) -> [AskedEvent] {
        let version = version ?? assumedVersion
        return askedEvents.filter { $0.since <= version }
    }

    /// The version that an agent is taken for that does not say which it is.
    private var assumedVersion: AgentVersion {
        switch self {
        case .claude: AgentVersion(1, 0, 85)
        // Every version passes over the events that it does not know.
        case .codex: AgentVersion(.max, 0, 0)
        }
    }

    /// Whether a version skips all of its user's settings for one event that it does not know.
    func skipsFileForUnknownEvent(_ version: AgentVersion) -> Bool {
        self == .claude && version < AgentVersion(2, 1, 101)
    }

    /// Whether a version runs only the hooks that its user has trusted.
    func asksForTrust(_ version: AgentVersion?) -> Bool {
        self == .codex && (version.map { $0 >= AgentVersion(0, 129, 0) } ?? true)
    }

    private static let eventsOfClaude = [
        AskedEvent("SessionStart", 1, 0, 62),
        AskedEvent("SessionEnd", 1, 0, 85),
        AskedEvent("UserPromptSubmit", 1, 0, 54),
        AskedEvent("Stop", 1, 0, 41),
        // A turn that an error ends has no Stop.
        AskedEvent("StopFailure", 2, 1, 78),
        // A wait, seconds after its beginning, and of the kinds that PermissionRequest doesn't tell.
        AskedEvent("Notification", 1, 0, 41),
        // A wait, at once, and for which tool.
        AskedEvent("PermissionRequest", 2, 0, 45),
        // The agent's own judge has refused, without asking a person.
        AskedEvent("PermissionDenied", 2, 1, 89),
        // Changed files, checks, the end of a wait, and an answer to a message.
        AskedEvent(
            "PostToolUse",
            1,
            0,
            41,
            former: AskedEvent.Former(matchers: [
                "Write|Edit|MultiEdit|NotebookEdit", "Write|Edit|MultiEdit|NotebookEdit|EnterWorktree|ExitWorktree",
            ])
        ),
        AskedEvent("PostToolUseFailure", 2, 0, 57),
        // The moment for messages in the middle of a turn, and the tools that were asked for at once.
        AskedEvent("PostToolBatch", 2, 1, 119),
        AskedEvent("SubagentStart", 2, 0, 43),
        AskedEvent("SubagentStop", 1, 0, 41),
        AskedEvent("Elicitation", 2, 1, 76),
        AskedEvent("ElicitationResult", 2, 1, 76),
        // Why an agent has forgotten what it was told.
        AskedEvent("PreCompact", 1, 0, 48),
        // The steps of a long turn, of which otherwise only the end is told.
        AskedEvent("TaskCreated", 2, 1, 84),
        AskedEvent("TaskCompleted", 2, 1, 33),
        // A teammate waits for work.
        AskedEvent("TeammateIdle", 2, 1, 33),
    ]

    private static let eventsOfCodex = [
        AskedEvent("SessionStart", 0, 114, 0),
        // Codex waits 3 s at most for these two, and complains about more.
        AskedEvent("SessionEnd", 0, 145, 0, timeout: 3, former: AskedEvent.Former(timeouts: [5])),
        AskedEvent("UserPromptSubmit", 0, 116, 0),
        AskedEvent("PermissionRequest", 0, 122, 0),
        AskedEvent("PostToolUse", 0, 117, 0, former: AskedEvent.Former(matchers: ["apply_patch|Edit|Write"])),
        AskedEvent("Stop", 0, 114, 0),
        AskedEvent("Interrupt", 0, 150, 0, timeout: 3, former: AskedEvent.Former(timeouts: [5])),
        AskedEvent("SubagentStart", 0, 133, 0),
        AskedEvent("SubagentStop", 0, 133, 0),
        AskedEvent("PreCompact", 0, 129, 0),
    ]
}
