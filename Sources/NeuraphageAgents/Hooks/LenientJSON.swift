// What an agent says, skimmed: only a few small members of it are wanted, and the rest may be megabytes of prompts and
// tool output. So strings are skipped eight bytes at a time, nothing is validated that isn't needed, and nothing is built.
//
// Nothing here recurses or allocates. What a text means that isn't JSON is anybody's guess; it is only certain that
// looking at it is safe and ends.

import NeuraphageEvents

/// Finding members of JSON objects without checking the rest.
enum LenientJSON {
    /// Calls `body` with the places of the key, without its quotes, and the value of every member of an object, and, if
    /// that value is a string, with the number of bytes of UTF-8 that it says.
    ///
    /// - Parameters:
    ///   - position: Where the object begins, white space before it included; is moved behind what was read.
    ///   - isCut: Whether the text ends somewhere in the middle, which is no error then.
    /// - Returns: Whether there was an object that ended.
    static func forEachMember(
        of bytes: Span<UInt8>,
        at position: inout Int,
        isCut: Bool = false,
        _ body: (_ key: Range<Int>, _ value: Range<Int>, _ length: Int?) -> Void
    ) -> Bool {
        JSONText.skipWhitespace(bytes, &position)
        guard JSONText.skip("{", bytes, &position) else { return false }
        JSONText.skipWhitespace(bytes, &position)
        if JSONText.skip("}", bytes, &position) { return true }
        while true {
            JSONText.skipWhitespace(bytes, &position)
            let keyStart = position + 1
            var escapes = 0
            guard skipString(bytes, &position, &escapes) else { return isCut }
            let key = keyStart..<position - 1
            JSONText.skipWhitespace(bytes, &position)
            guard JSONText.skip(":", bytes, &position) else { return isCut && position == bytes.count }
            JSONText.skipWhitespace(bytes, &position)
            let valueStart = position
            escapes = 0
            guard skipValue(bytes, &position, &escapes) else { return isCut }
            let value = valueStart..<position
            body(key, value, bytes[valueStart] == UInt8(ascii: "\"") ? max(0, value.count - 2 - escapes) : nil)
            JSONText.skipWhitespace(bytes, &position)
            if JSONText.skip("}", bytes, &position) { return true }
            guard JSONText.skip(",", bytes, &position) else { return isCut && position == bytes.count }
        }
    }

    /// Whether a key, or a string without its quotes, is this word.
    static func isEqual(_ range: Range<Int>, _ bytes: Span<UInt8>, to word: StaticString) -> Bool {
        JSONText.isEqual(JSONText.StringRange(range: range, hasEscapes: false), bytes, to: word)
    }

    /// The beginning of a string value; `nil` if the value is none. What isn't valid in it is replaced.
    ///
    /// - Parameter limit: How long the text may be, in bytes. It ends between two characters.
    static func text(_ value: Range<Int>, _ bytes: Span<UInt8>, atMost limit: Int) -> String? {
        guard value.count >= 2, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let all = value.lowerBound + 1..<value.upperBound - 1
        // An escape sequence has at most six bytes for one.
        let range = all.lowerBound..<min(all.upperBound, all.lowerBound + limit * 6)
        let text = JSONText.decode(JSONText.StringRange(range: range, hasEscapes: true), bytes)
        guard text.utf8.count > limit else { return text }
        var end = text.startIndex
        while case let next = text.index(after: end), text.utf8.distance(from: text.startIndex, to: next) <= limit {
            end = next
        }
        return String(text[..<end])
    }

    /// The end of a string value; `nil` if the value is none. It may begin with a part of a character or of an escape
    /// sequence.
    ///
    /// - Parameter limit: How much of the value is looked at, in bytes.
    static func ending(_ value: Range<Int>, _ bytes: Span<UInt8>, atMost limit: Int) -> String? {
        guard value.count >= 2, bytes[value.lowerBound] == UInt8(ascii: "\"") else { return nil }
        let all = value.lowerBound + 1..<value.upperBound - 1
        let start = max(all.lowerBound, all.upperBound - limit)
        return JSONText.decode(JSONText.StringRange(range: start..<all.upperBound, hasEscapes: true), bytes)
    }

    /// A number without a fraction; `nil` if the value is none.
    static func integer(_ value: Range<Int>, _ bytes: Span<UInt8>) -> Int? {
        guard value.count <= 20 else { return nil }
        let text = JSONText.text(bytes, value)
        return Int(text.prefix { $0 != "." && !$0.isWhitespace })
    }

    /// How many elements an array has; 0 if the value is none.
    static func count(of value: Range<Int>, _ bytes: Span<UInt8>) -> Int {
        var position = value.lowerBound
        guard JSONText.skip("[", bytes, &position) else { return 0 }
        var count = 0
        while true {
            JSONText.skipWhitespace(bytes, &position)
            var escapes = 0
            guard position < value.upperBound, bytes[position] != UInt8(ascii: "]"),
                skipValue(bytes, &position, &escapes)
            else { return count }
            count += 1
            JSONText.skipWhitespace(bytes, &position)
            _ = JSONText.skip(",", bytes, &position)
        }
    }

    // MARK: - Skipping

    private static func skipValue(_ bytes: Span<UInt8>, _ position: inout Int, _ escapes: inout Int) -> Bool {
        let start = position
        var depth = 0
        while position < bytes.count {
            switch bytes[position] {
            case UInt8(ascii: "\""):
                guard skipString(bytes, &position, &escapes) else { return false }
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                depth += 1
                position += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                guard depth > 0 else { return position > start }
                depth -= 1
                position += 1
            case UInt8(ascii: ",") where depth == 0: return position > start
            default:
                position += 1
                continue
            }
            if depth == 0 { return true }
        }
        return false
    }

    /// Moves behind the string whose opening quote stands at the position; whatever stands after a backslash is a part
    /// of it. Adds to `escapes` by how many bytes what it says is shorter than what stands there.
    private static func skipString(_ bytes: Span<UInt8>, _ position: inout Int, _ escapes: inout Int) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else { return false }
        var index = position + 1
        while true {
            skipPlain(bytes, &index)
            guard index < bytes.count else { return false }
            if bytes[index] == UInt8(ascii: "\"") {
                position = index + 1
                return true
            }
            guard index + 1 < bytes.count else { return false }
            escapes += bytes[index + 1] == UInt8(ascii: "u") ? excess(ofUnicode: bytes, index + 2) : 1
            index += 2
        }
    }

    /// By how many bytes the escape sequence with these four digits is longer than the character that it means; half a
    /// character counts as half of its four bytes.
    private static func excess(ofUnicode bytes: Span<UInt8>, _ digits: Int) -> Int {
        guard digits + 4 <= bytes.count else { return 0 }
        let (first, second, third) = (bytes[digits], bytes[digits + 1], bytes[digits + 2])
        if first == UInt8(ascii: "0"), second < UInt8(ascii: "8") {
            return second == UInt8(ascii: "0") && third < UInt8(ascii: "8") ? 5 : 4
        }
        let isHalf = first | 0x20 == UInt8(ascii: "d") && second > UInt8(ascii: "7")
        return isHalf ? 4 : 3
    }

    /// Moves to the next quote or backslash. (Each term has the high bit set in the lowest byte for which it holds; in
    /// bytes above that one it may be wrong, and they don't matter.)
    private static func skipPlain(_ bytes: Span<UInt8>, _ index: inout Int) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5c)
            let special = ((quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes) & (ones &* 0x80)
            guard special == 0 else {
                index += special.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
        while index < bytes.count, bytes[index] != UInt8(ascii: "\""), bytes[index] != UInt8(ascii: "\\") { index += 1 }
    }
}
