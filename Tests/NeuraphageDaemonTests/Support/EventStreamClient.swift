import NeuraphageEvents

/// A client of the stream: what comes, one thing after the other.
final class EventStreamClient: Sendable {
    /// One server-sent event, or a comment.
    struct Message: Sendable, Hashable {
        var id: String?
        var type: String?
        var data: String?
        var comment: String?
    }

    private let connection: Connection
    private let text = Lock<String>("")

    /// Opens a stream. Returns when the daemon has accepted it.
    init(_ socket: String, query: String = "", lastEventID: String? = nil) throws {
        connection = try Connection(to: socket)
        let fields = lastEventID.map { ["Last-Event-ID": $0] } ?? [:]
        try connection.ask("GET", "/v1/events/stream" + (query.isEmpty ? "" : "?" + query), fields)
        let head = try connection.head()
        guard head.status == 200 else { throw Connection.Failure(description: "the status is \(head.status)") }
    }

    /// The next message; `nil` at the end of the stream.
    func next() throws -> Message? {
        while true {
            let block: String? = text.withLock { text in
                guard let end = text.firstRange(of: "\n\n") else { return nil }
                defer { text.removeSubrange(..<end.upperBound) }
                return String(text[..<end.lowerBound])
            }
            if let block { return Self.message(block) }
            guard let chunk = try connection.chunk() else { return nil }
            let more = String(decoding: chunk, as: UTF8.self)
            text.withLock { $0 += more }
        }
    }

    /// Everything up to the sign that the stream has caught up.
    func backlog() throws -> [Message] {
        var messages: [Message] = []
        while let message = try next(), message.comment != "following" { messages.append(message) }
        return messages
    }

    /// The next so many events; comments are passed over.
    func events(_ count: Int) throws -> [Message] {
        var messages: [Message] = []
        while messages.count < count, let message = try next() {
            if message.data != nil { messages.append(message) }
        }
        return messages
    }

    private static func message(_ block: String) -> Message {
        var message = Message()
        for line in block.split(separator: "\n") {
            let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
            let value = parts.count == 2 ? String(parts[1].drop(while: { $0 == " " })) : ""
            switch parts[0] {
            case "id": message.id = value
            case "event": message.type = value
            case "data": message.data = value
            default: message.comment = value
            }
        }
        return message
    }
}
