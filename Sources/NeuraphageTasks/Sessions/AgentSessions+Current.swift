// Which session of an agent a command runs in.

package import NeuraphageEvents
import NeuraphageSystem

extension AgentSession {
    /// What events call it.
    package var name: SessionName { SessionName(agent: agent.rawValue, id: id) }
}

extension AgentSessions {
    /// The sessions of the nearest agent that has started this process, which may have been started by another one.
    package var ofNearestAgent: [Open] {
        let open = open
        guard !open.isEmpty else { return [] }
        for ancestor in ProcessIdentity.ancestors(in: files) {
            let sessions = open.filter { $0.process?.isAmong([ancestor], in: files) ?? false }
            if !sessions.isEmpty { return sessions }
        }
        return []
    }

    /// The session whose agent has started this process; `nil` if none has, or if the nearest agent has several, as a
    /// service has: what it starts for which of them it doesn't say.
    ///
    /// - Parameter task: The task that this process works for: of several sessions only those of that task count.
    package func ofThisProcess(for task: TaskID?) -> AgentSession? {
        let sessions = ofNearestAgent
        let own = sessions.filter { $0.task == task }
        return (sessions.count == 1 ? sessions.first : own.count == 1 ? own.first : nil)?.session
    }
}
