// Agents' sessions, as they are told of. Hooks may be killed, come late, or be told twice: so an end counts for what it
// names, and an event shows of what it is about that it goes on only if it can begin something.

import NeuraphageEvents

extension [LoggedTask.Session] {
    /// Where a session is that goes on.
    func open(_ name: SessionName) -> Int? { lastIndex { $0.end == nil && $0.id == name.id && $0.agent == name.agent } }

    /// Where a session is, whether it goes on or not.
    private func known(_ name: SessionName) -> Int? { lastIndex { $0.id == name.id && $0.agent == name.agent } }

    /// Adds a session that goes on. Of those that have ended only the last one is kept.
    mutating func add(_ session: LoggedTask.Session) {
        removeAll { $0.id == session.id && $0.agent == session.agent }
        append(session)
        if count > LoggedTask.mostOpen { removeFirst() }
    }

    /// Has a session end here that goes on, because it belongs to another task from now on, or to none.
    mutating func leave(_ name: SessionName, for task: TaskID?, at mark: EventMark) {
        guard let index = open(name) else { return }
        end(index, at: mark) { ($0.movedTo, $0.endReason) = (task, SessionEndReason.moved) }
    }

    private mutating func end(_ index: Int, at mark: EventMark, _ body: (inout LoggedTask.Session) -> Void) {
        var session = remove(at: index)
        session.end = mark
        (session.waits, session.openSubagents, session.otherSubagents) = ([], [], 0)
        body(&session)
        removeAll { $0.end != nil }
        append(session)
    }

    /// Applies what is told of a session.
    ///
    /// - Returns: Whether it had not been told before.
    @discardableResult
    mutating func apply(_ step: AgentStep, _ words: AgentWords, of name: SessionName, at mark: EventMark) -> Bool {
        switch step {
        case .sessionBegan: begin(words, name, at: mark)
        case .sessionEnded:
            let index = known(name) ?? addUnknown(name, at: mark)
            guard self[index].end == nil else { return false }
            self[index].lastHeard = mark.time
            end(index, at: mark) { session in
                (session.endReason, session.isEndInferred) = (words.reason, words.isInferred)
            }
        case .turnBegan:
            // One that begins a turn has not ended, whatever was told or concluded.
            let index = open(name) ?? reopen(name) ?? addUnknown(name, at: mark)
            self[index].lastHeard = mark.time
            self[index].beginTurn(words, at: mark)
        case .turnEnded:
            let index = known(name) ?? addUnknown(name, at: mark)
            if self[index].end == nil { self[index].lastHeard = mark.time }
            return self[index].endTurn(words, at: mark)
        case .waitBegan, .waitEnded, .subagentBegan, .subagentEnded, .other:
            guard let index = open(name) ?? (known(name) == nil ? addUnknown(name, at: mark) : nil) else {
                return false
            }
            self[index].lastHeard = mark.time
            self[index].applyPart(step, words, at: mark)
        }
        return true
    }

    private mutating func begin(_ words: AgentWords, _ name: SessionName, at mark: EventMark) {
        if let index = open(name) {
            // It goes on in the same process, as after its context was compacted; or its end was lost.
            guard self[index].begin?.id != mark.id else { return }
            self[index].lastHeard = mark.time
            self[index].begin = self[index].begin ?? mark
            self[index].location = words.location ?? self[index].location
            return
        }
        var session = LoggedTask.Session(agent: name.agent, id: name.id, lastHeard: mark.time)
        session.begin = mark
        session.location = words.location
        add(session)
    }

    /// Adds a session whose beginning is not in the log.
    private mutating func addUnknown(_ name: SessionName, at mark: EventMark) -> Int {
        add(LoggedTask.Session(agent: name.agent, id: name.id, lastHeard: mark.time))
        return count - 1
    }

    private mutating func reopen(_ name: SessionName) -> Int? {
        guard let index = known(name) else { return nil }
        self[index].end = nil
        (self[index].endReason, self[index].isEndInferred, self[index].movedTo) = (nil, false, nil)
        return index
    }
}

extension LoggedTask.Session {
    private static let (mostWaits, mostSubagents) = (16, 64)

    var name: SessionName { SessionName(agent: agent, id: id) }

    fileprivate mutating func beginTurn(_ words: AgentWords, at mark: EventMark) {
        guard turn?.begin?.id != mark.id else { return }
        // The next prompt was waited for; other dialogs are closed before a person can type one.
        waits.removeAll { $0.reason == Self.idle || !words.isMachine }
        turn = LoggedTask.Turn(begin: mark, isMachine: words.isMachine, name: words.turn)
    }

    /// - Returns: Whether it had not been told before.
    fileprivate mutating func endTurn(_ words: AgentWords, at mark: EventMark) -> Bool {
        // What is told late of an earlier turn, or of none, says nothing of the one that goes on.
        guard isAboutLastTurn(words) else { return true }
        var turn = turn ?? LoggedTask.Turn()
        guard turn.end?.id != mark.id else { return false }
        if turn.end != nil, !words.isContinued {
            let isSame = words.begin.map { $0 == turn.begin?.id } ?? (words.turn != nil && words.turn == turn.name)
            if isSame {
                // What was concluded gives way to what is told.
                guard turn.isEndInferred, !words.isInferred else { return false }
            } else {
                turn = LoggedTask.Turn()
            }
        }
        waits.removeAll { $0.subagent == nil }
        let receipt = words.receipt
        turn.toolCount = turn.toolCount.saturatingPlus(receipt.toolCount)
        turn.failedCount = turn.failedCount.saturatingPlus(receipt.failedCount)
        turn.deniedCount = turn.deniedCount.saturatingPlus(receipt.deniedCount)
        turn.failures = receipt.failures.compactMap { failure in
            guard let tool = failure.tool else { return nil }
            return LoggedTask.Failure(tool: tool, input: failure.input, count: failure.count, mark: mark)
        }
        turn.end = mark
        turn.name = turn.name ?? words.turn
        (turn.asks, turn.background) = (words.asks, words.background)
        (turn.isInterrupted, turn.isEndInferred) = (words.isInterrupted, words.isInferred)
        (turn.error, turn.until, turn.endReason) = (words.error, words.until, words.reason)
        self.turn = turn
        return true
    }

    private func isAboutLastTurn(_ words: AgentWords) -> Bool {
        guard let turn else { return true }
        if let begin = words.begin { return turn.begin.map { $0.id == begin } ?? true }
        if let name = words.turn, let known = turn.name { return name == known }
        return true
    }

    fileprivate mutating func applyPart(_ step: AgentStep, _ words: AgentWords, at mark: EventMark) {
        switch step {
        case .waitBegan:
            guard !waits.contains(where: { $0.mark.id == mark.id }) else { return }
            waits.append(
                LoggedTask.Wait(
                    mark: mark,
                    reason: words.waitsFor ?? "",
                    tool: words.tool,
                    since: words.since,
                    subagent: words.subagent
                )
            )
            if waits.count > Self.mostWaits { waits.removeFirst() }
        case .waitEnded:
            if let begin = words.begin {
                waits.removeAll { $0.mark.id == begin }
            } else if let index = waits.firstIndex(where: { $0.reason == words.waitsFor && $0.tool == words.tool }) {
                waits.remove(at: index)
            }
        case .subagentBegan:
            guard !openSubagents.contains(where: { $0.begin == mark.id }) else { return }
            if openSubagents.count < Self.mostSubagents {
                openSubagents.append(LoggedTask.Subagent(id: words.subagent, begin: mark.id))
            } else {
                otherSubagents = otherSubagents.saturatingPlus(1)
            }
        case .subagentEnded:
            let index =
                words.begin.flatMap { begin in openSubagents.firstIndex { $0.begin == begin } }
                ?? words.subagent.flatMap { id in openSubagents.firstIndex { $0.id == id } }
            if let index {
                openSubagents.remove(at: index)
            } else {
                otherSubagents = max(0, otherSubagents - 1)
            }
        default: break
        }
    }

    private static let idle = "idle"
}
