// What led to where a task is, or to one event: the chain of causes, with what cost time, what was open at the end, and
// whether the log is complete for that time. It is told by `StoryTeller` and shown by `np why`.

package import NeuraphageEvents

/// What led there. Text in it may be text from the log.
package struct Story: Sendable {
    /// What something means to the reader.
    package enum Tone: String, Sendable { case plain, trouble, waiting, good }

    /// Something that led there, or cost time.
    package struct Entry: Sendable {
        /// The events that say so: all, or the first and the latest of very many.
        package var events: [Event]
        /// When it began.
        package var time: Timestamp
        /// How long it took; of several, all together.
        package var duration: Duration?
        /// How many causes are above it.
        package var depth = 0
        package var tone = Tone.plain
        package var words: String
        /// How many of the kind are folded into it.
        package var count = 1
        /// Whether the words say how many.
        package var saysCount = false
        /// How much it matters: what matters least is left out first where there is no room.
        package var weight = 1
        /// When that ends which the words tell of.
        package var until: Timestamp?
    }

    /// How it is, or was at the end.
    package struct State: Hashable, Sendable {
        /// In a few words, such as `failed` or `waits for you`.
        package var words: String
        package var tone = Tone.plain
        /// `nil` if that is not known.
        package var since: Timestamp?
        /// Why, in a sentence.
        package var reason: String?
        /// The event that says so.
        package var event: EventID?
        /// When that ends of which the reason tells.
        package var until: Timestamp?

        package init(words: String, tone: Tone = .plain, since: Timestamp?, reason: String?, event: EventID?) {
            (self.words, self.tone, self.since) = (words, tone, since)
            (self.reason, self.event) = (reason, event)
        }
    }

    /// What was open at the end.
    package struct Open: Hashable, Sendable {
        /// What has it open, where that may be gone without a word.
        package enum Holder: Hashable, Sendable {
            /// An agent's session.
            case session(String)
            /// A process that holds a lock, or waits for it.
            case lock(String, isHeld: Bool)
            /// The command under `np run` that began with an event.
            case run(EventID)
        }

        package var words: String
        package var since: Timestamp?
        package var event: EventID?
        /// Whether np takes it to belong here, and nothing says so.
        package var isGuess = false
        package var holder: Holder?
        /// Whether it says how many commits of main are missing.
        package var isBehind = false

        package init(words: String, since: Timestamp? = nil, event: EventID? = nil, isGuess: Bool = false) {
            (self.words, self.since, self.event, self.isGuess) = (words, since, event, isGuess)
        }
    }

    /// What the log has of that time.
    package struct Completeness: Hashable, Sendable {
        package var lostEvents = 0
        package var gaps = 0
        package var leftOut = 0
        package var hasBegin = true
        /// How many events of that time the log does not have, although others name them.
        package var missing = 0
        /// When daemons began while it went on, and whether the one before had died.
        package var restarts: [Restart] = []

        package struct Restart: Hashable, Sendable {
            package var time: Timestamp
            package var away: Duration?
            package var hasDied: Bool
        }

        /// Whether everything of that time is in the log and was read.
        package var isComplete: Bool {
            lostEvents == 0 && gaps == 0 && leftOut == 0 && missing == 0 && hasBegin
        }
    }

    package var task: TaskID?
    /// Who or what began it, such as `claude`.
    package var beganBy: String?
    package var begin: Timestamp?
    /// The event with which the life began that it tells of.
    package var life: EventID?
    package var state: State
    /// When that ended which it tells of; `nil` if it goes on.
    package var end: Timestamp?
    /// Whether its task has ended, as an event says.
    package var isEndTold = false
    /// How the task is now, if it is a story of what was before.
    package var now: State?
    package var entries: [Entry] = []
    package var open: [Open] = []
    /// What np takes for the cause.
    package var guesses: [String] = []
    package var log = Completeness()
    /// What to type next.
    package var next: Step?

    /// Whether it is about what has happened, and not about what goes on.
    package var isOver: Bool { end != nil }
    /// When daemons began while that went on which it tells of.
    package var restarts: [Completeness.Restart] {
        log.restarts.filter { restart in end.map { restart.time <= $0 } ?? true }
    }

    /// Whether np concludes that the agent gave up: the task's state is then that a check failed.
    package var hasGivenUp: Bool { state.words == Self.gaveUp }
    static let gaveUp = "GAVE UP"
}
