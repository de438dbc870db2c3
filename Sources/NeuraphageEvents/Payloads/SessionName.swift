// Which session of an agent does something: what an event says of it.

/// A session of an agent, by the names that events have for it.
public struct SessionName: Hashable, Sendable {
    /// Which agent it is, such as `claude`.
    public let agent: String
    /// The session's id, as the agent gave it.
    public let id: String

    /// The session of an agent.
    public init(agent: String, id: String) {
        self.agent = agent
        self.id = id
    }
}
