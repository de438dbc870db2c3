import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

/// What the daemon says of itself.
struct DaemonHealth {
    let payload: Payload

    /// Asks the daemon; `nil` if none answers.
    static func ask(_ configuration: Configuration) throws -> DaemonHealth? {
        do {
            var answer = try DaemonConnection(socketPath: configuration.socketPath, "GET", "/v1/health")
            return DaemonHealth(payload: try Payload(json: try answer.body()))
        } catch is DaemonConnection.NoDaemon {
            return nil
        }
    }

    /// Asks until one answers, for at most five seconds, as long as one holds the lock and so is about to.
    static func await(_ configuration: Configuration) throws -> DaemonHealth? {
        for _ in 0..<500 {
            if let health = try ask(configuration) { return health }
            guard DaemonLock.isHeld(in: configuration.dataDirectory) else { return nil }
            usleep(10_000)
        }
        return nil
    }

    var pid: Int32 { text("pid").flatMap { Int32($0) } ?? 0 }

    /// The daemon's session.
    var session: String? { text("session") }

    /// How it stands with a repository that the daemon is to watch.
    struct Repository {
        let path: String
        let state: String
        /// What doesn't work.
        let detail: String?

        /// The state in words.
        var words: String {
            let words = ["elsewhere": "watched by another process"][state] ?? state
            return detail.map { "\(words): \($0)" } ?? words
        }
    }

    /// The repositories that the daemon is to watch.
    var repositories: [Repository] {
        payload.payloads(at: "repositories").map { repository in
            Repository(
                path: repository["path"]?.text ?? "?",
                state: repository["state"]?.text ?? "?",
                detail: repository.string("detail")
            )
        }
    }

    private func text(_ path: String...) -> String? { payload.value(at: path)?.text }

    private static let blindness =
        "looked for every 2 s: no inotify instance is left (raise fs.inotify.max_user_instances)"

    /// What there is to say of the reserve: that there is none, or that something waits in it.
    private var reserve: String? {
        if text("reserve", "is_there") == "false" { return "none: \(text("reserve", "reason") ?? "?")" }
        guard let events = text("reserve", "waiting").flatMap({ Int($0) }),
            let lost = text("reserve", "lost").flatMap({ Int($0) }), events + lost > 0
        else { return nil }
        return "\(events) waiting, \(lost) lost"
    }

    /// The figures, a line each.
    var description: String {
        let uptime = text("uptime_seconds").flatMap { Int($0) }.map { Duration.seconds($0).brief } ?? "?"
        let error = text("log", "error").flatMap { $0 == "null" ? nil : ": \($0)" } ?? ""
        let events = ["written", "buffered", "lost"].map { "\(text("events", $0) ?? "?") \($0)" }
        let lines: [(String, String)] =
            [
                ("state", text("status") ?? "?"),
                ("pid", text("pid") ?? "?"),
                ("version", text("version") ?? "?"),
                ("uptime", uptime),
                ("session", text("session") ?? "?"),
                ("log", text("log", "path") ?? "?"),
                ("log state", (text("log", "state") ?? "?") + error),
                ("durability", text("log", "durability") ?? "?"),
                ("events", events.joined(separator: ", ")),
                ("append", "p50 \(text("append_us", "p50") ?? "?") µs, p99 \(text("append_us", "p99") ?? "?") µs"),
                ("subscribers", text("subscribers") ?? "?"),
            ] + (reserve.map { [("reserve", $0)] } ?? [])
            + (text("changes_seen_by") == "intervals" ? [("changes", Self.blindness)] : [])
            + repositories.map { ("repository", "\($0.path)  \($0.words)") }
        return lines.map { name, value in
            name + String(repeating: " ", count: 13 - name.count) + value.visible
        }.joined(separator: "\n")
    }
}
