// Which session of an agent a command runs in.

package import NeuraphageEvents
import NeuraphageSystem

extension AgentSession {
    /// What events call it.
    package var name: SessionName { SessionName(agent: agent.rawValue, id: id) }
}

extension AgentSessions {
    /// The session whose agent has started this process; `nil` if none has, or if the nearest agent has several, as a
    /// service has: what it starts for which of them it doesn't say.
    ///
    /// - Parameter task: The task that this process works for: of several sessions only those of that task count.
    package func ofThisProcess(for task: TaskID?) -> AgentSession? {
        let open = open
        guard !open.isEmpty else { return nil }
        for ancestor in ProcessIdentity.ancestors(in: files) {
            let sessions = open.filter { $0.process?.isAmong([ancestor], in: files) ?? false }
            let own = sessions.filter { $0.task == task }
            if let only = sessions.count == 1 ? sessions.first : own.count == 1 ? own.first : nil {
                return only.session
            }
            if !sessions.isEmpty { return nil }
        }
        return nil
    }
}
