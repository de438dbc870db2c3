// The options that every command takes.

import ArgumentParser
import Glibc
import NeuraphageEvents

struct GlobalOptions: ParsableArguments {
    @Option(name: .customLong("data-dir"), help: "The directory that holds the log.")
    var dataDir: String?

    func logConfig() -> EventLogConfig {
        let variable = getenv("NP_DATA_DIR").map { String(cString: $0) }
        return EventLogConfig(dataDirectory: dataDir ?? variable ?? EventLogConfig.defaultDataDirectory)
    }
}
