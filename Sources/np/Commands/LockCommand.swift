// np lock: a command that runs while a lock is held, and who holds which lock.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

struct LockCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "lock",
        abstract: "Run a command while holding a lock, or show who holds which.",
        usage: """
            np lock <name> [--shared] [--wait <time>] [--task <id>] -- <command> ...
            np lock --list
            """,
        discussion: """
            At most one holder at a time, or any number of --shared ones. The lock is free again when the command has \
            ended, or np was killed, and nobody can take it away before; what the command leaves in the background \
            doesn't keep it. The command keeps the terminal, its input and output, its signals and its exit code, and \
            sees its task as NP_TASK.

            np lock build -- make test
            np lock build --wait 30s -- make test
            np lock build --wait 0 -- make test     at once or not at all

            Exit codes: the command's, 3 if the lock was not free in time, 127 if there is no such command.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>
    @OptionGroup var timeOptions: TimeOptions

    @Flag(help: "Share the lock with others that share it.")
    var shared = false

    @Option(
        help: ArgumentHelp("Wait at most this long, such as 30s; 0: not at all. Default: forever.", valueName: "time"),
        transform: WaitingTime.init
    )
    var wait: WaitingTime?

    @Option(
        help: ArgumentHelp(
            "The task that holds the lock. Default: $NP_TASK, then the task of this worktree, which is '.', too.",
            valueName: "id"
        ),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: String?

    @Flag(help: "Show who holds which lock.")
    var list = false

    @Argument(help: "The name of the lock: printable text of 1 to 80 bytes.")
    var name: String?

    @Argument(parsing: .postTerminator, help: "The command to run, and its arguments.")
    var command: [String] = []

    func validate() throws {
        guard !list else {
            if name != nil { throw ValidationError("--list takes no name; it shows all locks that are held.") }
            if !command.isEmpty || shared || wait != nil || task != nil {
                throw ValidationError("--list takes no lock, and so nothing of what says how to take one.")
            }
            return
        }
        guard let name else { throw ValidationError("which lock? Say: np lock build -- make test") }
        if command.isEmpty { throw ValidationError("which command? Say: np lock \(name) -- make test") }
        if let task { try TypedName.check(task) }
        _ = try TypedName.lock(name)
    }

    func run() throws {
        let configuration = try global.configuration()
        if let name { try hold(name, configuration) } else { try showHolders(configuration) }
    }

    private func task(in directory: DataDirectory) throws -> TaskID? {
        if let task { try TypedName.task(task, in: directory) } else { try TypedName.currentTask(in: directory) }
    }

    // MARK: - Holding

    private func hold(_ name: String, _ configuration: Configuration) throws {
        let lock = try TypedName.lock(name)
        var run = LockedRun(lock, words: CommandLine.bytes(ofCommandParsedTo: command.count))
        run.isShared = shared
        run.task = try task(in: configuration.dataDirectory)
        run.patience = wait?.duration
        run.signalsToReset = IgnoredSignals.byNP
        if global.dataDir != nil { run.environment["NP_DATA_DIR"] = configuration.dataDirectory.path }

        let bus = configuration.openBus(toLog: "this lock")
        let locks = LockDirectory(in: configuration.dataDirectory)
        let clock = timeOptions.clock(configuration)
        let result = try run.perform(in: locks, publishingTo: bus) {
            BackgroundCommand.settle(configuration.dataDirectory, global)
        } waiting: { holders in
            complain("waiting for the lock '\(lock)'" + (self.held(holders, clock).map { ", \($0)" } ?? ""))
        }
        let left = bus.closeOrLeave()
        bus.complainAboutLosses(of: "this lock", left: left)
        switch result {
        case .timedOut(let holders):
            let held = held(holders, clock).map { "is \($0)" } ?? "was not free in time"
            throw OperationError(.timedOut, "the lock '\(lock)' \(held)")
        case .heldAround(let holder):
            let held = held([holder], clock) ?? "held"
            throw OperationError(
                .failed,
                "the lock '\(lock)' is \(held), and this command is a part of what that one runs: it would wait forever",
                hint: "if the lock will be given back meanwhile, say how long to wait, such as --wait 1m"
            )
        case .ended(let ending):
            if case .notStarted(let failure) = ending { complain("\(failure)") }
            endProcess(like: ending)
        }
    }

    /// By whom a lock is held, and what else keeps it from us; `nil` if nobody is known to hold it.
    private func held(_ holders: [LockHolder], _ clock: DisplayClock) -> String? {
        guard let first = holders.first else { return nil }
        let others = holders.count > 1 ? " and \(holders.count - 1) more" : ""
        let task = first.task.map { "\($0), " } ?? ""
        let queue = shared && holders.allSatisfy { !$0.isExclusive } ? ", and others wait for it" : ""
        return
            "held by \(task)pid \(first.pid) (\(first.command))\(others) since \(clock.text(of: first.since))\(queue)"
    }

    // MARK: - Showing

    private func showHolders(_ configuration: Configuration) throws {
        complainAboutNewerFiles(in: configuration.dataDirectory)
        let locks = LockDirectory(in: configuration.dataDirectory)
        let holders = try locks.allHolders
        let isJSON = formatOptions.isJSON
        if holders.isEmpty {
            if !isJSON { complain("no lock is held") }
            return
        }
        let table = LockTable(holders: holders, clock: timeOptions.clock(configuration))
        var output = OutputStream()
        let lines = isJSON ? table.json(isTerminal: output.isTerminal) : table.text
        output.bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try output.flush()
    }
}
