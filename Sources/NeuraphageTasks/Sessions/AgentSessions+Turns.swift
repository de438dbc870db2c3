// A session's turns: one goes on at most, and its end is told once.

package import NeuraphageEvents
import NeuraphageSystem

extension AgentSessions {
    /// What is known of a turn that ends.
    package struct TurnEnd: Hashable, Sendable {
        /// The event with which it began; `nil` if that wasn't seen.
        package let begin: EventID?
    }

    private static let longest = 4_096

    /// Writes down that a turn begins.
    ///
    /// - Parameters:
    ///   - name: Its name, where the agent gives its turns names.
    ///   - started: The event by which the log will know.
    ///   - task: The task that the session works on.
    /// - Returns: The end of the turn that went on until now, which was not reported.
    package func beginTurn(
        _ name: String?,
        with started: Event,
        of task: TaskID?,
        in session: AgentSession
    ) -> Event? {
        let lock = try? ledger.lock(.sessions)
        let left = openTurn(in: session)
        store(AgentTurn(begin: started.id, name: name), of: session)
        _ = consume lock
        return left?.inferredEnd(of: session, in: task, because: "the next turn began")
    }

    /// Writes down that a turn has ended.
    ///
    /// - Returns: What the log has to be told of it; `nil` if that was told. A turn without a name is one of which only one
    ///   hook tells.
    package func endTurn(_ name: String?, in session: AgentSession) -> TurnEnd? {
        let lock = try? ledger.lock(.sessions)
        let known = turn(of: session)
        if let known, known.hasEnded, let name, known.name == name { return nil }
        let isThis = known.map { !$0.hasEnded && ($0.name == nil || name == nil || $0.name == name) } ?? false
        store(AgentTurn(name: name ?? known?.name, hasEnded: true), of: session)
        _ = consume lock
        return TurnEnd(begin: isThis ? known?.begin : nil)
    }

    /// The turn that goes on, as far as hooks have told.
    func openTurn(in session: AgentSession) -> AgentTurn? { turn(of: session).flatMap { $0.hasEnded ? nil : $0 } }

    func forgetTurn(of session: AgentSession) {
        try? files.remove(turnPath(of: session))
    }

    private func turn(of session: AgentSession) -> AgentTurn? {
        (try? files.contents(of: turnPath(of: session), atMost: Self.longest)).map { AgentTurn($0) }
    }

    private func store(_ turn: AgentTurn, of session: AgentSession) {
        _ = try? files.makeDirectories(path)
        try? WholeFile.replace(turnPath(of: session), with: turn.text, in: files)
    }

    private func turnPath(of session: AgentSession) -> String {
        "\(path)/\(DataDirectory.RecordPrefix.turn)\(session.fileName)"
    }
}
