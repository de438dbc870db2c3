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

    /// Where np's files are, as that was typed: for commands that are suggested, which must mean the same files.
    var typedAgain: String {
        [("--data-dir", dataDir), ("--config", config)].map { name, value in
            value.map { " \(name) \(ShellWord.quoted($0))" } ?? ""
        }.joined()
    }

    /// What a command needs the settings for.
    enum Use {
        /// To do something, so that the data directory must be this user's.
        case doing
        /// The same, for an agent or git that takes every word for an answer.
        case hook
        /// To show them.
        case showing
    }

    /// The settings in force.
    ///
    /// - Throws: ``OperationError`` if they are broken, or if this is root in another user's data directory.
    func configuration(for use: Use = .doing) throws(OperationError) -> Configuration {
        let configuration = try Configuration(inputs, in: RealFileSystem())
        if use != .showing { try configuration.dataDirectory.refuseRootOfAnotherUser() }
        if use != .hook { configuration.complainAboutVariables() }
        return configuration
    }

    /// The settings in force, for a command that only reads. If they are broken, they don't say which log is meant. Where the
    /// command line or `NP_DATA_DIR` says it, reading must still be possible: then the rest is as by default.
    ///
    /// - Parameter namesFiles: Whether files to read are named.
    func configurationForReading(namingFiles namesFiles: Bool = false) throws(OperationError) -> Configuration {
        let configuration: Configuration
        do throws(OperationError) {
            configuration = try Configuration(inputs, in: RealFileSystem())
        } catch {
            var inputs = inputs
            let variable = Setting.dataDirectory.variable
            let namesLog = namesFiles || dataDir != nil || !(inputs.environment[variable] ?? "").isEmpty
            guard namesLog else { throw error }
            complain("warning: \(error); reading the log as if there were no configuration")
            inputs.environment = inputs.environment.filter { ["HOME", "XDG_DATA_HOME", variable].contains($0.key) }
            inputs.environment["XDG_CONFIG_HOME"] = "/dev/null"
            inputs.file = nil
            return try Configuration(inputs, in: RealFileSystem())
        }
        configuration.complainAboutVariables()
        return configuration
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
    fileprivate func complainAboutVariables() {
        for remark in remarks { complain("warning: \(remark)") }
    }

    /// What to say when the log is switched off; `nil` if it isn't.
    var switchedOff: String? {
        guard !log.isEnabled else { return nil }
        let origin = settings.first { $0.setting == .eventsEnabled }?.origin
        return "the event log is switched off (events.enabled = false, \(origin?.description ?? "default"))"
    }
}
