// Which tasks are listed, in which order: one answer for the command line and the daemon.

package import NeuraphageEvents

extension TaskBoard {
    /// What is listed, and how much is left out.
    package struct Listing: Sendable {
        /// What your silence costs most comes first.
        package var tasks: [TaskStatus] = []
        /// How many have ended earlier, and of how many of these something went wrong.
        package var endedEarlier = 0
        package var failedEarlier = 0
        /// Worktrees that no agent or command has ever worked in.
        package var idleWorktrees: [Place] = []
        /// Whether only tasks that were named are listed, so that nothing else is to be told.
        package var isOfNamed = false

        package typealias Place = TaskStatus.Place
    }

    /// How long a task that is over is listed.
    package static let recently = Duration.seconds(3_600)

    /// The tasks to list.
    ///
    /// - Parameters:
    ///   - showsAll: Whether those that have ended earlier are listed as well, and worktrees without an agent.
    ///   - wanted: Only these, if there are any; what was asked for by name is listed however long ago it ended.
    package func listing(all showsAll: Bool, only wanted: Set<TaskID> = []) -> Listing {
        var listing = Listing()
        listing.isOfNamed = !wanted.isEmpty
        if wanted.isEmpty { listing.idleWorktrees = idleWorktrees }
        for status in tasks {
            if !wanted.isEmpty {
                if wanted.contains(status.task) { listing.tasks.append(status) }
            } else if showsAll {
                listing.tasks.append(status)
            } else if let ended = status.ended, time - ended > Self.recently {
                listing.endedEarlier += 1
                if status.wentWrong { listing.failedEarlier += 1 }
            } else if status.phase == .notRecorded, status.agents.isEmpty, !status.places.isEmpty {
                listing.idleWorktrees += status.places
            } else {
                listing.tasks.append(status)
            }
        }
        let order = listing.tasks.enumerated().map { (order: $1.order, index: $0) }.sorted { $0.order < $1.order }
        listing.tasks = order.map { listing.tasks[$0.index] }
        return listing
    }
}
