// A number for text that must not be kept: only the owner of a secret can find out whether a text has that number, so the
// number says no more than that two texts are the same.
//
// HMAC with SHA-256 (RFC 2104, FIPS 180-4), because the library and its tools bring no cryptography.

/// A secret, and the hashes that it makes.
package struct KeyedHash: Sendable {
    /// The length of a secret, in bytes.
    package static let secretBytes = 32
    private let inner: SHA256
    private let outer: SHA256

    package init(secret: [UInt8]) {
        var key = secret
        if key.count > SHA256.blockBytes {
            var hash = SHA256()
            hash.update(key)
            key = hash.digest()
        }
        key += [UInt8](repeating: 0, count: SHA256.blockBytes - key.count)
        var inner = SHA256()
        inner.update(key.map { $0 ^ 0x36 })
        var outer = SHA256()
        outer.update(key.map { $0 ^ 0x5c })
        (self.inner, self.outer) = (inner, outer)
    }

    /// The hash of some bytes.
    package func digest(of bytes: some Sequence<UInt8>) -> [UInt8] {
        var inner = inner
        inner.update(bytes)
        var outer = outer
        outer.update(inner.digest())
        return outer.digest()
    }

    /// The beginning of the hash of some bytes, as 16 hexadecimal digits.
    package func name(of bytes: some Sequence<UInt8>) -> String {
        StableHash.digits(digest(of: bytes).prefix(8).reduce(0) { $0 << 8 | UInt64($1) })
    }
}

/// SHA-256 of bytes that come one after another.
package struct SHA256: Sendable {
    static let blockBytes = 64

    private var state: [UInt32] = [
        0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a, 0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
    ]
    private var block: [UInt8] = []
    private var count: UInt64 = 0

    init() {}

    /// The hash of some bytes, as 64 hexadecimal digits.
    package static func digits(of bytes: some Sequence<UInt8>) -> String {
        var hash = SHA256()
        hash.update(bytes)
        return hash.digest().map { StableHash.digits(UInt64($0)).suffix(2) }.joined()
    }

    mutating func update(_ bytes: some Sequence<UInt8>) {
        for byte in bytes {
            block.append(byte)
            count &+= 1
            if block.count == Self.blockBytes { compress() }
        }
    }

    /// The hash of all that came. Nothing may come after it.
    mutating func digest() -> [UInt8] {
        let bits = count &* 8
        block.append(0x80)
        if block.count > Self.blockBytes - 8 {
            block += [UInt8](repeating: 0, count: Self.blockBytes - block.count)
            compress()
        }
        block += [UInt8](repeating: 0, count: Self.blockBytes - 8 - block.count)
        block += (0..<8).map { UInt8(truncatingIfNeeded: bits >> (56 - 8 * UInt64($0))) }
        compress()
        return state.flatMap { word in (0..<4).map { UInt8(truncatingIfNeeded: word >> (24 - 8 * UInt32($0))) } }
    }

    private mutating func compress() {
        var words = [UInt32](repeating: 0, count: 64)
        for index in 0..<16 {
            words[index] = (0..<4).reduce(0) { $0 << 8 | UInt32(block[4 * index + $1]) }
        }
        for index in 16..<64 {
            let (w2, w15) = (words[index - 2], words[index - 15])
            let first = rotated(w15, 7) ^ rotated(w15, 18) ^ w15 >> 3
            let second = rotated(w2, 17) ^ rotated(w2, 19) ^ w2 >> 10
            words[index] = words[index - 16] &+ first &+ words[index - 7] &+ second
        }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        for index in 0..<64 {
            let choice = e & f ^ ~e & g
            let first =
                h &+ (rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)) &+ choice &+ Self.constants[index]
                &+ words[index]
            let second = (rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)) &+ (a & b ^ a & c ^ b & c)
            (h, g, f, e, d, c, b, a) = (g, f, e, d &+ first, c, b, a, first &+ second)
        }
        for (index, word) in [a, b, c, d, e, f, g, h].enumerated() { state[index] = state[index] &+ word }
        block.removeAll(keepingCapacity: true)
    }

    private func rotated(_ word: UInt32, _ bits: UInt32) -> UInt32 { word >> bits | word << (32 - bits) }

    /// The first 32 bits of the fractions of the cube roots of the first 64 primes.
    private static let constants: [UInt32] = [
        0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4, 0xab1c_5ed5,
        0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe, 0x9bdc_06a7, 0xc19b_f174,
        0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f, 0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da,
        0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7, 0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967,
        0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc, 0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85,
        0xa2bf_e8a1, 0xa81a_664b, 0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070,
        0x19a4_c116, 0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
        0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7, 0xc671_78f2,
    ]
}
