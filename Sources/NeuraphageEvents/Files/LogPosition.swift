// The one noun for a place in a log: readers end at one, begin again at one, and keep it in files.
//
// A segment and an offset alone would fit any log. So a position also holds a short hash of the bytes that precede it, and
// a reader that begins at a position compares them first: it notices a log that was cut, restored, or replaced. A log that
// was copied as it is, or whose active segment has got its number meanwhile, is the same log.

/// A place in a log: after the last whole line that was read.
///
/// Prints as one token, such as `3-48213-5a1c9f02`, and is coded as that.
package struct LogPosition: Hashable, Sendable {
    /// How many of the bytes before a position are hashed, at most: more than most lines have, so the id of an event is
    /// among them.
    package static let reach = 512

    /// The number that the segment has, or will get when it ends. 0 in a file that is no log's.
    package let segment: Int
    /// The offset after the last whole line.
    package let offset: Int64
    /// The hash of the bytes before the offset.
    package let mark: UInt32

    package init(segment: Int, offset: Int64, mark: UInt32) {
        self.segment = segment
        self.offset = offset
        self.mark = mark
    }

    /// The hash of the bytes before a position (FNV-1a, folded).
    package static func mark(_ bytes: UnsafeRawBufferPointer) -> UInt32 {
        var hash: UInt64 = 0xcbf2_9ce4_8422_2325
        for byte in bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01b3 }
        return UInt32(truncatingIfNeeded: hash ^ hash >> 32)
    }
}

extension LogPosition: Comparable {
    /// Whether a position comes before another one of the same log.
    package static func < (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}

extension LogPosition: LosslessStringConvertible, Codable {
    /// The token of the position.
    package var description: String {
        let digits = String(mark, radix: 16)
        return "\(segment)-\(offset)-\(String(repeating: "0", count: 8 - digits.count))\(digits)"
    }

    /// The position that a token tells; `nil` if it is no token of a position.
    package init?(_ token: String) {
        let parts = token.split(separator: "-", omittingEmptySubsequences: false)
        guard parts.count == 3, let segment = Int(parts[0]), (0...LogSegments.greatestNumber + 1).contains(segment),
            let offset = Int64(parts[1]), offset >= 0, parts[2].utf8.count == 8, let mark = UInt32(parts[2], radix: 16)
        else { return nil }
        self.init(segment: segment, offset: offset, mark: mark)
        guard description == token else { return nil }
    }

    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let position = Self(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "not a position in a log")
        }
        self = position
    }

    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
