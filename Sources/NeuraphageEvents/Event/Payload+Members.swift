// Looking at the members of a payload one after another, without taking out those that are not wanted. Folds do it for
// every event of a log, so nothing is allocated but what is asked for.

extension Payload {
    /// Where a value is in the text of a payload.
    package struct ValueRange {
        private let range: Range<Int>

        fileprivate init(_ range: Range<Int>) {
            self.range = range
        }

        /// The value, if it is a string.
        package func string(_ bytes: Span<UInt8>) -> String? {
            stringRange(bytes).map { JSONText.decode($0, bytes) }
        }

        /// The value, if it is the id of an event.
        package func eventID(_ bytes: Span<UInt8>) -> EventID? { stringRange(bytes).map { EventID($0, bytes) } }

        /// The value, if it is a whole number that fits.
        package func integer(_ bytes: Span<UInt8>) -> Int? {
            guard range.count <= 20, bytes[range.lowerBound] != UInt8(ascii: "\"") else { return nil }
            return Int(JSONText.text(bytes, range))
        }

        /// Whether the value is `true`.
        package func isTrue(_ bytes: Span<UInt8>) -> Bool { bytes[range.lowerBound] == UInt8(ascii: "t") }

        /// The value, whatever it is.
        package func payload(_ bytes: Span<UInt8>) -> Payload { Payload(validated: JSONText.text(bytes, range)) }

        /// Hands over the members, in their order, if the value is an object.
        package func forEachMember(_ bytes: Span<UInt8>, _ body: (Member) -> Void) {
            var position = range.lowerBound
            guard JSONText.skip("{", bytes, &position) else { return }
            while position < range.upperBound, let key = try? JSONText.skipKey(bytes, &position),
                let value = Self.next(bytes, &position)
            {
                body(Member(key: key, value: value))
            }
        }

        /// Hands over the elements, in their order, if the value is an array.
        package func forEachElement(_ bytes: Span<UInt8>, _ body: (ValueRange) -> Void) {
            var position = range.lowerBound
            guard JSONText.skip("[", bytes, &position) else { return }
            while position < range.upperBound, bytes[position] != UInt8(ascii: "]"),
                let value = Self.next(bytes, &position)
            {
                body(value)
            }
        }

        /// Moves behind the value at a position, and the comma after it.
        private static func next(_ bytes: Span<UInt8>, _ position: inout Int) -> ValueRange? {
            let start = position
            // Most values are strings, and need none of what finds the end of any value.
            let isString = position < bytes.count && bytes[position] == UInt8(ascii: "\"")
            let isThere =
                isString
                ? (try? JSONText.skipString(bytes, &position)) != nil
                : (try? JSONText.skipValue(bytes, &position)) != nil
            guard isThere else { return nil }
            defer { _ = JSONText.skip(",", bytes, &position) }
            return ValueRange(start..<position)
        }

        private func stringRange(_ bytes: Span<UInt8>) -> JSONText.StringRange? {
            var position = range.lowerBound
            guard bytes[position] == UInt8(ascii: "\"") else { return nil }
            return try? JSONText.skipString(bytes, &position)
        }
    }

    /// A member of an object in the text of a payload.
    package struct Member {
        fileprivate let key: JSONText.StringRange
        package let value: ValueRange

        /// Whether the member has this name.
        package func isNamed(_ name: StaticString, _ bytes: Span<UInt8>) -> Bool {
            if key.hasEscapes { return JSONText.decode(key, bytes) == name.description }
            // Most names differ in their lengths.
            return key.range.count == name.utf8CodeUnitCount && JSONText.isEqual(key, bytes, to: name)
        }
    }

    /// Hands over the members of the payload itself, in their order, and the text in which they are; none if it is not an
    /// object.
    package func forEachMember(_ body: (Member, Span<UInt8>) -> Void) {
        var json = json
        json.withUTF8 { buffer in
            let bytes = buffer.span
            ValueRange(0..<bytes.count).forEachMember(bytes) { body($0, bytes) }
        }
    }
}
