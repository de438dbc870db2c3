// Every answer that isn't the one asked for is a status and one sentence, as JSON: {"error": "…"}.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents

extension HTTPProblem {
    var body: ByteBuffer {
        ByteBuffer(string: Payload(.object([("error", .string(message))])).json + "\n")
    }

    var response: Response {
        var fields = fields
        fields[.contentType] = MediaType.json
        return Response(status: status, headers: fields, body: ResponseBody(byteBuffer: body))
    }
}

/// The media types that the daemon speaks.
enum MediaType {
    static let json = "application/json"
    static let lines = "application/x-ndjson"
    static let serverSentEvents = "text/event-stream"
}

extension Response {
    /// A JSON text as an answer.
    static func json(_ text: String, _ status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: MediaType.json],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }
}
