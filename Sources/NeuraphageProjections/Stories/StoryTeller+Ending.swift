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
        teller.tellHeldLocks()
        // A task of which there is nothing to tell has its latest event.
        if teller.drafts.isEmpty, let last = latestEvent { teller.tellPlainly(last) }
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
        story.guesses = state.tone == .trouble ? teller.guesses(of: state) : []
        story.log = log
        story.log.gaps = collected.missing
        (story.log.leftOut, story.log.missing) = (collected.leftOut, collected.missingReferences)
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
        let messages = Set(logged.unread.elements.map(\.mark.id))
        unread = unread.filter { messages.contains($0.key) }
        commitsBehind = logged.commitsBehind.map { max($0, commitsBehind ?? 0) }
    }

    /// Tells of the locks that are held at the end, of which nothing else was told.
    private mutating func tellHeldLocks() {
        for lock in locks.values.sorted(by: { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) })
        where draft(of: lock.id) == nil {
            add(lock, "took lock \((lock.payload.string("resource") ?? "?").firstLine)", weight: 2)
        }
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
            let failing = end.kind == .taskCompleted ? nil : unmended?.words
            let reason = [summary.isEmpty ? nil : summary, failing].compactMap(\.self).joined(separator: "; ")
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
                let isConcluded = end.isTrue("inferred")
                if isConcluded, session.isEndInTurn {
                    return state("exited without a word", .trouble, end, "\(agent)'s process is gone")
                }
                if session.hasMoved {
                    let place = end.source?.description.firstLine ?? "where np records no task"
                    return state("stopped", .plain, end, "\(agent) went on to \(place)")
                }
                if let unmended {
                    let words = unmended.isGivenUp ? Story.gaveUp : "CHECK FAILED"
                    return state(words, .trouble, end, unmended.words)
                }
                return state(
                    "stopped",
                    .plain,
                    end,
                    "\(agent)'s " + (isConcluded ? "process is gone" : "session ended")
                )
            }
            if let turn = session.turn { return state("working", .plain, turn, nil) }
            if let turn = session.lastTurn {
                if let error = turn.payload.string("error") {
                    let (until, words) = turn.limit
                    guard error.contains("limit") else {
                        return state("FAILED", .trouble, turn, error.firstLine + words)
                    }
                    if let until, until <= now {
                        var stopped = state("stopped", .plain, turn, "its limit is over")
                        stopped.since = until
                        return stopped
                    }
                    var limited = state("limited", .waiting, turn, error.firstLine + words)
                    limited.until = until
                    return limited
                }
                if turn.isTrue("asks") { return state("ASKED YOU", .waiting, turn, unmended?.words) }
                if let unmended { return state("CHECK FAILED", .trouble, turn, unmended.words) }
                return state("stopped", .plain, turn, nil)
            }
        }
        if let run = runs.values.max(by: { ($0.timestamp, $0.id) < ($1.timestamp, $1.id) }) {
            return state("working", .plain, run, "runs \((run.payload.string("command") ?? "a command").firstLine)")
        }
        if let conflict { return state("CONFLICT", .trouble, conflict, conflict.summary.firstLine) }
        let since = begin ?? latestEvent
        return Story.State(words: "goes on", since: since?.timestamp ?? now, reason: nil, event: since?.id)
    }

    private var latestEvent: Event? {
        events.last { $0.source == collected.task || $0.target == collected.task } ?? events.last
    }

    private func state(_ words: String, _ tone: Story.Tone, _ event: Event, _ reason: String?) -> Story.State {
        Story.State(words: words, tone: tone, since: event.timestamp, reason: reason, event: event.id)
    }

    /// A check that has failed last and for which no tool has changed a file since, and what its agent did then, as far as
    /// that was told. That an agent gave up is what np makes of a session that ended after a turn which the agent itself ended;
    /// of a turn that a person or an error cut off, nothing is concluded.
    private var unmended: (words: String, isGivenUp: Bool)? {
        guard let failing = failingChecks.last(where: { !$0.isEdited }) else { return nil }
        guard let session = sessions.last(where: { $0.id == failing.event.payload.string("session") }) else {
            return (failing.words, false)
        }
        // A turn that goes on may still mend it.
        guard session.turn == nil, !session.hasMoved else { return nil }
        let (who, turn) = (session.agent, failing.event)
        let isLeft = session.end.map { !$0.isTrue("inferred") } ?? false
        func told(_ words: String) -> (String, Bool) { ("\(failing.words), and \(words)", false) }
        if session.isEndInTurn { return told("then the session was ended in a turn") }
        if session.lastTurn?.id != turn.id || turn.isTrue("inferred") {
            return isLeft ? told("then the session was ended") : (failing.words, false)
        }
        if turn.isTrue("interrupted") { return told("\(who) was interrupted") }
        if turn.payload.string("error") != nil { return told("the turn ended with an error") }
        if turn.isTrue("asks") { return told("\(who) then asked you") }
        return ("\(failing.words), and \(who) then \(isLeft ? "gave up" : "stopped")", isLeft)
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
            // Of a long life, not all messages were read here.
            let count = collected.logged?.unreadMessages ?? nudges.count
            let said = last.summary.firstLine
            let more = count > 1 ? "\(count) messages were not read, the last" : "a message was not read"
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

    private func guesses(of state: Story.State) -> [String] {
        if let conflict, let touched = conflict.touched {
            return ["\(touched.file): \(touched.commit) and this branch both change it"]
        }
        guard state.words == Story.gaveUp, let failing = failingChecks.last(where: { !$0.isEdited }) else { return [] }
        return ["it gave up: it ended its turn with \(failing.name) failing"]
    }

    /// The command that takes the reader on.
    private var next: Story.Step? {
        guard let task = collected.task else { return nil }
        let worktree = checkout?.worktree
        // What was to be done then may be done.
        if isPast, end == nil { return .why(task) }
        if end == nil, openWait != nil { return .go(task) }
        if end == nil, let wait = openLockWait {
            return wait.payload.string("holder").map { .why(TaskID(asWritten: $0)) } ?? .locks
        }
        if let conflict, let worktree {
            let verb = conflict.payload.string("how") == "merge" ? "merge" : "rebase"
            let onto = conflict.payload.string("onto").map { $0.abbreviatedCommit } ?? "main"
            return .other("git -C \(ShellWord.quoted(worktree)) \(verb) \(ShellWord.quoted(onto))")
        }
        if let session = latestSession, let ended = session.end, ended.isTrue("inferred"), end == nil, let worktree {
            return .resume(session: session.id, of: session.agent, in: worktree)
        }
        if let failing = failingChecks.last(where: { !$0.isEdited }), let worktree {
            return .other("cd \(ShellWord.quoted(worktree)) && \(failing.name)")
        }
        if end == nil, let session = latestSession, session.end == nil { return .go(task) }
        return .events(task)
    }
}

extension LoggedTask {
    /// How many messages it has not read, besides orders to rebase.
    fileprivate var unreadMessages: Int { unreadCount - unread.elements.count(where: \.isOrder) }
}
