// Every answer that isn't the one asked for is a status and one sentence, as JSON: {"error": "…"}.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents

/// Why a request cannot be answered as it was meant.
struct HTTPProblem: Error {
    var status: HTTPResponse.Status
    var message: String
    var fields = HTTPFields()

    init(_ status: HTTPResponse.Status, _ message: String) {
        self.status = status
        self.message = message
    }

    /// Too much of something: worth another try in a second.
    static func busy(_ message: String) -> HTTPProblem {
        var problem = HTTPProblem(.serviceUnavailable, message)
        problem.fields[.retryAfter] = "1"
        return problem
    }

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
    static func json(_ text: String) -> Response {
        Response(
            status: .ok,
            headers: [.contentType: MediaType.json],
            body: ResponseBody(byteBuffer: ByteBuffer(string: text + "\n"))
        )
    }
}
