// Builders: what agents' hooks tell.

extension Event {
    /// What an agent's hook tells of its session.
    ///
    /// - Parameter members: What the table has for the kind besides the session.
    package static func ofAgent(
        _ kind: EventKind,
        _ task: TaskID?,
        in session: SessionName?,
        _ members: [Member] = []
    ) -> Event {
        Event(kind, from: task, saying: self.session(session) + members)
    }
}
