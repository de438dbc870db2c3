// The built np-daemon, run as an init system or a person would run it.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

/// A running daemon, as its clients see it.
protocol DaemonClient: Sendable {
    var directory: String { get }
    var socket: String { get }
}

/// A running daemon in a process of its own. Dropping it kills it.
final class DaemonProcess: DaemonClient {
    /// It ended instead of serving.
    struct DidNotServe: Error, CustomStringConvertible {
        let description: String
    }

    let directory: String
    let socket: String
    let child: Child

    /// Starts a daemon in `name` in the directory and waits until it serves.
    init(in parent: TemporaryDirectory, _ name: String = "d", socket: String? = nil) async throws {
        directory = parent(name)
        self.socket = socket ?? directory + "/neuraphage.sock"
        let arguments = ["--data-dir", directory, "--socket", self.socket]
        let child = try Child(Child.built("np-daemon"), arguments)
        self.child = child
        let line = try await blocking { try child.line() }
        guard line?.hasPrefix("serving ") == true else {
            _ = try await child.ending()
            throw DidNotServe(description: child.error)
        }
    }
}

extension DaemonClient {
    /// One request on a connection of its own.
    func request(
        _ method: String,
        _ target: String,
        _ fields: [String: String] = [:],
        body: String? = nil
    ) async throws -> Reply {
        let socket = socket
        return try await blocking {
            let connection = try Connection(to: socket)
            var fields = fields
            if let body { fields["Content-Length"] = String(body.utf8.count) }
            try connection.ask(method, target, fields)
            if let body { try connection.send(body) }
            return try connection.reply()
        }
    }

    func get(_ target: String) async throws -> Reply {
        try await request("GET", target)
    }

    /// Publishes one event.
    @discardableResult
    func publish(_ event: String) async throws -> Reply {
        try await request("POST", "/v1/events", ["Content-Type": "application/json"], body: event)
    }

    /// Publishes one event a line.
    @discardableResult
    func publish(lines: [String]) async throws -> Reply {
        let body = lines.joined(separator: "\n") + "\n"
        return try await request("POST", "/v1/events", ["Content-Type": "application/x-ndjson"], body: body)
    }

    /// A member of what the daemon says of itself, as text.
    func health(_ path: String...) async throws -> String? {
        try Payload(json: try await get("/v1/health").body).value(at: path)?.text
    }

    func stream(_ query: String = "", lastEventID: String? = nil) async throws -> EventStreamClient {
        let socket = socket
        return try await blocking { try EventStreamClient(socket, query: query, lastEventID: lastEventID) }
    }

    /// The log's events.
    func log() throws -> [Event] {
        let lines = contents(of: directory + "/" + EventLogConfig.fileName).split(separator: "\n")
        return try lines.map { try Event(line: String($0)) }
    }
}

/// What stands in a file.
func contents(of path: String) -> String {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0 else { return "" }
    defer { close(descriptor) }
    var bytes: [UInt8] = []
    var chunk = [UInt8](repeating: 0, count: 1 << 16)
    while case let count = read(descriptor, &chunk, chunk.count), count > 0 { bytes += chunk.prefix(count) }
    return String(decoding: bytes, as: UTF8.self)
}
