// np, which is np tasks: who does what, and who waits for you.

import ArgumentParser
import NeuraphageAgents
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageStatus
import NeuraphageSystem

struct TasksCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "tasks",
        abstract: "Show who does what, and who waits for you. The same as np alone.",
        discussion: """
            What your silence costs most comes first: what waits for you, then what went wrong, what is limited or has \
            stopped, what is at work, and what has ended in the last hour. A wait of less than a minute is shown quietly. \
            Where np cannot be sure, it says what it knows, and how old that is.

            On a terminal the tasks are numbered: np go 1 and np why 3 mean what this terminal has shown last. %3 is \
            always the number, task:3 always the task of that name.

            np                        this
            np tasks add-login docs   only these
            np --watch --bell         redrawn as things happen; rings when a task has waited for you for a minute
            np --at 10:30             as it was then, as far as the log tells
            np -o json                one JSON document; Documentation/tasks.md describes it

            Exit codes: 0. With --exit-status: 0 if nothing waits for you and nothing went wrong, 4 if a task waits for \
            you, 5 if none does and one went wrong.
            """
    )

    /// What `--exit-status` says.
    private enum Outcome: Int32 {
        case calm = 0
        case waiting = 4
        case wrong = 5
    }

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<DocumentFormat>
    @OptionGroup var timeOptions: TimeOptions
    @OptionGroup var colorOptions: ColorOptions

    @Flag(help: "Also what has ended more than an hour ago, and worktrees without an agent.")
    var all = false

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp("As it was then. What only git or a process could tell is unknown.", valueName: "time")
    )
    var at: String?

    @Flag(help: "Redraw in place as things happen, until q or Ctrl-C.")
    var watch = false

    @Flag(help: "With --watch: ring the bell when a task has waited for you for a minute.")
    var bell = false

    @Flag(help: "Exit with 4 if a task waits for you, else with 5 if one went wrong.")
    var exitStatus = false

    @Option(
        name: .shortAndLong,
        help: ArgumentHelp("Only this task; '.' is the task of this worktree. Repeatable.", valueName: "id"),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var task: [String] = []

    @Argument(
        help: ArgumentHelp("Only these tasks.", valueName: "task"),
        completion: .custom { _, _, _ in TaskCompletion.tasksInLog() }
    )
    var tasks: [String] = []

    func validate() throws {
        if bell, !watch { throw ValidationError("--bell goes with --watch.") }
        if watch, at != nil { throw ValidationError("--watch shows what is now; --at what was.") }
        if watch, formatOptions.isJSON {
            throw ValidationError("--watch draws for people; np events -f -o json follows.")
        }
        if watch, exitStatus { throw ValidationError("--watch has no end whose --exit-status could be told.") }
        for name in task + tasks { try TypedName.check(name) }
    }

    func run() throws {
        let configuration = try global.configurationForReading()
        if let reason = configuration.switchedOff { complain("note: \(reason)") }
        complainAboutNewerFiles(in: configuration.dataDirectory)
        let clock = timeOptions.clock(configuration)
        let moment: Timestamp?
        do throws(OperationError) {
            moment = try at.map { text throws(OperationError) in try clock.moment(text, as: .until) }
        } catch {
            throw ValidationError("--at: \(error).")
        }
        let wanted = Set(
            try (task + tasks).map { try TypedName.taskInLog($0, in: configuration.dataDirectory) }
        )
        if watch { return try show(configuration, clock, wanted) }
        let board = try look(configuration, clock, at: moment)
        try check(wanted, in: board)
        let listing = board.listing(all: all, only: wanted)
        try print(board, listing, configuration, clock)
        let outcome = outcome(of: listing)
        if exitStatus, outcome != .calm { throw ExitCode(outcome.rawValue) }
    }

    /// How all tasks are.
    private func look(
        _ configuration: Configuration,
        _ clock: DisplayClock,
        at moment: Timestamp?,
        showingProgress: Bool = true
    ) throws -> TaskBoard {
        var progress = ReadingProgress()
        defer { progress.end() }
        return try TaskBoard.look(
            in: configuration.dataDirectory,
            logPath: configuration.log.path,
            at: moment,
            dayBegan: clock.beginningOfDay(moment ?? .now),
            home: environment("HOME"),
            isRecorded: { configuration.recordingScope.includes($0, in: configuration.dataDirectory) },
            progress: { read, all in if showingProgress { progress.show(read, of: all) } }
        )
    }

    /// Whether files may be made there: root must not make any that would lock their owner out.
    private func isOwn(_ directory: DataDirectory) -> Bool { (try? directory.refuseRootOfAnotherUser()) != nil }

    /// Refuses a task that there isn't.
    private func check(_ wanted: Set<TaskID>, in board: TaskBoard) throws {
        let known = Set(board.tasks.map(\.task))
        guard let unknown = wanted.subtracting(known).min(by: { $0.description < $1.description }) else { return }
        let nearest = Suggestion.nearest(to: unknown.description, in: known.map(\.description).sorted())
        throw OperationError(
            .usage,
            "there is no task '\(unknown)'",
            hint: nearest.map { "did you mean '\($0)'?" } ?? "np --all shows which tasks there are"
        )
    }

    private func outcome(of listing: TaskBoard.Listing) -> Outcome {
        if listing.tasks.contains(where: \.waitsForYou) { return .waiting }
        return listing.tasks.contains(where: \.wentWrong) ? .wrong : .calm
    }

    // MARK: - Once

    private func print(
        _ board: TaskBoard,
        _ listing: TaskBoard.Listing,
        _ configuration: Configuration,
        _ clock: DisplayClock
    ) throws {
        var output = OutputStream()
        if formatOptions.isJSON {
            let json = board.json(listing)
            output.bytes = Array(((output.isTerminal ? json.visibleJSON : json) + "\n").utf8)
            return try output.flush()
        }
        if board.tasks.isEmpty {
            sayWhyThereIsNothing(board, configuration)
            guard board.hasLog else { return }
            let notices = BoardNotices(board: board, listing: listing, options: global.typedAgain).lines
            output.bytes = Array(notices.map { $0.text(colorOptions.style(output), width: nil) + "\n" }.joined().utf8)
            return try output.flush()
        }
        let size = TerminalSize(of: output.descriptor)
        var screen = BoardScreen(board: board, listing: listing, clock: clock, width: size?.columns)
        let isRemembered = size != nil && isOwn(configuration.dataDirectory)
        let file = isRemembered ? ShownListFile(in: configuration.dataDirectory) : nil
        // Nothing is numbered if the numbers shown before would still hold.
        screen.isNumbered = file?.forget() ?? false
        screen.options = global.typedAgain
        let lines = screen.text(colorOptions.style(output))
        output.bytes = Array((lines.joined(separator: "\n") + "\n").utf8)
        try Pager.showing(if: size.map { lines.count >= $0.rows } ?? false) { try output.flush() }
        if screen.isNumbered {
            file?.remember(ShownList(of: listing.tasks.map(\.task), among: board.tasks.map(\.task), at: .now))
        }
    }

    private func sayWhyThereIsNothing(_ board: TaskBoard, _ configuration: Configuration) {
        let path = configuration.log.path
        guard board.hasLog else {
            return complain(
                OperationError(
                    .failed,
                    "nothing is recorded yet: there is no log at \(path)",
                    hint:
                        "np init records agents and git here; np run --task NAME -- COMMAND records a command; np demo"
                )
            )
        }
        if board.isPast { return complain("there were no tasks in \(path) then") }
        complain(
            OperationError(
                .failed,
                "there are no tasks in \(path) yet",
                hint: "start an agent where np init was run, or say np run --task NAME -- COMMAND"
            )
        )
    }

    // MARK: - Going on

    private func show(_ configuration: Configuration, _ clock: DisplayClock, _ wanted: Set<TaskID>) throws {
        guard isatty(STDOUT_FILENO) == 1 else {
            throw OperationError(
                .usage,
                "--watch draws on a terminal, and standard output is none",
                hint: "np -o json says it once; np events -f -o json says what happens"
            )
        }
        let output = OutputStream()
        let style = colorOptions.style(output)
        let watch = BoardWatch(logPath: configuration.log.path, rings: bell) { columns in
            let board = try look(configuration, clock, at: nil, showingProgress: false)
            let listing = board.listing(all: all, only: wanted)
            var screen = BoardScreen(board: board, listing: listing, clock: clock, width: columns)
            (screen.isWatched, screen.options) = (true, global.typedAgain)
            return (screen.text(style), board)
        }
        if let signal = try watch.run() { endProcess(like: .killed(signal)) }
    }
}
