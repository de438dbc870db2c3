// One segment of a log, or one file, read line by line in either direction, with what the log knows of it: which of its lines
// are repetitions, whether it was cut, and what has become of it.

/// Reads one segment.
struct SegmentReader: ~Copyable {
    /// What has become of a segment that was the log's active one.
    enum State: Equatable {
        case active
        /// It has ended. If it isn't final, a process may still be writing to it.
        case ended(number: Int, isFinal: Bool)
        /// It is no longer a segment of the log.
        case gone
    }

    /// A line that has no end yet: its number, where it begins, and how long it is so far.
    struct Pending {
        let line: Int
        let offset: Int64
        let bytes: Int64
    }

    let part: ScanPlan.Part
    private let input: LineInput
    private let files: LogSegments?
    private let fileSystem: any FileSystem
    private let isBackward: Bool
    /// Where reading once ends.
    private let end: Int64
    private var forward: ForwardLines
    private var backward: BackwardLines
    private var seam: Seam?
    /// Where the lines begin that are repetitions, if the segment is read backward.
    private var repetitions: Set<Int64> = []

    /// - Parameter files: The log that it is a segment of; `nil` if it is one file.
    init(
        _ input: LineInput,
        _ part: ScanPlan.Part,
        isBackward: Bool,
        of files: LogSegments?,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) {
        self.input = input
        self.part = part
        self.isBackward = isBackward
        self.files = files
        self.fileSystem = fileSystem
        end = min(part.range.upperBound, input.status?.size ?? .max)
        let begin = min(part.range.lowerBound, end)
        forward = ForwardLines(from: begin)
        backward = BackwardLines(in: isBackward ? begin..<end : 0..<0)
        seam = files.map { Seam($0, fileSystem) }
        let examined = isBackward ? end : begin
        if examined > 0, seam != nil { repetitions = try seam?.examine(input, upTo: examined) ?? [] }
    }

    // MARK: - Reading

    /// Hands over lines of what the segment had when it was opened.
    ///
    /// - Returns: Whether all have been handed over.
    mutating func readOnce(
        atMost most: Int64,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let takesUnterminated = part.source.takesUnterminated
        guard isBackward else {
            return try read(upTo: end, takesUnterminated: takesUnterminated, atMost: most, visit)
        }
        let repetitions = repetitions
        var left = most
        return try backward.forEach(in: input, takesUnterminated: takesUnterminated, atMost: most) { place, line in
            var place = place
            if !repetitions.isEmpty { place.isRepetition = repetitions.contains(place.offset) }
            left -= place.end - place.offset
            return try visit(place, line) && left > 0
        }
    }

    /// Hands over lines of what the segment has now.
    ///
    /// - Parameter takesUnterminated: Whether a last line without a newline is one.
    /// - Returns: Whether all have been handed over.
    mutating func read(
        takesUnterminated: Bool = false,
        atMost most: Int64,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let end = takesUnterminated ? try input.currentStatus().size : .max
        return try read(upTo: end, takesUnterminated: takesUnterminated, atMost: most, visit)
    }

    private mutating func read(
        upTo end: Int64,
        takesUnterminated: Bool,
        atMost most: Int64,
        _ visit: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let seam = seam
        var left = most
        return try forward.forEach(
            in: input,
            upTo: end,
            takesUnterminated: takesUnterminated,
            atMost: most
        ) { place, line in
            var place = place
            if let seam, seam.isInterested(at: place.offset) { place.isRepetition = seam.isRepeated(line, place) }
            left -= place.end - place.offset
            return try visit(place, line) && left > 0
        }
    }

    // MARK: - Positions

    /// Up to where it has been read; if it is read backward, the end from which that began. `nil` in a stream, and before
    /// anything has been read backward.
    var reached: LogPosition? {
        get throws(EventLogError) {
            // A file that was named may still get the end of its last line.
            let isOpenEnded = if case .file = part.source { true } else { false }
            if isBackward {
                guard let end = isOpenEnded ? backward.endOfLines : backward.endOfHandedOver else { return nil }
                return try position(at: end)
            }
            guard input.status != nil else { return nil }
            if isOpenEnded, let unterminated = forward.unterminated { return try position(at: unterminated) }
            return LogPosition(segment: part.number, offset: forward.offset, mark: try forward.mark(in: input))
        }
    }

    /// The beginning of a line, or the end of one.
    func position(at offset: Int64) throws(EventLogError) -> LogPosition? {
        guard input.status != nil else { return nil }
        return LogPosition(segment: part.number, offset: offset, mark: try input.mark(before: offset))
    }

    /// The first bytes of a line; none in a stream, which cannot be read again.
    func beginning(of line: LinePosition, atMost most: Int64) throws(EventLogError) -> [UInt8] {
        input.status == nil ? [] : try input.bytes(line.offset..<min(line.end, line.offset + most))
    }

    /// The line that has no end yet, if there is one.
    var pending: Pending? {
        let bytes = forward.readTo - forward.offset
        guard bytes > 0 else { return nil }
        return Pending(line: (forward.linesBefore ?? 0) + 1, offset: forward.offset, bytes: bytes)
    }

    // MARK: - What becomes of it

    /// Whether less was there than when it was opened, now that all has been read.
    var wasCutShort: Bool { isBackward ? backward.wasCut : end < .max && forward.readTo < end }

    /// Begins anew if what has been read is no longer there as it was.
    ///
    /// - Returns: Whether it does.
    mutating func restartIfCut() throws(EventLogError) -> Bool {
        guard forward.offset > 0 else { return false }
        if try input.currentStatus().size >= forward.offset {
            let mark = try input.mark(before: forward.offset)
            if try forward.mark(in: input) == mark { return false }
        }
        forward.restart()
        seam = files.map { Seam($0, fileSystem) }
        return true
    }

    /// What has become of it.
    func state(in files: LogSegments) throws(EventLogError) -> State {
        var number = part.number
        if case .log(let path) = part.source {
            guard let identity = input.status?.identity, fileSystem.identity(at: path) != identity else {
                return .active
            }
            guard let ended = try files.ended(identity, fileSystem) else { return .gone }
            number = ended.number
        }
        return .ended(number: number, isFinal: try !input.currentStatus().isWritable)
    }

    /// Whether there is something to read, or something has become of it, since everything was read.
    func hasNews(isLeaving: Bool) throws(EventLogError) -> Bool {
        if try input.currentStatus().size != forward.readTo { return true }
        guard case .log(let path) = part.source else { return false }
        return (fileSystem.identity(at: path) == input.status?.identity) == isLeaving
    }
}
