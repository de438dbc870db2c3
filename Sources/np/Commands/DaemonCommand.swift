// `np daemon`: the background process of a data directory. It is a program of its own, np-daemon, so that the light
// commands don't pay for what it needs.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

struct DaemonCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "daemon",
        abstract: "Run the background process through which any program publishes, queries and follows events.",
        discussion: """
            One for each data directory, on a Unix socket in it that speaks HTTP; see the README for examples with \
            curl. Logging and reading need no daemon.
            """,
        subcommands: [
            DaemonRunCommand.self, DaemonStartCommand.self, DaemonStopCommand.self, DaemonStatusCommand.self,
        ]
    )
}

struct DaemonRunCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "run",
        abstract: "Run the daemon in the foreground, until Ctrl-C."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        _ = try global.configuration()
        throw OperationError(.failed, try DaemonProgram(global).replaceThisProcess())
    }
}

struct DaemonStartCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "start",
        abstract: "Start the daemon in the background, and return when it answers."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let configuration = try global.configuration()
        if let health = try DaemonHealth.ask(configuration) {
            try printLines("already running, pid \(health.pid), \(configuration.socketPath.visible)")
            return
        }
        let health = try Self.start(global, configuration)
        try printLines("running, pid \(health.pid), \(configuration.socketPath.visible)")
    }

    /// Starts the daemon in the background, and returns when it answers.
    static func start(_ global: GlobalOptions, _ configuration: Configuration) throws -> DaemonHealth {
        let started = try DaemonProgram(global).startInBackground(configuration)
        // Somebody else's daemon may have been faster; what counts is that one answers.
        guard let health = try DaemonHealth.await(configuration) else {
            throw OperationError(
                .failed,
                "the daemon did not start: \(started.lastWords)",
                hint: "read \(configuration.dataDirectory.daemonLog)"
            )
        }
        return health
    }
}

struct DaemonStopCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "stop",
        abstract: "Stop the daemon in order, and return when it has ended."
    )

    @OptionGroup var global: GlobalOptions

    func run() throws {
        let configuration = try global.configuration()
        guard let pid = try DaemonProgram.stop(configuration) else {
            complain("no daemon runs for \(configuration.dataDirectory.path)")
            return
        }
        try printLines("stopped, pid \(pid)")
        guard let waiting = configuration.reserve.waiting, !waiting.isEmpty else { return }
        throw OperationError(
            .failed,
            "the daemon could not log everything: \(waiting.description(configuration.reserve.path))",
            hint: "make room on the disk; the next command or daemon that logs something appends them"
        )
    }
}

struct DaemonStatusCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "status",
        abstract: "Show how the daemon is. The exit code is 1 if none runs."
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>

    func run() throws {
        let configuration = try global.configuration()
        guard let health = try DaemonHealth.ask(configuration) else {
            throw OperationError(
                .failed,
                "no daemon runs for \(configuration.dataDirectory.path)",
                hint: "start one with: np daemon start"
            )
        }
        let reserve = "reserve      \(Self.words(configuration.reserve.waiting))"
        let lines = formatOptions.isJSON ? [health.payload.json.visibleJSON] : [health.description, reserve]
        try printLines(lines.joined(separator: "\n"))
    }

    /// What the reserve beside the log holds.
    private static func words(_ waiting: Reserve.Waiting?) -> String {
        guard let waiting else { return "none: there was no room for it, or it cannot be used" }
        return waiting.isEmpty ? "empty" : "\(waiting.events) events wait, \(waiting.lost) are lost"
    }
}
