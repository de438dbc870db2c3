// JSON as text (RFC 8259): is it valid, where does a value end, what does a string say, how is a string written.
//
// There is no tree. A payload is kept as the text it came as, so numbers and duplicate keys survive, and a line is read
// without building anything. Nothing here is recursive.

/// Where a text stops being JSON, and why.
package struct JSONError: Error, Hashable, CustomStringConvertible {
    /// The byte offset in the text.
    package var offset: Int
    /// What was wrong there.
    package var reason: String

    package var description: String { "\(reason) at byte \(offset)" }
}

/// Functions on JSON text. Each takes the bytes and a position that it moves behind what it read.
package enum JSONText {
    /// A string's place in the text, without its quotes.
    package struct StringRange: Hashable {
        package var range: Range<Int>
        package var hasEscapes: Bool

        package init(range: Range<Int>, hasEscapes: Bool) {
            self.range = range
            self.hasEscapes = hasEscapes
        }
    }

    package static func skipWhitespace(_ bytes: Span<UInt8>, _ position: inout Int) {
        while position < bytes.count, isWhitespace(bytes[position]) { position += 1 }
    }

    /// Whether a byte is one of those that may be between two tokens.
    package static func isWhitespace(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): true
        default: false
        }
    }

    /// Whether `character` stands at the position; moves behind it if so.
    package static func skip(_ character: Unicode.Scalar, _ bytes: Span<UInt8>, _ position: inout Int) -> Bool {
        guard position < bytes.count, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    /// How much a value holds.
    struct Extent {
        /// How many values, itself included.
        var values = 0
        /// How deep objects and arrays lie in each other.
        var depth = 0
        /// How many bytes of white space stand between its tokens.
        var blanks = 0

        var isWithinLimits: Bool { values <= InputLimits.values && depth <= InputLimits.depth }
    }

    /// Moves behind one value of any kind, which must be valid and within the limits, and any white space before it.
    package static func skipValue(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        var extent = Extent()
        try skipValue(bytes, &position, &extent)
    }

    /// Moves behind one value and adds what it holds to `extent`, which must stay within the limits.
    static func skipValue(_ bytes: Span<UInt8>, _ position: inout Int, _ extent: inout Extent) throws(JSONError) {
        var nesting = Nesting()
        nextValue: while true {
            skipBlanks(bytes, &position, &extent)
            guard position < bytes.count else { throw JSONError(offset: position, reason: "a value is missing") }
            extent.values += 1
            guard extent.values <= InputLimits.values else {
                throw JSONError(offset: position, reason: InputLimits.tooManyValues)
            }
            switch bytes[position] {
            case UInt8(ascii: "{"):
                try nesting.open(at: position, &extent)
                position += 1
                skipBlanks(bytes, &position, &extent)
                if !skip("}", bytes, &position) {
                    nesting.push(.object)
                    try skipKey(bytes, &position, &extent)
                    continue nextValue
                }
            case UInt8(ascii: "["):
                try nesting.open(at: position, &extent)
                position += 1
                skipBlanks(bytes, &position, &extent)
                if !skip("]", bytes, &position) {
                    nesting.push(.array)
                    continue nextValue
                }
            case UInt8(ascii: "\""): _ = try skipString(bytes, &position)
            case UInt8(ascii: "t"): try skipLiteral("true", bytes, &position)
            case UInt8(ascii: "f"): try skipLiteral("false", bytes, &position)
            case UInt8(ascii: "n"): try skipLiteral("null", bytes, &position)
            default: try skipNumber(bytes, &position)
            }

            while let container = nesting.innermost {
                skipBlanks(bytes, &position, &extent)
                if skip(",", bytes, &position) {
                    if container == .object {
                        skipBlanks(bytes, &position, &extent)
                        try skipKey(bytes, &position, &extent)
                    }
                    continue nextValue
                }
                guard skip(container == .object ? "}" : "]", bytes, &position) else {
                    throw JSONError(
                        offset: position,
                        reason: "expected ',' or '\(container == .object ? "}" : "]")'"
                    )
                }
                nesting.pop()
            }
            return
        }
    }

    private static func skipBlanks(_ bytes: Span<UInt8>, _ position: inout Int, _ extent: inout Extent) {
        let start = position
        skipWhitespace(bytes, &position)
        extent.blanks += position - start
    }

    /// Moves behind an object's key and its colon.
    private static func skipKey(
        _ bytes: Span<UInt8>,
        _ position: inout Int,
        _ extent: inout Extent
    ) throws(JSONError) {
        let start = position
        let key = try skipKey(bytes, &position)
        // The quotes and the colon are three.
        extent.blanks += position - start - key.range.count - 3
    }

    /// Moves behind an object's key and its colon.
    package static func skipKey(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) -> StringRange {
        guard position < bytes.count, bytes[position] == UInt8(ascii: "\"") else {
            throw JSONError(offset: position, reason: "expected a key in quotes")
        }
        let key = try skipString(bytes, &position)
        skipWhitespace(bytes, &position)
        guard skip(":", bytes, &position) else { throw JSONError(offset: position, reason: "expected ':'") }
        return key
    }

    /// Moves behind the string whose opening quote stands at the position.
    package static func skipString(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) -> StringRange {
        let start = position + 1
        var index = start
        var hasEscapes = false
        while true {
            skipPlain(bytes, &index)
            guard index < bytes.count else { break }
            let byte = bytes[index]
            if byte == UInt8(ascii: "\"") {
                position = index + 1
                return StringRange(range: start..<index, hasEscapes: hasEscapes)
            }
            if byte == UInt8(ascii: "\\") {
                hasEscapes = true
                index += try escapeLength(bytes, index)
            } else if byte >= 0x80 {
                index += try utf8Length(bytes, index)
            } else if byte >= 0x20 {
                index += 1
            } else {
                throw JSONError(offset: index, reason: "a control character stands unescaped in a string")
            }
        }
        throw JSONError(offset: position, reason: "a string is not closed")
    }

    /// Moves over the bytes that stand for themselves in a string, eight at a time: none of the eight may be a quote, a
    /// backslash, a control or a part of a character beyond ASCII. (Each term has the high bit set in the lowest byte
    /// for which it holds; in bytes above that one it may be wrong, and they don't matter.)
    private static func skipPlain(_ bytes: Span<UInt8>, _ index: inout Int) {
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index + 8 <= bytes.count {
            let word = UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: index, as: UInt64.self))
            let quotes = word ^ (ones &* 0x22)
            let backslashes = word ^ (ones &* 0x5c)
            let isZeroOrControl =
                (quotes &- ones) & ~quotes | (backslashes &- ones) & ~backslashes | (word &- ones &* 0x20) & ~word
            let special = (isZeroOrControl | word) & (ones &* 0x80)
            guard special == 0 else {
                index += special.trailingZeroBitCount / 8
                return
            }
            index += 8
        }
    }

    /// The length of the escape sequence whose backslash stands at `index`.
    package static func escapeLength(_ bytes: Span<UInt8>, _ index: Int) throws(JSONError) -> Int {
        guard index + 1 < bytes.count else { throw JSONError(offset: index, reason: "a string is not closed") }
        switch bytes[index + 1] {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "b"), UInt8(ascii: "f"),
            UInt8(ascii: "n"), UInt8(ascii: "r"), UInt8(ascii: "t"):
            return 2
        case UInt8(ascii: "u") where codeUnit(bytes, index) != nil: return 6
        default: throw JSONError(offset: index, reason: "an escape sequence is not valid")
        }
    }

    /// The number behind the `\u` at `index`.
    private static func codeUnit(_ bytes: Span<UInt8>, _ index: Int) -> UInt32? {
        guard index + 6 <= bytes.count else { return nil }
        var unit: UInt32 = 0
        for digit in index + 2..<index + 6 {
            switch bytes[digit] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): unit = unit << 4 | UInt32(bytes[digit] - UInt8(ascii: "0"))
            case UInt8(ascii: "a")...UInt8(ascii: "f"): unit = unit << 4 | UInt32(bytes[digit] - UInt8(ascii: "a") + 10)
            case UInt8(ascii: "A")...UInt8(ascii: "F"): unit = unit << 4 | UInt32(bytes[digit] - UInt8(ascii: "A") + 10)
            default: return nil
            }
        }
        return unit
    }

    /// The length of the UTF-8 sequence at `index`, which is not ASCII (Unicode 15, table 3-7).
    package static func utf8Length(_ bytes: Span<UInt8>, _ index: Int) throws(JSONError) -> Int {
        let first = bytes[index]
        let (length, second): (Int, ClosedRange<UInt8>)
        switch first {
        case 0xc2...0xdf: (length, second) = (2, 0x80...0xbf)
        case 0xe0: (length, second) = (3, 0xa0...0xbf)
        case 0xed: (length, second) = (3, 0x80...0x9f)
        case 0xe1...0xef: (length, second) = (3, 0x80...0xbf)
        case 0xf0: (length, second) = (4, 0x90...0xbf)
        case 0xf1...0xf3: (length, second) = (4, 0x80...0xbf)
        case 0xf4: (length, second) = (4, 0x80...0x8f)
        default: throw JSONError(offset: index, reason: "the text is not UTF-8")
        }
        var isValid = index + length <= bytes.count && second.contains(bytes[index + 1])
        for offset in 2..<max(2, length) where isValid { isValid = bytes[index + offset] & 0xc0 == 0x80 }
        guard isValid else { throw JSONError(offset: index, reason: "the text is not UTF-8") }
        return length
    }

    private static func skipLiteral(
        _ literal: StaticString,
        _ bytes: Span<UInt8>,
        _ position: inout Int
    ) throws(JSONError) {
        for index in 0..<literal.utf8CodeUnitCount {
            guard position + index < bytes.count, bytes[position + index] == literal.utf8Start[index] else {
                throw JSONError(offset: position, reason: "expected a value")
            }
        }
        position += literal.utf8CodeUnitCount
    }

    private static func skipNumber(_ bytes: Span<UInt8>, _ position: inout Int) throws(JSONError) {
        let start = position
        func skipDigits(_ bytes: Span<UInt8>, _ position: inout Int) -> Int {
            let first = position
            while position < bytes.count, bytes[position] &- UInt8(ascii: "0") < 10 { position += 1 }
            return position - first
        }
        _ = skip("-", bytes, &position)
        let integer = position
        let digits = skipDigits(bytes, &position)
        guard digits > 0 else { throw JSONError(offset: start, reason: "expected a value") }
        guard digits == 1 || bytes[integer] != UInt8(ascii: "0") else {
            throw JSONError(offset: start, reason: "a number begins with 0")
        }
        if skip(".", bytes, &position) {
            guard skipDigits(bytes, &position) > 0 else {
                throw JSONError(offset: start, reason: "a number ends with its decimal point")
            }
        }
        if skip("e", bytes, &position) || skip("E", bytes, &position) {
            if !skip("+", bytes, &position) { _ = skip("-", bytes, &position) }
            guard skipDigits(bytes, &position) > 0 else {
                throw JSONError(offset: start, reason: "a number has no exponent")
            }
        }
        guard position - start <= InputLimits.numberBytes else {
            throw JSONError(offset: start, reason: InputLimits.numberTooLong)
        }
    }
}

extension JSONText {
    /// What a valid string says. Halves of surrogate pairs, which no text can hold, become U+FFFD.
    package static func decode(_ string: StringRange, _ bytes: Span<UInt8>) -> String {
        guard string.hasEscapes else { return text(bytes, string.range) }
        var decoded: [UInt8] = []
        decoded.reserveCapacity(string.range.count)
        forEachByte(of: string, bytes) { byte, _ in decoded.append(byte) }
        return String(decoding: decoded, as: UTF8.self)
    }

    /// Calls `body` with every byte of what a valid string says, and the place in the text of the character or escape
    /// sequence that it comes from.
    static func forEachByte(of string: StringRange, _ bytes: Span<UInt8>, _ body: (UInt8, Int) -> Void) {
        var index = string.range.lowerBound
        while index < string.range.upperBound {
            guard bytes[index] == UInt8(ascii: "\\") else {
                body(bytes[index], index)
                index += 1
                continue
            }
            switch bytes[index + 1] {
            case UInt8(ascii: "b"): body(0x08, index)
            case UInt8(ascii: "f"): body(0x0c, index)
            case UInt8(ascii: "n"): body(0x0a, index)
            case UInt8(ascii: "r"): body(0x0d, index)
            case UInt8(ascii: "t"): body(0x09, index)
            case UInt8(ascii: "u"):
                let (scalar, length) = escapedScalar(bytes, index)
                for byte in String(Character(scalar)).utf8 { body(byte, index) }
                index += length
                continue
            default: body(bytes[index + 1], index)
            }
            index += 2
        }
    }

    /// The character that the valid `\u` sequence at `index` means, with the one behind it if they are a surrogate
    /// pair, and how many bytes that took.
    package static func escapedScalar(_ bytes: Span<UInt8>, _ index: Int) -> (scalar: Unicode.Scalar, length: Int) {
        let unit = codeUnit(bytes, index) ?? 0xfffd
        if let scalar = Unicode.Scalar(unit) { return (scalar, 6) }
        if unit < 0xdc00, index + 12 <= bytes.count, bytes[index + 6] == UInt8(ascii: "\\"),
            bytes[index + 7] == UInt8(ascii: "u"), let low = codeUnit(bytes, index + 6), 0xdc00...0xdfff ~= low,
            let scalar = Unicode.Scalar(0x10000 + (unit - 0xd800) << 10 + (low - 0xdc00))
        {
            return (scalar, 12)
        }
        return ("\u{fffd}", 6)
    }

    /// Writes U+FFFD in place of each half of a surrogate pair in valid JSON text, from `start` on: no text can hold such
    /// a half, and many programs refuse JSON in which one stands.
    package static func replaceLoneSurrogates(in text: inout [UInt8], from start: Int) {
        var index = start
        while let backslash = text[index...].firstIndex(of: UInt8(ascii: "\\")) {
            guard text[backslash + 1] == UInt8(ascii: "u") else {
                index = backslash + 2
                continue
            }
            let (scalar, length) = escapedScalar(text.span, backslash)
            index = backslash + length
            guard scalar == "\u{fffd}", text[backslash + 2] | 0x20 == UInt8(ascii: "d") else { continue }
            text.replaceSubrange(backslash + 2..<index, with: "fffd".utf8)
        }
    }

    /// Whether a string without escapes says `text`.
    package static func isEqual(_ string: StringRange, _ bytes: Span<UInt8>, to text: StaticString) -> Bool {
        guard string.range.count == text.utf8CodeUnitCount else { return false }
        for (offset, index) in string.range.enumerated() where bytes[index] != text.utf8Start[offset] { return false }
        return true
    }

    /// The bytes as text.
    package static func text(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        bytes.extracting(range).withUnsafeBufferPointer { String(decoding: $0, as: UTF8.self) }
    }

    /// Appends `text` as a JSON string: quotes, backslashes and C0 controls are escaped, nothing else is.
    package static func encode(_ text: String, into line: inout [UInt8]) {
        var text = text
        line.append(UInt8(ascii: "\""))
        text.withUTF8 { bytes in
            var unescaped = 0
            for (index, byte) in bytes.enumerated()
            where byte < 0x20 || byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                line.append(contentsOf: bytes[unescaped..<index])
                appendEscape(of: byte, to: &line)
                unescaped = index + 1
            }
            line.append(contentsOf: bytes[unescaped...])
        }
        line.append(UInt8(ascii: "\""))
    }

    private static func appendEscape(of byte: UInt8, to line: inout [UInt8]) {
        line.append(UInt8(ascii: "\\"))
        switch byte {
        case 0x08: line.append(UInt8(ascii: "b"))
        case 0x09: line.append(UInt8(ascii: "t"))
        case 0x0a: line.append(UInt8(ascii: "n"))
        case 0x0c: line.append(UInt8(ascii: "f"))
        case 0x0d: line.append(UInt8(ascii: "r"))
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): line.append(byte)
        default:
            line.append(contentsOf: "u00".utf8)
            for digit in [byte >> 4, byte & 0xf] {
                line.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
            }
        }
    }

    /// A string that is a value.
    struct StringValue {
        /// The name of the member that it is.
        var key: StringRange?
        /// The name of the member in whose list it is.
        var list: StringRange?
        var value: StringRange
    }

    /// All strings of valid JSON text that are values, in their order.
    static func stringValues(_ bytes: Span<UInt8>) -> [StringValue] {
        var strings: [StringValue] = []
        var key: StringRange?
        /// For each open container, innermost last, the name of the list that it is.
        var lists: [StringRange?] = []
        var position = 0
        while position < bytes.count {
            guard bytes[position] == UInt8(ascii: "\""), let string = try? skipString(bytes, &position) else {
                switch bytes[position] {
                case UInt8(ascii: "["): lists.append(key)
                case UInt8(ascii: "{"): lists.append(nil)
                case UInt8(ascii: "]"), UInt8(ascii: "}"): _ = lists.popLast()
                default: break
                }
                key = nil
                position += 1
                continue
            }
            if skip(":", bytes, &position) {
                key = string
            } else {
                strings.append(StringValue(key: key, list: key == nil ? lists.last ?? nil : nil, value: string))
                key = nil
            }
        }
        return strings
    }

    /// Valid JSON text without the white space between its tokens.
    static func removingWhitespace(_ bytes: Span<UInt8>, _ range: Range<Int>) -> String {
        var kept: [UInt8] = []
        kept.reserveCapacity(range.count)
        var isInString = false
        var index = range.lowerBound
        while index < range.upperBound {
            let byte = bytes[index]
            switch byte {
            case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"):
                if isInString { kept.append(byte) }
            case UInt8(ascii: "\\"):
                kept.append(byte)
                index += 1
                kept.append(bytes[index])
            default:
                if byte == UInt8(ascii: "\"") { isInString.toggle() }
                kept.append(byte)
            }
            index += 1
        }
        return String(decoding: kept, as: UTF8.self)
    }
}

/// The open containers around a value, innermost last: one bit each.
private struct Nesting {
    enum Container { case object, array }

    private var depth = 0
    private var bits: UInt64 = 0

    var innermost: Container? {
        depth == 0 ? nil : bits & 1 == 1 ? .object : .array
    }

    /// Checks whether one more container, which begins at `position`, may lie in the open ones.
    func open(at position: Int, _ extent: inout JSONText.Extent) throws(JSONError) {
        guard depth < InputLimits.depth else { throw JSONError(offset: position, reason: InputLimits.tooDeep) }
        extent.depth = max(extent.depth, depth + 1)
    }

    mutating func push(_ container: Container) {
        bits = bits << 1 | (container == .object ? 1 : 0)
        depth += 1
    }

    mutating func pop() {
        bits >>= 1
        depth -= 1
    }
}
