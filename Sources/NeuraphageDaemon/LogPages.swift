// The log as streams read it: page by page, each read and encoded once, however many streams want it. A stream that follows
// asks for the page that begins where it is; so does one that resumed, or fell behind. Streams that are at the same place
// share what is read, and pages end where the log's 64-KiB blocks do, so streams that are near each other soon share as well.
// The latest pages are kept as long as there are streams. Nothing is read that no stream wants.
//
// One thread reads. It holds a few cursors, so that the next page costs nothing but its bytes. Another thread, which exists
// only then, looks for the events that clients resume after: for all clients that ask meanwhile in one pass.

import Logging
import NIOCore
import NeuraphageEvents
import NeuraphagePlatform

/// Reads the log for all streams.
final class LogPages: Sendable {
    /// One thing in a page.
    struct Entry: Sendable {
        /// The event; `nil` for a gap, which every stream is shown.
        var event: Event?
        /// Where the feed has the event, if it had to wait to be written.
        var waitedAt: UInt64?
        /// Where it is among the page's frames.
        var bytes: Range<Int>
    }

    /// What comes after a position.
    struct Page: Sendable {
        private(set) var frames = ByteBuffer()
        fileprivate(set) var entries: [Entry] = []
        /// Where the next page begins.
        var end: LogPosition?
        /// Whether this is all that there is now.
        var isLast = false

        fileprivate var size: Int { frames.readableBytes + entries.count * 512 }  // 512: about an event

        fileprivate mutating func append(_ event: Event?, _ frame: ByteBuffer) {
            let begin = frames.writerIndex
            frames.writeImmutableBuffer(frame)
            entries.append(Entry(event: event, bytes: begin..<frames.writerIndex))
        }

        /// The frames of the entries that are wanted. Streams that want all share their bytes.
        func frames(where isWanted: (Entry) -> Bool) -> ByteBuffer {
            let wanted = entries.filter(isWanted)
            if wanted.count == entries.count { return frames }
            var some = ByteBuffer()
            for entry in wanted {
                guard let frame = frames.getSlice(at: entry.bytes.lowerBound, length: entry.bytes.count) else {
                    continue
                }
                some.writeImmutableBuffer(frame)
            }
            return some
        }
    }

    private enum Request {
        case page(LogPosition?, CheckedContinuation<Page, any Error>)
        case end(CheckedContinuation<LogPosition?, any Error>)
        /// Close the cursors.
        case rest

        func fail(_ error: any Error) {
            switch self {
            case .rest: break
            case .page(_, let continuation): continuation.resume(throwing: error)
            case .end(let continuation): continuation.resume(throwing: error)
            }
        }
    }

    private struct State {
        var requests: [Request] = []
        var pages: [LogPosition?: Page] = [:]
        /// The beginnings of the pages, oldest first.
        var order: [LogPosition?] = []
        var bytes = 0
        var hasCursors = false
        /// Who waits for the position of which event.
        var sought: [EventID: [CheckedContinuation<LogPosition?, any Error>]] = [:]
        var isSearching = false
        var isStopped = false
    }

    /// A cursor, and which page it is at.
    private final class Place {
        var cursor: EventCursor

        init(_ cursor: consuming EventCursor) {
            self.cursor = cursor
        }
    }

    private static let pageBytes: Int64 = 64 << 10
    private static let mostBytes = 8 << 20
    private static let mostCursors = 8

    private let path: String
    private let files: any FileSystem
    private let feed: EventFeed
    private let logger: Logger
    private let state = Lock(State())
    private let condition = Condition()
    private let watch: LogWatch

    init(path: String, _ files: any FileSystem, feed: EventFeed, logger: Logger) {
        self.path = path
        self.files = files
        self.feed = feed
        self.logger = logger
        watch = LogWatch(path: path, files) { feed.logChanged() }
    }

    /// Begins to read what is asked for, and to tell the feed when the log has grown.
    func start() throws(DaemonError) {
        guard watch.start(), DetachedThread.start({ self.serve() }) else {
            throw DaemonError(.systemFailure, "cannot start the threads that read the log \(path)")
        }
    }

    /// Ends the threads. What is still asked for fails.
    func stop() {
        watch.stop()
        let (requests, sought) = state.withLock { state in
            state.isStopped = true
            defer { (state.requests, state.sought) = ([], [:]) }
            return (state.requests, state.sought)
        }
        condition.broadcast()
        for request in requests { request.fail(CancellationError()) }
        for continuation in sought.values.joined() { continuation.resume(throwing: CancellationError()) }
    }

    // MARK: - Asking

    /// What comes after a position, or at the beginning of the log.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    func page(after position: LogPosition?) async throws -> Page {
        if let page = state.withLock({ $0.pages[position] }) { return page }
        return try await withCheckedThrowingContinuation { ask(.page(position, $0)) }
    }

    /// Where the log ends now; `nil` if there is none.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    func end() async throws -> LogPosition? {
        try await withCheckedThrowingContinuation { ask(.end($0)) }
    }

    /// The position after an event; `nil` if the log has no such event. What is asked for during a pass over the log is
    /// looked for in what is left of it, and else by the next pass.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    func position(after id: EventID) async throws -> LogPosition? {
        try await withCheckedThrowingContinuation { continuation in
            let (isStopped, begins) = state.withLock { state in
                guard !state.isStopped else { return (true, false) }
                state.sought[id, default: []].append(continuation)
                defer { state.isSearching = true }
                return (false, !state.isSearching)
            }
            if isStopped { return continuation.resume(throwing: CancellationError()) }
            if begins, !DetachedThread.start({ self.search() }) { search() }
        }
    }

    private func ask(_ request: Request) {
        let isStopped = state.withLock { state in
            if !state.isStopped { state.requests.append(request) }
            return state.isStopped
        }
        if isStopped { request.fail(CancellationError()) } else { condition.broadcast() }
    }

    /// Lets go of the cursors and the pages: there are no streams.
    func rest() {
        let hadCursors = state.withLock { state in
            guard state.hasCursors else { return false }
            (state.pages, state.order, state.bytes) = ([:], [], 0)
            state.hasCursors = false
            state.requests.append(.rest)
            return true
        }
        if hadCursors { condition.broadcast() }
    }

    // MARK: - Answering

    private func search() {
        while true {
            let sought = state.withLock { state in
                defer { state.sought = [:] }
                state.isSearching = !state.sought.isEmpty
                return state.sought
            }
            guard !sought.isEmpty else { return }
            let search = EventSearch(.log(path), files) {
                self.state.withLock { !$0.isStopped }
            } joining: {
                self.state.withLock { Set($0.sought.keys) }
            }
            let result = Result { try search.positions(after: Set(sought.keys)) }
            for (id, continuations) in sought.merging(joined(in: result), uniquingKeysWith: +) {
                for continuation in continuations { continuation.resume(with: result.map { $0[id] }) }
            }
        }
    }

    /// Who asked meanwhile for what was found.
    private func joined(
        in result: Result<[EventID: LogPosition], any Error>
    ) -> [EventID: [CheckedContinuation<LogPosition?, any Error>]] {
        guard let found = try? result.get() else { return [:] }
        return state.withLock { state in
            var joined: [EventID: [CheckedContinuation<LogPosition?, any Error>]] = [:]
            for id in found.keys { joined[id] = state.sought.removeValue(forKey: id) }
            return joined
        }
    }

    private func serve() {
        var places: [Place] = []
        var complaint = ""
        while true {
            let requests = state.wait(for: condition) { state -> [Request]? in
                if state.requests.isEmpty, !state.isStopped { return nil }
                defer { state.requests = [] }
                return state.requests
            }
            guard let requests, !requests.isEmpty else { return }
            for request in requests {
                switch request {
                case .rest: places = []
                case .end(let continuation):
                    var scan = EventScan([.log(path)], fileSystem: files)
                    scan.last = 0
                    continuation.resume(with: Result { try scan.run { _, _ in false }.end })
                case .page(let position, let continuation):
                    let result = Result { try page(after: position, &places) }
                    if case .failure(let error) = result { warn(of: "\(error)", &complaint) } else { complaint = "" }
                    continuation.resume(with: result)
                }
            }
        }
    }

    /// Says once in the daemon's own log why the event log cannot be read.
    private func warn(of error: String, _ complaint: inout String) {
        if error != complaint { logger.warning("Cannot read the event log: \(error)") }
        complaint = error
    }

    private func page(after position: LogPosition?, _ places: inout [Place]) throws -> Page {
        // Several may have asked for the same one.
        if let page = state.withLock({ $0.pages[position] }) { return page }
        let place: Place
        if let index = places.firstIndex(where: { $0.cursor.position == position }) {
            place = places.remove(at: index)
        } else {
            place = Place(try EventCursor(path: path, from: position, fileSystem: files))
        }
        let page = try read(&place.cursor)
        // The one that is used last is last. A cursor that failed is not kept.
        places.append(place)
        state.withLock { $0.hasCursors = true }
        if places.count > Self.mostCursors { places.removeFirst() }
        if page.end != position { keep(page, at: position) }
        return page
    }

    private func read(_ cursor: inout EventCursor) throws -> Page {
        var page = Page()
        let start = cursor.position
        while true {
            let most = Self.pageBytes - (cursor.position?.offset ?? 0) % Self.pageBytes
            let step = try cursor.next(atMost: Int(most)) { event, _ in
                page.append(event, ServerSentEvent.frame(of: event, hasID: true))
                return true
            }
            page.end = cursor.position
            switch step {
            case .lines: break
            case .gap(let gap): page.append(nil, ServerSentEvent.gap(words(for: gap)))
            case .end: page.isLast = true
            }
            // A page that ends where it begins would be asked for again.
            if page.isLast || page.end != start { break }
        }
        let waited = feed.takeWaiting(among: page.entries.compactMap(\.event))
        if !waited.isEmpty {
            for index in page.entries.indices {
                page.entries[index].waitedAt = page.entries[index].event.flatMap { waited[$0.id] }
            }
        }
        return page
    }

    private func words(for gap: LogCursor.Gap) -> String {
        switch gap {
        case .missing(let files): return "\(files); its events are not shown"
        case .replaced:
            forget()
            return "the log \(path) was moved or deleted; the file that is there now is followed"
        case .cut:
            forget()
            return "the log \(path) was cut; events may be missing here"
        }
    }

    /// Forgets the pages: what is kept of the beginning of a segment would be what it was before.
    private func forget() {
        state.withLock { ($0.pages, $0.order, $0.bytes) = ([:], [], 0) }
    }

    private func keep(_ page: Page, at position: LogPosition?) {
        // What comes at the end of the log may become more.
        var page = page
        page.isLast = false
        state.withLock { state in
            state.pages[position] = page
            state.order.append(position)
            state.bytes += page.size
            while state.bytes > Self.mostBytes, let oldest = state.order.first {
                state.order.removeFirst()
                state.bytes -= state.pages.removeValue(forKey: oldest)?.size ?? 0
            }
        }
    }
}
