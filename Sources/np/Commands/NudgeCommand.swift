// np nudge: a word from one task, or from a person, to another task.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation

struct NudgeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "nudge",
        abstract: "Tell a task something; it finds it in its inbox.",
        discussion: """
            Comes from $NP_TASK, or from the task of this worktree, if there is one. Prints the event's id once its \
            line is whole in the log.

            np nudge eg-abc123 'try the other parser'
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("How much it matters, in a word of your own.", valueName: "word"))
    var severity = "Hint"

    @Argument(
        help: "The task to tell; '.' is the task of this worktree.",
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String

    @Argument(help: "What to tell it.")
    var text: String

    func validate() throws {
        if text.allSatisfy(\.isWhitespace) { throw ValidationError("what do you want to tell \(task)?") }
        _ = try event()
    }

    func run() throws {
        let configuration = try global.configuration()
        if let reason = configuration.switchedOff { throw OperationError(.failed, "not sent: \(reason)") }
        let event = try event()
        let log = try EventLog(opening: configuration.log, logger: global.logger)
        try log.append(event)
        log.close()
        try printLines(event.id.description)
    }

    private func event() throws -> Event {
        let target = try TypedName.task(task)
        return .nudgeSent(to: target, from: try TypedName.currentTask(), message: text, severity: severity)
    }
}
