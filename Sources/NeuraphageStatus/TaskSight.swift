// What is seen of a task at a moment, besides what the log says of it: in the ledger, in git's files, of processes. Only now
// can be seen, so of a moment in the past there is no sight.

package import NeuraphageEvents
import NeuraphageProjections

/// What is seen of a task now.
package struct TaskSight: Hashable, Sendable {
    /// A wait for a person, of which the ledger has a record.
    package struct Wait: Hashable, Sendable {
        /// The event with which it began.
        package var begin: EventID
        /// `permission`, `input`, or `idle`.
        package var reason: String
        package var tool: String?
        package var since: Timestamp

        package init(begin: EventID, reason: String, tool: String? = nil, since: Timestamp) {
            (self.begin, self.reason, self.tool, self.since) = (begin, reason, tool, since)
        }
    }

    /// The turn of a session that was told of last, as hooks have written it down.
    package struct Turn: Hashable, Sendable {
        /// The event with which it began; `nil` if that wasn't seen.
        package var begin: EventID?
        package var began: Timestamp?
        package var hasEnded: Bool
        package var end: Timestamp?
        /// When anything was heard of it last, a tool that was used for example, of which the log has no event.
        package var lastSign: Timestamp?

        package init(begin: EventID?, hasEnded: Bool) {
            (self.begin, self.hasEnded) = (begin, hasEnded)
        }
    }

    /// An agent's session of which the ledger has a record: it has begun, and no end was told.
    package struct Session: Hashable, Sendable {
        package var agent: String
        package var id: String
        /// The event with which it began, or was taken up by the process that has it.
        package var begin: EventID
        package var began: Timestamp
        package var presence: TaskStatus.Agent.Presence
        package var pid: Int?
        package var turn: Turn?
        package var waits: [Wait] = []
        package var subagents = 0
        /// When the processes began that the agent has started and that run.
        package var children: [Timestamp] = []
        /// Where the user finds it.
        package var location: String?

        package init(
            _ agent: String,
            _ id: String,
            begin: EventID,
            began: Timestamp,
            presence: TaskStatus.Agent.Presence
        ) {
            (self.agent, self.id, self.begin, self.began, self.presence) = (agent, id, begin, began, presence)
        }
    }

    /// The sessions that are bound to it, the oldest first.
    package var sessions: [Session] = []
    package var runs: [TaskStatus.Run] = []
    package var locks: [TaskStatus.Lock] = []
    /// The event with which the life began of which the ledger has a record.
    package var begin: EventID?
    package var places: [TaskStatus.Place] = []

    package init() {}
}
