// Tells a story from the events of a life: one pass in the log's order. Each kind of event either adds an entry, is folded
// into one, or changes what is open. Pure: the same events and the same moment give the same story.
//
// A cause counts only if its event came before: an event that names itself, or a later one, has no cause, so that there is
// no cycle, whatever stands in the log.

package import NeuraphageEvents
import NeuraphagePresentation

extension Story {
    /// The story that the events of one life tell.
    ///
    /// - Parameter now: The moment at which it is told.
    package init(_ collected: StoryEvents, at now: Timestamp) {
        var teller = StoryTeller(collected, at: now)
        for event in teller.events { teller.tell(event) }
        self = teller.story
    }
}

struct StoryTeller {
    /// An entry, and where its first event is among the events.
    struct Draft {
        var order: Int
        var entry: Story.Entry
    }

    /// A check that has failed since a tool changed a file last.
    struct FailingCheck {
        var name: String
        var count: Int
        /// Whether it is known that no tool has changed a file between.
        var isCertain: Bool
        /// Whether a file was changed after it failed.
        var isEdited = false
        var draft: Int
        var event: Event

        var words: String {
            count == 1 ? "\(name) failed" : "\(name) failed \(count.times)\(isCertain ? " with no edit between" : "")"
        }
    }

    /// A session of an agent.
    struct Session {
        var agent: String
        var id: String
        var turn: Event?
        var lastTurn: Event?
        var end: Event?
        /// Whether it has ended in a turn.
        var isEndInTurn = false
        /// Whether it has ended here because it belongs to another task, or to none, since then.
        var hasMoved: Bool { end.map { $0.kind.name != "AgentSessionEnded" } ?? false }
    }

    let collected: StoryEvents
    let events: [Event]
    let now: Timestamp
    var drafts: [Draft] = []
    /// The entry that tells of an event.
    private var draftOf: [EventID: Int] = [:]
    private var eventOf: [EventID: (event: Event, order: Int)] = [:]

    var begin: Event?
    var end: Event?
    var checkout: Checkout?
    var sessions: [Session] = []
    /// What goes on, by the events that began it.
    var waits: [EventID: Event] = [:]
    var lockWaits: [EventID: Event] = [:]
    var locks: [EventID: Event] = [:]
    var runs: [EventID: Event] = [:]
    /// Entries of waits for a lock that another one held, by that one's acquisition; and how long locks were held.
    var lockDrafts: [(draft: Int, holder: String?, acquisition: EventID?)] = []
    var held: [EventID: Duration] = [:]
    /// What the task was told and has not read.
    var unread: [EventID: Event] = [:]
    var failingChecks: [FailingCheck] = []
    var failedRun: (event: Event, command: String?)?
    var conflict: Event?
    var commitsBehind: Int?
    /// The moves of main that no entry has told of.
    var moves: [Event] = []
    var log = Story.Completeness()
    /// When the daemon's session ended that ended last.
    private var daemonEnd: Timestamp?

    init(_ collected: StoryEvents, at now: Timestamp) {
        (self.collected, self.now) = (collected, now)
        events = collected.events
        for (order, event) in events.enumerated() where eventOf[event.id] == nil {
            eventOf[event.id] = (event, order)
        }
        let own = events.filter { $0.source == collected.task || $0.target == collected.task }
        checkout = own.last { $0.payload["repo"] != nil }.flatMap(Self.checkout)
    }

    private static func checkout(_ event: Event) -> Checkout? {
        event.payload.string("repo").map { repo in
            Checkout(
                repo: repo,
                commonDirectory: event.payload.string("common_dir"),
                branch: event.payload.string("branch"),
                worktree: event.payload.string("worktree")
            )
        }
    }

    /// What an event adds.
    mutating func tell(_ event: Event) {
        guard collected.task != nil else { return tellPlainly(event) }
        switch event.kind {
        case .logGap: tellLoss(event)
        case .sessionStarted: tellDaemon(event)
        case .sessionEnded: daemonEnd = event.timestamp
        case .mainUpdated: tellMove(event)
        case .lockReleased where event.source != collected.task:
            if let id = event.begin { held[id] = event.milliseconds("held_ms") }
        case _ where event.source == collected.task: tellOwn(event)
        case _ where event.target == collected.task: tellMessage(event)
        case _ where event.kind.isOfAgent: tellDeparture(event)
        default: break
        }
        if event.id == collected.asked, draftOf[event.id] == nil { tellPlainly(event) }
    }

    /// Tells of an event as np events shows it.
    mutating func tellPlainly(_ event: Event) {
        let name = event.kind.shownName
        let words = event.summary.isEmpty ? name : "\(name): \(event.summary.firstLine)"
        add(event, words, tone: tone(of: event), because: event.begin, weight: 5)
    }

    func tone(of event: Event) -> Story.Tone { Problem.isOne(event) ? .trouble : .plain }

    private mutating func tellOwn(_ event: Event) {
        switch event.kind {
        case .taskStarted: tellBegin(event)
        case .taskCompleted, .taskFailed, .taskCancelled: tellEnd(event)
        case .rebaseCompleted: tellRebase(event)
        case .rebaseConflict: tellConflict(event)
        case .workDiscarded:
            let count = event.count("count") ?? 1
            add(event, "a reset left \(count.of("commit")) that no branch has", tone: .trouble, weight: 4)
        case .lockWaiting, .lockAcquired, .lockTimedOut, .lockReleased: tellLock(event)
        case .runStarted: runs[event.id] = event
        case .runEnded: tellRun(event)
        case .notificationRead, .notificationSuperseded, .notificationUndelivered: tellReading(event)
        case _ where event.kind.isOfAgent: tellAgent(event)
        // A message to itself.
        case _ where event.target == event.source: tellMessage(event)
        default: break
        }
    }

    private mutating func tellBegin(_ event: Event) {
        let again = begin != nil
        begin = begin ?? event
        let payload = event.payload
        let what = payload.string("title") ?? payload.string("command")
        let words = [payload.string("agent").map { "\($0) began" } ?? "began", again ? "again" : nil]
        add(
            event,
            words.compactMap(\.self).joined(separator: " ") + (what.map { ": \($0.firstLine)" } ?? ""),
            weight: 9
        )
    }

    private mutating func tellEnd(_ event: Event) {
        end = event
        let words =
            switch event.kind {
            case .taskCompleted: "completed"
            case .taskCancelled: "cancelled"
            default: event.isTrue("inferred") ? "exited without a word" : "FAILED"
            }
        let summary = event.summary.firstLine
        let tone: Story.Tone = event.kind == .taskFailed ? .trouble : event.kind == .taskCompleted ? .good : .plain
        add(event, summary.isEmpty ? words : "\(words): \(summary)", tone: tone, weight: 9)
    }

    private mutating func tellLoss(_ event: Event) {
        let lost = event.count("lost") ?? 1
        log.lostEvents = log.lostEvents.saturatingPlus(lost)
        add(event, "\(lost.of("event")) \(lost == 1 ? "is" : "are") missing in the log here", tone: .trouble, weight: 6)
    }

    private mutating func tellDaemon(_ event: Event) {
        let previous = event.payload.string("previous")
        guard previous == "clean" || previous == "unclean" else { return }
        let away = daemonEnd.map { event.timestamp - $0 }.flatMap { $0 >= .zero ? $0 : nil }
        guard log.restarts.count < 100 else { return }
        log.restarts.append(.init(time: event.timestamp, away: away, hasDied: previous == "unclean"))
        daemonEnd = nil
    }

    // MARK: - Entries

    /// Adds an entry.
    ///
    /// - Parameters:
    ///   - began: The event with which that began which this one ends.
    ///   - duration: How long it took, if that isn't the time between the two.
    ///   - cause: The event that led to it.
    /// - Returns: Where it is among the drafts.
    @discardableResult
    mutating func add(
        _ event: Event,
        from began: Event? = nil,
        _ words: String,
        tone: Story.Tone = .plain,
        lasting duration: Duration? = nil,
        because cause: EventID? = nil,
        weight: Int
    ) -> Int {
        let between = began.map { event.timestamp - $0.timestamp }
        let duration = (duration ?? between).flatMap { $0 >= .zero ? $0 : nil }
        let time = began?.timestamp ?? duration.map { event.timestamp - $0 } ?? event.timestamp
        var entry = Story.Entry(events: [event], time: time, words: words)
        (entry.duration, entry.tone, entry.weight) = (duration, tone, weight)
        if let cause = event.cause ?? cause, let parent = draftOf[cause] {
            entry.depth = min(drafts[parent].entry.depth + 1, 5)
        }
        drafts.append(Draft(order: order(of: event, from: began, at: time), entry: entry))
        draftOf[event.id] = drafts.count - 1
        return drafts.count - 1
    }

    /// Where something belongs that an event tells of and that began at a time: in the order of the log, and where only the
    /// time says when it began, after what had happened by then.
    func order(of event: Event, from began: Event?, at time: Timestamp) -> Int {
        var order = eventOf[event.id]?.order ?? events.count
        if let began, let first = eventOf[began.id]?.order { order = min(order, first) }
        // A clock that has stepped back says nothing of what came before.
        while order > 0, time < events[order - 1].timestamp, events[order - 1].timestamp <= event.timestamp {
            order -= 1
        }
        return order
    }

    /// Folds an event into an entry that is there.
    mutating func fold(_ event: Event, into draft: Int) {
        draftOf[event.id] = draft
        drafts[draft].entry.fold(event)
    }

    /// Folds an event into an entry, which lasts until then.
    mutating func extend(_ draft: Int, by event: Event) {
        fold(event, into: draft)
        let span = event.timestamp - drafts[draft].entry.time
        drafts[draft].entry.duration = span >= .zero ? span : nil
    }

    func draft(of id: EventID?) -> Int? { id.flatMap { draftOf[$0] } }

    func order(of id: EventID) -> Int? { eventOf[id]?.order }

    /// An event that came before, by its id.
    func event(_ id: EventID?) -> Event? { id.flatMap { eventOf[$0]?.event } }
}

extension Story.Entry {
    /// How many events an entry names at most.
    private static let mostEvents = 32

    mutating func fold(_ event: Event) {
        count += 1
        if events.count < Self.mostEvents { events.append(event) } else { events[events.count - 1] = event }
    }
}
