// Whom a nudge comes from. An agent is told to trust its user more than other agents, so what an agent types must not pass
// for the user's, and what the user types must not pass for that of the agent in whose worktree it was typed.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
package import NeuraphageSystem

extension NudgeSender {
    /// Environment variables that agents set for what they start.
    private static let marks = ["CLAUDECODE", "CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID"]

    /// Whom what this process sends comes from.
    ///
    /// It is the task that `NP_TASK` names, or else the task of this worktree if an agent has started this process. An agent is
    /// known by its name, by the variables that it sets, or by its session. Otherwise it is the user.
    ///
    /// - Throws: ``OperationError`` if `NP_TASK` is set to something that cannot be a task's id.
    package static func current(in directory: DataDirectory) throws(OperationError) -> NudgeSender {
        if let inherited = try InheritedTask(), inherited.counts(in: directory) { return .task(inherited.task) }
        let files = directory.files
        let ancestors = ProcessIdentity.ancestors(in: files)
        let here = try? TaskOfPlace.worktree(at: ".", in: directory)
        return decide(
            here: here ?? nil,
            sessions: AgentSessions(in: directory).ofNearestAgent.map(\.task),
            isMarked: marks.contains { getenv($0) != nil },
            hasAgent: ancestors.contains { RunningAgents.agent(ProcessStatus.words(of: $0, in: files)) != nil },
            seesProcesses: ancestors.isEmpty || ProcessStatus(of: ancestors[0], in: files) != nil
        )
    }

    /// Whom it comes from.
    ///
    /// - Parameters:
    ///   - here: The task of the worktree.
    ///   - sessions: The tasks of the sessions whose agent has started the process. A program that has sessions of several
    ///     tasks is no agent of one.
    ///   - isMarked: Whether an agent's variables are set.
    ///   - hasAgent: Whether a process with an agent's name has started it.
    ///   - seesProcesses: Whether it can be seen what has started it.
    static func decide(
        here: TaskID?,
        sessions: [TaskID?],
        isMarked: Bool,
        hasAgent: Bool,
        seesProcesses: Bool
    ) -> NudgeSender {
        let isAgentHere = !sessions.isEmpty && sessions.allSatisfy { $0 == here }
        guard isMarked || hasAgent || isAgentHere || !seesProcesses else { return .user }
        return here.map { .task($0) } ?? .other
    }
}
