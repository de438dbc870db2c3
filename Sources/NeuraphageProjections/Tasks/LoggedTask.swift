// What the log says of a task: of its latest life, because an earlier one is over. It takes as little for a task with a
// million events as for one with a hundred.

package import NeuraphageEvents

/// What a log says of a task. Text in it is text from the log.
package struct LoggedTask: Hashable, Sendable {
    /// How the latest life ended.
    package struct Ending: Hashable, Sendable {
        package enum Outcome: String, Sendable { case completed, failed, cancelled }

        package var outcome: Outcome
        package var mark: EventMark
        /// The summary, the error, or the reason, as the event says.
        package var words: String?
        package var exitCode: Int?
        package var signal: Int?
        /// The commit by which main has the work.
        package var commit: String?
        /// Whether np has concluded it, and no process reported it.
        package var isInferred = false
    }

    /// An agent's session.
    package struct Session: Hashable, Sendable {
        package var agent: String
        package var id: String
        /// `nil`: its beginning is not in the log.
        package var begin: EventMark?
        package var end: EventMark?
        package var endReason: String?
        /// Whether its end was concluded: its process was gone, and it had not said a word.
        package var isEndInferred = false
        /// The turn that was told of last.
        package var turn: Turn?
        /// The waits for a person that go on.
        package var waits: [Wait] = []
        /// When the log was told of it last.
        package var lastHeard: Timestamp
        /// The subagents that work, as far as they are kept apart, and how many more there are.
        package var openSubagents: [Subagent] = []
        package var otherSubagents = 0
        /// Where the user finds it: `where` of the event with which it began.
        package var location: Payload?
        /// The task whose it is now, if its agent has moved it away from this one. It has ended here by that.
        package var movedTo: TaskID?

        /// How many subagents work.
        package var subagents: Int { openSubagents.count + otherSubagents }
        /// Whether its end was concluded in the middle of a turn: its agent has said nothing any more.
        package var isCutOff: Bool {
            guard end != nil, isEndInferred, endReason != SessionEndReason.takenUp, let turn else { return false }
            return turn.end == nil || turn.isEndInferred && turn.endReason == SessionEndReason.sessionEnded
        }
    }

    /// A subagent that works.
    package struct Subagent: Hashable, Sendable {
        package var id: String?
        package var begin: EventID
    }

    /// A turn of a session.
    package struct Turn: Hashable, Sendable {
        package var begin: EventMark?
        package var end: EventMark?
        package var isMachine = false
        /// Whether the agent's last message ended with a question.
        package var asks = false
        /// How many tasks went on in the background when it ended.
        package var background = 0
        package var isInterrupted = false
        /// Whether its end was concluded.
        package var isEndInferred = false
        /// What went wrong, in a word of the agent's, and when the limit ends.
        package var error: String?
        package var until: String?
        package var toolCount = 0
        package var failedCount = 0
        package var deniedCount = 0
        package var failures: [Failure] = []
        /// Its name, if the agent gives its turns names.
        package var name: String?
        /// Why np takes it for ended, if no hook has told.
        package var endReason: String?
    }

    /// A tool that has failed with the same input, in one turn or in several, with no change of a file between.
    package struct Failure: Hashable, Sendable {
        package var tool: String
        package var input: String?
        package var count: Int
        package var mark: EventMark
    }

    /// A wait for a person.
    package struct Wait: Hashable, Sendable {
        package var mark: EventMark
        /// `permission`, `input`, or `idle`.
        package var reason: String
        package var tool: String?
        /// When the agent has stopped, if it is idle.
        package var since: String?
        /// The subagent that waits, if it is one.
        package var subagent: String?
    }

    /// A command that is a part of the task, or the task itself.
    package struct Run: Hashable, Sendable {
        package var begin: EventMark?
        package var end: EventMark?
        package var command: String?
        package var exitCode: Int?
        package var signal: Int?
        package var error: String?
        /// Whether its end was concluded.
        package var isEndInferred = false
    }

    /// A lock that it holds or waits for.
    package struct Lock: Hashable, Sendable {
        package var name: String
        package var mark: EventMark
        package var isHeld: Bool
        /// The task that holds it, if it is waited for and that is known.
        package var holder: String?
    }

    /// A check, as it ended last.
    package struct Check: Hashable, Sendable {
        package var name: String
        package var mark: EventMark
        /// `passed`, `failed`, or `unknown`.
        package var result: String
        /// How often it has failed, with no change of a file between and since.
        package var failedCount = 0
        /// Whether a file was changed after the receipt that told of it.
        package var isOutdated = false
    }

    /// What a task was told and has not read.
    package struct Notification: Hashable, Sendable {
        package var mark: EventMark
        /// Whether it is an order to rebase.
        package var isOrder: Bool
    }

    /// A rebase or merge that stopped on a conflict, and of which nothing else was told since.
    package struct Conflict: Hashable, Sendable {
        package var mark: EventMark
        package var files: [String]
        package var filesCount: Int
        package var onto: String?
        package var isMerge = false
        /// Of the first file, a commit of main that changes it, and its subject.
        package var commit: String?
        package var subject: String?
    }

    package let task: TaskID

    // What each event changes comes first, so that it lies together.

    /// The event that was told last of it, and its kind.
    package var last: EventMark?
    package var lastKind: EventKind?
    /// Where the events of its story are: the first of the life, and the latest.
    package internal(set) var opening: [EventMark] = []
    package internal(set) var recent = Latest<EventMark>(atMost: Self.mostRecent)
    /// How many events between these are left out.
    package var storyLeftOut = 0

    /// What it was told and has not read, the latest, and how many more there are. The same as its inbox has.
    package internal(set) var unread = Latest<Notification>(atMost: Self.mostUnread)
    package var otherUnread = 0

    /// How many lives the log has.
    package var lives = 0
    /// `nil`: its beginning is not in the log.
    package var begin: EventMark?
    package var end: Ending?
    package var title: String?
    package var command: String?
    /// The agent that began it.
    package var agent: String?
    /// Where it works, as the log says last.
    package var checkout: Checkout?
    /// Sessions that have not ended, and the one that ended last; the latest last.
    package var sessions: [Session] = []
    /// Runs that have not ended, and the one that ended last.
    package var runs: [Run] = []
    package var locks: [Lock] = []
    package var checks: [Check] = []
    package var conflict: Conflict?
    /// The order to rebase that was given last and is not obsolete, and how many commits it was behind then.
    package var order: EventMark?
    package var commitsBehind: Int?
    /// The rebase or merge by which it caught up last.
    package var caughtUp: EventMark?
    /// Tools that have failed the same way again and again since a file changed last.
    package var failures: [Failure] = []
    /// The files that tools have changed in this life, in the order of their names, at most 200, and how many there were at
    /// least. Paths from the top of the worktree, and whole ones of what lies elsewhere.
    package var files: [String] = []
    package var filesCount = 0
    /// The event that told of the first change of a file since the branch caught up last, or since the life began.
    package var firstChange: EventMark?
    /// Work that a reset has taken from its branch, as was told last.
    package var discarded: EventMark?
    /// A pause that was told of and not ended since.
    package var pause: EventMark?
    /// When the log told of its last gap since the task began and before it ended, or of what came after that. Not folded: it
    /// follows from what the log says of itself when the task is asked for.
    package var gap: Timestamp?
    package var hasGap: Bool { gap != nil }

    package init(_ task: TaskID) {
        self.task = task
    }

    /// How much is kept of what could be very much.
    static let (mostOpening, mostRecent) = (32, 224)
    static let (mostFiles, mostOpen, mostNames, mostUnread) = (200, 32, 32, 32)

    /// How many notifications it has not read.
    package var unreadCount: Int { unread.count + otherUnread }

    /// Where the events of its story are, in the order of the log: the first of the life, the latest, and those that led to
    /// one of these.
    package var story: [EventMark] { (opening + recent.elements).sorted { $0.place < $1.place } }
}

/// Why np takes a session or a turn for ended, as the log has it.
package enum SessionEndReason {
    package static let isGone = "its process is gone"
    package static let takenUp = "another process has taken it up"
    package static let sessionEnded = "its session ended"
    package static let nextTurn = "the next turn began"
    /// Only here, and in no event.
    package static let moved = "its agent has moved it"
}
