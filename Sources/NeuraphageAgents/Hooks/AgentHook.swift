// A call of an agent's hook, from what the agent tells to what it gets to read. The agent waits meanwhile: so this takes
// milliseconds, reads of the log only what is new, and leaves what takes longer to somebody else.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem
package import NeuraphageTasks
import NeuraphageWatching

/// What an agent's hook does.
package struct AgentHook {
    /// What is left to do and takes longer than an agent waits.
    package struct Rest: Sendable {
        /// What the log could not take in time, nor its reserve.
        package var events: [Event] = []
        /// What went wrong, if something did. Everything else was done all the same.
        package var error: (any Error)?
        /// Sessions or tasks may have ended, though no process has told, or a task has begun.
        package var mayHaveEnds = false
        /// What tasks have not read could not be looked through.
        package var isInboxBehind = false

        /// Leaves an event with which a record begins to the process that settles the record.
        fileprivate mutating func leave(_ begin: Event?) { events.removeAll { $0.id == begin?.id } }
    }

    /// How long an agent waits for its hook, in s, as np init tells it.
    package static let timeout = 5

    private let input: HookInput
    private let log: EventLogConfig
    private let directory: DataDirectory
    private let sessions: AgentSessions
    private let waits: AgentWaits
    private let subagents: Subagents
    private let handovers: Handovers
    private let work: SessionWork
    private let checks: CheckList
    private let midturn: ((Event) -> Bool)?
    private let np: (path: String?, searchPath: String?)
    private var task: TaskID? { work.task }

    /// A call of a hook. Writes nothing if it is not to be recorded.
    ///
    /// - Parameters:
    ///   - agent: Whose hook it is.
    ///   - bytes: What the agent tells.
    ///   - isCut: Whether there was more of it.
    ///   - log: The log.
    ///   - checks: The checks to look for in commands.
    ///   - scope: Where agents are recorded.
    ///   - midturn: Which messages are handed over in the middle of a turn; `nil`: none, and none are looked for.
    ///   - np: Where this np is, if the agent is to be told so, and where the agent looks for programs.
    ///   - dataDirectory: Where to remember what has begun.
    /// - Throws: ``OperationError`` if what the agent tells is nothing that np understands, or is not to be recorded.
    package init(
        _ agent: Agent,
        telling bytes: Span<UInt8>,
        isCut: Bool = false,
        log: EventLogConfig,
        checks: CheckList = CheckList(),
        recording scope: RecordingScope,
        midturn: ((Event) -> Bool)? = nil,
        np: (path: String?, searchPath: String?) = (nil, nil),
        in dataDirectory: DataDirectory
    ) throws(OperationError) {
        guard let input = HookInput(agent, bytes, isCut: isCut) else {
            throw OperationError(.failed, "standard input is not what \(agent.rawValue) tells a hook")
        }
        guard scope.includes(input, in: dataDirectory) else { throw RecordingScope.refusal }
        self.input = input
        self.log = log
        self.checks = checks
        self.midturn = midturn
        self.np = np
        directory = dataDirectory
        sessions = AgentSessions(in: dataDirectory)
        waits = AgentWaits(in: dataDirectory)
        subagents = Subagents(in: dataDirectory)
        handovers = Handovers(in: dataDirectory)
        work = SessionWork(of: input, in: dataDirectory)
    }

    /// Whether these bytes are a whole JSON object, so that an agent has told all that it has to tell.
    package static func isWhole(_ bytes: Span<UInt8>) -> Bool {
        // Nearly always the last byte tells that they aren't.
        var end = bytes.count
        while end > 0, JSONText.isWhitespace(bytes[end - 1]) { end -= 1 }
        guard end > 0, bytes[end - 1] == UInt8(ascii: "}") else { return false }
        var position = bytes.startsWithByteOrderMark ? 3 : 0
        return LenientJSON.forEachMember(of: bytes, at: &position) { _, _, _ in } && position == end
    }

    /// Publishes what the call means, and hands over what the task was told and has not read, if this is an occasion.
    ///
    /// - Parameters:
    ///   - openLog: Opens the log. Called once at most, and only if it is needed.
    ///   - deliver: Takes the events that are not logged.
    ///   - print: Writes text for the agent. If it throws, nothing was handed over.
    /// - Returns: What is left to do.
    package func perform(
        openLog: () throws -> EventLog,
        deliver: ([Event]) -> Void,
        print: (String) throws -> Void
    ) throws -> Rest {
        var rest = Rest()
        var opened: EventLog?
        func openedLog() throws -> EventLog {
            let log = try opened ?? openLog()
            opened = log
            return log
        }
        defer { opened?.closeOrLeave() }
        if work.isNewBinding, let task {
            sessions.bind(input.session, to: task, at: work.place)
            // With a prompt the task begins anyway.
            if input.event != "UserPromptSubmit" { append([], andBeginningOfTaskTo: try openedLog(), &rest) }
        }
        try lookAtWaits { EventBus(log: try openedLog()) }
        let files = changedFiles
        note(changing: files)
        let wait = newWait
        let location = work.process.map { AgentLocation.ofCaller($0, in: directory.files) }
        if work.isUnheard { beginUnheardSession(at: location, loggingTo: try openedLog(), &rest) }
        func tell(_ end: AgentSessions.TurnEnd?) throws {
            let events = input.events(
                of: task,
                changing: files,
                waiting: wait,
                at: location,
                zone: .ofThisProcess
            ) { end }
            let ephemeral = events.filter { !log.isDurable($0.kind) }
            do {
                let isNews = try append(events.filter { log.isDurable($0.kind) }, beginning: wait, to: openedLog, &rest)
                if isNews { deliver(ephemeral) }
            } catch {
                deliver(ephemeral)
                throw error
            }
        }
        if input.endsTurn {
            let turn = input.turnOrPrompt
            let background = input.backgroundTasks
            let end = try sessions.endTurn(turn, in: input.session, backgroundTasks: background) { try tell($0) }
            if end == nil { try tell(nil) }
        } else {
            try tell(nil)
        }
        rest.mayHaveEnds = rest.mayHaveEnds || input.event == "SessionStart" || mayHaveBranchesMoved
        do {
            if let answer = input.answer {
                try handovers.answer(by: input.session, with: answer, in: input.turn) {
                    try openedLog().appendOrLeave($0)
                }
            }
            if let occasion = input.occasion {
                rest.isInboxBehind = try handOver(at: occasion, markingIn: openedLog, print)
            }
        } catch {
            rest.error = error
        }
        return rest
    }

    /// - Returns: Whether it is news, and no other hook has told it.
    private func append(
        _ events: [Event],
        beginning wait: AgentWait?,
        to openedLog: () throws -> EventLog,
        _ rest: inout Rest
    ) throws -> Bool {
        guard let first = events.first else { return true }
        let log = try openedLog()
        switch input.event {
        case "SessionStart":
            let session = beginSession(with: first, loggingTo: log)
            append(events, andBeginningOfTaskTo: log, &rest)
            if !rest.events.isEmpty, sessions.open(input.session) != nil { rest.leave(first) }
            _ = consume session
        case "UserPromptSubmit":
            switch sessions.beginTurn(input.turnOrPrompt, with: first, of: task, in: input.session) {
            case .new(let left): append([left].compactMap(\.self) + events, andBeginningOfTaskTo: log, &rest)
            case .goesOn: append([], andBeginningOfTaskTo: log, &rest)
            }
        case "SessionEnd":
            let process = ProcessIdentity.agent(in: directory.files)
            let bus = EventBus(log: log)
            subagents.endAll(of: input.session, publishingTo: bus)
            sessions.end(input.session, with: first, by: process, publishingTo: bus)
        case _ where HookInput.waitingEvents.contains(input.event):
            guard let wait, let record = beginWait(wait, with: first) else { return false }
            append(events, beginning: first, of: record, to: log, &rest)
        case "SubagentStart":
            let id = input.text("agent_id") ?? ""
            guard let record = subagents.begin(id, of: input.session, with: first, in: task) else { return false }
            sessions.note(.subagent, in: input.session)
            append(events, beginning: first, of: record, to: log, &rest)
        case "SubagentStop":
            let id = input.text("agent_id") ?? ""
            let isKnown = subagents.end(id, of: input.session, with: first, publishingTo: EventBus(log: log))
            if !isKnown { Self.append(events, to: log, &rest) }
        default:
            Self.append(events, to: log, &rest)
        }
        return true
    }

    private func beginSession(with started: Event, loggingTo log: EventLog) -> OpenRecord? {
        let process = work.process ?? .agent(in: directory.files)
        let bus = EventBus(log: log)
        return sessions.begin(input.session, with: started, of: task, at: work.place, by: process, publishingTo: bus)
    }

    /// Has a session begin whose beginning was not heard. Unless that can be written down, nothing is said of it, so that it
    /// isn't said with each prompt.
    private func beginUnheardSession(at location: AgentLocation?, loggingTo log: EventLog, _ rest: inout Rest) {
        let started = input.sessionStarted(task, location, isInferred: true)
        guard let record = beginSession(with: started, loggingTo: log) else { return }
        append([started], beginning: started, of: record, to: log, &rest)
        rest.mayHaveEnds = true
    }

    /// Appends the event with which a record begins. The record is kept until the log has it.
    private func append(
        _ events: [Event],
        beginning begin: Event,
        of record: consuming OpenRecord,
        to log: EventLog,
        _ rest: inout Rest
    ) {
        Self.append(events, to: log, &rest)
        rest.leave(begin)
        _ = consume record
    }

    // MARK: - Waits

    /// Has the log told of waits that have ended, as this call says or as is seen.
    private func lookAtWaits(_ bus: () throws -> EventBus) throws {
        let isNewTurn = input.event == "UserPromptSubmit" && !sessions.isInTurn(input.turnOrPrompt, of: input.session)
        if !waits.isAny(of: input.session) { return }
        if let sign = input.sign(beginningTurn: isNewTurn, hash: directory.keyedHash) {
            try waits.end(by: sign, in: input.session, bus)
        } else {
            try waits.look(in: input.session, bus)
        }
    }

    /// The wait that this call says has begun, unless it is known: an agent tells of a dialog twice, and is not idle while
    /// its tasks go on.
    private var newWait: AgentWait? {
        guard HookInput.waitingEvents.contains(input.event) else { return nil }
        let turn = input.event == "Notification" ? sessions.turn(of: input.session) : nil
        let stopped = (turn?.hasEnded ?? false) ? turn?.end : nil
        guard let wait = input.wait(idleSince: stopped, hash: directory.keyedHash) else { return nil }
        if input.event == "Notification", waits.isWaiting(input.session) { return nil }
        return wait.reason == .idle && (turn?.backgroundTasks ?? 0) > 0 ? nil : wait
    }

    private func beginWait(_ wait: AgentWait, with event: Event) -> OpenRecord? {
        let command = input.tool.command != nil
        let transcript = input.transcript
        return waits.begin(wait, forCommand: command, of: input.session, with: event, in: task, transcript: transcript)
    }

    /// The files that a tool has changed, as people name them.
    private var changedFiles: [String] {
        guard !input.changedFiles.isEmpty else { return [] }
        let place = input.directory.flatMap { AgentDirectory($0, in: directory.files) }
        return input.changedFiles.map { file in place.map { $0.worktreePath(of: file) } ?? file }
    }

    /// Writes down what belongs into the receipt of the turn.
    private func note(changing files: [String]) {
        if let use = input.toolUse(changing: files, checks: checks, hash: { directory.keyedHash }) {
            sessions.note(.tool(use), in: input.session)
        }
    }

    /// Whether git has done something here of which no hook of git's tells, such as a commit.
    private var mayHaveBranchesMoved: Bool {
        ["UserPromptSubmit", "Stop"].contains(input.event)
            && RepositoryObserver.isOutdated(at: work.directory, in: directory)
    }

    /// Appends events, and the beginning of the task if it begins with them. Its record is kept until the log has it.
    private func append(_ events: [Event], andBeginningOfTaskTo log: EventLog, _ rest: inout Rest) {
        // The end of a life comes before the beginning of the next one.
        if let task { TaskRecords(in: directory).endDeadRuns(of: task, publishingTo: EventBus(log: log)) }
        guard let record = beginTask() else { return Self.append(events, to: log, &rest) }
        // A watcher may have to tell the task at once that it is behind.
        rest.mayHaveEnds = true
        Self.append(events + [record.begin].compactMap(\.self), to: log, &rest)
        rest.leave(record.begin)
        _ = consume record
    }

    private static func append(_ events: [Event], to log: EventLog, _ rest: inout Rest) {
        let late = log.appendOrLeaveMost(events)
        rest.events += late.events
        rest.error = rest.error ?? late.error
    }

    private func beginTask() -> OpenRecord? {
        // In a worktree that git has forgotten no life begins.
        guard let task, !(work.place.map(PlaceNames(in: directory).hasForgotten) ?? false) else { return nil }
        return TaskRecords(in: directory)
            .begin(
                task,
                with: { .taskStarted(task, by: input.session.name, at: work.checkout) },
                by: input.session,
                at: work.place,
                in: work.directory
            )
    }

    /// Prints what the task was told and has not read. It is not read by that: the agent may take the prompt back.
    ///
    /// - Returns: Whether another process has to bring the checkpoint of ``Inboxes`` up to date, because that takes longer: then
    ///   what the task was told stays unread.
    private func handOver(
        at occasion: HookInput.Occasion,
        markingIn openedLog: () throws -> EventLog,
        _ print: (String) throws -> Void
    ) throws -> Bool {
        let isPrompt = occasion == .prompt
        try prepareHandover(at: occasion)
        guard let chooses = isPrompt ? { (_: Event) in true } : midturn, let task,
            !TaskRecords(in: directory).isOfPastWorktree(task, at: work.place)
        else { return false }
        let inbox = Inbox(of: task, logPath: log.path, in: directory)
        let attempt = try inbox.handOverAtOnce(
            to: input.session,
            choosing: chooses,
            markingIn: openedLog
        ) { unread in
            let facts = LoggedFacts(inLogAt: log.path, directory.files)
            let hasOrders = unread.events.contains { $0.kind == .rebaseRequired }
            let standing = hasOrders ? work.place.flatMap { RepositoryObserver.standing(of: $0, in: directory) } : nil
            let orders = try RebaseOrders(among: unread.events, to: task, standing: standing, in: facts)
            let outdated = Set(orders.outdated)
            let digest = InboxDigest(
                unread.events,
                to: task,
                passingOver: outdated,
                standing: standing,
                running: ownCommand
            )
            if !digest.told.isEmpty {
                try print(input.output(digest.text, at: occasion))
                let marks = digest.told.map { mark($0, of: task, standing) }
                // Another hook of the session may have printed something meanwhile.
                let former = handovers.handover(to: input.session)
                let tools = isPrompt ? former?.tools : input.toolUses
                let handover = Handover(
                    to: input.session,
                    of: task,
                    turn: input.turn,
                    after: tools,
                    marks: (former?.marks ?? []) + marks
                )
                try handovers.store(handover)
            }
            return Lapse.events(.superseded, of: orders.outdated, in: task, by: orders.cause)
        }
        switch attempt {
        case .done: return false
        // Between tools the next one comes soon, and many agents ask at the same time.
        case .busy: return isPrompt
        case .behind: return true
        }
    }

    /// Leaves of what was printed for the session before, and has not been answered, what is still before the model. With a
    /// prompt that is what was printed after tools, also if the user has interrupted the agent since: that stays in the
    /// conversation. A prompt may have been taken back with all that was printed with it, and a compaction leaves nothing
    /// certain; then it is printed again.
    private func prepareHandover(at occasion: HookInput.Occasion) throws {
        guard occasion == .prompt, let former = handovers.handover(to: input.session) else { return }
        guard input.event == "UserPromptSubmit", former.tools != nil else {
            // If it isn't printed again now, the next answer is not one to it.
            return handovers.withdraw(from: input.session)
        }
        let moved = former.going(into: input.turn)
        if moved != former { try handovers.store(moved) }
    }

    private var ownCommand: OwnCommand {
        OwnCommand(
            of: input.session.agent,
            isSandboxed: input.isSandboxed,
            path: np.path,
            searchPath: np.searchPath,
            in: directory.files
        )
    }

    /// What the log is told of a message once it turns out to have been read.
    private func mark(_ message: Event, of task: TaskID, _ standing: RebaseStanding?) -> Payload {
        let how = "np hook \(input.session.agent.rawValue) \(input.event)"
        let main = message.kind == .rebaseRequired ? standing?.members ?? [] : []
        return Reading.event(of: message.id, in: task, by: task, how: how, input.session.members + main).payload
    }
}
