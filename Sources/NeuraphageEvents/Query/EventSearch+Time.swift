// A guess at where an event is. An id that this library minted tells its millisecond, and logs are mostly in the order of
// time, so some twenty looks at a log of any size lead near the event. The order is never trusted: the guess counts only if
// the event is there.

extension EventSearch {
    /// How far from the place that the time leads to the event is looked for.
    private static let reach: Int64 = 1 << 20
    /// How much earlier than its id's time an event may be in the log, because several writers wrote at once.
    private static let slack: Int64 = 1_000_000  // µs

    /// The position after an event, if it is where its id's time says; `nil` proves nothing.
    func guess(after id: EventID) throws -> LogPosition? {
        guard case .log(let path) = source, let millisecond = id.millisecond else { return nil }
        let time = Timestamp(microsecondsSinceEpoch: Int64(millisecond) * 1_000 - Self.slack)
        let log = try OpenLog(path: path, fileSystem)
        var later = log.plan
        // Of the segments that begin before that time it is in the last one.
        while let part = later.takeLast() {
            guard let input = try log.open(part), let size = input.status?.size else { continue }
            guard let first = try Self.time(in: input, from: 0), first <= time || later.parts.isEmpty else { continue }
            return try guess(id, time, in: input, size, part.number, log.files)
        }
        return nil
    }

    private func guess(
        _ id: EventID,
        _ time: Timestamp,
        in input: LineInput,
        _ size: Int64,
        _ segment: Int,
        _ files: LogSegments
    ) throws -> LogPosition? {
        var low: Int64 = 0
        var high = size
        while high - low > Self.reach {
            let middle = low + (high - low) / 2
            guard let found = try Self.time(in: input, from: middle) else { return nil }
            if found < time { low = middle } else { high = middle }
        }
        var end: LinePosition?
        var lines = ForwardLines(from: low)
        _ = try lines.forEach(in: input, upTo: min(size, high + Self.reach)) { place, line in
            // The first line may be a part of one; that isn't an event, or it is another one.
            if LineExaminer.id(line, place) == id { end = place }
            return end == nil
        }
        guard let end else { return nil }
        var seam = Seam(files, fileSystem)
        guard try !seam.examine(input, upTo: end.end).contains(end.offset) else { return nil }
        return LogPosition(segment: segment, offset: end.end, mark: try input.mark(before: end.end))
    }

    /// The time of the first event that begins after an offset, if it is not far from there.
    private static func time(in input: LineInput, from offset: Int64) throws -> Timestamp? {
        var time: Timestamp?
        var lines = ForwardLines(from: offset)
        _ = try lines.forEach(in: input, upTo: offset + reach) { place, line in
            guard place.offset > offset || offset == 0, !place.isTooLong else { return true }
            time = (try? EventLine(line.extracting(line.textStart(place)...)))?.timestamp
            return time == nil
        }
        return time
    }
}
