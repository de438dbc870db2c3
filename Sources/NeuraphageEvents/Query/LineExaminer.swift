// What a line is to somebody who looks for certain events. What is passed over costs no allocation.

/// Looks at one line after the other. Blank lines, which a writer leaves when it closes off a fragment, and a byte
/// order mark are nothing.
struct LineExaminer {
    enum Finding {
        /// An event that is wanted.
        case event(Event)
        /// No event at all, and why not.
        case skipped(String)
        /// An event that isn't wanted, or nothing.
        case nothing
    }

    private let filter: EventFilter
    private let after: EventID?
    /// Whether the event to start behind has been seen.
    private(set) var isPastStart: Bool
    /// Where in its log the file stands that is examined; `nil` if it is no file of a log.
    var seam: Seam?

    init(filter: EventFilter, after: EventID?) {
        self.filter = filter
        self.after = after
        isPastStart = after == nil
    }

    mutating func examine(_ line: Span<UInt8>, _ position: LinePosition) -> Finding {
        if position.isTooLong || line.count > InputLimits.lineBytes { return .skipped(InputLimits.lineTooLong) }
        let line = line.extracting(line.textStart(position)...)
        if line.isBlank { return .nothing }
        do throws(LineError) {
            let parts = try EventLine(line)
            let (kind, timestamp) = try parts.envelope()
            if seam?.isRepeated(parts, kind, line, position) == true { return .nothing }
            guard isPastStart else {
                isPastStart = parts.eventID(line) == after
                return .nothing
            }
            guard
                filter.matches(
                    kind: kind,
                    at: timestamp,
                    from: parts.sourceTask(line),
                    to: parts.targetTask(line)
                )
            else { return .nothing }
            let event = try parts.event(line)
            return filter.matchesContent(of: event) ? .event(event) : .nothing
        } catch {
            return .skipped(error.description)
        }
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
