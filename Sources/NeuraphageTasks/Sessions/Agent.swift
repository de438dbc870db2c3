// The agents that np knows, and their sessions.

package import NeuraphageEvents
import NeuraphageSystem

/// A coding agent whose hooks np understands.
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

    /// Whether what it says about a turn names the turn. Claude Code names prompts, of which one turn may have several, and a
    /// prompt that waited may become a turn of which nothing else is told.
    var namesTurns: Bool { self == .codex }

    /// Whether it tells when all tools are done that the model has asked for at once, so that the next tool is one that the
    /// model has asked for since.
    var tellsBatches: Bool { self == .claude }
}

/// One session of an agent, by the name that the agent gave it.
package struct AgentSession: Hashable, Sendable {
    package let agent: Agent
    /// Text from the agent, bounded in length; never a path.
    package let id: String

    package init(agent: Agent, id: String) {
        self.agent = agent
        self.id = id
    }

    /// The session as a record has it.
    init?(_ about: Payload) {
        guard let agent = about["agent"].flatMap({ Agent(rawValue: $0.text) }), let id = about["session"]?.text else {
            return nil
        }
        self.init(agent: agent, id: id)
    }

    /// What every event of a session says.
    package var members: [(String, JSONValue)] { [("agent", .string(agent.rawValue)), ("session", .string(id))] }

    /// The name of a file for it, whatever its id is.
    var fileName: String { StableHash.name(of: "\(agent.rawValue) \(id)") }
}
