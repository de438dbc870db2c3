// The one thread that follows the log for all streams. It sleeps in poll(2) until the kernel says that the file has
// changed; while nothing happens it costs nothing.

import Logging
import NIOCore
import NeuraphageEvents
import NeuraphagePlatform

/// Puts what is appended to the log, by whichever process, into the feed.
final class FeedFollower: Sendable {
    private static let batch = 256

    private let path: String
    private let files: any FileSystem
    private let feed: EventFeed
    private let logger: Logger
    private let life = HangUp()

    init(path: String, _ files: any FileSystem, feed: EventFeed, logger: Logger) {
        self.path = path
        self.files = files
        self.feed = feed
        self.logger = logger
    }

    /// Follows the log from where it ends now.
    func start() throws(DaemonError) {
        if let end = Self.end(of: path, files) { feed.append([], position: end) }
        guard DetachedThread.start({ self.run() }) else {
            throw DaemonError(.systemFailure, "cannot start the thread that follows the log \(path)")
        }
    }

    func stop() {
        life.end()
    }

    /// Where the log ends now, also if it cannot be read; `nil` if there is none.
    static func end(of path: String, _ files: any FileSystem) -> LogPosition? {
        var scan = EventScan([.log(path)], fileSystem: files)
        scan.last = 0
        if let report = try? scan.run({ _, _ in false }) { return report.end }
        let status = try? files.status(at: path, followingLinks: false)
        guard let status, status.isRegularFile else { return nil }
        return LogPosition(file: status.identity, offset: status.size)
    }

    private func run() {
        var complaint = ""
        while !life.hasEnded {
            do {
                try follow()
                complaint = ""
            } catch {
                if "\(error)" != complaint {
                    complaint = "\(error)"
                    logger.warning("Cannot follow the event log: \(error)")
                    feed.append([.gap("the log cannot be read: \(error)")])
                }
                life.wait(milliseconds: 1_000)
            }
        }
    }

    private func follow() throws {
        let feed = feed
        var follower = try LogFollower(path: path, filter: EventFilter(), fileSystem: files)
        var items: [FeedItem] = []
        var position: LogPosition?
        // The closures below are called one after the other.
        func flush() {
            feed.append(items, position: position)
            items.removeAll(keepingCapacity: true)
        }
        let start = feed.join(filter: EventFilter()).position
        try follower.run(from: start, output: life.descriptor) { event, _, end in
            items.append(.logged(event, upTo: end))
            position = end
            if items.count >= Self.batch { flush() }
        } notice: { notice in
            if case .truncated(let beginning) = notice { position = beginning }
            if let item = FeedItem.notice(notice, path: path) { items.append(item) }
        } idle: {
            if !items.isEmpty { flush() }
        }
    }
}

extension FeedItem {
    /// What streams are told of something that happened to the log besides events.
    static func notice(_ notice: LogFollower.Notice, path: String) -> FeedItem? {
        switch notice {
        case .replaced: .gap("the log \(path) was moved or deleted; the file that is there now is followed")
        case .truncated(let beginning):
            .gap("the log \(path) was cut; events may be missing here", continuedFrom: beginning)
        case .missing(let files): .gap("\(files); its events are not shown")
        case .skipped: nil
        }
    }
}

/// A descriptor that polls as hung up from a certain moment on: what a `LogFollower` takes as the sign to stop.
final class HangUp: Sendable {
    private let ends: Lock<(read: Int32, write: Int32)>
    let descriptor: Int32

    init() {
        var pair: [Int32] = [-1, -1]
        if pipe(&pair) == 0 {
            for end in pair { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        }
        descriptor = pair[1]
        ends = Lock((pair[0], pair[1]))
    }

    deinit {
        end()
        close(descriptor)
    }

    var hasEnded: Bool { ends.withLock { $0.read < 0 } }

    func end() {
        ends.withLock { ends in
            if ends.read >= 0 { close(ends.read) }
            ends.read = -1
        }
    }

    /// Waits so long, or until the end.
    func wait(milliseconds: Int32) {
        var poll = pollfd(fd: descriptor, events: 0, revents: 0)
        _ = systemPoll(&poll, 1, milliseconds)
    }
}

private func systemPoll(_ descriptors: UnsafeMutablePointer<pollfd>, _ count: nfds_t, _ timeout: Int32) -> Int32 {
    poll(descriptors, count, timeout)
}
