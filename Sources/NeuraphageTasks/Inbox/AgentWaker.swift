// Waiting beside an agent that has stopped until something comes for its task, so that the agent can be woken. One process for
// each session waits, for the log to grow. It ends when the agent is given another prompt, or is gone.
//
// An agent is woken once for a message, whatever becomes of it then: one that could not be handed over must not wake it again
// and again, because each time costs what a prompt costs.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

/// Waits for what is to wake an agent.
package struct AgentWaker: Sendable {
    /// How long to wait for the process that has waited since the agent stopped the last time, in ns.
    private static let patience: UInt64 = 5_000_000_000

    private let session: AgentSession
    private let inbox: Inbox
    private let directory: DataDirectory
    private var note: WakeNote { WakeNote(of: session, in: directory) }

    package init(_ session: AgentSession, of task: TaskID, logPath: String, in directory: DataDirectory) {
        self.session = session
        self.directory = directory
        inbox = Inbox(of: task, logPath: logPath, in: directory)
    }

    /// Waits until the agent should be woken.
    ///
    /// - Parameters:
    ///   - deadline: Until when to wait, in ns of the clock `MonotonicClock`.
    ///   - chooses: Which messages wake it.
    ///   - output: The wait ends when the reader of this descriptor, which is the agent, has gone.
    /// - Returns: What has come for the agent; nothing if it need not be woken any more.
    /// - Throws: ``OperationError`` or `EventLogError` if the log cannot be read.
    package func wait(until deadline: UInt64, for chooses: (Event) -> Bool, output: Int32?) throws -> [Event] {
        let path = note.lockPath
        guard let lock = try LockFile.take(path, patience: Self.patience, in: directory.files) else { return [] }
        let news = try waitAlone(until: deadline, for: chooses, output: output)
        _ = consume lock
        return news
    }

    private func waitAlone(until deadline: UInt64, for chooses: (Event) -> Bool, output: Int32?) throws -> [Event] {
        let sessions = AgentSessions(in: directory)
        let turn = sessions.toldTurn(of: session)?.begin
        while sessions.isSeenToGoOn(session) {
            let follower = try inbox.follower(until: deadline)
            let unread = try inbox.unread()
            // After the log was read: the event of an end that comes later ends the waiting below.
            let now = sessions.toldTurn(of: session)
            if now?.begin != turn { return [] }
            let pending = Set(unread.pending.flatMap(\.notifications))
            let news = unread.events.filter { !pending.contains($0.id) && chooses($0) }
            // The agent calls this while its other hooks still tell that it has stopped.
            if now?.hasEnded ?? true, let last = news.last, !note.names(last.id) {
                // What cannot be noted would wake it again and again.
                return (try? note.remember(last.id)) == nil ? [] : news
            }
            guard try inbox.waitForEvent(follower, from: unread.end, output: output) else { return [] }
        }
        return []
    }
}
