// What streams are told, each thing encoded once: a hundred streams send the same bytes.

import NIOCore
import NeuraphageEvents

/// One thing that streams are told, with its bytes as a server-sent event.
struct FeedItem: Sendable {
    enum Content: Sendable {
        /// An event that stands in the log and ends at this place.
        case logged(Event, LogPosition)
        /// An event that only this daemon knows. If it waits to be written, the log will have it later.
        case ephemeral(Event, waits: Bool)
        /// Something that streams could not be shown. If the log was cut, it is read again from this place on.
        case gap(continuedFrom: LogPosition?)
        /// Nothing, so that a client that has gone is noticed.
        case heartbeat
    }

    let content: Content
    let frame: ByteBuffer

    static func logged(_ event: Event, upTo position: LogPosition) -> FeedItem {
        FeedItem(content: .logged(event, position), frame: ServerSentEvent.frame(of: event, hasID: true))
    }

    static func ephemeral(_ event: Event, waits: Bool = false) -> FeedItem {
        FeedItem(content: .ephemeral(event, waits: waits), frame: ServerSentEvent.frame(of: event, hasID: false))
    }

    static func gap(_ reason: String, missed: Int? = nil, continuedFrom position: LogPosition? = nil) -> FeedItem {
        FeedItem(content: .gap(continuedFrom: position), frame: ServerSentEvent.gap(reason, missed: missed))
    }

    static let heartbeat = FeedItem(content: .heartbeat, frame: ServerSentEvent.comment(""))
}

/// The wire format of a stream (WHATWG HTML, "Server-sent events").
enum ServerSentEvent {
    /// An event as its canonical line. With an id, a client that comes again can say where it was.
    static func frame(of event: Event, hasID: Bool) -> ByteBuffer {
        var bytes: [UInt8] = []
        let id = event.id.description
        if hasID, canStandInField(id) { bytes.append(contentsOf: "id: \(id)\n".utf8) }
        bytes.append(contentsOf: "data: ".utf8)
        event.encode(into: &bytes)
        bytes.append(contentsOf: "\n\n".utf8)
        return ByteBuffer(bytes: bytes)
    }

    /// What could not be shown, as an event of its own: `event: gap`.
    static func gap(_ reason: String, missed: Int?) -> ByteBuffer {
        var members: [(String, JSONValue)] = [("reason", .string(reason))]
        if let missed { members.append(("missed", .integer(missed))) }
        return ByteBuffer(string: "event: gap\ndata: \(Payload(.object(members)).json)\n\n")
    }

    static func comment(_ text: String) -> ByteBuffer {
        ByteBuffer(string: ": \(text)\n\n")
    }

    /// Whether a field can hold the id: a foreign writer's may have line breaks, which would end the field.
    private static func canStandInField(_ id: String) -> Bool {
        !id.isEmpty && !id.utf8.contains { $0 < 0x20 }
    }
}
