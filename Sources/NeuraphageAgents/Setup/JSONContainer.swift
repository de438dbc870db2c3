// An object or array in a JSON text, with the places of what it holds, so that the text can be changed without touching
// anything around the change.

import NeuraphageEvents

/// An object or array that stands in a text.
struct JSONContainer {
    /// One member of an object or one element of an array.
    struct Element {
        /// What the member is called; `nil` in an array.
        let key: String?
        /// The member with its key, or the element.
        let range: Range<Int>
        /// Where its value begins.
        let value: Int
    }

    let isObject: Bool
    /// Where the opening bracket stands.
    let open: Int
    /// Where the closing bracket stands.
    let close: Int
    let elements: [Element]

    /// The container whose bracket stands at `position`; `nil` if another value stands there.
    init?(_ text: [UInt8], at position: Int) throws(JSONError) {
        let bytes = text.span
        var position = position
        open = position
        isObject = JSONText.skip("{", bytes, &position)
        guard isObject || JSONText.skip("[", bytes, &position) else { return nil }
        let bracket: Unicode.Scalar = isObject ? "}" : "]"

        var elements: [Element] = []
        JSONText.skipWhitespace(bytes, &position)
        var isAtEnd = JSONText.skip(bracket, bytes, &position)
        while !isAtEnd {
            JSONText.skipWhitespace(bytes, &position)
            let start = position
            var key: String?
            if isObject {
                key = JSONText.decode(try JSONText.skipKey(bytes, &position), bytes)
                JSONText.skipWhitespace(bytes, &position)
            }
            let value = position
            try JSONText.skipValue(bytes, &position)
            elements.append(Element(key: key, range: start..<position, value: value))
            JSONText.skipWhitespace(bytes, &position)
            if JSONText.skip(",", bytes, &position) { continue }
            isAtEnd = JSONText.skip(bracket, bytes, &position)
            guard isAtEnd else { return nil }
        }
        close = position - 1
        self.elements = elements
    }

    /// What stands between the brackets.
    var interior: Range<Int> { open + 1..<close }

    /// The member of this name. Of several the last one counts, as it does for JavaScript.
    func member(_ name: String) -> Element? {
        elements.last { $0.key == name }
    }

    /// The text without one of the elements and the comma that belongs to it.
    ///
    /// - Parameter interior: What is to stand between the brackets if that was the only element.
    func removing(_ index: Int, from text: [UInt8], leaving interior: [UInt8]) -> [UInt8] {
        let range = elements[index].range
        if elements.count == 1 { return text.replacing(self.interior, with: interior) }
        return index == 0
            ? text.replacing(range.lowerBound..<elements[1].range.lowerBound, with: [])
            : text.replacing(elements[index - 1].range.upperBound..<range.upperBound, with: [])
    }
}

extension [UInt8] {
    /// The bytes with a part of them replaced.
    func replacing(_ range: Range<Int>, with part: [UInt8]) -> [UInt8] {
        var bytes = self
        bytes.replaceSubrange(range, with: part)
        return bytes
    }
}
