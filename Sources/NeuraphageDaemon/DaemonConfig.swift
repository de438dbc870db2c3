public import NeuraphageEvents
import NeuraphageSystem

/// What a daemon is started with (spec, "DaemonConfig").
public struct DaemonConfig: Hashable, Sendable {
    /// The name of the socket in a data directory.
    public static let socketName = DataDirectory.socketName

    /// The directory that the daemon owns; there is one daemon for each.
    public var dataDirectory: String
    /// The path of the Unix socket on which it answers.
    public var socketPath: String
    /// Where and how it logs events.
    public var log: EventLogConfig
    /// The repositories that it watches, besides those that `np init` has added to the data directory's watch list.
    public var repositories: [String] = []
    /// How often it fetches main from their remotes; `nil`: never.
    public var fetchInterval: Duration? = .seconds(60)
    /// By which commands it tells the user of events.
    package var alerts = AlertConfig()

    /// A daemon for this directory, with its socket and its log in there.
    public init(dataDirectory: String) {
        self.dataDirectory = dataDirectory
        socketPath =
            dataDirectory.hasSuffix("/") ? dataDirectory + Self.socketName : dataDirectory + "/" + Self.socketName
        log = EventLogConfig(dataDirectory: dataDirectory)
    }
}
