import Logging
import NeuraphagePresentation

/// Prints what the library has to say as `np: warning: …` on standard error.
struct StandardErrorLogHandler: LogHandler {
    var logLevel = Logger.Level.notice
    var metadata: Logger.Metadata = [:]

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) {
        complain("\(event.level): \(event.message)")
    }
}
