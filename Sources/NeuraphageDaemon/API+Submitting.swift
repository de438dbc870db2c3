// POST /v1/events: events from other programs.
//
// Lines are published as they arrive, whatever has arrived together as one batch. Results go out while there is room
// for them. A client that first sends everything and only then reads is given some room, so that the two don't wait
// for each other; what goes beyond it waits until the client reads. What has come of a line that has not ended, and results
// that wait, take room that all clients share.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents
import NeuraphageRequests

extension API {
    private static let mostHeldResults = 4 << 20

    /// Whether the request can hold events: before anything of its body is read.
    func checkSubmission(_ request: Request) throws(HTTPProblem) {
        try EventQuery.refuseParameters(request.uri.query)
        let type = request.headers[.contentType] ?? ""
        switch Self.mediaType(type) {
        case MediaType.lines: break
        case MediaType.json:
            if let length = request.headers[.contentLength].flatMap(Int.init), length > limits.jsonBody {
                throw tooLarge
            }
        default:
            throw HTTPProblem(
                .unsupportedMediaType,
                "the content type is '\(type)'; send one event as \(MediaType.json), or one a line as \(MediaType.lines)"
            )
        }
    }

    private static func mediaType(_ field: String) -> String {
        let type = field.split(separator: ";", omittingEmptySubsequences: false).first ?? ""
        return type.lowercased().filter { $0 != " " && $0 != "\t" }
    }

    private static let noRoom = "too much is being sent to the daemon at once; try again"

    private var tooLarge: HTTPProblem {
        HTTPProblem(
            .contentTooLarge,
            "the body is larger than \(limits.jsonBody >> 20) MiB; send many events as \(MediaType.lines)"
        )
    }

    /// Publishes what the request holds.
    func receive(_ request: Request, _ channel: any Channel) async throws -> Response {
        if Self.mediaType(request.headers[.contentType] ?? "") == MediaType.lines {
            return Response(
                status: .ok,
                headers: [.contentType: MediaType.lines],
                body: ResponseBody { writer in
                    try await receiveLines(request.body, channel, &writer)
                    try await writer.finish(nil)
                }
            )
        }
        return try await receiveOne(request)
    }

    private func receiveOne(_ request: Request) async throws -> Response {
        let share = room.share()
        var body: [UInt8] = []
        for try await piece in request.body {
            guard body.count + piece.readableBytes <= limits.jsonBody else { throw tooLarge }
            guard share.resize(to: body.count + piece.readableBytes) else { throw HTTPProblem.busy(Self.noRoom) }
            body.append(contentsOf: piece.readableBytesView)
        }
        switch Submission.Entry(body) {
        case .refused(let reason): throw HTTPProblem(.badRequest, reason)
        case .blank: throw HTTPProblem(.badRequest, "the body is empty; it should be one event as a JSON object")
        case .event(let event):
            let receipts = try await publisher.publish([event])
            var line: [UInt8] = []
            Submission.encode(event, receipts.first ?? .lost, into: &line)
            return Response(
                status: .ok,
                headers: [.contentType: MediaType.json],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: line))
            )
        }
    }

    private func receiveLines(
        _ body: RequestBody,
        _ channel: any Channel,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        let share = room.share()
        var lines = SubmittedLines()
        var submission = Submission()
        var results = ByteBuffer()
        for try await piece in body {
            piece.withUnsafeReadableBytes { bytes in lines.add(bytes) { submission.add($0) } }
            results.writeBytes(try await submission.publish(with: publisher))
            channel.triggerUserOutboundEvent(ClientGuard.Worked(), promise: nil)
            let isFull = !share.resize(to: lines.heldBytes + results.readableBytes)
            if results.readableBytes > 0, channel.isWritable || isFull || results.readableBytes > Self.mostHeldResults {
                try await writer.write(results)
                results = ByteBuffer()
            }
            if isFull, !share.resize(to: lines.heldBytes) {
                submission.refuse(Self.noRoom)
                results.writeBytes(try await submission.publish(with: publisher))
                return try await writer.write(results)
            }
        }
        lines.end { submission.add($0) }
        results.writeBytes(try await submission.publish(with: publisher))
        try await writer.write(results)
    }
}
