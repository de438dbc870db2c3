// The log as streams read it: page by page, each read and encoded once, however many streams want it. A stream that follows
// asks for the page that begins where it is; so does one that resumed, or fell behind. Streams that are at the same place
// share what is read, and pages end where the log's 64-KiB blocks do, so streams that are near each other soon share as well.
// The latest pages are kept as long as there are streams; who waits for whom so that they share is up to the `Convoy`.
// Nothing is read that no stream wants.
//
// One thread reads. It holds a few cursors, so that the next page costs nothing but its bytes. Another thread, which exists
// only then, looks for the events that clients resume after: for all clients that ask meanwhile in one pass.

import Logging
import NIOCore
import NeuraphageEvents
import NeuraphagePlatform

/// Reads the log for all streams.
final class LogPages: Sendable {
    /// A stream that reads. It counts as one until it is dropped.
    final class Reader: Sendable {
        fileprivate let id: Convoy.ID
        private let pages: LogPages

        fileprivate init(_ id: Convoy.ID, _ pages: LogPages) {
            self.id = id
            self.pages = pages
        }

        deinit {
            pages.leave(id)
        }
    }

    /// What the thread that reads does next.
    private enum Work {
        case page(LogPosition?)
        case end([CheckedContinuation<LogPosition?, any Error>])
        /// Closing the cursors.
        case rest
        /// Looking how long the log is.
        case measure
        /// Waiting until something happens, or until a time.
        case wait(until: UInt64)
        case stop
    }

    private struct State {
        var shelf = PageShelf()
        var convoy = Convoy()
        var nextReader: Convoy.ID = 0
        /// Who waits for the page that begins at which position.
        var waiting: [LogPosition?: [CheckedContinuation<Page, any Error>]] = [:]
        /// Who waits for the log's end.
        var ends: [CheckedContinuation<LogPosition?, any Error>] = []
        /// Whether there are cursors, and whether they are to be closed.
        var hasCursors = false
        var mustRest = false
        /// Changes whenever there may be something else to do.
        var version = 0
        /// Who waits for the position of which event.
        var sought: [EventID: [CheckedContinuation<LogPosition?, any Error>]] = [:]
        var isSearching = false
        var isStopped = false

        /// What there is to do, and what is then no longer to be done.
        mutating func takeWork(at now: UInt64, _ measure: LogMeasure?) -> Work {
            if isStopped { return .stop }
            if mustRest {
                mustRest = false
                return .rest
            }
            if !ends.isEmpty {
                defer { ends = [] }
                return .end(ends)
            }
            switch convoy.turn(at: now, measure, isKept: shelf.keepsAfterOneMore) {
            case .read(let position): return .page(position)
            case .measure: return .measure
            case .wait(let end): return .wait(until: end)
            }
        }
    }

    /// A cursor, and which page it is at.
    private final class Place {
        var cursor: EventCursor

        init(_ cursor: consuming EventCursor) {
            self.cursor = cursor
        }
    }

    private static let pageBytes: Int64 = 64 << 10
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
        let (pages, positions) = state.withLock { state in
            state.isStopped = true
            defer { (state.waiting, state.ends, state.sought) = ([:], [], [:]) }
            return (Array(state.waiting.values.joined()), state.ends + state.sought.values.joined())
        }
        condition.broadcast()
        for continuation in pages { continuation.resume(throwing: CancellationError()) }
        for continuation in positions { continuation.resume(throwing: CancellationError()) }
    }

    // MARK: - Asking

    /// A stream that is going to read.
    func join() -> Reader {
        let id = state.withLock { state in
            state.nextReader += 1
            return state.nextReader
        }
        return Reader(id, self)
    }

    private func leave(_ id: Convoy.ID) {
        change { $0.convoy.leave(id) }
    }

    /// What comes after a position, or at the beginning of the log. May wait for other streams that are to get it, too; see
    /// ``Convoy``.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    func page(after position: LogPosition?, for reader: Reader) async throws -> Page {
        try await withCheckedThrowingContinuation { continuation in
            var kept: Page?
            let isStopped = change { state in
                kept = state.shelf[position]
                if let kept { return state.convoy.move(reader.id, to: kept.end, at: MonotonicClock.now) }
                state.waiting[position, default: []].append(continuation)
                state.convoy.ask(reader.id, for: position)
            }
            if let kept {
                continuation.resume(returning: kept)
            } else if isStopped {
                continuation.resume(throwing: CancellationError())
            }
        }
    }

    /// Where the log ends now; `nil` if there is none.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    func end() async throws -> LogPosition? {
        try await withCheckedThrowingContinuation { continuation in
            let isStopped = change { $0.ends.append(continuation) }
            if isStopped { continuation.resume(throwing: CancellationError()) }
        }
    }

    /// Changes what there is to do, and tells the thread that reads.
    ///
    /// - Returns: Whether everything has been stopped, and nothing was changed.
    @discardableResult
    private func change(_ body: (inout State) -> Void) -> Bool {
        let isStopped = state.withLock { state in
            if !state.isStopped { body(&state) }
            state.version += 1
            return state.isStopped
        }
        condition.broadcast()
        return isStopped
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

    /// Lets go of the cursors and the pages: there are no streams.
    func rest() {
        let hadCursors = state.withLock { state in
            guard state.hasCursors else { return false }
            state.shelf = PageShelf()
            (state.hasCursors, state.mustRest) = (false, true)
            state.version += 1
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
        var measure: LogMeasure?
        var (seen, wake) = (-1, UInt64.max)
        while true {
            let work = state.wait(for: condition, until: wake) { [seen, wake, measure] state -> (Work, Int)? in
                let now = MonotonicClock.now
                guard state.version != seen || now >= wake else { return nil }
                let work = state.takeWork(at: now, measure)
                return (work, state.version)
            }
            guard let (work, version) = work else { continue }
            wake = 0
            switch work {
            case .stop: return
            case .wait(let end): (seen, wake) = (version, end)
            case .rest: places = []
            case .measure: measure = (try? LogMeasure(ofLogAt: path, files)) ?? LogMeasure()
            case .end(let continuations):
                let end = Result { try EventScan.end(ofLogAt: path, files) }
                for continuation in continuations { continuation.resume(with: end) }
            case .page(let position):
                let result = Result { try page(after: position, &places) }
                if case .failure(let error) = result { warn(of: "\(error)", &complaint) } else { complaint = "" }
                deliver(result, at: position)
                measure = nil
            }
        }
    }

    /// Gives all that ask for it the page that begins at a position.
    private func deliver(_ result: Result<Page, any Error>, at position: LogPosition?) {
        let page = try? result.get()
        let continuations = state.withLock { state in
            if let page, page.end != position { state.shelf.keep(page, at: position) }
            let end = page.map(\.end) ?? position
            let isLast = page?.isLast ?? true
            state.convoy.serve(position, upTo: end, isLast: isLast, at: MonotonicClock.now)
            return state.waiting.removeValue(forKey: position) ?? []
        }
        for continuation in continuations { continuation.resume(with: result) }
    }

    /// Says once in the daemon's own log why the event log cannot be read.
    private func warn(of error: String, _ complaint: inout String) {
        if error != complaint { logger.warning("Cannot read the event log: \(error)") }
        complaint = error
    }

    private func page(after position: LogPosition?, _ places: inout [Place]) throws -> Page {
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
        state.withLock { $0.shelf = PageShelf() }
    }
}
