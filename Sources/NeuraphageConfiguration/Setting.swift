// The settings there are: one table that the file, the environment, `np config show` and the documentation agree on.

/// A setting by its key in the configuration file, such as `events.max_payload_bytes`.
package enum Setting: String, CaseIterable, Sendable {
    case dataDirectory = "data_dir"
    case time = "time"
    case eventsEnabled = "events.enabled"
    case eventsPath = "events.path"
    case durability = "events.durability"
    case maxPayloadBytes = "events.max_payload_bytes"
    case bufferBytes = "events.buffer_bytes"
    case durableCustom = "events.durable_custom"
    case redact = "events.redact"
    case daemonSocket = "daemon.socket"
    case watch = "daemon.watch"
    case fetchInterval = "daemon.fetch_interval"
    case checks = "agents.checks"
    case record = "agents.record"
    case midturn = "agents.midturn"
    case wake = "agents.wake"
    case onWait = "notify.on_wait"
    case onFailed = "notify.on_failed"
    case onLost = "notify.on_lost"
    case grace = "notify.grace"

    package var key: String { rawValue }

    /// The environment variable that overrides the file: `NP_` and the key in capitals.
    package var variable: String {
        "NP_" + key.uppercased().map { $0 == "." ? "_" : String($0) }.joined()
    }

    /// What the setting must be, in words.
    var expectation: String {
        switch self {
        case .dataDirectory: "an absolute path, or one that begins with ~/"
        case .time: "\"utc\" or \"local\""
        case .eventsEnabled, .redact: "true or false"
        case .eventsPath: "a path, relative to data_dir or absolute"
        case .maxPayloadBytes: "a whole number of bytes from 128 to 4000000"
        case .durability: "\"os\", \"always\", or an interval such as \"100ms\", from 1ms to 1h"
        case .bufferBytes: "a whole number of bytes, at least 0"
        case .durableCustom: "a list of names or patterns, such as [\"Deploy*\"]"
        case .checks: "a list of commands, such as [\"make verify\"]"
        case .onWait, .onFailed, .onLost: "a command for /bin/sh, or \"\" for none"
        case .grace: "an interval such as \"30s\", at most 1h, or \"0\""
        case .record: "\"initialized\" or \"all\""
        case .midturn, .wake: NotificationChoice.expectation
        case .daemonSocket: "a path, relative to data_dir or absolute"
        case .watch: "a list of absolute paths, or ones that begin with ~/"
        case .fetchInterval: "an interval such as \"1m\", from 1s to 1d, or \"0\" for never"
        }
    }
}
