// What a line is to a reader who looks for certain events. What is passed over costs no allocation.

/// Looks at one line after another. Blank lines, which a writer leaves when it closes off a fragment, a byte order mark, and
/// what repeats the segment before are nothing.
///
/// A class, because a closure that looks at each line would copy the filter each time.
final class LineExaminer: Sendable {
    enum Finding {
        /// An event that is wanted.
        case event(Event)
        /// One that is wanted, if only their number is asked for.
        case one
        /// No event at all, and why not.
        case skipped(String)
        /// An event that isn't wanted, or nothing.
        case nothing
    }

    private let filter: EventFilter

    init(_ filter: EventFilter) {
        self.filter = filter
    }

    /// - Parameter onlyCounts: Whether the event itself doesn't matter, so that it need not be made.
    func examine(_ line: Span<UInt8>, _ position: LinePosition, onlyCounts: Bool = false) -> Finding {
        if position.isRepetition { return .nothing }
        if position.isTooLong || line.count > InputLimits.lineBytes { return .skipped(InputLimits.lineTooLong) }
        let line = line.extracting(line.textStart(position)...)
        if line.isBlank { return .nothing }
        do throws(LineError) {
            let parts = try EventLine(line)
            let (kind, timestamp) = try parts.envelope()
            guard
                filter.matches(
                    kind: kind,
                    at: timestamp,
                    from: parts.sourceTask(line),
                    to: parts.targetTask(line)
                )
            else { return .nothing }
            if onlyCounts, !filter.looksAtContent { return .one }
            let event = try parts.event(line)
            return filter.matchesContent(of: event) ? .event(event) : .nothing
        } catch {
            return .skipped(Self.reason(error, line, position))
        }
    }

    /// Why a line is no event, in words.
    static func reason(_ error: LineError, _ line: Span<UInt8>, _ position: LinePosition) -> String {
        ForeignFormat(line, position).map { "the file is \($0.description)" } ?? error.description
    }

    /// The id of the event in a line; `nil` if there is none, or if it repeats one of the segment before.
    static func id(_ line: Span<UInt8>, _ position: LinePosition) -> EventID? {
        guard !position.isRepetition, !position.isTooLong else { return nil }
        let line = line.extracting(line.textStart(position)...)
        guard let parts = try? EventLine(line), (try? parts.envelope()) != nil else { return nil }
        return parts.eventID(line)
    }
}

extension Span<UInt8> {
    /// Whether there is nothing in the line.
    var isBlank: Bool {
        for index in indices {
            switch self[index] {
            case UInt8(ascii: " "), UInt8(ascii: "\t"), UInt8(ascii: "\r"): continue
            default: return false
            }
        }
        return true
    }

    /// Where the text of a line begins: behind the byte order mark, if the file begins with one.
    func textStart(_ position: LinePosition) -> Int {
        let hasMark = position.offset == 0 && count >= 3 && self[0] == 0xef && self[1] == 0xbb && self[2] == 0xbf
        return hasMark ? 3 : 0
    }
}
