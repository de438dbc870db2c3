// The only thing that walks a log's segments. It knows how they follow each other, which of their lines repeat those of the
// segment before, and which segments are missing. Scanning, following, verifying and resuming are thin layers on it.
//
// Callers pull: each call of `next` reads some lines of one segment, or says that something is missing here, or that the end
// has been reached. Memory is one buffer, whatever the log holds. A cursor that reads once reads what was there when it was
// made. One that follows goes on when there is more: a segment that has ended is read to its end, and then the next one.
//
// A writer may go on for 100 ms in a segment that was moved away, before it notices. So a cursor that follows stays with such
// a segment somewhat longer than that, and says so (`isLeaving`), unless its owner tells it to leave.

import NeuraphagePlatform

/// Reads a log, or one file, a piece at a time.
package struct LogCursor: ~Copyable {
    /// What one call of `next` came to.
    package enum Step: Hashable, Sendable {
        /// Lines were read, perhaps none; there may be more.
        case lines
        /// Something is missing before what comes next.
        case gap(Gap)
        /// Everything has been read.
        case end
    }

    /// Something that is missing in what was read.
    package enum Gap: Hashable, Sendable {
        /// Segments between two that were read are not there.
        case missing(LogSegments.Missing)
        /// The segment was moved away or deleted; all that was written to it has been read. What comes next begins another
        /// one.
        case replaced
        /// The segment was cut: what was in it may have been read or not. A cursor that follows goes on from this position,
        /// its beginning; one that reads once has read up to it.
        case cut(LogPosition)
    }

    enum Direction {
        case forward
        case backward
        /// Forward, and on when there is more.
        case following
    }

    /// How long a writer may go on in a segment that was moved away, and some more.
    private static let grace: UInt64 = 150_000_000  // ns

    private let direction: Direction
    private let source: LogSource
    private let fileSystem: any FileSystem
    /// The log as it was when the plan was made; `nil` if the source is one file.
    private var log: OpenLog?
    private var plan: ScanPlan
    /// The one file that is read, until its turn comes.
    private var file: LineInput?
    /// The segment that is being read, or was read last.
    private var segment: SegmentReader?
    private var isReading = false

    /// The number of the segment that was read before this one; `nil` if there was none, or it is gone.
    private var previous: Int?
    /// Whether the segment before was taken away instead of having ended.
    private var lostPrevious = false
    private var gap: Gap?
    /// The segment to open once the gap before it has been told.
    private var nextPart: ScanPlan.Part?
    /// The smallest number that the next segment can have.
    private var nextNumber = 1
    /// When to leave a segment that is no longer the active one, in ns of the clock ``MonotonicClock``.
    private var leavesAt: UInt64?

    /// Where reading can go on: after the last line that was read; for a cursor that reads backward, the end from which it
    /// began. `nil` if nothing has been read yet.
    package private(set) var position: LogPosition?
    /// Whether everything has been read of a segment that is no longer the log's active one, but to which a process may still
    /// be writing. See ``leave()``.
    package var isLeaving: Bool { leavesAt != nil }
    /// Whether the segment that is being read, or was read last, has ended with a number.
    package private(set) var hasEnded = false
    /// Whether the position to begin at is one of the log, and what precedes it is as it was.
    private(set) var foundPosition = true
    /// The name of the segment that is being read, or was read last.
    private(set) var segmentName: String
    /// The number of the segment that is being read, or was read last; 0 before the first one, and for a file that is no
    /// log's.
    private(set) var segmentNumber = 0
    /// How many segments have been opened.
    private(set) var openedCount = 0

    // MARK: - Making one

    /// A cursor that reads once what there is now; `nil` if there is nothing.
    ///
    /// - Parameters:
    ///   - from: Where to begin; also where to end if it reads backward.
    ///   - upTo: Where to end instead of at the end.
    ///   - defersFailure: Whether an active segment that cannot be opened is reported when its turn comes.
    /// - Throws: ``EventLogError``, also if one of the positions is not of this log.
    static func open(
        _ source: LogSource,
        _ direction: Direction = .forward,
        from start: LogPosition? = nil,
        upTo end: LogPosition? = nil,
        defersFailure: Bool = false,
        in fileSystem: any FileSystem
    ) throws(EventLogError) -> LogCursor? {
        var plan: ScanPlan
        var log: OpenLog?
        var file: LineInput?
        if case .log(let path) = source {
            let opened = try OpenLog(path: path, fileSystem)
            if !defersFailure, let failure = opened.failure { throw failure }
            log = opened
            plan = opened.plan
            if plan.parts.isEmpty { return nil }
        } else {
            plan = ScanPlan(file: source)
            file = try LineInput.open(source, fileSystem)
            if file == nil { return nil }
        }
        func place(of position: LogPosition) throws(EventLogError) -> ScanPlan.Place {
            if let place = try log?.place(of: position) { return place }
            if let file, try file.holds(position) { return ScanPlan.Place(segment: 0, offset: position.offset) }
            throw EventLogError(
                .unknownPosition,
                path: source.name,
                because: "the position \(position) is not one of \(source.name), or what precedes it has changed"
            )
        }
        if let start { plan.begin(at: try place(of: start)) }
        if let end { plan.end(at: try place(of: end)) }
        return LogCursor(source, direction, plan, log: log, file: file, fileSystem)
    }

    private init(
        _ source: LogSource,
        _ direction: Direction,
        _ plan: ScanPlan,
        log: OpenLog?,
        file: LineInput?,
        _ fileSystem: any FileSystem
    ) {
        self.source = source
        self.direction = direction
        self.plan = plan
        self.log = log
        self.file = file
        self.fileSystem = fileSystem
        segmentName = source.name
    }

    /// A cursor that follows a log from a position on, or from its beginning. If what precedes the position is not as it
    /// was, it begins with the first segment that can come after, and with a gap.
    ///
    /// - Parameter log: The log as it was when the position was taken, or before.
    init(following log: OpenLog, from start: LogPosition?, _ fileSystem: any FileSystem) throws(EventLogError) {
        self.init(.log(log.files.activePath), .following, log.plan, log: log, file: nil, fileSystem)
        guard let start else { return }
        position = start
        var place = try log.place(of: start)
        if place == nil {
            let log = try OpenLog(path: source.name, leastNumber: max(1, start.segment), fileSystem)
            self.log = log
            plan = log.plan
            place = try log.place(of: start)
        }
        guard let place else {
            foundPosition = false
            nextNumber = start.segment > 0 ? start.segment : self.log?.activeNumber ?? 1
            plan.begin(at: ScanPlan.Place(segment: nextNumber, offset: 0))
            if let part = plan.parts.first, part.number == start.segment, let input = try self.log?.open(part),
                try input.currentStatus().size < start.offset
            {
                let nothing = LogPosition.mark(UnsafeRawBufferPointer(start: nil, count: 0))
                let beginning = LogPosition(segment: part.number, offset: 0, mark: nothing)
                (position, gap) = (beginning, .cut(beginning))
            } else {
                lostPrevious = true
            }
            return
        }
        plan.begin(at: place)
    }

    // MARK: - Reading

    /// Hands lines of one segment to `visit`, until it returns `false`, or so many bytes have been read, or the segment's
    /// end is reached. Opening a segment is a step without lines, so that its name is known before the first of them.
    ///
    /// - Throws: ``EventLogError`` if the segment cannot be opened or read; the next call goes on with the next one, or
    ///   tries again where the cursor follows. And what `visit` throws; the line counts as read.
    mutating func next(
        atMost most: Int64 = .max,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Step {
        while true {
            if let gap {
                self.gap = nil
                return .gap(gap)
            }
            guard isReading else {
                guard try openNext() else { return .end }
                if isReading, gap == nil { return .lines }
                continue
            }
            switch direction {
            case .forward, .backward: try readOnce(most, visit)
            case .following: if try follow(most, visit) { return .end }
            }
            if gap == nil { return .lines }
        }
    }

    /// Tells a cursor that is leaving a segment not to wait for what may still be written to it.
    package mutating func leave() {
        if isLeaving { leavesAt = 0 }
    }

    /// Passes over the rest of the segment.
    mutating func skipSegment() {
        guard isReading else { return }
        previous = segment?.part.number
        isReading = false
    }

    /// Whether there is something to read now, after the end was reached.
    mutating func hasNews() throws(EventLogError) -> Bool {
        if isReading, let hasNews = try segment?.hasNews(isLeaving: isLeaving) { return hasNews }
        var plan = try nextLog().plan
        plan.begin(at: ScanPlan.Place(segment: nextNumber, offset: 0))
        return !plan.parts.isEmpty
    }

    /// The line of the segment that has no end yet, if there is one.
    var pending: SegmentReader.Pending? {
        mutating get { segment?.pending }
    }

    /// The beginning of a line, or the end of one, of that segment.
    mutating func position(at offset: Int64) throws(EventLogError) -> LogPosition? { try segment?.position(at: offset) }

    /// The first bytes of a line of that segment; none in a stream, which cannot be read again.
    mutating func beginning(of line: LinePosition, atMost most: Int64) throws(EventLogError) -> [UInt8] {
        try segment?.beginning(of: line, atMost: most) ?? []
    }

    private mutating func readOnce(
        _ most: Int64,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws {
        let isOver = try segment?.readOnce(atMost: most, visit) ?? true
        if direction == .forward || position == nil, let reached = try segment?.reached { position = reached }
        guard isOver else { return }
        if segment?.wasCutShort == true, let position { gap = .cut(position) }
        skipSegment()
    }

    /// - Returns: Whether everything has been read that there is.
    private mutating func follow(
        _ most: Int64,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        if try segment?.restartIfCut() == true {
            position = try segment?.reached
            if let position { gap = .cut(position) }
            return false
        }
        var isOver = try segment?.read(atMost: most, visit) ?? true
        position = try segment?.reached ?? position
        guard isOver, let files = log?.files, let state = try segment?.state(in: files) else { return false }
        if case .ended = state { hasEnded = true }
        switch state {
        case .active: leavesAt = nil
        case .ended(_, isFinal: true): leavesAt = 0
        case .ended, .gone: leavesAt = leavesAt ?? MonotonicClock.now + Self.grace
        }
        guard let leavesAt, leavesAt == 0 || leavesAt <= MonotonicClock.now else { return true }
        // What was written before it was known that this is the end; its last line needs no newline if it has ended.
        isOver = try segment?.read(takesUnterminated: state != .gone, atMost: most, visit) ?? true
        position = try segment?.reached ?? position
        guard isOver else { return false }
        if case .ended(let number, _) = state {
            (previous, nextNumber) = (number, number + 1)
        } else {
            (previous, nextNumber, lostPrevious) = (nil, segment?.part.number ?? nextNumber, true)
        }
        (isReading, self.leavesAt) = (false, nil)
        return false
    }

    // MARK: - From segment to segment

    /// The log as it is now.
    private func nextLog() throws(EventLogError) -> OpenLog {
        try OpenLog(path: source.name, leastNumber: nextNumber, fileSystem)
    }

    /// Opens the segment that comes next.
    ///
    /// - Returns: Whether there may be one.
    private mutating func openNext() throws(EventLogError) -> Bool {
        if direction == .following, nextPart == nil, plan.parts.isEmpty {
            let log = try nextLog()
            self.log = log
            plan = log.plan
            plan.begin(at: ScanPlan.Place(segment: nextNumber, offset: 0))
        }
        let next = nextPart.take() ?? (direction == .backward ? plan.takeLast() : plan.takeFirst())
        guard let part = next else { return false }
        segmentName = part.source.name
        gap = lostPrevious ? .replaced : missing(before: part.number)
        if gap != nil {
            // It is told first, and the segment opened then. What was told to be missing isn't told again.
            (nextPart, lostPrevious) = (part, false)
            previous = previous == nil ? nil : direction == .backward ? part.number + 1 : part.number - 1
            return true
        }
        do throws(EventLogError) {
            guard let input = try log?.open(part) ?? file.take() else { return true }
            let isBackward = direction == .backward
            segment = try SegmentReader(input, part, isBackward: isBackward, of: log?.files, fileSystem)
            segmentNumber = part.number
        } catch {
            // What comes after it is read as if it had been read.
            previous = part.number
            throw error
        }
        isReading = true
        openedCount += 1
        hasEnded = false
        return true
    }

    /// What is missing between the segment that was read before and this one.
    private func missing(before number: Int) -> Gap? {
        guard let previous else { return nil }
        return log?.files.missing(between: min(previous, number), and: max(previous, number)).map(Gap.missing)
    }
}
