// GET /v1/events: what is in the log, as `np events -o json` would show it.

import HTTPTypes
import HummingbirdCore
import NIOCore
import NeuraphageEvents

extension API {
    /// The events that the request asks for, in flat memory.
    func events(_ request: Request, _ channel: any Channel) async throws -> Response {
        let query = try EventQuery(request.uri.query, names: EventQuery.readingNames)
        let place = try takePlace()
        // It ends with the client, also while nothing is found that could be sent to it.
        let reading = LogReading(query, path: logConfig.path, files, place: place) { channel.isActive }
        // Only now is it known whether there is an answer at all.
        let first = try await reading.queue.next()
        if let report = reading.queue.summary, let after = query.after, !report.foundStart {
            throw HTTPProblem(.notFound, "no event in \(logConfig.path) has the id \(after)")
        }
        return Response(
            status: .ok,
            headers: [.contentType: MediaType.lines, .trailer: HTTPField.Name.skippedLines.rawName],
            body: ResponseBody { writer in
                var chunk = first
                while let bytes = chunk {
                    try await writer.write(bytes)
                    chunk = try await reading.queue.next()
                }
                let skipped = reading.queue.summary?.skippedCount ?? 0
                try await writer.finish([.skippedLines: String(skipped)])
            }
        )
    }
}

extension HTTPField.Name {
    /// How many lines of the log are no events and were passed over.
    static let skippedLines = HTTPField.Name("Neuraphage-Skipped-Lines") ?? .trailer
}

/// One reading of the log, on a thread of its own. Dropping it ends the thread.
private final class LogReading: Sendable {
    private static let chunk = 64 << 10

    let queue = ChunkQueue<EventScan.Report>()

    init(
        _ query: EventQuery,
        path: String,
        _ files: any FileSystem,
        place: QueryPlaces.Place,
        isWanted: @escaping @Sendable () -> Bool
    ) {
        let queue = queue
        let isStarted = DetachedThread.start {
            // The place is taken until the thread ends.
            withExtendedLifetime(place) {
                queue.finish(Result { try Self.read(query, path: path, files, into: queue, isWanted) })
            }
        }
        if !isStarted { queue.finish(.failure(HTTPProblem.noThread)) }
    }

    deinit {
        queue.abandon()
    }

    private static func read(
        _ query: EventQuery,
        path: String,
        _ files: any FileSystem,
        into queue: ChunkQueue<EventScan.Report>,
        _ isWanted: @escaping @Sendable () -> Bool
    ) throws -> EventScan.Report {
        var scan = EventScan([.log(path)], filter: query.filter, fileSystem: files)
        scan.start = query.after.map { .after($0) }
        scan.last = query.last
        scan.isNewestFirst = query.isNewestFirst
        scan.isWanted = { !queue.isAbandoned && isWanted() }
        var lines: [UInt8] = []
        let report = try scan.run { event, _ in
            event.encode(into: &lines)
            lines.append(UInt8(ascii: "\n"))
            if lines.count >= chunk {
                try queue.send(ByteBuffer(bytes: lines))
                lines.removeAll(keepingCapacity: true)
            }
            return true
        }
        if !lines.isEmpty { try queue.send(ByteBuffer(bytes: lines)) }
        return report
    }
}

/// How many queries may be answered at once: each takes a thread.
final class QueryPlaces: Sendable {
    /// One of them. Dropping it frees the place.
    final class Place: Sendable {
        private let places: QueryPlaces

        fileprivate init(_ places: QueryPlaces) {
            self.places = places
        }

        deinit {
            places.free.withLock { $0 += 1 }
        }
    }

    private let free: Lock<Int>

    init(_ number: Int) {
        free = Lock(number)
    }

    func take() -> Place? {
        let isTaken = free.withLock { free in
            guard free > 0 else { return false }
            free -= 1
            return true
        }
        return isTaken ? Place(self) : nil
    }
}
