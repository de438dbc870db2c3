// How a story ends: where the task is, what was open then, what np takes for the cause, and what to type next.

import NeuraphageEvents
import NeuraphagePresentation

extension StoryTeller {
    /// How many open things are named.
    private static let mostOpen = 12

    /// The story as far as it was told.
    var story: Story {
        var teller = self
        teller.settleLocks()
        teller.settleOpen()
        let attempted = teller.drafts.contains { $0.entry.events.first?.kind == .rebaseConflict }
        let behind = commitsBehind.map { $0 > 0 ? ": \($0) behind" : "" } ?? ""
        let idle = attempted && !behind.isEmpty ? ", no attempt since" : ""
        if commitsBehind != nil || attempted { teller.foldMoves(saying: behind + idle) }
        let state = teller.state
        var story = Story(task: collected.task, state: state)
        story.begin = begin?.timestamp
        story.life = begin?.id
        let isLeft = state.tone == .trouble && latestSession?.end != nil
        if end != nil || isPast || isLeft { story.end = end?.timestamp ?? state.since ?? now }
        story.isEndTold = end != nil
        story.beganBy = begin.map { $0.payload.string("agent")?.firstLine ?? "it" }
        // A beginning and an end of the same place are told in the order of the log.
        story.entries = teller.tellingDrafts.enumerated()
            .sorted { ($0.element.order, $0.offset) < ($1.element.order, $1.offset) }.map(\.element.entry)
        story.open = teller.open
        story.guesses = state.tone == .trouble ? guesses : []
        story.log = log
        story.log.gaps = collected.missing
        story.log.leftOut = collected.leftOut
        story.log.hasBegin = begin != nil || collected.task == nil
        story.next = teller.next
        return story
    }

    /// The entries without those of turns in which something else is told.
    private var tellingDrafts: [Draft] {
        let told = Set(drafts.filter { $0.entry.weight > 0 }.map(\.order))
        return drafts.filter { draft in
            guard draft.entry.weight == 0, draft.entry.count == 1, let end = draft.entry.events.first,
                let order = order(of: end.id)
            else { return true }
            return !told.contains { draft.order < $0 && $0 < order }
        }
    }

    /// Where not all was read, what goes on is what is known otherwise.
    private mutating func settleOpen() {
        guard let logged = collected.logged else { return }
        let open = Set(logged.locks.map(\.mark.id))
        locks = locks.filter { open.contains($0.key) }
        lockWaits = lockWaits.filter { open.contains($0.key) }
        unread = unread.filter { $0.value.kind != .rebaseRequired || $0.key == logged.order?.id }
    }

    // MARK: - Where it is

    private var latestSession: Session? {
        sessions.last { $0.end == nil }
            ?? sessions.max { ($0.end?.timestamp ?? .earliest) < ($1.end?.timestamp ?? .earliest) }
    }

    /// The wait for a person that goes on longest.
    private var openWait: Event? {
        waits.values.filter { $0.payload.string("for") != "idle" }.min { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) }
    }

    /// Whether it is told of a moment in the past.
    private var isPast: Bool { collected.asked != nil || collected.isCut }

    private var openLockWait: Event? { lockWaits.values.min { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) } }

    private var state: Story.State {
        if let id = collected.asked, let asked = event(id), id != end?.id {
            let summary = asked.summary.firstLine
            return Story.State(
                words: asked.kind.shownName,
                tone: tone(of: asked),
                since: asked.timestamp,
                reason: summary.isEmpty ? nil : summary,
                event: id
            )
        }
        if let end {
            let words =
                switch end.kind {
                case .taskFailed: end.isTrue("inferred") ? "exited without a word" : "FAILED"
                case .taskCompleted: end.payload.string("commit") == nil ? "done" : "merged"
                default: "cancelled"
                }
            let summary = end.summary.firstLine
            let tone: Story.Tone = end.kind == .taskFailed ? .trouble : end.kind == .taskCompleted ? .good : .plain
            let given = end.kind == .taskCompleted ? nil : gaveUp(after: "it")
            let reason = [summary.isEmpty ? nil : summary, given].compactMap(\.self).joined(separator: "; ")
            return Story.State(
                words: words,
                tone: tone,
                since: end.timestamp,
                reason: reason.isEmpty ? nil : reason,
                event: end.id
            )
        }
        let state = goingState
        // Of a moment in the past it is told what failed then, whatever went on besides.
        guard collected.isCut, state.tone != .trouble, let failed = drafts.last(where: { $0.entry.tone == .trouble }),
            let event = failed.entry.events.last
        else { return state }
        return self.state("FAILED", .trouble, event, failed.entry.words)
    }

    // The words are those of the table that np shows; capitals are for what needs a person.

    /// Of a task that has not ended: what it waits for, or does.
    private var goingState: Story.State {
        if let wait = openWait {
            let agent = (wait.payload.string("agent") ?? "the agent").firstLine
            return state("ASKS YOU", .waiting, wait, "\(agent) wants \(Self.purpose(of: wait) ?? "an answer")")
        }
        if let wait = openLockWait {
            let name = (wait.payload.string("resource") ?? "?").firstLine
            let holder = wait.payload.string("holder").map { ", held by \($0.firstLine)" } ?? ""
            return state("waits for a lock", .waiting, wait, name + holder)
        }
        if let session = latestSession {
            if let end = session.end {
                let agent = session.agent
                if end.isTrue("inferred") {
                    return state(
                        "exited without a word",
                        .trouble,
                        end,
                        gaveUp(after: agent) ?? "\(agent)'s process is gone"
                    )
                }
                if session.hasMoved {
                    let place = end.source?.description.firstLine ?? "where np records no task"
                    return state("stopped", .plain, end, "\(agent) went on to \(place)")
                }
                if let given = gaveUp(after: agent) { return state(Story.gaveUp, .trouble, end, given) }
                return state("stopped", .plain, end, "\(agent)'s session ended")
            }
            if let turn = session.turn { return state("working", .plain, turn, nil) }
            if let turn = session.lastTurn {
                if let error = turn.payload.string("error") {
                    let until = turn.payload.string("until").map { ", until \($0.firstLine)" } ?? ""
                    let words = error.contains("limit") ? "limited" : "FAILED"
                    return state(words, .trouble, turn, error.firstLine + until)
                }
                if turn.isTrue("asks") { return state("ASKED YOU", .waiting, turn, gaveUp(after: session.agent)) }
                if let given = gaveUp(after: session.agent) { return state("CHECK FAILED", .trouble, turn, given) }
                return state("stopped", .plain, turn, nil)
            }
        }
        if let run = runs.values.max(by: { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) }) {
            return state("working", .plain, run, "runs \((run.payload.string("command") ?? "a command").firstLine)")
        }
        if let conflict { return state("CONFLICT", .trouble, conflict, conflict.summary.firstLine) }
        let last = events.last { $0.source == collected.task || $0.target == collected.task } ?? events.last
        let since = begin ?? last
        return Story.State(words: "goes on", since: since?.timestamp ?? now, reason: nil, event: since?.id)
    }

    private func state(_ words: String, _ tone: Story.Tone, _ event: Event, _ reason: String?) -> Story.State {
        Story.State(words: words, tone: tone, since: event.timestamp, reason: reason, event: event.id)
    }

    /// That a check has failed, and that the agent then did no more.
    private func gaveUp(after agent: String) -> String? {
        guard let failing = failingChecks.last(where: { !$0.isEdited }) else { return nil }
        let session = sessions.last { $0.id == failing.event.payload.string("session") }
        let who = session?.agent ?? agent
        let isOver = session.map { $0.end != nil } ?? true
        let does = end != nil || isOver ? "then gave up" : "then stopped"
        // A turn that goes on may still mend it.
        guard session?.turn == nil, session?.hasMoved != true, session?.lastTurn?.id == failing.event.id else {
            return nil
        }
        return "\(failing.words), and \(who) \(does)"
    }

    // MARK: - What was open

    private var open: [Story.Open] {
        var open: [Story.Open] = []
        func add(_ words: String, _ event: Event, of holder: Story.Open.Holder? = nil) {
            open.append(Story.Open(words: words, since: event.timestamp, event: event.id))
            open[open.count - 1].holder = holder
        }
        func ordered(_ events: some Collection<Event>) -> [Event] {
            events.sorted { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) }
        }
        for wait in ordered(waits.values) where wait.payload.string("for") != "idle" {
            let agent = (wait.payload.string("agent") ?? "the agent").firstLine
            let session = wait.payload.string("session").map { Story.Open.Holder.session($0) }
            add("\(agent) waits for you: \(Self.purpose(of: wait) ?? "an answer")", wait, of: session)
        }
        for wait in ordered(lockWaits.values) {
            let holder = wait.payload.string("holder").map { ", held by \($0.firstLine)" } ?? ""
            let name = wait.payload.string("resource") ?? "?"
            add("waits for lock \(name.firstLine)\(holder)", wait, of: .lock(name, isHeld: false))
        }
        if let conflict { add("a conflict that was not resolved", conflict) }
        if let behind = commitsBehind, behind > 0 {
            // Of a long life, not all moves of main were read.
            let least = collected.logged == nil ? "" : "at least "
            open.append(Story.Open(words: "\(least)\(behind.of("commit")) behind main"))
            open[open.count - 1].isBehind = true
        }
        let messages = ordered(unread.values)
        let orders = messages.filter { $0.kind == .rebaseRequired }
        let nudges = messages.filter { $0.kind != .rebaseRequired }
        if let last = orders.last { add("an order to rebase was not read", last) }
        if let last = nudges.last {
            let said = last.summary.firstLine
            let more = nudges.count > 1 ? "\(nudges.count) messages were not read, the last" : "a message was not read"
            add(said.isEmpty ? more : "\(more): \"\(said)\"", last)
        }
        for message in collected.astray {
            let (name, said) = ((message.target?.description ?? "").firstLine, message.summary.firstLine)
            let noun = message.kind == .nudgeSent ? "a nudge" : "a message"
            let words = "\(noun) to \(name): \"\(said)\""
            open.append(Story.Open(words: words, event: message.id, isGuess: true))
        }
        for lock in ordered(locks.values) {
            let name = lock.payload.string("resource") ?? "?"
            add("holds lock \(name.firstLine)", lock, of: .lock(name, isHeld: true))
        }
        for run in ordered(runs.values) {
            add("runs \((run.payload.string("command") ?? "a command").firstLine)", run, of: .run(run.id))
        }
        return Array(open.prefix(Self.mostOpen))
    }

    // MARK: - What np makes of it

    private var guesses: [String] {
        if let conflict, let touched = conflict.touched {
            return ["\(touched.file): \(touched.commit) and this branch both change it"]
        }
        return []
    }

    /// The command that takes the reader on.
    private var next: String? {
        guard let task = collected.task else { return nil }
        let name = ShellWord.quoted(task.description)
        let worktree = checkout?.worktree
        // What was to be done then may be done.
        if isPast, end == nil { return "np why \(name)" }
        if end == nil, openWait != nil { return "np go \(name)" }
        if end == nil, let wait = openLockWait {
            return wait.payload.string("holder").map { "np why \(ShellWord.quoted($0))" } ?? "np lock --list"
        }
        if let conflict, let worktree {
            let verb = conflict.payload.string("how") == "merge" ? "merge" : "rebase"
            let onto = conflict.payload.string("onto").map { $0.abbreviatedCommit } ?? "main"
            return "git -C \(ShellWord.quoted(worktree)) \(verb) \(ShellWord.quoted(onto))"
        }
        if let session = latestSession, let ended = session.end, ended.isTrue("inferred"), end == nil, let worktree {
            return Story.resumption(ofSession: session.id, of: session.agent, in: worktree)
        }
        if let failing = failingChecks.last(where: { !$0.isEdited }), let worktree {
            return "cd \(ShellWord.quoted(worktree)) && \(failing.name)"
        }
        if end == nil, let session = latestSession, session.end == nil { return "np go \(name)" }
        return "np events -t \(name)"
    }
}

extension Story {
    /// The command that takes up an agent's session again.
    package static func resumption(ofSession id: String, of agent: String, in worktree: String) -> String {
        let resume = agent == "codex" ? "codex resume" : "claude --resume"
        return "cd \(ShellWord.quoted(worktree)) && \(resume) \(ShellWord.quoted(id))"
    }
}
