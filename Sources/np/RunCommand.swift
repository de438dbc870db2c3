// np run: a command as a task. What it prints is the command's; np itself only warns when there is no log.

import ArgumentParser
import Logging
import NeuraphageConfiguration
import NeuraphageCoordination
import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

struct RunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run a command as a task, and log its beginning and its end.",
        usage: "np run [--task <id>] [--title <text>] [--] <command> ...",
        discussion: """
            The command keeps the terminal, its input and output, its signals and its exit code. It sees its task as \
            NP_TASK. Without --task the task is $NP_TASK, then the one of the worktree you stand in, then a new one.
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(help: ArgumentHelp("The task's id.", valueName: "id"))
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
        _ = try namedTask()
    }

    func run() throws {
        let words = words
        var run = TaskRun(try namedTask() ?? .fresh(for: words[0]), words: Self.bytes(ofLast: words.count))
        run.title = title
        run.signalsToReset = IgnoredSignals.byNP
        let configuration = try global.configuration()
        if global.dataDir != nil { run.environment["NP_DATA_DIR"] = configuration.dataDirectory }

        let bus = openBus(configuration)
        let result = run.perform(publishingTo: bus)
        bus.close()
        report(result, of: bus)
        endProcess(like: result.ending)
    }

    /// The command without the `--` that may stand before it.
    private var words: [String] {
        command.first == "--" ? Array(command.dropFirst()) : command
    }

    private func namedTask() throws -> TaskID? {
        do {
            if let task { return try TaskID(task) }
            return try CurrentTask.find()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// A bus without a log, and a warning, if the log cannot be opened.
    private func openBus(_ configuration: Configuration) -> EventBus {
        if let reason = configuration.switchedOff { complain("warning: this run is not logged: \(reason)") }
        let silence = Logger(label: "np.run") { _ in SwiftLogNoOpLogHandler() }
        do throws(EventLogError) {
            return EventBus(log: try EventLog(opening: configuration.log, logger: silence))
        } catch {
            complain("warning: this run is not logged: \(error)")
            return EventBus()
        }
    }

    private func report(_ result: TaskRun.Result, of bus: EventBus) {
        if case .notStarted(let failure) = result.ending { complain("\(failure)") }
        if let status = bus.log?.status, status.lost > 0 {
            complain("warning: this run is not fully logged: \(status.trouble.map { "\($0)" } ?? "events were lost")")
        }
    }

    /// The last words of the command line byte by byte: Swift's strings repair what is no UTF-8.
    private static func bytes(ofLast count: Int) -> [[UInt8]] {
        let arguments = UnsafeBufferPointer(start: CommandLine.unsafeArgv, count: Int(CommandLine.argc))
        return arguments.suffix(count).compactMap { word in
            word.map { Array(UnsafeRawBufferPointer(start: $0, count: strlen($0))) }
        }
    }
}
