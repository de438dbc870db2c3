// The wire format of a stream (WHATWG HTML, "Server-sent events").

import NIOCore
import NeuraphageEvents

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
    static func gap(_ reason: String, missed: Int? = nil) -> ByteBuffer {
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
