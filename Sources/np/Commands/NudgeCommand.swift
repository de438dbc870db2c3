// np nudge: a word from one task, or from a person, to another task.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

struct NudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nudge",
        abstract: "Tell a task something; it finds it in its inbox.",
        discussion: """
            Comes from you, and the agent is told so; from $NP_TASK, if that is set; or, if an agent types it, from the \
            task of its worktree. Prints the event's id once its line is whole in the log. A name that no task has is \
            refused, unless you say --anyway.

            np nudge eg-abc123 'try the other parser'
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("How much it matters, in a word of your own.", valueName: "word"))
    var severity = "Hint"

    @Flag(help: "Tell it even if there is no task of that name yet.")
    var anyway = false

    @Argument(
        help: "The task to tell; '.' is the task of this worktree.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String

    @Argument(help: "What to tell it.")
    var text: String

    func validate() throws {
        if text.allSatisfy(\.isWhitespace) { throw ValidationError("what do you want to tell \(task)?") }
        try TypedName.check(task)
    }

    func run() throws {
        let configuration = try global.configuration()
        if let reason = configuration.switchedOff { throw OperationError(.failed, "not sent: \(reason)") }
        let event = try event(configuration)
        try sayIfNotThere(event.target, configuration)
        let log = try configuration.openLog(global.logger)
        try log.append(event)
        log.close()
        try printLines(event.id.description)
    }

    /// What is sent before a task begins, or after its end, is for its next life, if there is one.
    private func sayIfNotThere(_ task: TaskID?, _ configuration: Configuration) throws {
        guard let task else { return }
        let known = KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path)
        if let end = try? known.end(of: task) {
            complain("note: '\(task)' has ended (\(end.kind), \(end.timestamp)); it is told this if it begins again")
        } else if anyway, try !known.contains(task) {
            complain("note: no task is called '\(task)' yet; it is told this if it begins")
        }
    }

    private func event(_ configuration: Configuration) throws -> Event {
        let directory = configuration.dataDirectory
        let target =
            anyway
            ? try TypedName.task(task, in: directory)
            : try TypedName.existingTask(task, in: configuration, anyway: "To tell it all the same, say --anyway.")
        let sender = try NudgeSender.current(in: directory)
        let source: TaskID? = if case .task(let task) = sender { task } else { nil }
        let session = AgentSessions(in: directory).ofThisProcess(for: source)?.name
        return .nudgeSent(to: target, from: sender, message: text, severity: severity, in: session)
    }
}
