import ArgumentParser
import Logging
import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// What every command takes.
struct GlobalOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The directory that holds the log.",
            discussion: "Default: $NP_DATA_DIR, then $XDG_DATA_HOME/neuraphage, then ~/.local/share/neuraphage.",
            valueName: "directory"
        ),
        completion: .directory
    )
    var dataDir: String?

    @Flag(name: .shortAndLong, help: "Say more about what is going on, on standard error.")
    var verbose = false

    /// Where events are logged.
    var logConfig: EventLogConfig {
        EventLogConfig(dataDirectory: dataDir ?? environment("NP_DATA_DIR") ?? EventLogConfig.defaultDataDirectory)
    }

    /// The data directory that was asked for by option, as children that run elsewhere can use it.
    var absoluteDataDir: String? {
        guard let dataDir, !dataDir.hasPrefix("/") else { return dataDir }
        guard let directory = getcwd(nil, 0) else { return dataDir }
        defer { free(directory) }
        return String(cString: directory) + "/" + dataDir
    }

    /// A logger that speaks on standard error as np does.
    var logger: Logger {
        var logger = Logger(label: "neuraphage.events") { _ in StandardErrorLogHandler() }
        logger.logLevel = verbose ? .debug : .notice
        return logger
    }

    func validate() throws {
        if dataDir == "" { throw ValidationError("--data-dir is empty; name a directory.") }
    }
}
