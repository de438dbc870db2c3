// `np emit`: one event from the command line, or many from standard input, straight into the log.

import ArgumentParser
import Logging
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageSystem
import NeuraphageTasks

struct EmitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "emit",
        abstract: "Record an event, or many from standard input.",
        discussion: """
            Prints the event's id once its line is whole in the log.

            np emit TaskStarted --task eg-abc123
            np emit RebaseRequired --to eg-abc123 commits_behind=2
            np emit NudgeSent --to eg-abc123 --payload '{"message":"try the other parser"}'
            producer | np emit -

            With '-' every line of standard input is an event as JSON; a missing id and timestamp are filled in. A \
            line that is no event is reported with its number, the others are logged, and the exit code is 1.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "The task that the event comes from. Default: $NP_TASK, then the task of this worktree ('.'), for kinds that come from a task.",
            valueName: "id"
        ),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String?

    @Option(
        help: ArgumentHelp(
            "The task that the event is addressed to; '.' is the task of this worktree.",
            valueName: "id"
        ),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var to: String?

    @Option(help: ArgumentHelp("The details, as JSON.", valueName: "json"))
    var payload: String?

    @Argument(
        help: "The kind: its name in any spelling, or custom:NAME; '-' to read events from standard input.",
        completion: .list(EventKind.named.map(\.name) + ["-"])
    )
    var kind: String

    @Argument(
        help: ArgumentHelp(
            "Members of the payload. A value that is JSON is taken as such, anything else as text.",
            valueName: "key=value"
        )
    )
    var members: [String] = []

    func validate() throws {
        guard kind == "-" else {
            for name in [task, to].compactMap(\.self) { try TypedName.check(name) }
            _ = try typedKind()
            _ = try details()
            return
        }
        if task != nil || to != nil || payload != nil || !members.isEmpty {
            throw ValidationError("'np emit -' takes whole events from standard input and nothing else.")
        }
    }

    func run() throws {
        if kind == "-" {
            try EmitStream(configuration: try configuration(), global: global).run()
        } else {
            let configuration = try configuration()
            try emit(try event(in: configuration.dataDirectory), configuration)
        }
    }

    private func configuration() throws -> Configuration {
        let configuration = try global.configuration()
        if let reason = configuration.switchedOff { throw OperationError(.failed, "not logged: \(reason)") }
        return configuration
    }

    private func event(in directory: DataDirectory) throws -> Event {
        let kind = try typedKind()
        let named = try task.map { try TypedName.task($0, in: directory) }
        let source = kind.hasSourceTask ? try named ?? TypedName.currentTask(in: directory) : named
        let target = try to.map { try TypedName.task($0, in: directory) }
        var payload = try details()
        if kind.endsTask, payload["begin"] == nil, let source {
            payload = payload.adding("begin", TaskRecords(in: directory).begin(of: source)?.description)
        }
        return Event(kind, from: source, to: target, payload: payload)
    }

    private func typedKind() throws(ValidationError) -> EventKind {
        try TypedName.valid { () throws(OperationError) in try EventKind(submitted: kind) }
    }

    private func details() throws -> Payload {
        guard let payload else {
            return try TypedName.valid { () throws(OperationError) in try Payload(typed: members) }
        }
        guard members.isEmpty else { throw ValidationError("Give either --payload or key=value, not both.") }
        do throws(PayloadError) {
            return try Payload(json: payload)
        } catch {
            throw ValidationError(error.description)
        }
    }

    private func emit(_ event: Event, _ configuration: Configuration) throws {
        if configuration.log.isDurable(event.kind) {
            // What goes wrong is thrown.
            let silence = Logger(label: "np.emit") { _ in SwiftLogNoOpLogHandler() }
            let log = try configuration.openLog(silence)
            try log.append(event)
            let isAllTold = log.forgetEnded([event], in: configuration.dataDirectory)
            log.close()
            if !isAllTold { BackgroundCommand.startSettling(global) }
        } else {
            try deliver(event, configuration)
        }
        try printLines(event.id.description)
    }

    private func deliver(_ event: Event, _ configuration: Configuration) throws {
        do {
            if let problem = try EphemeralDelivery(configuration).deliver([event]).first ?? nil {
                throw OperationError(.failed, problem)
            }
        } catch is DaemonConnection.NoDaemon {
            throw OperationError(.failed, EphemeralDelivery.noDaemon(event.kind))
        }
        complain(event.kind.reasonNotToLog)
    }
}

extension EventKind {
    /// What to say of an event that nobody would get.
    var reasonNotToLog: String {
        if customName != nil { return "not logged: \(self) is not listed in events.durable_custom" }
        return "not logged: \(name) is ephemeral"
    }
}
