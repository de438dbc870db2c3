// Reading a line: ours, and what other writers produce – other key order, white space, missing optional keys,
// snake_case kinds, any RFC 3339 time, extra keys. A line that isn't one event, whole, is refused with the reason.
//
// The envelope is read without allocating, the payload is only checked; both are decoded when somebody wants them.

import NeuraphagePlatform

/// Why a line is not an event.
package struct LineError: Error, Hashable, CustomStringConvertible {
    package let description: String
}

/// The parts of one line, found but not yet taken out.
package struct EventLine {
    package private(set) var kind: EventKind?
    package private(set) var timestamp: Timestamp?
    private var id: JSONText.StringRange?
    private var source: JSONText.StringRange?
    private var target: JSONText.StringRange?
    private var payload: Range<Int>?
    /// Whether there is white space between the payload's tokens.
    private var payloadHasBlanks = false
    /// Whether there are members that aren't an event's.
    private var hasOthers = false

    private enum Key: UInt8 {
        case id = 1
        case kind = 2
        case source = 4
        case target = 8
        case payload = 16
        case timestamp = 32
    }

    /// Finds the parts of the one JSON object in `bytes`.
    package init(_ bytes: Span<UInt8>) throws(LineError) {
        do throws(JSONError) {
            if try !parseCanonical(bytes) {
                self = EventLine()
                try parse(bytes)
            }
        } catch {
            throw LineError(description: error.description)
        }
    }

    private init() {}

    /// Finds the parts of a line as ``Event/encode(into:)`` writes it: six members in their order, nothing between them. Nearly
    /// all lines are such, and nothing has to be looked up for them. What is checked is the same as for any other.
    ///
    /// - Returns: Whether it is one. If not, some parts have been found all the same.
    private mutating func parseCanonical(_ bytes: Span<UInt8>) throws(JSONError) -> Bool {
        var position = 0
        var nothing = JSONText.Extent()
        guard Self.skip(#"{"id":"#, bytes, &position) else { return false }
        try parseValue(of: .id, bytes, &position, &nothing)
        guard Self.skip(#","kind":"#, bytes, &position) else { return false }
        try parseValue(of: .kind, bytes, &position, &nothing)
        guard Self.skip(#","source_task":"#, bytes, &position) else { return false }
        try parseValue(of: .source, bytes, &position, &nothing)
        guard Self.skip(#","target_task":"#, bytes, &position) else { return false }
        try parseValue(of: .target, bytes, &position, &nothing)
        guard Self.skip(#","payload":"#, bytes, &position) else { return false }
        try parseValue(of: .payload, bytes, &position, &nothing)
        guard Self.skip(#","timestamp":"#, bytes, &position) else { return false }
        try parseValue(of: .timestamp, bytes, &position, &nothing)
        return position == bytes.count - 1 && bytes[position] == UInt8(ascii: "}")
    }

    /// Moves to the value of a member, if the member is next and its value follows at once.
    @inline(__always)
    private static func skip(_ beginning: StaticString, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        let end = position + beginning.utf8CodeUnitCount
        guard end < bytes.count, !JSONText.isWhitespace(bytes[end]) else { return false }
        let isThere = bytes.extracting(position..<end).withUnsafeBufferPointer { found in
            found.baseAddress.map { memcmp($0, beginning.utf8Start, found.count) == 0 } ?? false
        }
        if isThere { position = end }
        return isThere
    }

    private mutating func parse(_ bytes: Span<UInt8>) throws(JSONError) {
        var position = 0
        JSONText.skipWhitespace(bytes, &position)
        guard JSONText.skip("{", bytes, &position) else {
            throw JSONError(offset: position, reason: "not a JSON object")
        }
        var seen: UInt8 = 0
        var others = JSONText.Extent()
        JSONText.skipWhitespace(bytes, &position)
        if !JSONText.skip("}", bytes, &position) {
            repeat {
                JSONText.skipWhitespace(bytes, &position)
                let start = position
                let key = Self.key(try JSONText.skipKey(bytes, &position), bytes)
                hasOthers = hasOthers || key == nil
                if let key {
                    guard seen & key.rawValue == 0 else { throw JSONError(offset: start, reason: "a key stands twice") }
                    seen |= key.rawValue
                }
                JSONText.skipWhitespace(bytes, &position)
                try parseValue(of: key, bytes, &position, &others)
                JSONText.skipWhitespace(bytes, &position)
            } while JSONText.skip(",", bytes, &position)
            guard JSONText.skip("}", bytes, &position) else {
                throw JSONError(offset: position, reason: "expected ',' or '}'")
            }
        }
        JSONText.skipWhitespace(bytes, &position)
        guard position == bytes.count else {
            throw JSONError(offset: position, reason: "something follows the JSON object")
        }
    }

    private static func key(_ name: JSONText.StringRange, _ bytes: Span<UInt8>) -> Key? {
        guard !name.hasEscapes else {
            var plain: [UInt8] = []
            JSONText.encode(JSONText.decode(name, bytes), into: &plain)
            guard !plain.contains(UInt8(ascii: "\\")) else { return nil }
            return key(JSONText.StringRange(range: 1..<plain.count - 1, hasEscapes: false), plain.span)
        }
        return keys.first { JSONText.isEqual(name, bytes, to: $0.name) }?.key
    }

    private static let keys: [(name: StaticString, key: Key)] = [
        ("id", .id), ("kind", .kind), ("source_task", .source), ("target_task", .target), ("payload", .payload),
        ("timestamp", .timestamp),
    ]

    /// The values of keys that aren't an event's are added to `others`: each may be within the limits, and all of them
    /// be too much.
    @inline(__always)
    private mutating func parseValue(
        of key: Key?,
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ others: inout JSONText.Extent
    ) throws(JSONError) {
        let start = position
        switch key {
        case .id: id = try Self.optionalString(named: "id", bytes, &position)
        case .source: source = try Self.optionalString(named: "source_task", bytes, &position)
        case .target: target = try Self.optionalString(named: "target_task", bytes, &position)
        case .kind: kind = try Self.kind(bytes, &position)
        case .timestamp:
            guard let text = try Self.optionalString(named: "timestamp", bytes, &position) else { return }
            guard !text.hasEscapes, let time = Timestamp.parse(bytes, text.range) else {
                throw JSONError(offset: start, reason: "\"timestamp\" is not an RFC 3339 date and time")
            }
            timestamp = time
        case .payload:
            var extent = JSONText.Extent()
            try JSONText.skipValue(bytes, &position, &extent)
            payload = start..<position
            payloadHasBlanks = extent.blanks > 0
        case nil: try JSONText.skipValue(bytes, &position, &others)
        }
    }

    private static func optionalString(
        named name: StaticString,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONError) -> JSONText.StringRange? {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            return try JSONText.skipString(bytes, &position)
        }
        try JSONText.skipValue(bytes, &position)
        guard bytes[start] == UInt8(ascii: "n") else {
            throw JSONError(offset: start, reason: "\"\(name)\" is not a string")
        }
        return nil
    }

    private static func kind(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) -> EventKind {
        let start = position
        if position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            return EventKind(wireName: try JSONText.skipString(bytes, &position), bytes)
        }
        if JSONText.skip("{", bytes, &position) {
            JSONText.skipWhitespace(bytes, &position)
            let key = JSONText.decode(try JSONText.skipKey(bytes, &position), bytes)
            JSONText.skipWhitespace(bytes, &position)
            if key == "Custom", position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
                let name = JSONText.decode(try JSONText.skipString(bytes, &position), bytes)
                JSONText.skipWhitespace(bytes, &position)
                if JSONText.skip("}", bytes, &position) { return .custom(CustomName(asWritten: name)) }
            }
        }
        throw JSONError(offset: start, reason: #""kind" is neither a name nor {"Custom":"name"}"#)
    }

    package func sourceTask(_ bytes: Span<UInt8>) -> TaskID? {
        source.map { TaskID(asWritten: JSONText.decode($0, bytes)) }
    }

    package func targetTask(_ bytes: Span<UInt8>) -> TaskID? {
        target.map { TaskID(asWritten: JSONText.decode($0, bytes)) }
    }

    package func eventID(_ bytes: Span<UInt8>) -> EventID? {
        id.map { EventID($0, bytes) }
    }

    package func eventPayload(_ bytes: Span<UInt8>) -> Payload {
        guard let payload else { return .empty }
        return Payload(
            validated: payloadHasBlanks
                ? JSONText.removingWhitespace(bytes, payload) : JSONText.text(bytes, payload)
        )
    }

    /// The members that aren't an event's, as one object, in their order.
    package func others(_ bytes: Span<UInt8>) -> Payload {
        guard hasOthers else { return .empty }
        var members: [String] = []
        var position = 0
        JSONText.skipWhitespace(bytes, &position)
        repeat {
            // The brace or the comma.
            position += 1
            JSONText.skipWhitespace(bytes, &position)
            let start = position
            guard let name = try? JSONText.skipKey(bytes, &position), (try? JSONText.skipValue(bytes, &position)) != nil
            else { break }  // never: the line has been parsed
            if Self.key(name, bytes) == nil { members.append(JSONText.removingWhitespace(bytes, start..<position)) }
            JSONText.skipWhitespace(bytes, &position)
        } while position < bytes.count && bytes[position] == UInt8(ascii: ",")
        return Payload(validated: "{\(members.joined(separator: ","))}")
    }

    /// What a line in a log must have to be an event.
    package func envelope() throws(LineError) -> (kind: EventKind, timestamp: Timestamp) {
        guard id != nil else { throw LineError(description: "\"id\" is missing") }
        guard let kind else { throw LineError(description: "\"kind\" is missing") }
        guard let timestamp else { throw LineError(description: "\"timestamp\" is missing") }
        return (kind, timestamp)
    }

    /// The event of a line in a log: its id, kind and time must stand there.
    package func event(_ bytes: Span<UInt8>) throws(LineError) -> Event {
        let (kind, timestamp) = try envelope()
        return Event(
            id: eventID(bytes) ?? "",
            kind,
            from: sourceTask(bytes),
            to: targetTask(bytes),
            payload: eventPayload(bytes),
            timestamp: timestamp,
            others: others(bytes)
        )
    }
}

extension Event {
    /// The event in a line of a log, in any of the forms that writers of this format produce.
    package init(line: String) throws(LineError) {
        var line = line
        let result: Result<Event, LineError> = line.withUTF8 { bytes in
            do throws(LineError) {
                return .success(try EventLine(bytes.span).event(bytes.span))
            } catch {
                return .failure(error)
            }
        }
        self = try result.get()
    }
}
