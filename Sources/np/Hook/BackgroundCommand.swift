// What takes longer than an agent waits is left to another process, which nobody waits for: it has a session of its own
// and nothing of the agent's descriptors, so that it outlives the hook and holds nobody up.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageTasks

enum BackgroundCommand {
    /// Starts np with these arguments, for the same data directory and configuration. If that cannot be, another process
    /// does the same some day.
    static func start(_ arguments: [String], _ global: GlobalOptions) {
        let dataDirectory = global.dataDir.map { ["--data-dir", $0] } ?? []
        let configuration = global.config.map { ["--config", $0] } ?? []
        start(arguments.prefix(1) + dataDirectory + configuration + arguments.dropFirst())
    }

    /// Has the ends told of runs and locks whose process has died, if there are such.
    static func settle(_ directory: DataDirectory, _ global: GlobalOptions) {
        if Ledger(in: directory).hasOrphans { start(["watch", "--once"], global) }
    }

    private static func start(_ arguments: [String]) {
        var program = Spawn([OwnExecutable.path] + arguments)
        program.path = OwnExecutable.path
        (program.input, program.output, program.error) = (.null, .null, .null)
        program.isSessionLeader = true
        program.inheritsStandardDescriptorsOnly = true
        program.signalsToReset = IgnoredSignals.byNP
        _ = try? program.start()
    }
}
