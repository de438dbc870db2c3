// GET /v1/events/stream: what happens, as it happens, as server-sent events.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents

extension API {
    /// Follows the log, from an event on or from now on.
    func stream(_ request: Request) async throws -> Response {
        let query = try EventQuery(request.uri.query, names: EventQuery.filterNames)
        guard let place = feed.takePlace(of: limits.streams) else {
            throw HTTPProblem.busy("there are \(limits.streams) streams already; try again when one has ended")
        }
        let resumed = request.headers[.lastEventID].flatMap { $0.isEmpty ? nil : EventID($0) }
        return Response(
            status: .ok,
            headers: [.contentType: MediaType.serverSentEvents, .cacheControl: "no-store"],
            body: ResponseBody { writer in
                defer { withExtendedLifetime(place) {} }
                var stream = EventStream(api: self, filter: query.filter, after: query.after ?? resumed)
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

/// One client's stream. It reads the log page by page, up to its end, then what only the feed has, and then waits for more.
private struct EventStream {
    let api: API
    let filter: EventFilter
    let after: EventID?
    /// Up to where it has shown the log; `nil` if there was none.
    private var position: LogPosition?
    /// Whether it is known where to begin.
    private var hasBegun = false
    /// What kept it from reading the log the last time.
    private var complaint: String?
    private let reader: LogPages.Reader

    init(api: API, filter: EventFilter, after: EventID?) {
        self.api = api
        self.filter = filter
        self.after = after
        reader = api.pages.join()
    }

    mutating func run(_ writer: inout any ResponseBodyWriter) async throws {
        // Joined first, read afterwards: what is published in between is in both, and known by its place.
        var cursor = api.feed.join(filter: filter)
        var isFollowing = false
        while true {
            let version = api.feed.version
            if api.logConfig.isEnabled { try await showLog(cursor, &writer) }
            if !isFollowing {
                try await writer.write(ServerSentEvent.comment("following"))
                isFollowing = true
            }
            let reading = api.feed.read(&cursor)
            if reading.missed > 0 {
                let reason = "the client was too slow for events that are not in the log"
                try await writer.write(ServerSentEvent.gap(reason, missed: reading.missed))
            }
            if reading.frames.readableBytes > 0 { try await writer.write(reading.frames) }
            if reading.isClosed { return }
            try Task.checkCancellation()
            await api.feed.wait(since: version)
        }
    }

    /// Shows what the log has, up to its end, or says once that it cannot be read.
    private mutating func showLog(_ cursor: EventFeed.Cursor, _ writer: inout any ResponseBodyWriter) async throws {
        do {
            if !hasBegun { try await begin(&writer) }
            while true {
                let page = try await api.pages.page(after: position, for: reader)
                let frames = page.frames { isWanted($0, cursor) }
                position = page.end
                if frames.readableBytes > 0 { try await writer.write(frames) }
                if page.isLast { break }
            }
            complaint = nil
        } catch let error as EventLogError {
            guard complaint != error.description else { return }
            complaint = error.description
            try await writer.write(ServerSentEvent.gap("the log cannot be read: \(error)"))
        }
    }

    /// Finds where to begin: after an event, or at the end of the log.
    private mutating func begin(_ writer: inout any ResponseBodyWriter) async throws {
        if let after {
            position = try await api.pages.position(after: after)
            if position == nil {
                let reason = "there is no event \(after) in the log; events after it may be missing here"
                try await writer.write(ServerSentEvent.gap(reason))
            }
        }
        if position == nil { position = try await api.pages.end() }
        hasBegun = true
    }

    private func isWanted(_ entry: LogPages.Entry, _ cursor: EventFeed.Cursor) -> Bool {
        guard let event = entry.event else { return true }
        if let place = entry.waitedAt, cursor.isTold(at: place) { return false }
        return filter.matches(event)
    }
}
