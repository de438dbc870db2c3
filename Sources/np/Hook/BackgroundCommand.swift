// What takes longer than an agent waits is left to another process, which nobody waits for: it has a session of its own
// and nothing of the agent's descriptors, so that it outlives the hook and holds nobody up.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks

enum BackgroundCommand {
    /// Starts np with these arguments, for the same data directory and configuration. If that cannot be, another process
    /// does the same some day.
    ///
    /// - Parameters:
    ///   - words: How many of the arguments name the command.
    ///   - pause: How long to wait before np is started, in seconds. A shell is started in 0.5 ms and np in 5, in which it
    ///     would take the processor from a short command, and from the np that waits for that.
    /// - Returns: Its process id.
    @discardableResult
    static func start(
        _ arguments: [String],
        named words: Int = 1,
        after pause: String? = nil,
        input: Spawn.Stream = .null,
        _ global: GlobalOptions
    ) -> Int32? {
        let dataDirectory = global.dataDir.map { ["--data-dir", $0] } ?? []
        let configuration = global.config.map { ["--config", $0] } ?? []
        let np = [OwnExecutable.path] + arguments.prefix(words) + dataDirectory + configuration
        let command = np + arguments.dropFirst(words)
        let delayed = pause.flatMap { start(["/bin/sh", "-c", #"sleep "$0"; exec "$@""#, $0] + command, input) }
        return delayed ?? start(command, input)
    }

    /// Has events appended to the log, as soon as that is possible.
    static func append(_ events: [Event], _ global: GlobalOptions) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let reader = start(["hook", HookLateCommand.name], named: 2, input: .descriptor(ends[0]), global)
        close(ends[0])
        // With a reader: a pipe may hold 4 KiB only, if the user has many, and without one writing more would never end.
        if reader != nil { try? RealFileSystem().writeAll(events.map { "\($0)\n" }.joined().utf8, to: ends[1]) }
        close(ends[1])
    }

    /// Has the ends told of runs and locks whose process has died, if there are such, and no daemon does it.
    ///
    /// - Returns: The id of the process that does it, if one was started.
    static func settle(_ directory: DataDirectory, _ global: GlobalOptions) -> Int32? {
        guard Ledger(in: directory).needsSettling else { return nil }
        return startSettling(after: "0.2", global)
    }

    /// Has the log told what dead processes could not tell, and which messages reached no task.
    @discardableResult
    static func startSettling(after pause: String? = nil, _ global: GlobalOptions) -> Int32? {
        start(["hook", HookSettleCommand.name], named: 2, after: pause, global)
    }

    /// Lets everything else on this machine go first: for a process that reads much, and that no command waits for.
    static func yieldProcessor() { _ = nice(10) }

    private static func start(_ words: [String], _ input: Spawn.Stream) -> Int32? {
        var program = Spawn(words)
        program.path = words.first
        (program.input, program.output, program.error) = (input, .null, .null)
        program.isSessionLeader = true
        program.inheritsStandardDescriptorsOnly = true
        program.signalsToReset = IgnoredSignals.byNP
        // np run and np lock block nearly all of them.
        program.signalMask = sigset_t()
        return try? program.start()
    }
}
