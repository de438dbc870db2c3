// Of all that a log says between the beginning and the end of a task's life, what the story of that life may need. It is
// handed one event after another, and keeps no more of a million than of a few thousand.

package import NeuraphageEvents
import NeuraphagePresentation

/// The events that the story of one life of a task is told from, in the order of the log.
package struct StoryEvents: Sendable {
    /// How many are kept of the beginning of the life, and how many of the latest.
    private static let (mostFirst, mostLatest) = (512, 1_536)
    /// How far a name may be from the task's, in letters, for a message to it to be taken for one that went astray.
    private static let mostLetters = 2

    /// The task; `nil` for a chain of events that are of no task.
    package let task: TaskID?
    /// What is kept. Between the first and the latest, events may be left out.
    package var events: [Event] { first + latest.elements }
    /// How many are left out between.
    package private(set) var leftOut = 0
    /// Whether the life's beginning is in the log.
    package private(set) var hasBegin = false
    /// Whether the task has ended.
    package private(set) var isOver = false
    /// Messages to a name that is like the task's and that no task had, as far as was read.
    package var astray: [Event] { candidates.filter { $0.target.map { !sources.contains($0) } ?? false } }
    /// What is missing in the log of that time, besides what its own events tell: gaps, and lines that are not events.
    package var missing = 0
    /// How many events of that time are not in the log, although events of the task name them.
    package var missingReferences = 0
    /// What is known of the task, where not all was read that happened around it.
    package private(set) var logged: LoggedTask?
    /// The event that is asked about, if it is one and not the life.
    package var asked: EventID?
    /// Whether it ends before something else of the task began, of which this is not the story.
    package var isCut = false

    private var first: [Event] = []
    private var latest = Latest<Event>(atMost: Self.mostLatest)
    private var candidates: [Event] = []
    /// The likely names that events have come from.
    private var sources: Set<TaskID> = []
    /// The names of other tasks that messages went to, and whether they are like the task's: at most so many.
    private var names: [TaskID: Bool] = [:]
    private static let mostNames = 4_096
    /// The locks of others that the task has waited for.
    private var awaited: Set<EventID> = []
    /// The agents' sessions that are the task's, and have not ended.
    private var sessions: Set<String> = []

    package init(of task: TaskID?) {
        self.task = task
    }

    /// Adds the event that comes next in the log.
    package mutating func add(_ event: Event) {
        let isOwn = task != nil && (event.source == task || event.target == task)
        if isOwn, event.kind == .taskStarted, event.source == task {
            if isOver { self = Self(restarting: self) }
            hasBegin = true
        }
        if isOwn {
            keep(event)
            if event.kind == .lockWaiting, let id = event.payload.string("waited_for") { awaited.insert(EventID(id)) }
            if event.kind.endsTask, event.source == task { isOver = true }
            if event.source == task { noteSession(event) }
        } else {
            switch event.kind {
            case _ where event.kind.isOfAgent: if hasMovedAway(with: event) { keep(event) }
            case .mainUpdated, .logGap, .sessionStarted, .sessionEnded: keep(event)
            case .lockReleased:
                if !awaited.isEmpty, let id = event.payload.string("begin"), awaited.contains(EventID(id)) {
                    keep(event)
                }
            case .nudgeSent, .syncRelayed:
                if candidates.count < 16, let name = event.target, isLike(name) { candidates.append(event) }
            default: break
            }
            if let name = event.source, !candidates.isEmpty, candidates.contains(where: { $0.target == name }) {
                sources.insert(name)
            }
        }
    }

    private mutating func noteSession(_ event: Event) {
        guard event.kind.isOfAgent, let id = event.payload.string("session") else { return }
        let step = AgentStep(event.kind)
        if step == .sessionEnded { sessions.remove(id) } else if step.isOfOwner { sessions.insert(id) }
    }

    /// Whether an event of another task, or of none, is the first that says that a session of this task is now there.
    private mutating func hasMovedAway(with event: Event) -> Bool {
        guard AgentStep(event.kind).isOfOwner, let id = event.payload.string("session") else { return false }
        return sessions.remove(id) != nil
    }

    /// What events of the task name as their beginnings and causes, came after its own beginning, and is not kept here.
    var references: Set<EventID> {
        let events = events
        guard leftOut == 0, let first = events.first?.id else { return [] }
        let kept = Set(events.map(\.id))
        var references: Set<EventID> = []
        for event in events where event.source == task || event.target == task {
            for id in [event.begin, event.cause].compactMap(\.self) where id > first && id < event.id {
                if !kept.contains(id) { references.insert(id) }
            }
        }
        return references
    }

    /// Says that only the events were read that `logged` names.
    ///
    /// - Parameter missing: How many of them the log doesn't have any more.
    mutating func tell(_ logged: LoggedTask, missing: Int) {
        self.logged = logged
        leftOut += logged.storyLeftOut
        self.missing += missing + (logged.hasGap ? 1 : 0)
    }

    /// Adds an event whatever it is.
    package mutating func keep(_ event: Event) {
        guard first.count >= Self.mostFirst else { return first.append(event) }
        if latest.isFull { leftOut += 1 }
        latest.append(event)
    }

    /// The events of the life that begins when the one before it is over.
    private init(restarting before: StoryEvents) {
        task = before.task
        asked = before.asked
    }

    /// Whether a name is the task's with a slip of the fingers. Another number is another name.
    private mutating func isLike(_ name: TaskID) -> Bool {
        if let isLike = names[name] { return isLike }
        let isLike = isSlip(name)
        if names.count < Self.mostNames { names[name] = isLike }
        return isLike
    }

    private func isSlip(_ name: TaskID) -> Bool {
        guard let task, name != task else { return false }
        let (typed, meant) = (name.description, task.description)
        func letters(_ text: String) -> String { text.filter { !$0.isNumber } }
        return editDistance(typed, meant) <= Self.mostLetters && letters(typed) != letters(meant)
    }
}
