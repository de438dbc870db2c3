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
    /// How many bytes to read at most, where the latest events are read first.
    package var mostBytes: Int?

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
        /// The first of them.
        package internal(set) var skipped: [SkippedLine] = []
        /// The sources that don't exist.
        package internal(set) var missing: [LogSource] = []
        /// Whether the event to start behind was found, if there was one.
        package internal(set) var foundStart = true
        /// What is missing between the files that were read.
        package internal(set) var missingFiles: [LogSegments.Missing] = []
        /// Whether there was more than may be read.
        package internal(set) var isCut = false
        /// Where the whole lines of the last file of the last source end.
        package internal(set) var end: LogPosition?
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
    /// How much may still be read backward.
    private var bytesLeft = Int.max

    init(scan: EventScan, fileSystem: any FileSystem, examiner: LineExaminer) {
        self.scan = scan
        self.fileSystem = fileSystem
        self.examiner = examiner
    }

    mutating func forward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        var goesOn = true
        for source in scan.sources where goesOn {
            guard case .log(let path) = source else {
                if let input = try open(source) { goesOn = try forward(input, visit) }
                continue
            }
            var log = try openLog(path)
            let activeNumber = log.activeNumber
            var previous: Int?
            for ended in log.ended where goesOn {
                guard let input = try LineInput(opening: .ended(ended.path), fileSystem) else { continue }
                noteMissing(between: previous, and: ended.number, in: log.files)
                previous = ended.number
                examiner.seam = Seam(log.files, fileSystem)
                goesOn = try forward(input, number: ended.number, visit)
            }
            if goesOn, let input = log.active.take() {
                examiner.seam = Seam(log.files, fileSystem)
                goesOn = try forward(input, number: activeNumber, visit)
            }
            examiner.seam = nil
        }
    }

    /// Reads one file.
    ///
    /// - Returns: Whether more is wanted.
    private mutating func forward(
        _ input: borrowing LineInput,
        number: Int = 0,
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let source = input.source
        var goesOn = true
        var lines = ForwardLines()
        try lines.forEach(
            in: input,
            upTo: input.status?.size ?? .max,
            takesUnterminated: source.takesUnterminated
        ) { position, line in
            goesOn = try examine(line, position, in: source, visit)
            return goesOn
        }
        var offset = lines.offset
        if goesOn, case .ended = source { offset = lines.readTo }
        report.end = input.status.map { .init(file: $0.identity, offset: offset, number: number) }
        return goesOn
    }

    /// Reads from the end, and turns the latest events round if they are wanted oldest first.
    mutating func backward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws {
        let isNewestFirst = scan.isNewestFirst
        var records: [Record] = []
        var remaining = scan.last ?? .max
        bytesLeft = scan.mostBytes ?? .max
        try forEachInputBackward { run, input, number, repeated in
            try run.backward(input, number: number, repeated, isWanted: remaining > 0) { event, line in
                remaining -= 1
                if isNewestFirst { return try visit(event, line) && remaining > 0 }
                records.append(Record(event: event, line: line.copied))
                return remaining > 0
            }
        }
        for record in records.reversed() {
            guard try visit(record.event, record.line.span) else { return }
        }
    }

    /// Opens one file after the other, latest first, as long as `read` returns `true`. It gets the file's number and
    /// where the lines begin that repeat an earlier file.
    private mutating func forEachInputBackward(
        _ read: (inout Run, borrowing LineInput, Int, Set<Int64>) throws -> Bool
    ) throws {
        for source in scan.sources.reversed() {
            guard case .log(let path) = source else {
                if let input = try open(source), try !read(&self, input, 0, []) { return }
                continue
            }
            var log = try openLog(path)
            if let input = log.active.take() {
                let repeated = try repetitions(in: input, of: log.files)
                if try !read(&self, input, log.activeNumber, repeated) { return }
            }
            var next: Int?
            for ended in log.ended.reversed() {
                guard let input = try LineInput(opening: .ended(ended.path), fileSystem) else { continue }
                noteMissing(between: ended.number, and: next, in: log.files)
                next = ended.number
                if try !read(&self, input, ended.number, try repetitions(in: input, of: log.files)) { return }
            }
        }
    }

    private func repetitions(in input: borrowing LineInput, of files: LogSegments) throws -> Set<Int64> {
        var seam = Seam(files, fileSystem)
        return try seam.examine(input, upTo: input.status?.size ?? 0)
    }

    /// Reads one file.
    ///
    /// - Returns: Whether more is wanted.
    private mutating func backward(
        _ input: borrowing LineInput,
        number: Int,
        _ repeated: Set<Int64>,
        isWanted: Bool,
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        guard let status = input.status else { return isWanted }
        let source = input.source
        var goesOn = isWanted
        var lines = BackwardLines(from: status.size)
        let end = try lines.forEach(in: input, takesUnterminated: source.takesUnterminated) { position, line in
            guard goesOn else { return false }
            bytesLeft -= line.count + 1
            if bytesLeft < 0 {
                report.isCut = true
                goesOn = false
                return false
            }
            if repeated.contains(position.offset) { return true }
            goesOn = try examine(line, position, in: source, visit)
            return goesOn
        }
        if report.end == nil { report.end = .init(file: status.identity, offset: end, number: number) }
        try skipped.number(in: input)
        return goesOn
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

    /// Opens a log, which is missing only if it has no file at all.
    private mutating func openLog(_ path: String) throws(EventLogError) -> OpenLog {
        let log = try OpenLog(path: path, fileSystem)
        if log.active == nil, log.ended.isEmpty { report.missing.append(.log(path)) }
        return log
    }

    private mutating func noteMissing(between first: Int?, and second: Int?, in files: LogSegments) {
        guard let first, let second, let missing = files.missing(between: first, and: second) else { return }
        report.missingFiles.append(missing)
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

extension Span<UInt8> {
    fileprivate var copied: [UInt8] { withUnsafeBufferPointer(Array.init) }
}
