// A story ends with how its task is now, by the same status that np shows. The log alone would have an agent at work that has
// died, and a task done of which an agent asks.

package import NeuraphageEvents
package import NeuraphageProjections
package import NeuraphageSystem

extension Story {
    /// Takes what is known of the task now into the story of its latest life.
    ///
    /// An end that the log has stays the story's end: what goes on after it is told besides. All else is as the status says;
    /// only where the story's own end means the same, and the log is what says so, it stays, because it says more.
    package mutating func take(_ status: TaskStatus) {
        let isSameLife = status.logged.begin?.id == life
        if isEndTold, !isSameLife || !status.isOver {
            now = State(of: status)
        } else if !agrees(with: status) {
            var told = State(of: status)
            // What the story takes for the cause was the cause of another end.
            if status.phase != .conflict { guesses = [] }
            if status.isOver { told.since = told.since ?? state.since } else { end = nil }
            state = told
            next = Self.next(for: status, after: next)
        }
        guard isSameLife else { return }
        if status.waitsForYou { next = .go(status.task) }
        takeOpen(status)
    }

    /// Takes it for a story of what was before: only how the task is now.
    package mutating func add(now status: TaskStatus) {
        now = State(of: status)
    }

    /// The story of the latest life of a task, told to its end or as it goes on now.
    ///
    /// - Parameter moment: The time in the past of which it is told, of which only the log tells; `nil`: now.
    /// - Throws: `EventLogError` if the log cannot be read.
    package init(
        ofLife life: StoryEvents,
        of task: TaskID,
        at moment: Timestamp?,
        in directory: DataDirectory,
        logPath: String
    ) throws {
        self.init(life, at: moment ?? .now)
        if moment == nil { take(try TaskStatus.look(at: task, in: directory, logPath: logPath)) }
    }

    /// Whether the story's own end says what the status does, and more.
    private func agrees(with status: TaskStatus) -> Bool {
        let isSame = state.words == status.phase.told.words || hasGivenUp && status.phase == .checkFailed
        return isSame && (status.evidence.source == .log && status.phase != .unknown || status.isOver)
    }

    // MARK: - What is open

    /// What a process that is gone has waited for or held is not open; how far the branch is behind is as git was seen last.
    private mutating func takeOpen(_ status: TaskStatus) {
        let agents = Set(status.agents.map(\.session))
        open.removeAll { item in
            switch item.holder {
            case .session(let id): !agents.contains(id)
            case .lock(let name, let isHeld): !status.locks.contains { $0.name == name && $0.isHeld == isHeld }
            case .run(let begin): !status.runs.contains { $0.begin == begin }
            case nil: false
            }
        }
        if let behind = status.places.filter({ !$0.isGone }).compactMap(\.behind).max(),
            let index = open.firstIndex(where: \.isBehind)
        {
            open[index].words = behind == 1 ? "1 commit behind main" : "\(behind) commits behind main"
            if behind == 0 { open.remove(at: index) }
        }
        if status.phase == .asks, !open.contains(where: { $0.event == status.evidence.event }) {
            open.insert(Self.wait(status), at: 0)
        } else if isEndTold, now == nil, let agent = status.agents.last {
            open.append(Open(words: "\(agent.agent) is still there"))
        }
    }

    /// The wait of which a status tells that asks.
    private static func wait(_ status: TaskStatus) -> Open {
        for session in status.logged.sessions {
            for wait in session.waits where wait.mark.id == status.evidence.event {
                let what = purpose(ofWaitFor: wait.reason, tool: wait.tool) ?? "an answer"
                return Open(
                    words: "\(session.agent) waits for you: \(what)",
                    since: wait.mark.time,
                    event: wait.mark.id
                )
            }
        }
        let agent = status.agents.last?.agent ?? "its agent"
        return Open(words: "\(agent) \(status.detail)", since: status.since, event: status.evidence.event)
    }

    // MARK: - What to type next

    /// What a status has the reader type.
    ///
    /// - Parameter told: What the story would have the reader type: the command for what is open stays, unless there is an
    ///   agent to go to.
    private static func next(for status: TaskStatus, after told: Step?) -> Step? {
        switch status.phase {
        case .asks, .asked: return .go(status.task)
        case .checkFailed, .conflict, .done, .merged, .cancelled: return told
        case .exited:
            guard let session = status.logged.sessions.last, let worktree = status.places.first?.worktree else {
                return .events(status.task)
            }
            return .resume(session: session.id, of: session.agent, in: worktree)
        default:
            guard status.agents.isEmpty else { return .go(status.task) }
            if case .other = told { return told }
            return .events(status.task)
        }
    }
}

extension Story.State {
    /// A task's state as np shows it.
    package init(of status: TaskStatus) {
        let (words, tone) = status.phase.told
        let evidence = status.evidence.words
        let reason = status.detail.isEmpty ? evidence : "\(status.detail) (\(evidence))"
        self.init(words: words, tone: tone, since: status.since, reason: reason, event: status.evidence.event)
        until = status.until
    }
}

extension TaskStatus.Phase {
    /// What a story calls it, in the words of the table that np shows, and what it means to the reader. Capitals are for what
    /// needs a person.
    fileprivate var told: (words: String, tone: Story.Tone) {
        switch self {
        case .asks: ("ASKS YOU", .waiting)
        case .asked: ("ASKED YOU", .waiting)
        case .checkFailed, .failed, .conflict: (rawValue.uppercased(), .trouble)
        case .exited: (rawValue, .trouble)
        case .limited: (rawValue, .waiting)
        case .done, .merged: (rawValue, .good)
        case .stopped, .paused, .rebasing, .working, .unknown, .notRecorded, .cancelled: (rawValue, .plain)
        }
    }
}
