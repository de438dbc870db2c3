/// A coding agent whose hooks we understand.
package enum Agent: String, CaseIterable, Sendable {
    case claude
    case codex

    /// What people call it.
    package var title: String {
        switch self {
        case .claude: "Claude Code"
        case .codex: "Codex"
        }
    }
}

/// One session of an agent, by the name that the agent gave it.
struct AgentSession: Hashable, Sendable {
    let agent: Agent
    /// Text from the agent, at most ``HookInput/longestText`` bytes; never a path.
    let id: String

    /// The name of a file for it, whatever its id is.
    var fileName: String { StableHash.name(of: "\(agent.rawValue) \(id)") }
}
