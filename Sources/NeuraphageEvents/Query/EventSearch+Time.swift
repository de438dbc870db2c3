// A guess at where an event is. An id that this library minted tells its millisecond, and logs are mostly in the order of
// time, so some twenty looks at a log of any size lead near the event. The order is never trusted: the guess counts only if
// the event is there.

extension EventSearch {
    /// How far from the place that the time leads to the event is looked for.
    private static let reach: Int64 = 1 << 20
    /// How near the time leads: the rest is read.
    private static let nearness: Int64 = 64 << 10
    /// How much is read at first to learn the time at a place. Most lines are shorter.
    private static let glance: Int64 = 4 << 10
    /// How much earlier than its id's time an event may be in the log, because several writers wrote at once.
    private static let slack: Int64 = 1_000_000  // µs

    /// Where an event is, if it is where its id's time says; `nil` proves nothing.
    func guess(_ id: EventID) throws -> Place? {
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
    ) throws -> Place? {
        var low: Int64 = 0
        var high = size
        while high - low > Self.nearness {
            let middle = low + (high - low) / 2
            guard let found = try Self.time(in: input, from: middle) else { return nil }
            if found < time { low = middle } else { high = middle }
        }
        var hit: LinePosition?
        var lines = ForwardLines(from: low)
        _ = try lines.forEach(in: input, upTo: min(size, high + Self.reach)) { place, line in
            // The first line may be a part of one; that isn't an event, or it is another one.
            if LineExaminer.id(line, place) == id { hit = place }
            return hit == nil
        }
        guard let hit else { return nil }
        let seam = Seam(files, fileSystem)
        guard try !seam.examine(input, upTo: hit.end).contains(hit.offset) else { return nil }
        func position(at offset: Int64) throws -> LogPosition {
            LogPosition(segment: segment, offset: offset, mark: try input.mark(before: offset))
        }
        return Place(beginning: try position(at: hit.offset), end: try position(at: hit.end))
    }

    /// The time of the first event that begins after an offset, if it is not far from there.
    private static func time(in input: LineInput, from offset: Int64) throws -> Timestamp? {
        for reach in [glance, reach] {
            var time: Timestamp?
            var lines = ForwardLines(from: offset)
            _ = try lines.forEach(in: input, upTo: offset + reach) { place, line in
                guard place.offset > offset || offset == 0, !place.isTooLong else { return true }
                time = (try? EventLine(line.extracting(line.textStart(place)...)))?.timestamp
                return time == nil
            }
            if let time { return time }
        }
        return nil
    }
}
