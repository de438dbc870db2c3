// Reading a list of files as if they were one log.
//
// Content never makes a scan fail: a line that isn't an event is counted and passed over.

/// Which events to read, from where, in which order.
package struct EventScan: Sendable {
    /// The sources, oldest first.
    package var sources: [LogSource]
    package var filter: EventFilter
    /// Only what stands behind the event with this id.
    package var after: EventID?
    /// The latest event first.
    package var isNewestFirst = false
    /// Only this many of the latest events.
    package var last: Int?

    private let fileSystem: any FileSystem

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
        /// The first of them.
        package internal(set) var skipped: [SkippedLine] = []
        /// The sources that don't exist.
        package internal(set) var missing: [LogSource] = []
        /// Whether the event to start behind was found, if there was one.
        package internal(set) var foundStart = true
        /// Where the whole lines of the last source end, and which file that is.
        package internal(set) var end: End?

        package struct End: Hashable, Sendable {
            package var file: FileStatus.Identity
            package var offset: Int64

            package init(file: FileStatus.Identity, offset: Int64) {
                self.file = file
                self.offset = offset
            }
        }
    }

    /// Hands each event that passes the filter, with its line as it stands in the file, to `visit`, until it returns
    /// `false`.
    ///
    /// - Throws: ``EventLogError`` if a source cannot be read, and what `visit` throws.
    package func run(_ visit: (Event, Span<UInt8>) throws -> Bool) throws -> Report {
        var run = Run(
            scan: self,
            fileSystem: fileSystem,
            examiner: LineExaminer(filter: filter, after: after)
        )
        let readsBackward = (isNewestFirst || last != nil) && after == nil && !sources.contains(where: \.isStream)
        if readsBackward {
            try run.backward(visit)
        } else if isNewestFirst || last != nil {
            try run.collected(visit)
        } else {
            try run.forward(visit)
        }
        for source in sources { try run.skipped.number(in: source, fileSystem) }
        run.report.skippedCount = run.skipped.count
        run.report.skipped = run.skipped.kept
        run.report.foundStart = run.examiner.isPastStart
        return run.report
    }
}

/// An event and its line.
private struct Record {
    var event: Event
    var line: [UInt8]
}

/// One run of a scan.
private struct Run {
    let scan: EventScan
    let fileSystem: any FileSystem
    var examiner: LineExaminer
    var report = EventScan.Report()
    var skipped = SkippedLines()

    mutating func forward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        var goesOn = true
        for source in scan.sources where goesOn {
            guard let input = try open(source) else { continue }
            var lines = ForwardLines()
            try lines.forEach(
                in: input,
                upTo: input.status?.size ?? .max,
                takesUnterminated: source.takesUnterminated
            ) { position, line in
                goesOn = try examine(line, position, in: source, visit)
                return goesOn
            }
            report.end = input.status.map { .init(file: $0.identity, offset: lines.offset) }
        }
    }

    /// Reads from the end, and turns the latest events round if they are wanted oldest first.
    mutating func backward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        let isNewestFirst = scan.isNewestFirst
        var records: [Record] = []
        var remaining = scan.last ?? .max
        var goesOn = remaining > 0
        for source in scan.sources.reversed() {
            guard let input = try open(source) else { continue }
            guard let status = input.status else { continue }
            var lines = BackwardLines(from: status.size)
            let end = try lines.forEach(in: input, takesUnterminated: source.takesUnterminated) { position, line in
                guard goesOn else { return false }
                goesOn = try examine(line, position, in: source) { event, line in
                    remaining -= 1
                    if isNewestFirst { return try visit(event, line) && remaining > 0 }
                    records.append(Record(event: event, line: line.copied))
                    return remaining > 0
                }
                return goesOn
            }
            if report.end == nil { report.end = .init(file: status.identity, offset: end) }
            guard goesOn else { break }
        }
        for record in records.reversed() {
            guard try visit(record.event, record.line.span) else { return }
        }
    }

    /// Reads from the beginning and keeps what is wanted of it, where reading from the end isn't possible.
    mutating func collected(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        var records: [Record] = []
        let last = scan.last ?? .max
        try forward { event, line in
            records.append(Record(event: event, line: line.copied))
            if records.count / 2 > last { records.removeFirst(records.count - last) }
            return true
        }
        let wanted = records.suffix(last)
        for record in scan.isNewestFirst ? Array(wanted.reversed()) : Array(wanted) {
            guard try visit(record.event, record.line.span) else { return }
        }
    }

    private mutating func open(_ source: LogSource) throws(EventLogError) -> LineInput? {
        let input = try LineInput(opening: source, fileSystem)
        if input == nil { report.missing.append(source) }
        return input
    }

    private mutating func examine(
        _ line: Span<UInt8>,
        _ position: LinePosition,
        in source: LogSource,
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        switch examiner.examine(line, position) {
        case .event(let event): return try visit(event, line)
        case .skipped(let reason): skipped.add(position, in: source.name, because: reason)
        case .nothing: break
        }
        return true
    }
}

extension LogSource {
    /// Whether a last line without a newline counts as a line: not in a log that somebody may be writing to.
    fileprivate var takesUnterminated: Bool {
        if case .log = self { false } else { true }
    }
}

extension Span<UInt8> {
    fileprivate var copied: [UInt8] { withUnsafeBufferPointer(Array.init) }
}
