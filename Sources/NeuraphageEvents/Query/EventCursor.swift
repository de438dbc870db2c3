// A log cursor that hands over events.

/// Reads a log, and hands over the events that pass a filter, a piece at a time.
package struct EventCursor: ~Copyable {
    private var cursor: LogCursor
    private let examiner: LineExaminer
    /// How many lines were passed over because they are not events.
    package private(set) var skippedCount = 0

    private init(_ cursor: consuming LogCursor, _ filter: EventFilter) {
        self.cursor = cursor
        examiner = LineExaminer(filter)
    }

    /// A cursor that follows a log from a position, or from its beginning.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package init(
        path: String,
        from position: LogPosition?,
        filter: EventFilter = EventFilter(),
        fileSystem: any FileSystem = RealFileSystem()
    ) throws(EventLogError) {
        let log = try OpenLog(path: path, fileSystem)
        self.init(try LogCursor(following: log, from: position, fileSystem), filter)
    }

    /// A cursor that reads once what there is now, from a position or from the beginning; `nil` if there is no log.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, with the code `unknownPosition` if the position is not one of
    ///   the log, or what precedes it has changed.
    package static func once(
        path: String,
        from position: LogPosition?,
        filter: EventFilter = EventFilter(),
        fileSystem: any FileSystem = RealFileSystem()
    ) throws(EventLogError) -> EventCursor? {
        guard let cursor = try LogCursor.open(.log(path), from: position, in: fileSystem) else { return nil }
        return EventCursor(cursor, filter)
    }

    /// Where reading can go on: after the last line that was read, whether it passed the filter or not.
    package var position: LogPosition? { cursor.position }

    /// Whether the position to begin at is one of the log, and what precedes it is as it was. If not, reading begins with
    /// what can come after it.
    package var foundPosition: Bool { cursor.foundPosition }

    /// Hands each event, with its place, to `visit`, until it returns `false`, or about so many bytes have been read, or
    /// everything has.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, and what `visit` throws.
    package mutating func next(
        atMost most: Int = .max,
        _ visit: (Event, EventPlace) throws -> Bool
    ) throws -> LogCursor.Step {
        let examiner = examiner
        // Opening a segment is a step without lines, so all lines of this one are of the segment that is open now.
        let segment = cursor.segmentNumber
        var skipped = 0
        let step = try cursor.next(atMost: Int64(most)) { position, line in
            switch examiner.examine(line, position) {
            case .event(let event):
                return try visit(event, EventPlace(segment: segment, offset: position.offset))
            case .skipped: skipped += 1
            case .nothing, .one: break
            }
            return true
        }
        skippedCount += skipped
        guard step == .end, cursor.isLeaving, cursor.hasEnded else { return step }
        cursor.leave()
        return .lines
    }
}
