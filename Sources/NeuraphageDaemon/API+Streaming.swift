// GET /v1/events/stream: what happens, as it happens, as server-sent events.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NIOPosix
import NeuraphageEvents

extension API {
    /// Follows the log, from an event on or from now on.
    func stream(_ request: Request) async throws -> Response {
        let query = try EventQuery(request.uri.query, names: EventQuery.filterNames)
        guard let place = feed.takePlace(of: limits.streams) else {
            throw HTTPProblem.busy("there are \(limits.streams) streams already; try again when one has ended")
        }
        let resumed = request.headers[.lastEventID].flatMap { $0.isEmpty ? nil : EventID($0) }
        let stream = EventStream(api: self, filter: query.filter, after: query.after ?? resumed)
        return Response(
            status: .ok,
            headers: [.contentType: MediaType.serverSentEvents, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                defer { withExtendedLifetime(place) {} }
                try await stream.run(&writer)
                try await writer.finish(nil)
            }
        )
    }
}

extension HTTPField.Name {
    /// Where a client was when it lost its stream.
    fileprivate static let lastEventID = HTTPField.Name("Last-Event-ID") ?? .ifMatch
}

/// One client's stream. It reads the log until it has caught up with the feed, then the feed; and the log again if it
/// has fallen too far behind.
private struct EventStream: Sendable {
    let api: API
    let filter: EventFilter
    let after: EventID?

    func run(_ writer: inout any ResponseBodyWriter) async throws {
        // Joined first, read afterwards: what is appended in between is in both, and known by its place.
        var cursor = api.feed.join(filter: filter)
        if let after { try await resume(after, &cursor, &writer) } else { try await passOverLog(&cursor) }
        try await writer.write(ServerSentEvent.comment("following"))
        while true {
            switch api.feed.read(&cursor) {
            case .frames(let frames): try await writer.write(frames)
            case .behind(let missed):
                if missed > 0 {
                    let reason = "the client was too slow for events that are not in the log"
                    try await writer.write(ServerSentEvent.gap(reason, missed: missed))
                }
                try await catchUp(&cursor, &writer)
            case .nothingNow:
                try Task.checkCancellation()
                await api.feed.wait(for: cursor)
            case .closed: return
            }
        }
    }

    /// Shows nothing of what the log holds already: the feed may be about to get the latest of it.
    private func passOverLog(_ cursor: inout EventFeed.Cursor) async throws {
        guard api.logConfig.isEnabled else { return }
        let end = try await api.readers.runIfActive { [api] in FeedFollower.end(of: api.logConfig.path, api.files) }
        if let end { cursor.position = end }
    }

    /// Shows what stands in the log behind an event.
    private func resume(
        _ after: EventID,
        _ cursor: inout EventFeed.Cursor,
        _ writer: inout any ResponseBodyWriter
    ) async throws {
        let piece = try await api.readers.runIfActive { [api, filter] in
            try LogPiece(path: api.logConfig.path, api.files, filter: filter, after: after)
        }
        guard let piece else {
            let reason = "there is no event \(after) in the log; events behind it may be missing here"
            try await writer.write(ServerSentEvent.gap(reason, missed: nil))
            return
        }
        cursor.position = piece.position
        try await writer.write(piece.frames)
        if !piece.isLast { try await catchUp(&cursor, &writer) }
    }

    /// Shows what stands in the log behind the cursor's place.
    private func catchUp(_ cursor: inout EventFeed.Cursor, _ writer: inout any ResponseBodyWriter) async throws {
        guard api.logConfig.isEnabled else { return }
        while true {
            let position = cursor.position
            let piece = try await api.readers.runIfActive { [api, filter] in
                try LogPiece(path: api.logConfig.path, api.files, filter: filter, from: position)
            }
            cursor.position = piece.position
            try await writer.write(piece.frames)
            if piece.isLast { return }
        }
    }
}
