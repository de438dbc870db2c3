// The one answer to "how is task X": what it does, since when, by which evidence, and how old that is.

package import NeuraphageEvents
package import NeuraphageProjections

/// How a task is. Text in it may be text from the log.
package struct TaskStatus: Sendable {
    /// What it does, in the order of what your silence costs.
    package enum Phase: String, CaseIterable, Sendable {
        /// An agent waits for a permission or an answer, and goes on at once when it has that.
        case asks
        /// An agent has asked in prose, and stopped.
        case asked
        case checkFailed = "check failed"
        case failed
        case conflict
        /// Its agent's process, or its command's, is gone, and has said nothing.
        case exited = "exited without a word"
        case limited
        /// Its agent has stopped, and waits for the next prompt.
        case stopped
        case paused
        case rebasing
        case working
        case unknown
        /// It has a worktree, and np has never heard of an agent or command in it.
        case notRecorded = "not recorded"
        case done
        case merged
        case cancelled
    }

    /// What says that it is so.
    package struct Evidence: Hashable, Sendable {
        package enum Source: String, Sendable { case log, ledger, process, git }

        package var source: Source
        /// In words, such as `PermissionRequest, no end seen`.
        package var words: String
        /// The event, if it is one.
        package var event: EventID?
        /// When it was so.
        package var time: Timestamp?
    }

    /// What is abnormal.
    package enum Flag: String, CaseIterable, Sendable {
        /// The same tool fails with the same input again and again, and no file has changed between.
        case loop = "LOOP"
        case errors = "ERRORS"
        case denied = "DENIED"
        /// Its edits began before the main that has moved since.
        case stale = "STALE"
        /// Another task has changed the same file since their merge base.
        case collides = "COLLIDES"
        /// It has changed a file outside its worktree.
        case outside = "OUTSIDE"
    }

    /// A flag, and what is meant.
    package struct Remark: Hashable, Sendable {
        package var flag: Flag
        package var words: String
    }

    /// A worktree of the task.
    package struct Place: Hashable, Sendable {
        package var repository: String
        package var worktree: String?
        package var branch: String?
        /// How many commits it lacks of main, as of `seen`; `nil` if that isn't known.
        package var behind: Int?
        package var seen: Timestamp?
        /// Whether main has taken its branch in, as of `seen`.
        package var isMerged = false
        /// Whether git has forgotten it.
        package var isGone = false
        /// Whether its directory is not there, although git lists it: removed by hand, or on a disk that is not mounted.
        package var isAway = false
        /// What git has begun in it and not ended, `rebase` or `merge`, and since when.
        package var command: String?
        package var commandSince: Timestamp?

        package init(repository: String, worktree: String? = nil, branch: String? = nil) {
            (self.repository, self.worktree, self.branch) = (repository, worktree, branch)
        }
    }

    /// A command under `np run` that may still run.
    package struct Run: Hashable, Sendable {
        package var begin: EventID?
        package var since: Timestamp?
        package var command: String?
        package var presence: Agent.Presence

        package init(begin: EventID?, since: Timestamp?, command: String?, presence: Agent.Presence) {
            (self.begin, self.since, self.command, self.presence) = (begin, since, command, presence)
        }
    }

    /// A lock that it holds or waits for, by a process that may still live.
    package struct Lock: Hashable, Sendable {
        package var name: String
        package var isHeld: Bool
        package var since: Timestamp
        package var presence: Agent.Presence
        /// If it is waited for: the task or the process that holds it, as far as that is known.
        package var holder: String?

        package init(
            _ name: String,
            isHeld: Bool,
            since: Timestamp,
            presence: Agent.Presence,
            holder: String? = nil
        ) {
            (self.name, self.isHeld, self.since) = (name, isHeld, since)
            (self.presence, self.holder) = (presence, holder)
        }
    }

    package var task: TaskID
    package var phase: Phase
    /// Since when; `nil` if that isn't known. For what has exited without a word: when it was heard last.
    package var since: Timestamp?
    package var evidence: Evidence
    /// One line that says more: `wants to use Bash`, `conflict in cart.txt with 112e659`, `runs a command, 9 min`. May be empty.
    package var detail: String
    /// When a limit ends.
    package var until: Timestamp?
    package var places: [Place] = []
    package var remarks: [Remark] = []
    /// The agents that may still live.
    package var agents: [Agent] = []
    /// The commands under `np run` that may still run.
    package var runs: [Run] = []
    /// The locks that it may hold or wait for.
    package var locks: [Lock] = []
    /// What the log says of it. Shared: lists of statuses are filtered and sorted.
    @Shared package var logged: LoggedTask
    /// How many notifications it has not read, as long as it goes on.
    package var unread: Int? { logged.end == nil ? logged.unreadCount : nil }
    /// Whether it has ended, so that it goes on only if it begins again.
    package var isOver: Bool {
        switch phase {
        case .done, .merged, .cancelled: true
        case .failed, .checkFailed, .exited: logged.end != nil
        default: false
        }
    }

    /// An agent's session as far as it can be seen.
    package struct Agent: Hashable, Sendable {
        package enum Presence: String, Sendable { case alive, gone, unknown }

        package var agent: String
        package var session: String
        package var presence: Presence
        package var subagents = 0
        /// Where the user finds it, as the event of its beginning says.
        package var location: String?
    }
}
