// File names for what has any name: two different texts get the same one only by an accident that doesn't happen, and
// whoever uses such a file checks that it is the right one.

enum StableHash {
    /// 16 hexadecimal digits that are the same for the same text on every machine and in every version: FNV-1a, 64 bits.
    static func name(of text: String) -> String {
        let hash = text.utf8.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }
}
