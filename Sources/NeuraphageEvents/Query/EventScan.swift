// Reading a list of files as if they were one log.
//
// Content never makes a scan fail: a line that isn't an event is counted and passed over.

/// Which events to read, from where, in which order.
package struct EventScan: Sendable {
    /// A place in the log next to an event.
    package enum Edge: Hashable, Sendable {
        case before(EventID)
        case after(EventID)

        var id: EventID {
            switch self {
            case .before(let id), .after(let id): id
            }
        }
    }

    /// The sources, oldest first.
    package var sources: [LogSource]
    package var filter: EventFilter
    /// Only what comes after this place.
    package var start: Edge?
    /// Only what comes before this place; up to the end of the log if there is no such event. Not in a stream.
    package var end: Edge?
    /// The latest event first.
    package var isNewestFirst = false
    /// Only this many of the latest events.
    package var last: Int?
    /// How many bytes to read at most, where the latest events are read first.
    package var mostBytes: Int?
    /// Asked now and then whether the answer is still wanted; if not, the scan ends with a `CancellationError`.
    package var isWanted: @Sendable () -> Bool = { true }

    package let fileSystem: any FileSystem

    package init(
        _ sources: [LogSource],
        filter: EventFilter = EventFilter(),
        fileSystem: any FileSystem = RealFileSystem()
    ) {
        self.sources = sources
        self.filter = filter
        self.fileSystem = fileSystem
    }

    /// What a scan has to say besides the events.
    package struct Report: Sendable {
        /// How many lines were passed over because they are not events.
        package internal(set) var skippedCount = 0
        /// The first of them that were found.
        package internal(set) var skipped: [SkippedLine] = []
        /// The sources that don't exist.
        package internal(set) var missing: [LogSource] = []
        /// Whether the event to start at was found, if there was one.
        package internal(set) var foundStart = true
        /// What is missing in what was read.
        package internal(set) var gaps: [LogCursor.Gap] = []
        /// Whether there was more than may be read.
        package internal(set) var isCut = false
        /// Where the whole lines of the last source end.
        package internal(set) var end: LogPosition?
    }

    /// Where the whole lines of a log end; `nil` if there is no log. No event is read.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package static func end(ofLogAt path: String, _ fileSystem: any FileSystem) throws -> LogPosition? {
        var scan = EventScan([.log(path)], fileSystem: fileSystem)
        scan.last = 0
        return try scan.run { _, _ in false }.end
    }

    /// Hands each event that passes the filter, with its line as it is in the file, to `visit`, until it returns `false`.
    ///
    /// Memory is the same for any number of events, if the sources are files.
    ///
    /// - Throws: ``EventLogError`` if a source cannot be read, and what `visit` throws.
    package func run(_ visit: (Event, Span<UInt8>) throws -> Bool) throws -> Report {
        var run = Run(scan: self)
        let isOrdered = isNewestFirst || last != nil
        if sources.contains(where: \.isStream) {
            if isOrdered { try run.collected(visit) } else { try run.streamed(visit) }
        } else {
            if start != nil || end != nil, try !run.findEdges() { return run.report }
            if isNewestFirst {
                try run.backward(atMost: last ?? .max, visit)
            } else if let last {
                try run.latest(last, visit)
            } else {
                try run.forward(visit)
            }
        }
        run.report.skippedCount = run.skipped.count
        run.report.skipped = run.skipped.kept
        return run.report
    }
}

/// One run of a scan.
private struct Run {
    /// How much is read before it is asked again whether the answer is wanted.
    private static let piece: Int64 = 1 << 20
    /// How many bytes of events are kept in memory for a caller who wants the last ones, oldest first. If there are more,
    /// they are read once more.
    private static let mostKept = 1 << 21

    /// A position in one of the sources.
    struct Bound {
        var source: Int
        var position: LogPosition
    }

    let scan: EventScan
    private let examiner: LineExaminer
    var report = EventScan.Report()
    var skipped = SkippedLines()
    /// Where to begin, if not at the beginning.
    private var start: Bound?
    /// Where to end, if not at the end.
    private var end: Bound?

    init(scan: EventScan) {
        self.scan = scan
        examiner = LineExaminer(scan.filter)
    }

    /// Finds the places to start and to end at.
    ///
    /// - Returns: Whether there is the one to start at.
    mutating func findEdges() throws -> Bool {
        var sought = Set([scan.start?.id, scan.end?.id].compactMap(\.self))
        for (index, source) in scan.sources.enumerated().reversed() where !sought.isEmpty {
            let search = EventSearch(source, scan.fileSystem, isWanted: scan.isWanted)
            for (id, place) in try search.places(of: sought) {
                sought.remove(id)
                if scan.start?.id == id { start = Bound(source: index, position: place.position(at: scan.start)) }
                if scan.end?.id == id { end = Bound(source: index, position: place.position(at: scan.end)) }
            }
        }
        if scan.start == nil || start != nil { return true }
        report.foundStart = false
        for source in scan.sources where try LogCursor.open(source, in: scan.fileSystem) == nil {
            report.missing.append(source)
        }
        return false
    }

    /// The sources to begin and to end with.
    private var first: Int { start?.source ?? 0 }
    private var last: Int { max(first, end?.source ?? scan.sources.count - 1) }

    // MARK: - Forward

    mutating func forward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        for (index, source) in scan.sources.enumerated() where (first...last).contains(index) {
            let begin = index == start?.source ? start?.position : nil
            let stop = index == end?.source ? end?.position : nil
            guard var cursor = try LogCursor.open(source, from: begin, upTo: stop, in: scan.fileSystem) else {
                report.missing.append(source)
                continue
            }
            let goesOn = try read(&cursor, of: source, visit)
            report.end = cursor.position
            if !goesOn { return }
        }
    }

    /// Reads all that a cursor has.
    ///
    /// - Parameter isRepeated: Whether it has been read before, and what is to be said of it was said then.
    /// - Returns: Whether more is wanted.
    private mutating func read(
        _ cursor: inout LogCursor,
        of source: LogSource,
        isRepeated: Bool = false,
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let examiner = examiner
        var goesOn = true
        while goesOn {
            guard scan.isWanted() else { throw CancellationError() }
            let name = cursor.segmentName
            let step = try cursor.next(atMost: Self.piece) { place, line in
                switch examiner.examine(line, place) {
                case .event(let event): goesOn = try visit(event, line)
                case .skipped(let reason): if !isRepeated { try skip(line, place, in: name, of: source, reason) }
                case .nothing, .one: break
                }
                return goesOn
            }
            switch step {
            case .lines: continue
            case .gap(let gap): if !isRepeated { report.gaps.append(gap) }
            case .end: return true
            }
        }
        return goesOn
    }

    /// Passes over a line. A file that was named, and is of another format, is an error instead: it has no line to show.
    private mutating func skip(
        _ line: Span<UInt8>,
        _ position: LinePosition,
        in name: String,
        of source: LogSource,
        _ reason: String
    ) throws {
        switch source {
        case .file, .standardInput:
            if let format = ForeignFormat(line, position) { throw format.error(source) }
        case .log, .ended: break
        }
        skipped.add(position, in: name, because: reason)
    }

    // MARK: - From the end

    /// Reads from the end, at most so many events.
    ///
    /// - Parameter onlyCounts: Whether events are only to be counted from now on, instead of being handed over, and it matters
    ///   where the earliest of them begins.
    /// - Returns: Where that is, if it matters, and how many were found.
    @discardableResult
    mutating func backward(
        atMost most: Int,
        onlyCounts: () -> Bool = { false },
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> (earliest: Bound?, count: Int) {
        let examiner = examiner
        var left = most
        var bytesLeft = scan.mostBytes ?? .max
        var earliest: Bound?
        for (index, source) in scan.sources.enumerated().reversed() where (first...last).contains(index) {
            let begin = index == start?.source ? start?.position : nil
            let stop = index == end?.source ? end?.position : nil
            guard var cursor = try LogCursor.open(source, .backward, from: begin, upTo: stop, in: scan.fileSystem)
            else {
                report.missing.append(source)
                continue
            }
            var goesOn = true
            var step = LogCursor.Step.lines
            while goesOn, step != .end {
                guard scan.isWanted() else { throw CancellationError() }
                let name = cursor.segmentName
                var offset: Int64?
                var isInLongLine = true
                step = try cursor.next(atMost: Self.piece) { place, line in
                    isInLongLine = false
                    guard left > 0 else {
                        goesOn = false
                        return false
                    }
                    bytesLeft -= line.count + 1
                    guard bytesLeft >= 0 else {
                        report.isCut = true
                        goesOn = false
                        return false
                    }
                    let counts = onlyCounts()
                    switch examiner.examine(line, place, onlyCounts: counts) {
                    case .event(let event):
                        left -= 1
                        offset = place.offset
                        goesOn = try (counts || visit(event, line)) && left > 0
                    case .one:
                        left -= 1
                        offset = place.offset
                        goesOn = left > 0
                    case .skipped(let reason): try skip(line, place, in: name, of: source, reason)
                    case .nothing: break
                    }
                    return goesOn
                }
                if case .gap(let gap) = step { report.gaps.append(gap) }
                if step == .lines, isInLongLine {
                    // A line may be longer than all that may be read.
                    bytesLeft -= Int(Self.piece)
                    if bytesLeft < 0 { (report.isCut, goesOn) = (true, false) }
                }
                if let offset, onlyCounts() {
                    earliest = try cursor.position(at: offset).map { Bound(source: index, position: $0) }
                }
            }
            if report.end == nil { report.end = cursor.position }
            if !goesOn { break }
        }
        return (earliest, most - left)
    }

    /// Reads the last events from the end, and hands them over oldest first: from memory if they are few, else by reading
    /// them once more.
    mutating func latest(_ count: Int, _ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        var records: [Record] = []
        var kept = 0
        let (begin, found) = try backward(atMost: count, onlyCounts: { kept > Self.mostKept }) { event, line in
            records.append(Record(event: event, line: line.copied))
            kept += line.count + 512  // 512: about what the event takes
            if kept > Self.mostKept { records = [] }
            return true
        }
        guard kept > Self.mostKept, let begin else {
            for record in records.reversed() {
                guard try visit(record.event, record.line.span) else { return }
            }
            return
        }
        var left = found
        let end = report.end
        for (index, source) in scan.sources.enumerated() where (begin.source...last).contains(index) {
            let from = index == begin.source ? begin.position : nil
            let upTo = index == last ? end : nil
            guard var cursor = try LogCursor.open(source, from: from, upTo: upTo, in: scan.fileSystem) else { continue }
            let goesOn = try read(&cursor, of: source, isRepeated: true) { event, line in
                left -= 1
                return try visit(event, line) && left > 0
            }
            if !goesOn { return }
        }
    }

    // MARK: - What can be read only once

    mutating func streamed(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        report.foundStart = scan.start == nil
        for source in scan.sources {
            guard var cursor = try LogCursor.open(source, in: scan.fileSystem) else {
                report.missing.append(source)
                continue
            }
            if case .after(let after) = scan.start, !report.foundStart {
                var isFound = false
                while !isFound {
                    let step = try cursor.next { place, line in
                        isFound = LineExaminer.id(line, place) == after
                        return !isFound
                    }
                    if step == .end { break }
                }
                report.foundStart = isFound
            }
            if report.foundStart, try !read(&cursor, of: source, visit) { return }
        }
    }

    /// Reads from the beginning and keeps what is wanted of it.
    mutating func collected(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        var records: [Record] = []
        let last = scan.last ?? .max
        try streamed { event, line in
            records.append(Record(event: event, line: line.copied))
            if records.count / 2 > last { records.removeFirst(records.count - last) }
            return true
        }
        let wanted = records.suffix(last)
        for record in scan.isNewestFirst ? Array(wanted.reversed()) : Array(wanted) {
            guard try visit(record.event, record.line.span) else { return }
        }
    }
}

extension EventSearch.Place {
    fileprivate func position(at edge: EventScan.Edge?) -> LogPosition {
        if case .before = edge { beginning } else { end }
    }
}

/// An event and its line.
private struct Record {
    var event: Event
    var line: [UInt8]
}

extension Span<UInt8> {
    fileprivate var copied: [UInt8] { withUnsafeBufferPointer(Array.init) }
}
