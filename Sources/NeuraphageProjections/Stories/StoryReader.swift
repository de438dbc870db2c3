// Finds a life of a task in a log, and hands its events to the story: from its beginning to its end, all that happened, by
// the task and around it.

package import NeuraphageEvents

/// Reads what stories are told from.
package struct StoryReader: Sendable {
    /// How many events a chain of causes has at most.
    private static let longestChain = 16

    let path: String
    let files: any FileSystem
    /// How much is read of a life, at most, to have all that happened around it, where the places of its events are known.
    var mostBytes: Int64 = 4 << 20
    /// Only what was logged until then.
    package var until: Timestamp?
    /// Asked now and then whether the answer is still wanted; if not, reading ends with a `CancellationError`.
    package var isWanted: @Sendable () -> Bool = { true }

    package init(logPath: String, _ files: any FileSystem) {
        (path, self.files) = (logPath, files)
    }

    /// The latest life of a task; `nil` if the log has no event of it. Costs at most two passes over the log.
    package func latestLife(of task: TaskID) throws -> StoryEvents? {
        try latestLife(of: task, from: beginning(of: task, before: nil))
    }

    /// The same, where it is known whether and where the log has its beginning.
    func latestLife(of task: TaskID, from begin: EventID?) throws -> StoryEvents? {
        let collected = try collect(StoryEvents(of: task), from: begin) { _, collected in
            // What follows the end of a life is not of it. Without a beginning there is no telling where one ends.
            begin == nil || !collected.isOver
        }
        guard collected.events.contains(where: { $0.source == task || $0.target == task }) else { return nil }
        return try countMissing(in: collected)
    }

    /// The life that an event lies in, up to that event; without a task, the events that led to it.
    ///
    /// - Parameter followed: Whether what came of it at once belongs to it: until something else begins.
    package func life(upTo event: Event, andWhatFollowed followed: Bool = false) throws -> StoryEvents {
        guard let task = event.source ?? event.target else { return try chain(to: event) }
        var collected = StoryEvents(of: task)
        if !followed { collected.asked = event.id }
        let begin = event.kind == .taskStarted ? event.id : try beginning(of: task, before: event.id)
        var (isFound, isCut) = (false, false)
        var life = try collect(collected, from: begin) { next, collected in
            if isFound {
                guard followed, !collected.isOver else { return false }
                isCut = next.beginsMore(of: task)
                return !isCut
            }
            isFound = next.id == event.id
            return true
        }
        life.isCut = isCut
        return try countMissing(in: life)
    }

    /// The latest failure that the log has.
    package func latestFailure() throws -> Event? {
        let kinds = Problem.kinds.union([.agentTurnEnded])
        var found: Event?
        try visitBackward(EventFilter(kinds: [KindPattern(kinds)], until: until), before: nil) { event in
            if event.isFailure { found = event }
            return found == nil
        }
        return found
    }

    /// The event of an id; `nil` if the log has none.
    package func event(_ id: EventID) throws -> Event? {
        var scan = scan(EventFilter())
        scan.start = .before(id)
        var found: Event?
        _ = try scan.run { event, _ in
            found = event
            return false
        }
        return found?.id == id ? found : nil
    }

    // MARK: - Parts

    /// Where the life began that an event lies in, or the latest one.
    private func beginning(of task: TaskID, before: EventID?) throws -> EventID? {
        var found: EventID?
        let filter = EventFilter(kinds: [KindPattern([.taskStarted])], tasks: [task], until: until)
        try visitBackward(filter, before: before) { event in
            if event.source == task { found = event.id }
            return found == nil
        }
        return found
    }

    private func visitBackward(_ filter: EventFilter, before: EventID?, _ visit: (Event) -> Bool) throws {
        var scan = scan(filter)
        scan.isNewestFirst = true
        scan.end = before.map { .before($0) }
        _ = try scan.run { event, _ in visit(event) }
    }

    private func scan(_ filter: EventFilter) -> EventScan {
        var scan = EventScan([.log(path)], filter: filter, fileSystem: files)
        scan.isWanted = isWanted
        return scan
    }

    /// Collects all events from one on, while they are wanted.
    private func collect(
        _ initial: StoryEvents,
        from begin: EventID?,
        while isWanted: (Event, StoryEvents) -> Bool
    ) throws -> StoryEvents {
        var collected = initial
        var scan = scan(EventFilter(until: until))
        scan.start = begin.map { .before($0) }
        let report = try scan.run { event, _ in
            guard isWanted(event, collected) else { return false }
            collected.add(event)
            return true
        }
        collected.missing = report.gaps.count + report.skippedCount
        return collected
    }

    /// Counts what the events of a life name and the log does not have. Costs nothing where all that is named was read, and
    /// otherwise another pass over the life.
    private func countMissing(in life: StoryEvents) throws -> StoryEvents {
        var named = life.references
        guard !named.isEmpty, let first = life.events.first, let last = life.events.last else { return life }
        var scan = scan(EventFilter())
        scan.start = .before(first.id)
        _ = try scan.run { event, _ in
            named.remove(event.id)
            return !named.isEmpty && event.id != last.id
        }
        var life = life
        life.missingReferences = named.count
        return life
    }

    /// An event that is of no task, after those that it names as its causes.
    private func chain(to event: Event) throws -> StoryEvents {
        var chain = [event]
        while chain.count < Self.longestChain, let id = chain[0].cause ?? chain[0].begin,
            !chain.contains(where: { $0.id == id }), let cause = try self.event(id)
        {
            chain.insert(cause, at: 0)
        }
        var collected = StoryEvents(of: nil)
        collected.asked = event.id
        for event in chain { collected.keep(event) }
        return collected
    }
}

extension Event {
    /// Whether work of a task failed, or is gone without a word.
    fileprivate var isFailure: Bool {
        guard source != nil else { return false }
        if Problem.sort(of: self) == .failure { return true }
        switch kind {
        case .agentSessionEnded: return Problem.isOne(self)
        case .lockTimedOut: return true
        case .agentTurnEnded: return payload.payloads(at: "checks").contains { $0.string("last") == "failed" }
        default: return false
        }
    }

    /// Whether something of a task begins, so that what came before is settled.
    fileprivate func beginsMore(of task: TaskID?) -> Bool {
        guard source == task else { return false }
        switch kind {
        case .taskStarted, .runStarted, .rebaseCompleted, .lockAcquired: return true
        default: return kind.name == "AgentTurnStarted" || kind.name == "AgentSessionStarted"
        }
    }
}
