// Following a log: what is appended from now on, in whichever segment is the active one. A cursor that follows, and waiting
// between its steps.
//
// A follower opens the log before the scan whose end it goes on from, and holds it: what is written to a file that is
// deleted meanwhile is shown as well.

import NeuraphagePlatform

/// Reads what is appended to a log as it comes.
package struct LogFollower: ~Copyable {
    /// Something besides events that a follower must not keep quiet about.
    package enum Notice: Hashable, Sendable {
        /// Something is missing before what comes next.
        case gap(LogCursor.Gap)
        /// A line that isn't an event was passed over.
        case skipped(SkippedLine)
    }

    private let path: String
    private let fileSystem: any FileSystem
    private let examiner: LineExaminer
    private let watch: FileWatch
    /// The log as it was when the follower was made, until it is followed.
    private var log: OpenLog?
    /// When to stop, in ns of the clock ``MonotonicClock``.
    package var deadline: UInt64 = .max

    /// A follower of the log at `path`. Make it before the scan that it shall go on from.
    package init(
        path: String,
        filter: EventFilter,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws {
        self.path = path
        self.fileSystem = fileSystem
        examiner = LineExaminer(filter)
        watch = FileWatch(path: path)
        let log = try OpenLog(path: path, fileSystem)
        if let failure = log.failure { throw failure }
        self.log = log
    }

    /// Hands over each event as it is appended, with its line, and each notice, until the reader of `output` has gone, the
    /// ``deadline`` has come, or the process ends. `idle` is called whenever everything has been handed over.
    ///
    /// - Parameter end: Where the scan ended; if it found no file, the log is followed from its beginning.
    /// - Returns: Up to where the log has been read; `nil` if there is none yet.
    @discardableResult
    package mutating func run(
        from end: LogPosition?,
        output: Int32?,
        visit: (Event, Span<UInt8>) throws -> Void,
        notice: (Notice) throws -> Void,
        idle: () throws -> Void
    ) throws -> LogPosition? {
        let examiner = examiner
        let log = try self.log.take() ?? OpenLog(path: path, fileSystem)
        var cursor = try LogCursor(following: log, from: end, fileSystem)
        while true {
            let name = cursor.segmentName
            let step = try cursor.next { place, line in
                switch examiner.examine(line, place) {
                case .event(let event): try visit(event, line)
                case .skipped(let reason):
                    let number = place.number
                    try notice(.skipped(SkippedLine(file: name, number: number, offset: place.offset, reason: reason)))
                case .nothing, .one: break
                }
                return true
            }
            switch step {
            case .lines: continue
            case .gap(let gap):
                try notice(.gap(gap))
                continue
            case .end: try idle()
            }
            let pause: Int32? = cursor.isLeaving ? 20 : nil
            guard try wait(milliseconds: pause, output: output, unless: { try cursor.hasNews() }) else {
                // Nothing more is waited for, so what has ended needs no more time.
                guard cursor.isLeaving, cursor.hasEnded else { return cursor.position }
                cursor.leave()
                continue
            }
        }
    }

    /// Waits until something may have happened.
    ///
    /// - Returns: Whether the output still has a reader, and there is time left.
    private func wait(milliseconds: Int32?, output: Int32?, unless look: () throws -> Bool) rethrows -> Bool {
        let now = MonotonicClock.now
        guard now < deadline else { return false }
        guard deadline < .max else {
            return try watch.wait(milliseconds: milliseconds, output: output, unless: look)
        }
        let left = Int32(clamping: (deadline - now) / 1_000_000 + 1)
        return try watch.wait(milliseconds: min(milliseconds ?? left, left), output: output, unless: look)
    }
}
