// Where an event is, known by its id. A client that comes again is mostly near the end, so the log is read from its end; if
// that is far, the time in the id is tried first.

/// A search for events by their ids.
package struct EventSearch: Sendable {
    /// Where the line of an event begins and ends.
    struct Place: Sendable {
        let beginning: LogPosition
        let end: LogPosition
    }

    /// How much is read from the end before anything else is tried.
    private static let nearEnd: Int64 = 256 << 10

    let source: LogSource
    let fileSystem: any FileSystem
    private let isWanted: @Sendable () -> Bool
    private let joining: @Sendable () -> Set<EventID>

    /// A search in a log or a file.
    ///
    /// - Parameters:
    ///   - isWanted: Asked now and then whether the answer is still wanted.
    ///   - joining: Asked now and then during a long pass for more ids to look for in what is left of it.
    package init(
        _ source: LogSource,
        _ fileSystem: any FileSystem,
        isWanted: @escaping @Sendable () -> Bool = { true },
        joining: @escaping @Sendable () -> Set<EventID> = { [] }
    ) {
        self.source = source
        self.fileSystem = fileSystem
        self.isWanted = isWanted
        self.joining = joining
    }

    /// The positions right after the events with these ids. If several events have one, it is the position of one of them,
    /// leaving out what a segment repeats of the one before.
    ///
    /// Costs little if the events are near the end, or where the times in their ids say; otherwise a pass over the log from
    /// its end, back to the earliest of the events, or over all of it if there is no such event.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read, and `CancellationError`.
    package func positions(after ids: Set<EventID>) throws -> [EventID: LogPosition] {
        try places(of: ids).mapValues(\.end)
    }

    /// Where the events with these ids are; otherwise like ``positions(after:)``.
    func places(of ids: Set<EventID>) throws -> [EventID: Place] {
        var found = try backward(ids, atMost: Self.nearEnd)
        for id in ids where found[id] == nil { found[id] = try guess(id) }
        return try found.merging(backward(ids.filter { found[$0] == nil }, joining)) { first, _ in first }
    }

    /// Reads from the end until all are found, or so many bytes have been read.
    private func backward(
        _ ids: Set<EventID>,
        atMost most: Int64 = .max,
        _ joining: () -> Set<EventID> = { [] }
    ) throws -> [EventID: Place] {
        var ids = ids
        var found: [EventID: Place] = [:]
        var left = most
        guard !ids.isEmpty, var cursor = try LogCursor.open(source, .backward, in: fileSystem) else { return found }
        while found.count < ids.count, left > 0 {
            guard isWanted() else { throw CancellationError() }
            ids.formUnion(joining())
            var hit: (id: EventID, line: LinePosition)?
            let step = try cursor.next(atMost: min(left, 1 << 20)) { place, line in
                left -= place.end - place.offset
                guard let id = LineExaminer.id(line, place), ids.contains(id), found[id] == nil else { return true }
                hit = (id, place)
                return false
            }
            if let hit, let beginning = try cursor.position(at: hit.line.offset),
                let end = try cursor.position(at: hit.line.end)
            {
                found[hit.id] = Place(beginning: beginning, end: end)
            }
            if step == .end { break }
        }
        return found
    }
}
