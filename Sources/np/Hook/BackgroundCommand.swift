// What takes longer than an agent waits is left to another process, which nobody waits for: it has a session of its own
// and nothing of the agent's descriptors, so that it outlives the hook and holds nobody up.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks

enum BackgroundCommand {
    /// Starts np with these arguments, for the same data directory and configuration. If that cannot be, another process
    /// does the same some day.
    static func start(_ arguments: [String], _ global: GlobalOptions, input: Spawn.Stream = .null) {
        let dataDirectory = global.dataDir.map { ["--data-dir", $0] } ?? []
        let configuration = global.config.map { ["--config", $0] } ?? []
        start(arguments.prefix(1) + dataDirectory + configuration + arguments.dropFirst(), input)
    }

    /// Has events appended to the log, as soon as that is possible.
    static func append(_ events: [Event], _ global: GlobalOptions) {
        var ends: [Int32] = [0, 0]
        guard pipe(&ends) == 0 else { return }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        // They fit into the pipe, which holds 64 KiB at least.
        try? RealFileSystem().writeAll(events.map { "\($0)\n" }.joined().utf8, to: ends[1])
        close(ends[1])
        start(["hook", HookLateCommand.name], global, input: .descriptor(ends[0]))
        close(ends[0])
    }

    /// Has the ends told of runs and locks whose process has died, if there are such.
    static func settle(_ directory: DataDirectory, _ global: GlobalOptions) {
        if Ledger(in: directory).hasOrphans { start(["watch", "--once"], global) }
    }

    private static func start(_ arguments: [String], _ input: Spawn.Stream) {
        var program = Spawn([OwnExecutable.path] + arguments)
        program.path = OwnExecutable.path
        (program.input, program.output, program.error) = (input, .null, .null)
        program.isSessionLeader = true
        program.inheritsStandardDescriptorsOnly = true
        program.signalsToReset = IgnoredSignals.byNP
        _ = try? program.start()
    }
}
