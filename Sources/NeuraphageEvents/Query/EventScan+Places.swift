extension EventScan {
    /// The events with these ids, as far as the log has them: one search for all.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package static func events(
        withIDs ids: Set<EventID>,
        inLogAt path: String,
        _ files: any FileSystem
    ) throws -> [EventID: Event] {
        let places = try EventSearch(.log(path), files).places(of: ids).mapValues { place in
            EventPlace(segment: place.beginning.segment, offset: place.beginning.offset)
        }
        return places.isEmpty ? [:] : try events(at: places, inLogAt: path, files)
    }

    /// The events with these ids, read where they were. One whose line is not there any more is left out: its file was
    /// pruned, or it is another log.
    ///
    /// Costs opening each segment that has one of them, and reading its line.
    ///
    /// - Throws: ``EventLogError`` if the log cannot be read.
    package static func events(
        at places: [EventID: EventPlace],
        inLogAt path: String,
        _ files: any FileSystem
    ) throws(EventLogError) -> [EventID: Event] {
        let log = try OpenLog(path: path, files)
        let parts = log.plan.parts
        let examiner = LineExaminer(EventFilter())
        var found: [EventID: Event] = [:]
        for (number, places) in Dictionary(grouping: places, by: \.value.segment) {
            // The number of the segment that was active then may have been a guess.
            let likely = parts.filter { $0.number == number } + parts.suffix(1).filter { $0.number != number }
            var left = places
            for part in likely where !left.isEmpty {
                guard let input = try log.open(part) else { continue }
                for (id, place) in left {
                    guard let line = try input.line(at: place.offset) else { continue }
                    let position = LinePosition(offset: place.offset, end: place.offset + Int64(line.count))
                    guard case .event(let event) = examiner.examine(line.span, position), event.id == id else {
                        continue
                    }
                    found[id] = event
                }
                left.removeAll { found[$0.key] != nil }
            }
        }
        return found
    }
}

extension LineInput {
    /// How much is read of a line at first: more than most have.
    private static let likelyLine: Int64 = 16 << 10

    /// The line that begins at an offset of a file, without its newline; `nil` if there is none that has an end.
    fileprivate func line(at offset: Int64) throws(EventLogError) -> [UInt8]? {
        guard offset >= 0, offset < .max - Int64(Self.longestLine) else { return nil }
        for most in [Self.likelyLine, Int64(Self.longestLine)] {
            let bytes = try bytes(offset..<offset + most)
            if let newline = bytes.firstIndex(of: UInt8(ascii: "\n")) { return Array(bytes[..<newline]) }
            // A file that has ended, or was named, may lack the last one.
            if bytes.count < most { return source.takesUnterminated && !bytes.isEmpty ? bytes : nil }
        }
        return nil
    }
}
