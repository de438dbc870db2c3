// The daemon as a program: its arguments, its signals, its exit code. What it does is in NeuraphageDaemon.

import ArgumentParser
import Logging
import NeuraphageConfiguration
import NeuraphageDaemon
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import ServiceLifecycle
import UnixSignals

@main
struct NPDaemon: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "np-daemon",
        abstract: "Serve the events of a data directory over HTTP on a Unix socket, in the foreground.",
        discussion: """
            Says "serving SOCKET" on standard output once it answers, and ends in order on SIGTERM or SIGINT. \
            Its API is described at /openapi.json:

            curl --unix-socket SOCKET http://np/openapi.json
            """,
        version: "np-daemon \(Daemon.version)"
    )

    @Option(
        help: ArgumentHelp(
            "The directory that the daemon owns.",
            discussion: "Default: $NP_DATA_DIR, then the configuration, then ~/.local/share/neuraphage.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var dataDir: String?

    @Option(
        help: ArgumentHelp("The configuration file.", valueName: "file"),
        completion: .file(extensions: ["toml"])
    )
    var config: String?

    @Option(
        help: ArgumentHelp("The socket to answer on, in place of the configured one.", valueName: "path"),
        completion: .file()
    )
    var socket: String?

    @Option(
        help: ArgumentHelp(
            "The file for what the daemon has to say, in place of standard error.",
            discussion: "At 1 MiB it is put aside as FILE.1.",
            valueName: "file"
        ),
        completion: .file()
    )
    var logFile: String?

    static func main() async {
        await main(Array(ProgramWords.text.dropFirst()))
    }

    func validate() throws {
        if logFile == "" { throw ValidationError("--log-file is empty; name a file.") }
        if dataDir == "" { throw ValidationError("--data-dir is empty; name a directory.") }
        if socket == "" { throw ValidationError("--socket is empty; name a path.") }
        if config == "" { throw ValidationError("--config is empty; name a file.") }
    }

    func run() async throws {
        ProcessSettings.apply()
        let workingDirectory = Configuration.Inputs.ofThisProcess(file: nil, dataDirectory: nil).workingDirectory
        let config = try daemonConfig()
        let file = logFile.map { DaemonLogFile(path: $0.absolute(in: workingDirectory), in: RealFileSystem()) }
        // The disk that it was started from can be unmounted.
        chdir("/")
        var logger = Logger(label: "neuraphage.daemon") { _ in DaemonLogHandler(file: file) }
        logger.logLevel = .notice
        let socket = config.socketPath
        let daemon = Daemon(config: config, logger: logger) { Self.say("serving \(socket)", to: STDOUT_FILENO) }
        do {
            try await Self.group(of: daemon, logger).run()
        } catch {
            Self.say("np-daemon: \(error)", to: STDERR_FILENO)
            throw ExitCode.failure
        }
        throw ExitCode.success
    }

    /// What runs the daemon: it ends in order on a signal, or by itself.
    private static func group(of daemon: Daemon, _ logger: Logger) -> ServiceGroup {
        var logger = logger
        logger.logLevel = .warning
        let service = ServiceGroupConfiguration.ServiceConfiguration(
            service: daemon,
            successTerminationBehavior: .gracefullyShutdownGroup
        )
        return ServiceGroup(
            configuration: .init(services: [service], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        )
    }

    private func daemonConfig() throws -> DaemonConfig {
        do throws(OperationError) {
            let inputs = Configuration.Inputs.ofThisProcess(file: config, dataDirectory: dataDir)
            let configuration = try Configuration(inputs, in: RealFileSystem())
            try configuration.dataDirectory.refuseRootOfAnotherUser()
            for remark in configuration.remarks { Self.say("np-daemon: warning: \(remark)", to: STDERR_FILENO) }
            var config = DaemonConfig(dataDirectory: configuration.dataDirectory.path)
            config.socketPath = socket?.absolute(in: inputs.workingDirectory) ?? configuration.socketPath
            config.log = configuration.log
            config.repositories = configuration.watchedRepositories
            config.fetchInterval = configuration.fetchInterval
            config.alerts.grace = configuration.alertGrace
            for occasion in AlertOccasion.allCases {
                config.alerts.commands[occasion] = configuration.alertCommand(occasion.rawValue).map(ShellCommand.init)
            }
            return config
        } catch {
            Self.say("np-daemon: \(error)", to: STDERR_FILENO)
            throw ExitCode.validationFailure
        }
    }

    fileprivate static func say(_ text: String, to descriptor: Int32) {
        let line = Array((text + "\n").utf8)
        _ = write(descriptor, line, line.count)
    }
}

/// Writes what the daemon has to say, with the time, into its file, or prints it on standard error.
private struct DaemonLogHandler: LogHandler {
    let file: DaemonLogFile?
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        let line = "\(Timestamp.now) \(event.level): \(event.message)"
        if let file { file.write(line) } else { NPDaemon.say(line, to: STDERR_FILENO) }
    }
}
