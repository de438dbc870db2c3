// np run: a command as a task. What it prints is the command's; np itself only warns when there is no log.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command as a task, and log its beginning and its end.",
        usage: "np run [--task <id>] [--title <text>] [--] <command> ...",
        discussion: """
            The command keeps the terminal, its input and output, its signals and its exit code. It sees its task as \
            NP_TASK. Without --task the task is $NP_TASK, then the one of the worktree you stand in, then a new one.

            If the task has begun already, by an agent or by an np run around this one, the command is a part of it: \
            RunStarted and RunEnded are logged, and the task goes on.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp("The task's id; '.' is the task of this worktree.", valueName: "id"),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String?

    @Option(help: ArgumentHelp("What the task is about, in a few words.", valueName: "text"))
    var title: String?

    @Argument(parsing: .captureForPassthrough, help: "The command to run, and its arguments.")
    var command: [String] = []

    func validate() throws {
        // What looks like an option before the command is captured, too.
        if let first = command.first, first.hasPrefix("-"), first != "--" {
            if ["-h", "--help"].contains(first) { throw CleanExit.helpRequest(self) }
            throw ValidationError("unknown option '\(first)'; if it is a command, say: np run -- \(first)")
        }
        if words.isEmpty { throw ValidationError("which command? Say: np run -- make test") }
        if let task { try TypedName.check(task) }
    }

    func run() throws {
        let words = words
        let configuration = try global.configuration()
        var run = TaskRun(
            try task(in: configuration.dataDirectory) ?? .fresh(for: words[0]),
            words: CommandLine.bytes(ofCommandParsedTo: words.count)
        )
        run.title = title
        run.signalsToReset = IgnoredSignals.byNP
        if global.dataDir != nil { run.environment["NP_DATA_DIR"] = configuration.dataDirectory.path }

        let records = TaskRecords(in: configuration.dataDirectory)
        for refusal in records.newerFiles(of: run.task) { complain(refusal) }
        let bus = configuration.openBus(toLog: "this run")
        let result = run.perform(publishingTo: bus, recordedIn: records) {
            BackgroundCommand.settle(configuration.dataDirectory, global)
        }
        let left = bus.closeOrLeave()
        report(result, of: bus, left: left)
        endProcess(like: result.ending)
    }

    /// The command without the `--` that may stand before it.
    private var words: [String] {
        command.first == "--" ? Array(command.dropFirst()) : command
    }

    private func task(in directory: DataDirectory) throws -> TaskID? {
        if let task { try TypedName.task(task, in: directory) } else { try TypedName.currentTask(in: directory) }
    }

    private func report(_ result: TaskRun.Result, of bus: EventBus, left: Int) {
        if case .notStarted(let failure) = result.ending { complain("\(failure)") }
        bus.complainAboutLosses(of: "this run", left: left)
    }
}
