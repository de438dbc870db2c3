// Following a log: what is appended from now on, in whichever file stands at the path.
//
// When a file ends it gets a number, is made read-only, and a new one is begun. The follower reads it to its end and goes
// on with the file that has the next number, or with the active one. A file that somebody else moved away or deleted is
// left in the same way, but that is worth a notice.
//
// A writer may go on for 100 ms in a file that was moved away, before it notices. So the follower stays with such a file
// somewhat longer than that, reads it to its end, and only then turns to the next one.
//
// A follower opens the file before the scan whose end it goes on from, and holds it: a file that is deleted meanwhile
// cannot be confused then with a new one, which may well get its inode.

/// Reads what is appended to a log as it comes.
package struct LogFollower: ~Copyable {
    /// Something besides events that a follower must not keep quiet about.
    package enum Notice: Hashable, Sendable {
        /// The file was moved away or deleted; all that was written to it has been shown. The next one is followed.
        case replaced
        /// The file was cut: what was in it may have been shown or not. Following goes on from this place, its
        /// beginning.
        case truncated(LogPosition)
        /// Files that should come next are not there.
        case missing(LogSegments.Missing)
        /// A line that isn't an event was passed over.
        case skipped(SkippedLine)
    }

    /// A file of the log, open.
    private struct OpenFile: ~Copyable {
        let input: LineInput
        /// The number that it has, or will get when it ends, as far as one can know.
        let number: Int

        var identity: FileStatus.Identity? { input.status?.identity }
        /// Whether it had ended when it was opened.
        var hasEnded: Bool { if case .ended = input.source { true } else { false } }
    }

    /// What has become of the file that is followed.
    private enum State {
        case active
        /// It has ended. If it isn't final, somebody may still be writing to it.
        case ended(number: Int, isFinal: Bool)
        /// It is no longer a file of the log.
        case gone

        var hasEnded: Bool { if case .ended = self { true } else { false } }
    }

    private static let grace: UInt64 = 150_000_000  // ns

    private let files: LogSegments
    private let fileSystem: any FileSystem
    private let watch: FileWatch
    private var examiner: LineExaminer
    /// The file that stood at the path at first, until it is followed.
    private var first: OpenFile?
    private var position = ForwardLines()
    /// What the file that was followed last has become; `nil` if there was none.
    private var left: State?
    /// The smallest number that the next file can have; `nil` if that isn't known.
    private var next: Int? = 1
    /// Up to where the log has been read; `nil` if there was none yet.
    package private(set) var end: LogPosition?
    /// When to stop, in ns of the clock ``MonotonicClock``.
    package var deadline: UInt64 = .max

    private var path: String { files.activePath }

    /// A follower of the log at `path`. Make it before the scan that it shall go on from.
    package init(
        path: String,
        filter: EventFilter,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws {
        files = LogSegments(activePath: path)
        self.fileSystem = fileSystem
        watch = FileWatch(path: path)
        examiner = LineExaminer(filter: filter, after: nil)
        first = try Self.file(from: nil, path: path, fileSystem)
    }

    /// Hands over each event as it is appended, with its line and the place behind it, where another follower can go on,
    /// and each notice, until whoever reads from `output` has gone, the ``deadline`` has come, or the process ends. `idle` is called whenever
    /// everything has been handed over.
    ///
    /// - Parameter end: Where the scan ended; if it found no file, the log is followed from its beginning.
    package mutating func run(
        from end: LogPosition?,
        output: Int32?,
        visit: (Event, Span<UInt8>, LogPosition) throws -> Void,
        notice: (Notice) throws -> Void,
        idle: () throws -> Void
    ) throws {
        self.end = end
        var file = try firstFile(from: end)
        var isFollowed = true
        while isFollowed {
            if file == nil { file = try nextFile(notice) }
            if let opened = file.take() {
                isFollowed = try follow(opened, output: output, visit: visit, notice: notice, idle: idle)
            } else {
                isFollowed = try wait(output: output) {
                    try Self.file(from: next, path: path, fileSystem) != nil
                }
            }
        }
    }

    /// Waits until something may have happened.
    ///
    /// - Returns: Whether somebody still reads the output, and there is time left.
    private func wait(
        milliseconds: Int32? = nil,
        output: Int32?,
        unless look: () throws -> Bool
    ) rethrows -> Bool {
        let now = MonotonicClock.now
        guard now < deadline else { return false }
        guard deadline < .max else {
            return try watch.wait(milliseconds: milliseconds, output: output, unless: look)
        }
        let left = Int32(clamping: (deadline - now) / 1_000_000 + 1)
        return try watch.wait(milliseconds: min(milliseconds ?? left, left), output: output, unless: look)
    }

    // MARK: - Which file

    /// The oldest file with at least this number, or the active one.
    private static func file(
        from number: Int?,
        path: String,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> OpenFile? {
        var log = try OpenLog(path: path, fileSystem)
        for ended in log.ended {
            guard let number, ended.number >= number else { continue }
            guard let input = try LineInput(opening: .ended(ended.path), fileSystem) else { continue }
            return OpenFile(input: input, number: ended.number)
        }
        guard let input = log.active.take() else { return nil }
        return OpenFile(input: input, number: max(log.activeNumber, number ?? 0))
    }

    /// The file to go on with where a scan ended: the one that was held, the one at the path, or one that has ended
    /// meanwhile. `nil` if it is none of them.
    private mutating func firstFile(from end: LogPosition?) throws -> OpenFile? {
        var found = first.take()
        guard let end else { return nil }
        if found?.identity != end.file { found = try Self.file(from: nil, path: path, fileSystem) }
        if found?.identity != end.file, let ended = try files.ended(end.file, fileSystem),
            let input = try LineInput(opening: .ended(ended.path), fileSystem)
        {
            found = OpenFile(input: input, number: ended.number)
        }
        guard let found, found.identity == end.file else {
            left = .gone
            next = end.number > 0 ? end.number : nil
            return nil
        }
        position = ForwardLines(from: end.offset)
        examiner.seam = Seam(files, fileSystem)
        try examiner.seam?.examine(found.input, upTo: end.offset)
        return found
    }

    /// The file behind the one that was left. Says what is remarkable about it.
    private mutating func nextFile(_ notice: (Notice) throws -> Void) throws -> OpenFile? {
        guard let file = try Self.file(from: next, path: path, fileSystem) else { return nil }
        switch left {
        case .gone: try notice(.replaced)
        case .ended(let number, _):
            if let missing = files.missing(between: number, and: file.number) { try notice(.missing(missing)) }
        case .active, nil: break
        }
        position = ForwardLines()
        examiner.seam = Seam(files, fileSystem)
        return file
    }

    /// What has become of a file.
    private func state(of file: borrowing OpenFile) throws -> State {
        var number = file.number
        if !file.hasEnded {
            guard let identity = file.identity, fileSystem.identity(at: path) != identity else { return .active }
            guard let ended = try files.ended(identity, fileSystem) else { return .gone }
            number = ended.number
        }
        return .ended(number: number, isFinal: try !file.input.currentStatus().isWritable)
    }

    // MARK: - Following a file

    /// Follows one file until it has ended or somebody has taken it away.
    ///
    /// - Returns: Whether somebody still reads the output.
    private mutating func follow(
        _ file: borrowing OpenFile,
        output: Int32?,
        visit: (Event, Span<UInt8>, LogPosition) throws -> Void,
        notice: (Notice) throws -> Void,
        idle: () throws -> Void
    ) throws -> Bool {
        var graceEnd: UInt64?
        while true {
            let state = try state(of: file)
            let isOver: Bool
            switch state {
            case .active:
                graceEnd = nil
                isOver = false
            case .ended(_, isFinal: true): isOver = true
            case .ended, .gone:
                let now = MonotonicClock.now
                isOver = graceEnd.map { now >= $0 } ?? false
                if graceEnd == nil { graceEnd = now + Self.grace }
            }
            try readNewLines(file, state, isOver: isOver, visit: visit, notice: notice)
            try idle()
            if isOver {
                left = state
                if case .ended(let number, _) = state { next = number + 1 } else { next = file.number }
                return true
            }
            let readTo = position.readTo
            let isFollowed = try wait(milliseconds: graceEnd == nil ? nil : 20, output: output) {
                let isInPlace = fileSystem.identity(at: path) == file.identity
                return try file.input.currentStatus().size != readTo || isInPlace == (graceEnd != nil)
            }
            if !isFollowed {
                // Nobody waits for more, so what has ended needs no more time.
                guard state.hasEnded else { return false }
                graceEnd = 0
            }
        }
    }

    /// Hands over the lines that are new. When it is over with a file that has ended, its last line needs no newline.
    private mutating func readNewLines(
        _ file: borrowing OpenFile,
        _ state: State,
        isOver: Bool,
        visit: (Event, Span<UInt8>, LogPosition) throws -> Void,
        notice: (Notice) throws -> Void
    ) throws {
        guard let status = file.input.status else { return }
        var end = LogPosition(file: status.identity, offset: 0, number: file.number)
        if try wasCut(file.input, hasEnded: state.hasEnded) {
            position = ForwardLines()
            examiner.seam = Seam(files, fileSystem)
            try notice(.truncated(end))
        }
        let takesUnterminated = isOver && state.hasEnded
        let size = takesUnterminated ? try file.input.currentStatus().size : .max
        let path = file.input.source.name
        var examiner = examiner
        defer { self.examiner = examiner }
        try position.forEach(in: file.input, upTo: size, takesUnterminated: takesUnterminated) { place, line in
            end.offset = min(place.offset + Int64(line.count) + 1, size)
            switch examiner.examine(line, place) {
            case .event(let event): try visit(event, line, end)
            case .skipped(let reason):
                // The number of the line would have to be counted in the part that was not read.
                try notice(.skipped(SkippedLine(file: path, number: nil, offset: place.offset, reason: reason)))
            case .nothing: break
            }
            return true
        }
        end.offset = takesUnterminated ? position.readTo : position.offset
        self.end = end
    }

    /// Whether what has been read is no longer there as it was.
    private func wasCut(_ input: borrowing LineInput, hasEnded: Bool) throws -> Bool {
        guard position.offset > 0 else { return false }
        let size = try input.currentStatus().size
        if size < position.offset { return true }
        // The last line of a file that has ended may lack its newline.
        if size == position.offset, hasEnded { return false }
        var byte: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &byte) { try input.read(into: $0, at: position.offset - 1) }
        return count != 1 || byte != UInt8(ascii: "\n")
    }
}
