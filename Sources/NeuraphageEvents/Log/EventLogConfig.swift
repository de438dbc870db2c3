import NeuraphagePlatform

/// Where and how events are logged.
public struct EventLogConfig: Hashable, Sendable {
    /// The log's name in a data directory.
    public static let fileName = "event_log.jsonl"

    /// The path of the log.
    public var path: String
    /// Whether anything is logged at all.
    public var isEnabled: Bool = true
    /// The greatest length of a logged payload's text, in bytes, at least 128; above 4,000,000 counts as that. Longer
    /// ones are cut in the log; what subscribers get is never cut.
    public var maxPayloadBytes: Int = Payload.standardLimit
    /// Whether credentials of well-known formats are replaced by `[REDACTED:rule]` in what is logged; what subscribers
    /// get is as it was published. <doc:What-is-redacted> has the formats.
    public var redactsCredentials: Bool = true
    /// What it takes for an event to count as written.
    public var durability: Durability = .os
    /// How many bytes of events may wait in memory while they cannot be written.
    public var bufferBytes: Int = 8 << 20
    /// The custom kinds to log: names, or patterns with `*` and `?`.
    public var durableCustom: [String] = []

    /// A log at this path.
    public init(path: String) {
        self.path = path
    }

    /// The log `event_log.jsonl` in this directory.
    public init(dataDirectory: String) {
        path = dataDirectory.hasSuffix("/") ? dataDirectory + Self.fileName : dataDirectory + "/" + Self.fileName
    }

    /// The directory that holds the log if nobody says otherwise: `$XDG_DATA_HOME/neuraphage`, that is
    /// `~/.local/share/neuraphage` (XDG Base Directory Specification: a relative value of the variable is ignored).
    public static var defaultDataDirectory: String {
        if let data = environment("XDG_DATA_HOME"), data.hasPrefix("/") { return data + "/neuraphage" }
        return homeDirectory + "/.local/share/neuraphage"
    }

    private static var homeDirectory: String {
        if let home = environment("HOME"), home.hasPrefix("/") { return home }
        guard let entry = getpwuid(geteuid()), let home = entry.pointee.pw_dir else { return "" }
        return String(cString: home)
    }

    private static func environment(_ name: String) -> String? {
        getenv(name).map { String(cString: $0) }
    }

    /// What cannot be right about it.
    var problem: String? {
        if maxPayloadBytes < Payload.leastLimit {
            return "maxPayloadBytes is \(maxPayloadBytes); it must be at least \(Payload.leastLimit)"
        }
        if bufferBytes < 0 { return "bufferBytes is \(bufferBytes); it must not be negative" }
        if let interval = durability.interval, interval < .milliseconds(1) || interval > .seconds(3_600) {
            return "durability is \(interval); an interval must be from 1 ms to one hour"
        }
        return nil
    }

    /// Whether events of this kind are logged under this configuration.
    public func isDurable(_ kind: EventKind) -> Bool {
        guard let name = kind.customName, !kind.isDurable else { return kind.isDurable }
        return durableCustom.contains { Glob($0).matches(name.description) }
    }
}
