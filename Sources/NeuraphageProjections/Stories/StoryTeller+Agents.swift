// What an agent's sessions, turns, and waits add to a story.

import NeuraphageEvents
import NeuraphagePresentation

extension StoryTeller {
    mutating func tellAgent(_ event: Event) {
        guard let index = session(of: event) else { return }
        let agent = sessions[index].agent
        switch event.kind.name {
        case "AgentSessionStarted":
            (sessions[index].end, sessions[index].isEndInTurn) = (nil, false)
            let isFirst = sessions.count == 1 && begin?.payload.string("session") == sessions[index].id
            if event.payload.string("source") == "resume" {
                add(event, "\(agent) was resumed", weight: 1)
            } else if !isFirst {
                add(event, sessions.count == 1 ? "\(agent) began" : "another session of \(agent) began", weight: 1)
            }
        case "AgentTurnStarted":
            if sessions[index].lastTurn == nil, sessions[index].turn == nil, let first = drafts.first,
                first.entry.events.first?.id == begin?.id, let bytes = event.count("prompt_bytes"), sessions.count == 1
            {
                drafts[0].entry.words += ", prompt of \(bytes.of("byte"))"
            }
            // One that begins a turn has not ended, whatever was told or concluded.
            (sessions[index].turn, sessions[index].end, sessions[index].isEndInTurn) = (event, nil, false)
        case "AgentTurnEnded":
            tellTurn(event, of: index)
        case "AgentWaiting": waits[event.id] = event
        case "AgentResumed": tellResumption(event, agent)
        case "AgentSessionEnded":
            let session = sessions[index]
            endSession(index, by: event)
            if event.isTrue("inferred") {
                let inTurn = session.turn == nil ? "" : " in a turn"
                add(event, "\(agent) is gone: its process ended\(inTurn) without a word", tone: .trouble, weight: 5)
            } else {
                let reason = event.payload.string("reason").map { ": \($0.firstLine)" } ?? ""
                add(event, "\(agent)'s session ended\(reason)", weight: 4)
            }
        default: break
        }
    }

    /// That an agent has gone on to where its session is another task's, or of none.
    mutating func tellDeparture(_ event: Event) {
        let id = event.payload.string("session")
        guard let index = sessions.lastIndex(where: { $0.id == id && $0.end == nil }) else { return }
        endSession(index, by: event)
        let place = event.source?.description.firstLine ?? "where np records no task"
        add(event, "\(sessions[index].agent) went on to \(place)", weight: 4)
    }

    private mutating func endSession(_ index: Int, by event: Event) {
        let id = sessions[index].id
        waits = waits.filter { $0.value.payload.string("session") != id }
        sessions[index].isEndInTurn = sessions[index].turn != nil
        (sessions[index].end, sessions[index].turn) = (event, nil)
    }

    /// The session that an event tells of.
    private mutating func session(of event: Event) -> Int? {
        guard let id = event.payload.string("session") else { return nil }
        if let index = sessions.lastIndex(where: { $0.id == id }) { return index }
        sessions.append(Session(agent: (event.payload.string("agent") ?? "an agent").firstLine, id: id))
        return sessions.count - 1
    }

    // MARK: - Turns

    private mutating func tellTurn(_ event: Event, of index: Int) {
        let agent = sessions[index].agent
        let began = self.event(event.begin) ?? sessions[index].turn
        (sessions[index].turn, sessions[index].lastTurn) = (nil, event)
        let took = event.milliseconds("duration_ms")
        var isTold = false
        func tell(_ words: String, _ tone: Story.Tone, _ weight: Int) {
            add(event, from: began, words, tone: tone, lasting: took, weight: weight)
            isTold = true
        }
        let hasEdits = (event.count("files_count") ?? event.payload.strings(at: "files").count) > 0
        if tellChecks(event, from: began, hasEdits: hasEdits) { isTold = true }
        if let error = event.payload.string("error") {
            let (until, words) = event.limit
            tell("\(agent)'s turn ended with an error: \(error.firstLine)\(words)", .trouble, 5)
            drafts[drafts.count - 1].entry.until = until
        } else if event.isTrue("interrupted") {
            tell("\(agent) was interrupted", .waiting, 3)
        } else if !isTold, let failure = event.payload.payloads(at: "failures").first,
            let count = failure[hasEdits ? "since_change" : "n"].flatMap({ Int($0.text) }), count >= 2
        {
            let tool = (failure.string("tool") ?? "a tool").firstLine
            tell("\(tool) failed \(count.times) with the same input and no edit between", .trouble, 3)
        }
        if !isTold { tellQuietTurn(event, from: began, of: agent) }
    }

    /// Tells of the checks that have failed in a turn, or that pass again.
    ///
    /// - Returns: Whether there was one.
    private mutating func tellChecks(_ event: Event, from began: Event?, hasEdits: Bool) -> Bool {
        var isTold = false
        for check in event.payload.payloads(at: "checks").prefix(8) {
            guard let name = check.string("check")?.firstLine else { continue }
            let failed = check["failed"].flatMap { Int($0.text) } ?? 0
            let last = check.string("last")
            let before = failingChecks.firstIndex { $0.name == name }
            if last == "passed" {
                if before != nil || failed > 0 {
                    let words = failed > 0 ? "\(name) failed \(failed.times), then passed" : "\(name) passes again"
                    add(event, from: began, words, tone: .good, lasting: event.milliseconds("duration_ms"), weight: 2)
                    isTold = true
                }
                if let before { failingChecks.remove(at: before) }
                continue
            }
            guard failed > 0 else { continue }
            isTold = true
            if let before, !hasEdits, !failingChecks[before].isEdited {
                failingChecks[before].count = failingChecks[before].count.saturatingPlus(failed)
                failingChecks[before].event = event
                let draft = failingChecks[before].draft
                extend(draft, by: event)
                drafts[draft].entry.words = failingChecks[before].words
                drafts[draft].entry.saysCount = true
                continue
            }
            if let before { failingChecks.remove(at: before) }
            // Of a turn with edits, an older np doesn't say how often it failed after the last one.
            let since = hasEdits ? check["since_change"].flatMap { Int($0.text) } : failed
            var failing = FailingCheck(
                name: name,
                count: since.flatMap { $0 > 0 ? $0 : nil } ?? failed,
                isCertain: since.map { $0 > 0 } ?? false,
                isEdited: since == 0,
                draft: 0,
                event: event
            )
            failing.draft = add(
                event,
                from: began,
                failing.words,
                tone: .trouble,
                lasting: event.milliseconds("duration_ms"),
                weight: 5
            )
            failingChecks.append(failing)
        }
        // What failed before an edit may pass after it.
        for index in failingChecks.indices where hasEdits && failingChecks[index].event.id != event.id {
            failingChecks[index].isEdited = true
        }
        return isTold
    }

    /// Folds turns of one session of which there is nothing to say, one after another.
    private mutating func tellQuietTurn(_ event: Event, from began: Event?, of agent: String) {
        let took = event.milliseconds("duration_ms") ?? .zero
        if let last = drafts.indices.last, drafts[last].entry.weight == 0,
            let first = drafts[last].entry.events.first, first.kind == .agentTurnEnded,
            first.payload.string("session") == event.payload.string("session")
        {
            fold(event, into: last)
            drafts[last].entry.duration = drafts[last].entry.duration.map { $0 + took }
            drafts[last].entry.words = "\(agent) worked: \(drafts[last].entry.count.of("turn"))"
            drafts[last].entry.saysCount = true
        } else {
            add(event, from: began, "\(agent) worked: 1 turn", lasting: event.milliseconds("duration_ms"), weight: 0)
        }
    }

    // MARK: - Waits

    private mutating func tellResumption(_ event: Event, _ agent: String) {
        let began = event.begin.flatMap { waits.removeValue(forKey: $0) }
        let waited = event.milliseconds("waited_ms") ?? began.map { event.timestamp - $0.timestamp }
        let how = event.payload.string("how") ?? "inferred"
        let isRefused = how == "denied" || how == "aborted"
        guard isRefused || waited.map({ $0 >= Self.longWait }) ?? false else { return }
        let what = Self.purpose(of: event) ?? Self.purpose(of: began ?? event)
        let guess = event.isTrue("inferred") ? " (np's guess)" : ""
        let ending = how == "inferred" ? "" : ", \(how.firstLine)\(guess)"
        let told =
            what == "the next prompt"
            ? "\(agent) was idle until the next prompt" : "\(agent) waited for you: \(what ?? "an answer")\(ending)"
        if let last = drafts.indices.last, drafts[last].entry.events.first?.kind == .agentResumed,
            drafts[last].entry.words == told
        {
            fold(event, into: last)
            drafts[last].entry.duration = (drafts[last].entry.duration ?? .zero) + (waited ?? .zero)
            return
        }
        let isLong = waited.map { $0 >= .seconds(60) } ?? false
        let draft = add(event, from: began, told, tone: .waiting, lasting: waited, weight: isLong || isRefused ? 4 : 2)
        if let began { drafts[draft].entry.time = began.timestamp }
    }

    /// What a wait is for.
    static func purpose(of wait: Event) -> String? {
        wait.payload.string("for").flatMap { Story.purpose(ofWaitFor: $0, tool: wait.payload.string("tool")) }
    }
}

extension Story {
    /// What an agent waits for, in words; `nil` if the reason is not one that np knows.
    package static func purpose(ofWaitFor reason: String, tool: String?) -> String? {
        switch reason {
        case "permission": "permission to use \((tool ?? "a tool").firstLine)"
        case "input": "an answer"
        case "idle": "the next prompt"
        default: nil
        }
    }
}
