// A call of an agent's hook, from what the agent tells to what it gets to read. The agent waits meanwhile: so this takes
// milliseconds, reads of the log only what is new, and leaves what takes longer to somebody else.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageProjections
package import NeuraphageSystem
package import NeuraphageTasks

/// What an agent's hook does.
package struct AgentHook {
    /// What is left to do and takes longer than an agent waits.
    package struct Rest: Equatable, Sendable {
        /// Sessions or tasks may have ended without anybody telling.
        package var mayHaveEnds = false
        /// The task whose notifications could not be looked through.
        package var inbox: TaskID?
    }

    private let input: HookInput
    private let log: EventLogConfig
    private let directory: DataDirectory
    private let sessions: AgentSessions
    private let work: SessionWork
    private var task: TaskID? { work.task }

    /// A call of a hook; `nil` if what the agent tells is nothing that we understand.
    ///
    /// - Parameters:
    ///   - agent: Whose hook it is.
    ///   - bytes: What the agent tells.
    ///   - isCut: Whether there was more of it.
    ///   - log: The log.
    ///   - dataDirectory: Where to remember what has begun.
    package init?(
        _ agent: Agent,
        telling bytes: Span<UInt8>,
        isCut: Bool = false,
        log: EventLogConfig,
        in dataDirectory: DataDirectory
    ) {
        guard let input = HookInput(agent, bytes, isCut: isCut) else { return nil }
        self.input = input
        self.log = log
        directory = dataDirectory
        sessions = AgentSessions(in: dataDirectory)
        work = SessionWork(of: input, in: dataDirectory)
    }

    /// Publishes what the call means, and hands over what the task was told and has not read, if this is an occasion.
    ///
    /// - Parameters:
    ///   - openLog: Opens the log. Called once at most, and only if it is needed.
    ///   - deliver: Takes the events that are not logged.
    ///   - print: Writes text for the agent. If it throws, nothing is marked as read.
    /// - Returns: What is left to do.
    package func perform(
        openLog: () throws -> EventLog,
        deliver: ([Event]) -> Void,
        print: (String) throws -> Void
    ) throws -> Rest {
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
            if input.event != "UserPromptSubmit" { try append([], andBeginningOfTaskTo: try openedLog()) }
        }
        let events = input.events(of: task, in: directory.files) {
            sessions.isFirstEnd(of: input.turn, in: input.session)
        }
        deliver(events.filter { !log.isDurable($0.kind) })
        try append(events.filter { log.isDurable($0.kind) }, to: openedLog)
        let isInTime = try handOver(markingIn: openedLog, print)
        return Rest(mayHaveEnds: input.event == "SessionStart", inbox: isInTime ? nil : task)
    }

    private func append(_ events: [Event], to openedLog: () throws -> EventLog) throws {
        guard let first = events.first else { return }
        let log = try openedLog()
        switch input.event {
        case "SessionStart":
            let process = work.process ?? .agent(in: directory.files)
            let bus = EventBus(log: log)
            let session =
                sessions
                .begin(input.session, with: first, of: task, at: work.place, by: process, publishingTo: bus)
            try append(events, andBeginningOfTaskTo: log)
            _ = consume session
        case "UserPromptSubmit":
            try append(events, andBeginningOfTaskTo: log)
        case "SessionEnd":
            let process = ProcessIdentity.agent(in: directory.files)
            sessions.end(input.session, with: first, by: process, publishingTo: EventBus(log: log))
        default:
            try Self.append(events, to: log)
        }
    }

    /// Appends events, and the beginning of the task if it begins with them. Its record is kept until the log has it.
    private func append(_ events: [Event], andBeginningOfTaskTo log: EventLog) throws {
        // The end of a life comes before the beginning of the next one.
        if let task { TaskRecords(in: directory).endDeadRuns(of: task, publishingTo: EventBus(log: log)) }
        guard let record = beginTask() else { return try Self.append(events, to: log) }
        try Self.append(events + [record.begin].compactMap(\.self), to: log)
        _ = consume record
    }

    private static func append(_ events: [Event], to log: EventLog) throws {
        try log.appendOrLeave(events)
    }

    private func beginTask() -> OpenRecord? {
        // In a worktree that git has forgotten no life begins.
        guard let task, !(work.place.map(PlaceNames(in: directory).hasForgotten) ?? false) else { return nil }
        return TaskRecords(in: directory)
            .begin(task, with: { input.taskStarted(task) }, by: input.session, at: work.place, in: work.directory)
    }

    /// - Returns: Whether everything could be handed over that had to be.
    private func handOver(markingIn openedLog: () throws -> EventLog, _ print: (String) throws -> Void) throws -> Bool {
        guard let task, ["SessionStart", "UserPromptSubmit"].contains(input.event),
            !TaskRecords(in: directory).isOfPastWorktree(task, at: work.place)
        else { return true }
        let inbox = Inbox(of: task, logPath: log.path, in: directory)
        return try inbox.handOverAtOnce(
            to: task,
            how: "np hook \(input.session.agent.rawValue) \(input.event)",
            markingIn: openedLog
        ) { unread in
            let facts = LoggedFacts(inLogAt: log.path, directory.files)
            let outdated = try RebaseOrders.outdated(among: unread.events, to: task, in: facts)
            let digest = InboxDigest(unread.events, to: task, passingOver: outdated)
            if !digest.text.isEmpty { try print(digest.text) }
            return digest.count
        }
    }
}
