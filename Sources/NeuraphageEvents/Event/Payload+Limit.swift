// The payload limit: what is too long is cut where it hurts least.
//
// The longest strings are cut first, to one common length, so that the small fields that people filter by survive. Ids
// are never cut: they are kept whole, as long as the limit has room for them.
// The result says what happened to it and is valid JSON within the limit.

extension Payload {
    /// The least limit: enough for the shortest form.
    package static let leastLimit = 128
    /// The limit if a log's configuration names no other one.
    package static let standardLimit = 10_240
    /// The greatest limit: with it, the longest line is still one that is read.
    package static let greatestLimit = 4_000_000

    /// This payload, or its cut copy if its text is longer than `limit` bytes.
    ///
    /// An object keeps its shape: its longest strings are cut and end in `…`, and
    /// `"_truncated":{"original_bytes":N}` is added. If that isn't enough, or the payload isn't an object, the copy is
    /// `{"_truncated":{"original_bytes":N},"preview":"…"}`, with the members that hold ids before it.
    package func limited(to limit: Int) -> Payload {
        let limit = min(limit, Self.greatestLimit)
        guard json.utf8.count > limit else { return self }
        var json = json
        return json.withUTF8 { bytes in
            Self.withStringsCut(bytes.span, to: limit) ?? Self.preview(bytes.span, within: limit)
        }
    }

    private static let ellipsis = Array("…".utf8)

    private static func withStringsCut(_ bytes: Span<UInt8>, to limit: Int) -> Payload? {
        guard bytes[0] == UInt8(ascii: "{") else { return nil }
        let note = Array(#""_truncated":{"original_bytes":\#(bytes.count)}"#.utf8)
        let strings = JSONText.stringValues(bytes).filter { !IdentifierMember.holds($0, bytes) }.map(\.value.range)
        let available =
            limit - note.count - 1 - strings.reduce(bytes.count) { $0 - $1.count }  // 1: the comma before the note
        guard let longest = commonLength(of: strings.map(\.count), within: available), longest >= ellipsis.count else {
            return nil
        }

        var cut: [UInt8] = []
        cut.reserveCapacity(limit)
        var copied = 0
        for string in strings where string.count > longest {
            let end = boundary(bytes, string, atMost: longest - ellipsis.count)
            bytes.extracting(copied..<end).withUnsafeBufferPointer { cut.append(contentsOf: $0) }
            cut.append(contentsOf: ellipsis)
            copied = string.upperBound
        }
        bytes.extracting(copied..<bytes.count - 1).withUnsafeBufferPointer { cut.append(contentsOf: $0) }
        if cut.count > 1 { cut.append(UInt8(ascii: ",")) }
        cut.append(contentsOf: note)
        cut.append(UInt8(ascii: "}"))
        return Payload(validated: String(decoding: cut, as: UTF8.self))
    }

    static func preview(_ bytes: Span<UInt8>, within limit: Int) -> Payload {
        let note = Array(#""_truncated":{"original_bytes":\#(bytes.count)},"preview":"#.utf8)
        let leastPreview = 16
        let ids = identifiers(bytes, within: limit - note.count - leastPreview)
        let head = Array("{".utf8) + ids + note
        var quoted: [UInt8] = []
        JSONText.encode(JSONText.text(bytes, 0..<min(bytes.count, limit)), into: &quoted)
        let end = boundary(quoted.span, 1..<quoted.count - 1, atMost: limit - head.count - 3 - ellipsis.count)
        let preview = head + quoted[..<end] + ellipsis + Array(#""}"#.utf8)
        return Payload(validated: String(decoding: preview, as: UTF8.self))
    }

    /// The members of an object that hold ids, each with a comma after it, as far as there is room for them.
    private static func identifiers(_ bytes: Span<UInt8>, within room: Int) -> [UInt8] {
        var kept: [UInt8] = []
        var position = 0
        guard JSONText.skip("{", bytes, &position) else { return [] }
        while position < bytes.count, bytes[position] == UInt8(ascii: "\"") {
            let start = position
            guard let key = try? JSONText.skipKey(bytes, &position) else { break }
            let value = position
            guard (try? JSONText.skipValue(bytes, &position)) != nil else { break }
            let count = position - start + 1
            if IdentifierMember.names.contains(JSONText.decode(key, bytes)), kept.count + count <= room,
                holdsOnlyIDs(bytes, value..<position, of: key)
            {
                bytes.extracting(start..<position).withUnsafeBufferPointer { kept.append(contentsOf: $0) }
                kept.append(UInt8(ascii: ","))
            }
            _ = JSONText.skip(",", bytes, &position)
        }
        return kept
    }

    /// Whether the value of a member is an id, or a list of ids.
    private static func holdsOnlyIDs(_ bytes: Span<UInt8>, _ value: Range<Int>, of key: JSONText.StringRange) -> Bool {
        guard [UInt8(ascii: "\""), UInt8(ascii: "[")].contains(bytes[value.lowerBound]) else { return false }
        let member = bytes.extracting(key.range.lowerBound - 1..<value.upperBound)
        let strings = JSONText.stringValues(member)
        return !strings.isEmpty && strings.allSatisfy { IdentifierMember.holds($0, member) }
    }

    /// The greatest length to which all longer strings can be cut so that they fit into `available` bytes together.
    private static func commonLength(of lengths: [Int], within available: Int) -> Int? {
        var remaining = available
        let ascending = lengths.sorted()
        for (index, length) in ascending.enumerated() {
            let share = remaining / (ascending.count - index)
            if length > share { return share }
            remaining -= length
        }
        return nil
    }

    /// The end of the longest beginning of `string` that has at most `maximum` bytes and no half character at its end:
    /// neither half an escape sequence, nor a part of what a reader sees as one character, such as a letter that has
    /// lost its accent or one half of a flag.
    private static func boundary(_ bytes: Span<UInt8>, _ string: Range<Int>, atMost maximum: Int) -> Int {
        var scalars = String.UnicodeScalarView()
        var ends: [Int] = []
        var index = string.lowerBound
        // One scalar beyond the maximum shows whether it belongs to the character before it.
        while index < string.upperBound, index - string.lowerBound <= maximum {
            let (scalar, length) = scalar(bytes, index)
            index += length
            scalars.append(scalar)
            ends.append(index)
        }
        guard index - string.lowerBound > maximum else { return index }

        var end = string.lowerBound
        var count = 0
        for character in String(scalars) {
            count += character.unicodeScalars.count
            guard ends[count - 1] - string.lowerBound <= maximum else { break }
            end = ends[count - 1]
        }
        return end
    }

    private static func scalar(_ bytes: Span<UInt8>, _ index: Int) -> (scalar: Unicode.Scalar, length: Int) {
        if bytes[index] == UInt8(ascii: "\\") {
            switch bytes[index + 1] {
            case UInt8(ascii: "u"): return JSONText.escapedScalar(bytes, index)
            case UInt8(ascii: "r"): return ("\r", 2)
            case UInt8(ascii: "n"): return ("\n", 2)
            default: return ("\\", 2)
            }
        }
        if bytes[index] < 0x80 { return (Unicode.Scalar(bytes[index]), 1) }
        let length = (try? JSONText.utf8Length(bytes, index)) ?? 1
        let text = JSONText.text(bytes, index..<index + length)
        return (text.unicodeScalars.first ?? "\u{fffd}", length)
    }
}
