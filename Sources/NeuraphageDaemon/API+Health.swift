// What the daemon says of itself.

import HTTPTypes
import HummingbirdCore
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem
import NeuraphageWatching

extension API {
    /// How many events of each kind the daemon's bus has seen.
    func counts() -> Response {
        let counts = publisher.bus.counts.sorted { $0.key.description < $1.key.description }
        let members = counts.map { ($0.key.description, JSONValue.integer($0.value)) }
        let total = counts.reduce(0) { $0 + $1.value }
        return .json(Payload(.object([("total", .integer(total)), ("counts", .object(members))])).json)
    }

    /// That the daemon is about to end, and which one it is.
    var stopping: Response {
        let answer: Payload = ["stopping": true, "pid": .integer(getpid()), "session": .string(session.id)]
        return .json(answer.json, .accepted)
    }

    /// How the reserve is.
    private var reserve: JSONValue {
        let reserve = Reserve(ofLogAt: logConfig.path, in: files)
        let waiting = reserve.waiting
        return [
            "is_there": .bool(waiting != nil),
            "reason": .string(orNull: waiting == nil ? reserve.absence : nil),
            "waiting": .integer(waiting?.events ?? 0), "lost": .integer(waiting?.lost ?? 0),
        ]
    }

    /// How the daemon is.
    func health() -> Response {
        let figures = publisher.figures
        let trouble = figures.log.trouble
        let isDegraded = trouble != nil
        let log: JSONValue = [
            "path": .string(logConfig.path),
            "state": .string(!logConfig.isEnabled ? "disabled" : isDegraded ? "degraded" : "ok"),
            "error": trouble.map { .string($0.description) } ?? .null,
            "durability": .string(logConfig.durability.description),
        ]
        let health: Payload = [
            "status": .string(isDegraded ? "degraded" : "ok"),
            "pid": .integer(getpid()),
            "version": .string(Daemon.version),
            "uptime_seconds": .integer((Timestamp.now - session.start).components.seconds),
            "session": .string(session.id),
            "log": log,
            "reserve": reserve,
            "events": [
                "written": .integer(figures.log.written), "buffered": .integer(figures.log.buffered),
                "lost": .integer(figures.log.lost), "not_logged": .integer(figures.notLogged),
            ],
            "append_us": [
                "count": .integer(figures.latency.count), "p50": .integer(figures.latency.quantile(0.5)),
                "p99": .integer(figures.latency.quantile(0.99)),
            ],
            "subscribers": .integer(feed.streamCount),
            "repositories": .array(
                repositories().map { repository in
                    [
                        "path": .string(repository.path), "state": .string(repository.state.rawValue),
                        "detail": .string(orNull: repository.detail),
                    ]
                }
            ),
            "changes_seen_by": .string(orNull: DirectoryWatch.isToldByKernel.map { $0 ? "kernel" : "intervals" }),
        ]
        return .json(health.json)
    }
}
