// Who reads an inbox with `np inbox --ack`, as the log is told: the task of this worktree, and the agent's session that has
// started np, if one has.

import NeuraphageEvents
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

struct InboxReader {
    private let task: TaskID?
    private let session: AgentSession?
    private let directory: DataDirectory

    /// - Parameter task: The task of this worktree, if it is one's.
    init(_ task: TaskID?, in directory: DataDirectory) {
        self.task = task
        self.directory = directory
        let sessions = AgentSessions(in: directory)
        // What an agent reads elsewhere is not read by the session that works here.
        session = sessions.ofThisProcess(for: task).flatMap { sessions.open($0)?.task == task ? $0 : nil }
    }

    /// What the log is told of messages to a task that were read.
    func marks(of messages: [Event], to inbox: TaskID) -> [Event] {
        let hasOrders = inbox == task && messages.contains { $0.kind == .rebaseRequired }
        let place = hasOrders ? PlaceNames.place(containing: ".", in: directory) : nil
        let standing = place.flatMap { RepositoryObserver.standing(of: $0, in: directory) }
        return messages.map { message in
            let main = message.kind == .rebaseRequired ? standing?.members ?? [] : []
            return Reading.event(of: message.id, in: inbox, by: task, how: "np inbox", (session?.members ?? []) + main)
        }
    }
}
