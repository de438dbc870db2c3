// All that `np` shows at once: how each task is, and what is to be told of no task alone. A value without behavior;
// `TaskBoard.look` gathers it, and the command line and the daemon show it.

package import NeuraphageEvents

/// How all tasks are at a moment. Text in it may be text from the log or from git.
package struct TaskBoard: Sendable {
    /// A repository that has tasks, and its main.
    package struct Repository: Hashable, Sendable {
        /// The same text as `TaskStatus.Place.repository`.
        package var path: String
        /// What people call it.
        package var name: String
        /// The name of its main branch, where main is, and since when; `nil` where that isn't known.
        package var main: String?
        package var commit: String?
        package var moved: Timestamp?
        /// How often main has moved since the user's day began.
        package var movesToday = 0
        /// When the repository was looked at last: main may have moved since.
        package var seen: Timestamp?

        package init(path: String, name: String) {
            (self.path, self.name) = (path, name)
        }
    }

    /// An agent that np sees and does not record.
    package struct UnrecordedAgent: Hashable, Sendable {
        package var agent: String
        package var pid: Int?
        package var directory: String
        /// Why, if that is known: `np init was not run here`.
        package var reason: String?

        package init(agent: String, directory: String) {
            (self.agent, self.directory) = (agent, directory)
        }
    }

    /// A message that no task has got, and none will unless it begins again.
    package struct Undelivered: Hashable, Sendable {
        /// The name that it was sent to.
        package var task: String
        package var message: EventID
        package var time: Timestamp
        /// A task that has a name like it.
        package var suggestion: String?

        package init(to task: String, message: EventID, time: Timestamp) {
            (self.task, self.message, self.time) = (task, message, time)
        }
    }

    /// A lock that is held, and what waits for it.
    package struct Lock: Hashable, Sendable {
        package struct Party: Hashable, Sendable {
            package var task: String?
            package var pid: Int?
            package var since: Timestamp?

            package init(task: String?, pid: Int?, since: Timestamp?) {
                (self.task, self.pid, self.since) = (task, pid, since)
            }
        }

        package var name: String
        package var holders: [Party]
        package var waiters: [Party]

        package init(name: String, holders: [Party], waiters: [Party]) {
            (self.name, self.holders, self.waiters) = (name, holders, waiters)
        }
    }

    /// What np knows of the daemon.
    package enum Daemon: String, Sendable {
        case running
        /// It has ended in order, or there was none.
        case stopped
        case died
        /// A moment of the past is shown.
        case unknown
    }

    /// When it was so: now, or the moment of `--at`.
    package var time: Timestamp
    /// Whether a moment of the past is shown, of which only the log tells.
    package var isPast = false
    /// When the day of the user began that ``time`` is in.
    package var dayBegan: Timestamp?
    /// Whether there is a log at all.
    package var hasLog = true

    package var repositories: [Repository] = []
    /// Each task's state, in no order.
    package var tasks: [TaskStatus] = []
    package var unrecordedAgents: [UnrecordedAgent] = []
    /// Worktrees that no agent or command has ever worked in, as people call them.
    package var idleWorktrees: [TaskStatus.Place] = []
    package var undelivered: [Undelivered] = []
    package var locks: [Lock] = []
    /// How many events the log says it lost since the user's day began, and how many wait in the reserve.
    package var lostEvents = 0
    package var waitingEvents = 0
    /// Gaps that reading has found: segments that are not there, a log that was cut.
    package var gaps = 0
    /// Lines that are no events.
    package var skippedLines = 0
    package var daemon = Daemon.unknown

    package init(at time: Timestamp) {
        self.time = time
    }
}
