// The agent that works on a task now: of the sessions that are bound to it the latest one that may still live.

package import NeuraphageEvents
import NeuraphagePresentation
package import NeuraphageSystem

/// A session that may still live, and what is seen of its agent's process.
package struct WorkingAgent: Sendable {
    package let session: AgentSessions.Open
    private let presence: ProcessIdentity.Presence

    /// The latest of a task's sessions whose agents are alive; if none is seen to be, of those that cannot be seen from here.
    ///
    /// - Returns: With how many there are to choose from; `nil` if there is none.
    package static func latest(
        of task: TaskID,
        among sessions: [AgentSessions.Open],
        in files: any FileSystem
    ) -> (agent: WorkingAgent, count: Int)? {
        let agents = sessions.filter { $0.task == task }
            .map { WorkingAgent(session: $0, presence: $0.process?.presence(in: files) ?? .unknown) }
        let alive = agents.filter { $0.presence == .alive }
        let candidates = alive.isEmpty ? agents.filter { $0.presence == .unknown } : alive
        return candidates.last.map { ($0, candidates.count) }
    }

    /// Which it is, in words.
    package var words: String {
        "\(session.session.agent.title), session \(session.session.id), since \(session.began)"
    }

    /// How to get to it. Asks its tmux server, if it is in one.
    package func way(from asker: WayToAgent.Asker, in directory: DataDirectory) async -> WayToAgent {
        let location = session.location
        var sight = WayToAgent.Sight(presence: presence)
        if location?.program == .tmux, location?.host == asker.host, let server = location?.server,
            let panes = await TmuxPane.all(of: server)
        {
            sight.answers = true
            sight.pane = session.process.flatMap {
                TmuxPane.holding($0, among: panes, preferring: location?.pane, in: directory.files)
            }
        }
        let named = PlaceNames(in: directory).named
        let place = session.place.flatMap { place in named.first { $0.place == place } }?.directory
        let isThere = place.map(directory.files.isDirectory) ?? false
        return WayToAgent(to: location, seen: sight, directory: isThere ? place : nil, from: asker)
    }
}
