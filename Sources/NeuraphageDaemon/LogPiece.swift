// The log a piece at a time, so that a client that reads slowly holds some bytes and no thread.

import NIOCore
import NeuraphageEvents

/// Some of a log's events as a stream shows them, and where the next piece begins.
struct LogPiece: Sendable {
    private struct Full: Error {}

    private static let size = 32 << 10
    /// What makes a follower read to the end and then stop.
    private static let hungUp: HangUp = {
        let hangUp = HangUp()
        hangUp.end()
        return hangUp
    }()

    private(set) var frames = ByteBuffer()
    private(set) var position: LogPosition?
    /// Whether it reaches to the end of the log.
    private(set) var isLast = true

    /// What stands behind an event; `nil` if the log has no such event.
    init?(path: String, _ files: any FileSystem, filter: EventFilter, after: EventID) throws {
        var scan = EventScan([.log(path)], filter: filter, fileSystem: files)
        scan.after = after
        let report = try scan.run { event, _ in
            add(ServerSentEvent.frame(of: event, hasID: true))
            return isLast
        }
        guard report.foundStart, let end = report.end else { return nil }
        position = end
    }

    /// What stands behind a place, or from the beginning on.
    init(path: String, _ files: any FileSystem, filter: EventFilter, from start: LogPosition?) throws {
        position = start
        var follower = try LogFollower(path: path, filter: filter, fileSystem: files)
        do {
            try follower.run(from: start, output: Self.hungUp.descriptor) { event, _, end in
                add(ServerSentEvent.frame(of: event, hasID: true))
                position = end
                if !isLast { throw Full() }
            } notice: { notice in
                if var item = FeedItem.notice(notice, path: path)?.frame { frames.writeBuffer(&item) }
            } idle: {
            }
            // What doesn't pass the filter has been read as well, perhaps in later files.
            position = follower.end
        } catch is Full {
        }
    }

    private mutating func add(_ frame: ByteBuffer) {
        var frame = frame
        frames.writeBuffer(&frame)
        if frames.readableBytes >= Self.size { isLast = false }
    }
}
