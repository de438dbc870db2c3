// A log cursor that hands over events.

/// Follows a log, and hands over the events that pass a filter, a piece at a time.
package struct EventCursor: ~Copyable {
    private var cursor: LogCursor
    private let examiner: LineExaminer

    /// A cursor that begins at a position, or at the beginning of the log.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package init(
        path: String,
        from position: LogPosition?,
        filter: EventFilter = EventFilter(),
        fileSystem: any FileSystem = RealFileSystem()
    ) throws(EventLogError) {
        let log = try OpenLog(path: path, fileSystem)
        cursor = try LogCursor(following: log, from: position, fileSystem)
        examiner = LineExaminer(filter)
    }

    /// Where reading can go on: after the last line that was read, whether it passed the filter or not.
    package var position: LogPosition? { cursor.position }

    /// Whether the position to begin at is one of the log, and what precedes it is as it was. If not, reading begins with
    /// what can come after it.
    package var foundPosition: Bool { cursor.foundPosition }

    /// Hands each event, with its line, to `visit`, until it returns `false`, or about so many bytes have been read, or
    /// everything has.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, and what `visit` throws.
    package mutating func next(
        atMost most: Int = .max,
        _ visit: (Event, Span<UInt8>) throws -> Bool
    ) throws -> LogCursor.Step {
        let examiner = examiner
        let step = try cursor.next(atMost: Int64(most)) { place, line in
            guard case .event(let event) = examiner.examine(line, place) else { return true }
            return try visit(event, line)
        }
        guard step == .end, cursor.isLeaving, cursor.hasEnded else { return step }
        cursor.leave()
        return .lines
    }
}
