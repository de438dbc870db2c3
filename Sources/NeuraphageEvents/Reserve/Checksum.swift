// CRC-32 as in ISO 3309 (Ethernet, gzip): it tells a record that was written whole from one that was not.

enum Checksum {
    private static let table: [UInt32] = (0..<256).map { byte in
        (0..<8).reduce(UInt32(byte)) { crc, _ in crc & 1 == 0 ? crc >> 1 : crc >> 1 ^ 0xedb8_8320 }
    }

    /// The checksum of some bytes, as eight hexadecimal digits.
    static func text(of bytes: some Sequence<UInt8>) -> String {
        let crc = ~bytes.reduce(~UInt32(0)) { crc, byte in crc >> 8 ^ table[Int(UInt8(truncatingIfNeeded: crc) ^ byte)]
        }
        let digits = String(crc, radix: 16)
        return String(repeating: "0", count: 8 - digits.count) + digits
    }
}
