// How a part that holds much is written down: no names, numbers as short as they are, ids as 16 bytes. A checkpoint has
// thousands of parts, and a command that shows all tasks decodes all of them before it prints a line.
//
// What is read was checked by its checksum. All the same nothing here stops on bytes that were never written like that: what
// does not fit makes the reading damaged, and it comes to something that is thrown away.

package import NeuraphageEvents

/// Something that can be a part, or lie in one.
package protocol PartCoded {
    init(_ bytes: Span<UInt8>, _ reading: inout PartReading)
    func encode(into bytes: inout [UInt8])
}

/// How far the bytes of a part have been read.
package struct PartReading {
    private var position = 0
    /// Whether there was something that cannot have been written.
    package private(set) var isDamaged = false

    package init() {}

    /// Whether all of it was read, and it was as it can have been written.
    package func isComplete(_ bytes: Span<UInt8>) -> Bool { !isDamaged && position == bytes.count }

    package mutating func damage() { isDamaged = true }

    mutating func byte(_ bytes: Span<UInt8>) -> UInt8 {
        guard position < bytes.count else {
            isDamaged = true
            return 0
        }
        defer { position += 1 }
        return bytes[position]
    }

    /// Seven bits in each byte, the lowest first; the highest bit says that there is another byte.
    mutating func number(_ bytes: Span<UInt8>) -> UInt64 {
        var number: UInt64 = 0
        for shift in stride(from: UInt64(0), to: 70, by: 7) {
            let byte = byte(bytes)
            number |= UInt64(byte & 0x7f) << shift
            if byte < 0x80 { return number }
        }
        isDamaged = true
        return 0
    }

    mutating func word(_ bytes: Span<UInt8>) -> UInt64 {
        guard bytes.count - position >= 8 else {
            isDamaged = true
            return 0
        }
        defer { position += 8 }
        return UInt64(littleEndian: bytes.bytes.unsafeLoadUnaligned(fromByteOffset: position, as: UInt64.self))
    }

    /// How many elements follow, each of which takes a byte at least.
    mutating func count(_ bytes: Span<UInt8>) -> Int {
        let count = number(bytes)
        guard !isDamaged, count <= UInt64(bytes.count - position) else {
            isDamaged = true
            return 0
        }
        return Int(count)
    }

    mutating func text(_ bytes: Span<UInt8>) -> String {
        let count = count(bytes)
        defer { position += count }
        return bytes.extracting(position..<position + count).withUnsafeBufferPointer {
            String(decoding: $0, as: UTF8.self)
        }
    }

    package mutating func next<Value: PartCoded>(_ bytes: Span<UInt8>) -> Value { Value(bytes, &self) }
}

extension [UInt8] {
    mutating func append(number: UInt64) {
        var rest = number
        while rest >= 0x80 {
            append(UInt8(truncatingIfNeeded: rest) | 0x80)
            rest >>= 7
        }
        append(UInt8(rest))
    }

    mutating func append(word: UInt64) {
        Swift.withUnsafeBytes(of: word.littleEndian) { append(contentsOf: $0) }
    }
}

// MARK: - What parts are made of

extension Bool: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) { self = reading.byte(bytes) != 0 }
    package func encode(into bytes: inout [UInt8]) { bytes.append(self ? 1 : 0) }
}

extension Int: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let number = reading.number(bytes)
        self = Int(truncatingIfNeeded: number >> 1) ^ -Int(number & 1)
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(number: UInt64(bitPattern: Int64(self << 1 ^ self >> (Self.bitWidth - 1))))
    }
}

extension String: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) { self = reading.text(bytes) }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(number: UInt64(utf8.count))
        bytes.append(contentsOf: utf8)
    }
}

extension Optional: PartCoded where Wrapped: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self = reading.byte(bytes) == 0 ? nil : Wrapped(bytes, &reading)
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(self == nil ? 0 : 1)
        self?.encode(into: &bytes)
    }
}

extension Array: PartCoded where Element: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let count = reading.count(bytes)
        self.init()
        reserveCapacity(count)
        for _ in 0..<count where !reading.isDamaged { append(Element(bytes, &reading)) }
    }

    package func encode(into bytes: inout [UInt8]) {
        bytes.append(number: UInt64(count))
        for element in self { element.encode(into: &bytes) }
    }
}

extension Latest where Element: PartCoded {
    /// Takes the elements that were encoded, at most as many as may be.
    package mutating func take(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let elements: [Element] = reading.next(bytes)
        for element in elements { append(element) }
    }

    package func encode(into bytes: inout [UInt8]) { elements.encode(into: &bytes) }
}

extension EventID: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        if reading.byte(bytes) == 0 {
            let high = reading.word(bytes)
            self.init(high: high, low: reading.word(bytes))
        } else {
            self.init(reading.text(bytes))
        }
    }

    package func encode(into bytes: inout [UInt8]) {
        if let halves {
            bytes.append(0)
            bytes.append(word: halves.high)
            bytes.append(word: halves.low)
        } else {
            bytes.append(1)
            description.encode(into: &bytes)
        }
    }
}

extension Timestamp: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(microsecondsSinceEpoch: Int64(bitPattern: reading.word(bytes)))
    }

    package func encode(into bytes: inout [UInt8]) { bytes.append(word: UInt64(bitPattern: microsecondsSinceEpoch)) }
}

extension EventMark: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let id: EventID = reading.next(bytes)
        let time: Timestamp = reading.next(bytes)
        let segment: Int = reading.next(bytes)
        self.init(
            id: id,
            time: time,
            place: EventPlace(segment: segment, offset: Int64(bitPattern: reading.number(bytes)))
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        id.encode(into: &bytes)
        time.encode(into: &bytes)
        place.segment.encode(into: &bytes)
        bytes.append(number: UInt64(bitPattern: place.offset))
    }
}

extension TaskID: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) { self.init(asWritten: reading.text(bytes)) }
    package func encode(into bytes: inout [UInt8]) { description.encode(into: &bytes) }
}

extension EventKind: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let isCustom: Bool = reading.next(bytes)
        let name = reading.text(bytes)
        self = isCustom ? .custom(CustomName(asWritten: name)) : EventKind(wireName: name)
    }

    package func encode(into bytes: inout [UInt8]) {
        (customName != nil).encode(into: &bytes)
        name.encode(into: &bytes)
    }
}

extension SessionName: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let agent = reading.text(bytes)
        self.init(agent: agent, id: reading.text(bytes))
    }

    package func encode(into bytes: inout [UInt8]) {
        agent.encode(into: &bytes)
        id.encode(into: &bytes)
    }
}

extension Checkout: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(repo: reading.text(bytes))
        commonDirectory = reading.next(bytes)
        branch = reading.next(bytes)
        worktree = reading.next(bytes)
    }

    package func encode(into bytes: inout [UInt8]) {
        repo.encode(into: &bytes)
        commonDirectory.encode(into: &bytes)
        branch.encode(into: &bytes)
        worktree.encode(into: &bytes)
    }
}

extension Payload: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        if let payload = try? Payload(json: reading.text(bytes)) {
            self = payload
        } else {
            self = .empty
            reading.damage()
        }
    }

    package func encode(into bytes: inout [UInt8]) { json.encode(into: &bytes) }
}
