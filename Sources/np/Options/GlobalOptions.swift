import ArgumentParser
import Logging
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory that holds the log.",
            discussion: "Default: $NP_DATA_DIR, then the configuration, then ~/.local/share/neuraphage.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var dataDir: String?

    @Option(
        help: ArgumentHelp(
            "The configuration file.",
            discussion: "Default: ~/.config/neuraphage/neuraphage.toml; see np config.",
            valueName: "file"
        ),
        completion: .file(extensions: ["toml"])
    )
    var config: String?

    @Flag(name: .shortAndLong, help: "Say more about what is going on, on standard error.")
    var verbose = false

    /// The settings in force.
    func configuration() throws(OperationError) -> Configuration {
        try Configuration(inputs, in: RealFileSystem())
    }

    /// The settings in force, or the defaults with a warning if the configuration is broken: reading the log must still
    /// be possible then. What was said outside the configuration about the log's place still holds.
    func configurationForReading() throws(OperationError) -> Configuration {
        do throws(OperationError) {
            return try configuration()
        } catch {
            complain("warning: \(error); reading the log as if there were no configuration")
            var inputs = inputs
            let places = ["HOME", "XDG_DATA_HOME", Setting.dataDirectory.variable]
            inputs.environment = inputs.environment.filter { places.contains($0.key) }
            inputs.environment["XDG_CONFIG_HOME"] = "/dev/null"
            inputs.file = nil
            return try Configuration(inputs, in: RealFileSystem())
        }
    }

    private var inputs: Configuration.Inputs {
        .ofThisProcess(file: config, dataDirectory: dataDir)
    }

    /// A logger that speaks on standard error as np does.
    var logger: Logger {
        var logger = Logger(label: "neuraphage.events") { _ in StandardErrorLogHandler() }
        logger.logLevel = verbose ? .debug : .notice
        return logger
    }

    func validate() throws {
        if dataDir == "" { throw ValidationError("--data-dir is empty; name a directory.") }
        if config == "" { throw ValidationError("--config is empty; name a file.") }
    }
}

extension Configuration {
    /// What to say when the log is switched off; `nil` if it isn't.
    var switchedOff: String? {
        guard !log.isEnabled else { return nil }
        let origin = settings.first { $0.setting == .eventsEnabled }?.origin
        return "the event log is switched off (events.enabled = false, \(origin?.description ?? "default"))"
    }
}
