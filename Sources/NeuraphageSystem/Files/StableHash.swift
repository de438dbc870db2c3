// One number for many bytes. As the name of a file for what has any name, it is the same for two different texts only by an
// accident that doesn't happen, and whoever uses such a file checks that it is the right one. As a checksum it tells every
// change of one byte: no step of it makes two numbers one.

package enum StableHash {
    /// The number of no bytes.
    package static let ofNothing: UInt64 = 0xcbf2_9ce4_8422_2325

    /// The number of these bytes, after others that have a number already: FNV-1a, 64 bits.
    package static func of(_ bytes: some Sequence<UInt8>, after number: UInt64 = ofNothing) -> UInt64 {
        bytes.reduce(number) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
    }

    /// 16 hexadecimal digits that are the same for the same text on every machine and in every version.
    package static func name(of text: String) -> String { digits(of(text.utf8)) }

    /// A number as 16 hexadecimal digits.
    package static func digits(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// A checksum of many bytes, eight at a time: it tells every change of one byte as well, and takes an eighth of the time.
    package static func ofWords(_ bytes: UnsafeRawBufferPointer, after number: UInt64 = ofNothing) -> UInt64 {
        var hash = number
        func add(_ word: UInt64) {
            hash = (hash ^ word) &* 0x100_0000_01b3
            hash ^= hash >> 32
        }
        let whole = bytes.count & ~7
        for offset in stride(from: 0, to: whole, by: 8) {
            add(UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self)))
        }
        var last = UInt64(bytes.count - whole)
        for byte in bytes[whole...] { last = last << 8 | UInt64(byte) }
        add(last)
        return hash
    }
}
