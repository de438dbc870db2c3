// An event's identity: a UUIDv7 when we mint it, whatever text stands there when another program did.

/// The identity of an event.
///
/// Ids made by this library are UUIDs of version 7 (RFC 9562): they begin with the millisecond in which they were
/// minted and rise strictly within a process. Ids read from a file are kept exactly as they were written, whatever
/// their form. Comparing two UUIDs costs two integer comparisons and no allocation.
public struct EventID: Hashable, Sendable {
    private enum Storage: Hashable, Sendable {
        case uuid(high: UInt64, low: UInt64)
        case text(String)
    }

    private let storage: Storage

    /// The id with exactly this text. Any text is an id; use one that is unique.
    public init(_ text: String) {
        storage =
            text.utf8.withContiguousStorageIfAvailable { Self.uuid(in: $0) }?.map { .uuid(high: $0.high, low: $0.low) }
            ?? .text(text)
    }

    package init(high: UInt64, low: UInt64) {
        storage = .uuid(high: high, low: low)
    }

    /// The id that a valid string says, without making a text of a UUID.
    init(_ string: JSONText.StringRange, _ bytes: Span<UInt8>) {
        let uuid = bytes.extracting(string.range).withUnsafeBufferPointer { Self.uuid(in: $0) }
        storage = uuid.map { .uuid(high: $0.high, low: $0.low) } ?? .text(JSONText.decode(string, bytes))
    }

    /// The two halves of a UUID; `nil` for any other id.
    package var halves: (high: UInt64, low: UInt64)? {
        if case .uuid(let high, let low) = storage { (high, low) } else { nil }
    }

    /// How many characters a UUID has in its canonical form.
    package static let textLength = 36

    /// The two halves of a UUID in its canonical form (RFC 9562 section 4, lower case), or `nil`.
    private static func uuid(in text: UnsafeBufferPointer<UInt8>) -> (high: UInt64, low: UInt64)? {
        guard text.count == textLength else { return nil }
        var halves: (high: UInt64, low: UInt64) = (0, 0)
        for (index, byte) in text.enumerated() {
            if index == 8 || index == 13 || index == 18 || index == 23 {
                guard byte == UInt8(ascii: "-") else { return nil }
                continue
            }
            let digit: UInt8
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): digit = byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): digit = byte - UInt8(ascii: "a") + 10
            default: return nil
            }
            if index < 18 {
                halves.high = halves.high << 4 | UInt64(digit)
            } else {
                halves.low = halves.low << 4 | UInt64(digit)
            }
        }
        return halves
    }

    /// The millisecond since 1970 in which a UUID of version 7 was minted, as it says itself; `nil` for any other id.
    var millisecond: UInt64? {
        guard case .uuid(let high, _) = storage, high >> 12 & 0xf == 7 else { return nil }
        return high >> 16
    }

    /// 16 bytes that stand for an id.
    struct Fingerprint: Hashable {
        let high: UInt64
        let low: UInt64
    }

    /// A UUID itself, or two hashes of any other text. Different ids have the same one only by an accident that doesn't
    /// happen, and only until the process ends.
    var fingerprint: Fingerprint {
        switch storage {
        case .uuid(let high, let low): return Fingerprint(high: high, low: low)
        case .text(let text):
            let hashes = (0..<2).map { salt in
                var hasher = Hasher()
                hasher.combine(salt)
                hasher.combine(text)
                return UInt64(bitPattern: Int64(hasher.finalize()))
            }
            return Fingerprint(high: hashes[0], low: hashes[1])
        }
    }

    /// Appends the id's text as it stands inside a JSON string.
    func encode(into line: inout [UInt8]) {
        switch storage {
        case .text(let text):
            JSONText.encode(text, into: &line)
        case .uuid(let high, let low):
            line.append(UInt8(ascii: "\""))
            Self.appendCanonical(high: high, low: low, to: &line)
            line.append(UInt8(ascii: "\""))
        }
    }

    private static func appendCanonical(high: UInt64, low: UInt64, to text: inout [UInt8]) {
        for index in 0..<32 {
            if index == 8 || index == 12 || index == 16 || index == 20 { text.append(UInt8(ascii: "-")) }
            let half = index < 16 ? high : low
            let digit = UInt8(truncatingIfNeeded: half >> UInt64(60 - 4 * (index % 16))) & 0xf
            text.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }
}

extension EventID: Comparable {
    /// Orders ids as their texts are ordered.
    public static func < (left: Self, right: Self) -> Bool {
        if case .uuid(let leftHigh, let leftLow) = left.storage, case .uuid(let rightHigh, let rightLow) = right.storage
        {
            return (leftHigh, leftLow) < (rightHigh, rightLow)
        }
        return left.description < right.description
    }
}

extension EventID: CustomStringConvertible, ExpressibleByStringLiteral {
    /// The id's text, as it stands in the log.
    public var description: String {
        switch storage {
        case .text(let text):
            return text
        case .uuid(let high, let low):
            var text: [UInt8] = []
            text.reserveCapacity(Self.textLength)
            Self.appendCanonical(high: high, low: low, to: &text)
            return String(decoding: text, as: UTF8.self)
        }
    }

    /// The id with exactly this text.
    public init(stringLiteral text: String) {
        self.init(text)
    }
}
