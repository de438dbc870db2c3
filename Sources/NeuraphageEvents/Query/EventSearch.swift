// Where an event is, known by its id. A client that comes again is mostly near the end, so the log is read from its end; if
// that is far, the time in the id is tried first.

/// A search for events by their ids.
package struct EventSearch: Sendable {
    /// How much is read from the end before anything else is tried.
    private static let nearEnd: Int64 = 256 << 10

    let source: LogSource
    let fileSystem: any FileSystem
    private let isWanted: @Sendable () -> Bool

    /// A search in a log or a file.
    ///
    /// - Parameter isWanted: Asked now and then whether the answer is still wanted.
    package init(
        _ source: LogSource,
        _ fileSystem: any FileSystem,
        isWanted: @escaping @Sendable () -> Bool = { true }
    ) {
        self.source = source
        self.fileSystem = fileSystem
        self.isWanted = isWanted
    }

    /// The positions right after the events with these ids. If several events have one, it is the position of one of them,
    /// leaving out what a segment repeats of the one before.
    ///
    /// Costs little if the events are near the end, or where the times in their ids say; otherwise a pass over the log from
    /// its end, back to the earliest of the events, or over all of it if there is no such event.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, and `CancellationError`.
    package func positions(after ids: Set<EventID>) throws -> [EventID: LogPosition] {
        var found = try backward(ids, atMost: Self.nearEnd)
        for id in ids where found[id] == nil { found[id] = try guess(after: id) }
        return try found.merging(backward(ids.filter { found[$0] == nil })) { first, _ in first }
    }

    /// Reads from the end until all are found, or so many bytes have been read.
    private func backward(_ ids: Set<EventID>, atMost most: Int64 = .max) throws -> [EventID: LogPosition] {
        var found: [EventID: LogPosition] = [:]
        var left = most
        guard !ids.isEmpty, var cursor = try LogCursor.open(source, .backward, in: fileSystem) else { return found }
        while found.count < ids.count, left > 0 {
            guard isWanted() else { throw CancellationError() }
            var hit: (id: EventID, end: Int64)?
            let step = try cursor.next(atMost: min(left, 1 << 20)) { place, line in
                left -= place.end - place.offset
                guard let id = LineExaminer.id(line, place), ids.contains(id), found[id] == nil else { return true }
                hit = (id, place.end)
                return false
            }
            if let hit { found[hit.id] = try cursor.position(at: hit.end) }
            if step == .end { break }
        }
        return found
    }
}
