// What a reader reads: parts of segments, in the log's order. Pure: made of the names of the segments and of where to begin
// and to end, and it opens nothing. A cursor takes the parts off it, from whichever end it reads.

/// Which parts of a log's segments to read.
struct ScanPlan: Hashable {
    /// A place in a log, as long as its segments keep their numbers.
    struct Place: Hashable {
        var segment: Int
        var offset: Int64
    }

    /// A part of one segment.
    struct Part: Hashable {
        /// The segment's number; 0 for a file that is no log's.
        let number: Int
        let source: LogSource
        /// The offsets of its first byte and behind its last one; `Int64.max` for as far as the segment reaches.
        var range: Range<Int64> = 0..<Int64.max
    }

    /// What is left to read, in the log's order.
    private(set) var parts: ArraySlice<Part>

    /// Everything in one source that is no log.
    init(file source: LogSource) {
        parts = [Part(number: 0, source: source)]
    }

    /// Everything in a log.
    ///
    /// - Parameters:
    ///   - ended: The segments that have ended, in their order.
    ///   - active: The path of the active segment, and the number that it will get, if there is one.
    init(ended: [LogSegments.Ended], active: (path: String, number: Int)?) {
        parts = ended.map { Part(number: $0.number, source: .ended($0.path)) }[...]
        if let active { parts.append(Part(number: active.number, source: .log(active.path))) }
    }

    /// Leaves out what lies before a place.
    mutating func begin(at place: Place) {
        parts = parts.drop { $0.number < place.segment }
        guard let first = parts.first, first.number == place.segment else { return }
        parts[parts.startIndex].range = min(place.offset, first.range.upperBound)..<first.range.upperBound
    }

    /// Leaves out what lies behind a place.
    mutating func end(at place: Place) {
        while let last = parts.last, last.number > place.segment { parts.removeLast() }
        guard let last = parts.last, last.number == place.segment else { return }
        parts[parts.endIndex - 1].range = last.range.lowerBound..<max(last.range.lowerBound, place.offset)
    }

    /// The part that comes first in the log.
    mutating func takeFirst() -> Part? { parts.popFirst() }

    /// The part that comes last in the log.
    mutating func takeLast() -> Part? { parts.popLast() }
}
