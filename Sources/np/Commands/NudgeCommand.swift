// np nudge, or np tell: a word from one task, or from a person, to another task; and what has become of it.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks

struct NudgeCommand: ParsableCommand {
    /// How long a message may be, in bytes, so that the log holds all of it.
    private static let longest = 8_000

    static let configuration = CommandConfiguration(
        commandName: "nudge",
        abstract: "Tell a task something: its agent gets it between two tools, or with its next prompt.",
        discussion: """
            Comes from you, and the agent is told so; from $NP_TASK, if that is set; or, if an agent types it, from the \
            task of its worktree. Prints the event's id once its line is whole in the log. A name that no task has is \
            refused, unless you say --anyway.

            np nudge eg-abc123 'try the other parser'
            np nudge eg-abc123 --wait 5m 'stop, and tell me what you found'

            With --wait it also says when and by which session that was read: when the model has answered since.

            Exit codes: 0 ok, 1 it never will be read, 3 it was not read in time.
            """,
        aliases: ["tell"]
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("How much it matters, in a word of your own.", valueName: "word"))
    var severity = "Hint"

    @Flag(help: "Tell it even if there is no task of that name yet.")
    var anyway = false

    @Option(
        help: ArgumentHelp("Wait until it was read, at most this long, such as 5m.", valueName: "time"),
        transform: WaitingTime.init
    )
    var wait: WaitingTime?

    @Argument(
        help: "The task to tell; '.' is the task of this worktree.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String

    @Argument(help: "What to tell it.")
    var text: String

    func validate() throws {
        guard text.utf8.count <= Self.longest else {
            throw ValidationError(
                "the message has \(text.utf8.count) bytes, and \(Self.longest) are the most; write it into a file, and name that."
            )
        }
        if text.allSatisfy(\.isWhitespace) { throw ValidationError("what do you want to tell \(task)?") }
        try TypedName.check(task)
    }

    func run() throws {
        let configuration = try global.configuration()
        if let reason = configuration.switchedOff { throw OperationError(.failed, "not sent: \(reason)") }
        let event = try event(configuration)
        try sayIfNotThere(event.target, configuration)
        guard let wait, let target = event.target else { return try send(event, configuration) }
        let inbox = Inbox(of: target, logPath: configuration.log.path, in: configuration.dataDirectory)
        let deadline = MonotonicClock.moment(after: wait.duration)
        let fate = try inbox.fate(of: event.id, until: deadline) { try send(event, configuration) }
        try report(fate, of: event, to: target, configuration)
    }

    private func send(_ event: Event, _ configuration: Configuration) throws {
        let log = try configuration.openLog(global.logger)
        try log.append(event)
        log.close()
        try printLines(event.id.description)
    }

    /// Says what has become of it.
    private func report(_ fate: MessageFate?, of event: Event, to task: TaskID, _ configuration: Configuration) throws {
        switch fate {
        case .read(let reading, let session):
            let reader = session.map { "\($0.agent.title)'s session \($0.id)" } ?? reading.reader
            let duration = (reading.time - event.timestamp).brief
            let time = configuration.clock.text(of: reading.time)
            let how = reading.how.map { " (\($0))" } ?? ""
            let whom = reader.map { ", to \($0)" } ?? ""
            try printLines("handed over at \(time), after \(duration)\(whom)\(how)".visible)
        case .lapsed(let lapse):
            let reason = lapse.reason == .superseded ? "something newer has overtaken it" : "its task has ended"
            throw OperationError(.failed, "\(task) will not get it: \(reason)")
        case nil:
            let pending = Handovers(in: configuration.dataDirectory).pending(of: task)
                .first { $0.notifications.contains(event.id) }
            let state = pending.map {
                "it was printed for \($0.session.agent.title)'s session \($0.session.id) "
                    + "\((Timestamp.now - $0.time).brief) ago, which has not answered since"
            }
            throw OperationError(
                .timedOut,
                "\(task) has not read it in time" + (state.map { ": \($0)" } ?? ""),
                hint: "it stays in its inbox; np inbox --all says what becomes of it"
            )
        }
    }

    /// What is sent before a task begins, or after its end, is for its next life, if there is one.
    private func sayIfNotThere(_ task: TaskID?, _ configuration: Configuration) throws {
        guard let task else { return }
        let known = KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path)
        if let end = try? known.end(of: task) {
            complain("note: '\(task)' has ended (\(end.kind), \(end.timestamp)); it is told this if it begins again")
        } else if anyway, try !known.contains(task) {
            complain("note: no task is called '\(task)' yet; it is told this if it begins")
        } else if !anyway, !isAtWork(task, configuration.dataDirectory) {
            complain("note: np sees no agent or command at work on '\(task)'; it is told this at its next prompt")
        }
    }

    private func isAtWork(_ task: TaskID, _ directory: DataDirectory) -> Bool {
        let work = OpenWork(in: directory)
        return WorkingAgent.latest(of: task, among: work.sessions, in: directory.files) != nil
            || work.runs.contains { $0.task == task && $0.presence != .gone }
    }

    private func event(_ configuration: Configuration) throws -> Event {
        let directory = configuration.dataDirectory
        let target =
            anyway
            ? try TypedName.task(task, in: directory)
            : try TypedName.receiver(task, in: configuration, anyway: "To tell it all the same, say --anyway.")
        let sender = try NudgeSender.current(in: directory)
        let source: TaskID? = if case .task(let task) = sender { task } else { nil }
        let session = AgentSessions(in: directory).ofThisProcess(for: source)?.name
        return .nudgeSent(to: target, from: sender, message: text, severity: severity, in: session)
    }
}
