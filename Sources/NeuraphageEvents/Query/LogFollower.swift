// Following a log: what is appended from now on, in whichever file stands at the path.
//
// A writer may go on for 100 ms in a file that was renamed or replaced, before it notices. So the follower stays with
// the old file somewhat longer than that, reads it to its end, and only then turns to the new one.
//
// A follower opens the file before the scan whose end it goes on from, and holds it: a file that is deleted meanwhile
// cannot be confused then with a new one, which may well get its inode.

/// Reads what is appended to a log as it comes.
package struct LogFollower: ~Copyable {
    /// Something besides events that a follower must not keep quiet about.
    package enum Notice: Hashable, Sendable {
        /// The file was moved away or deleted; all that was written to it has been shown. The next one is followed.
        case replaced
        /// The file was cut: what was in it may have been shown or not. Following goes on from its beginning.
        case truncated
        /// A line that isn't an event was passed over.
        case skipped(SkippedLine)
    }

    private static let grace: UInt64 = 150_000_000  // ns

    private let path: String
    private let filter: EventFilter
    private let fileSystem: any FileSystem
    private let watch: FileWatch
    /// The file that stood at the path at first, until it is followed.
    private var first: LineInput?
    private var position = ForwardLines()
    /// The file that `position` belongs to.
    private var file: FileStatus.Identity?

    /// A follower of the log at `path`. Make it before the scan that it shall go on from.
    package init(
        path: String,
        filter: EventFilter,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws {
        self.path = path
        self.filter = filter
        self.fileSystem = fileSystem
        watch = FileWatch(path: path)
        first = try LineInput(opening: .log(path), fileSystem)
    }

    /// Hands over each event as it is appended, with its line and the place behind it, where another follower can go on,
    /// and each notice, until whoever reads from `output` has
    /// gone or the process ends. `idle` is called whenever everything has been handed over.
    ///
    /// - Parameter end: Where the scan ended; if it found no file, the next one is followed from its beginning.
    package mutating func run(
        from end: EventScan.Report.End?,
        output: Int32?,
        visit: (Event, Span<UInt8>, EventScan.Report.End) throws -> Void,
        notice: (Notice) throws -> Void,
        idle: () throws -> Void
    ) throws {
        file = end?.file
        position = ForwardLines(from: end?.offset ?? 0)
        var isFollowed = true
        // A file that has been left may be deleted, and its inode given to the next one.
        var hasLeftFile = false
        while isFollowed {
            guard let input = try nextFile() else {
                isFollowed = try watch.wait(milliseconds: nil, output: output) { try statusAtPath() != nil }
                continue
            }
            if hasLeftFile || file != nil && file != input.status?.identity {
                try notice(.replaced)
                position = ForwardLines()
            }
            file = input.status?.identity
            isFollowed = try follow(input, output: output, visit: visit, notice: notice, idle: idle)
            hasLeftFile = true
        }
    }

    /// The file that was held, if it is the one to go on with, else the one that stands at the path.
    private mutating func nextFile() throws -> LineInput? {
        if let held = first.take(), file == nil || held.status?.identity == file { return held }
        return try LineInput(opening: .log(path), fileSystem)
    }

    /// Follows one file until another one stands at the path.
    private mutating func follow(
        _ input: borrowing LineInput,
        output: Int32?,
        visit: (Event, Span<UInt8>, EventScan.Report.End) throws -> Void,
        notice: (Notice) throws -> Void,
        idle: () throws -> Void
    ) throws -> Bool {
        var deadline: UInt64?
        while true {
            if try wasCut(input) {
                try notice(.truncated)
                position = ForwardLines()
            }
            try readNewLines(input, visit: visit, notice: notice)
            try idle()
            if try statusAtPath()?.identity == file {
                deadline = nil
            } else if let deadline, MonotonicClock.now >= deadline {
                return true
            } else if deadline == nil {
                deadline = MonotonicClock.now + Self.grace
            }
            let readTo = position.readTo
            let isFollowed = try watch.wait(milliseconds: deadline == nil ? nil : 20, output: output) {
                let isInPlace = try statusAtPath()?.identity == file
                return try input.currentStatus().size != readTo || isInPlace == (deadline != nil)
            }
            guard isFollowed else { return false }
        }
    }

    private func statusAtPath() throws -> FileStatus? {
        try? fileSystem.status(at: path, followingLinks: false)
    }

    /// Whether what has been read is no longer there as it was.
    private func wasCut(_ input: borrowing LineInput) throws -> Bool {
        guard position.offset > 0 else { return false }
        if try input.currentStatus().size < position.offset { return true }
        var byte: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &byte) { try input.read(into: $0, at: position.offset - 1) }
        return count != 1 || byte != UInt8(ascii: "\n")
    }

    private mutating func readNewLines(
        _ input: borrowing LineInput,
        visit: (Event, Span<UInt8>, EventScan.Report.End) throws -> Void,
        notice: (Notice) throws -> Void
    ) throws {
        guard let file else { return }
        var examiner = LineExaminer(filter: filter, after: nil)
        try position.forEach(in: input) { place, line in
            switch examiner.examine(line, place) {
            case .event(let event):
                try visit(event, line, .init(file: file, offset: place.offset + Int64(line.count) + 1))
            case .skipped(let reason):
                // The number of the line would have to be counted in the part that was not read.
                try notice(.skipped(SkippedLine(file: path, number: nil, offset: place.offset, reason: reason)))
            case .nothing: break
            }
            return true
        }
    }
}
