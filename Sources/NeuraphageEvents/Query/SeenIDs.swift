// Whether an id has been seen before, in memory that does not grow with their number.
//
// An id that is greater than all before it is new, and in a log of one writer all are. For the others a Bloom filter says
// that an id is certainly new, or that it may have been seen: with ten million ids in any order it is wrong about one in
// some hundred. Whoever needs certainty looks at those once more.

import NeuraphagePlatform

/// A set of ids that forgets none and sometimes takes a new one for a known one.
struct SeenIDs: ~Copyable {
    /// 64 bytes each, which is what the processor reads at once.
    private static let blocks = 1 << 18
    private static let wordsOfBlock = 8

    private let words: UnsafeMutablePointer<UInt64>
    private var greatest: EventID.Fingerprint?

    init() {
        // Zeroed pages that are not touched take no memory.
        let bytes = calloc(Self.blocks * Self.wordsOfBlock, MemoryLayout<UInt64>.stride)
        guard let bytes else { fatalError("out of memory") }
        words = bytes.bindMemory(to: UInt64.self, capacity: Self.blocks * Self.wordsOfBlock)
    }

    deinit {
        free(words)
    }

    /// Adds an id.
    ///
    /// - Returns: Whether it may have been added before. `false` is certain.
    mutating func insert(_ id: EventID.Fingerprint) -> Bool {
        let isGreatest = greatest.map { ($0.high, $0.low) < (id.high, id.low) } ?? true
        if isGreatest { greatest = id }
        let first = Self.mix(id.high ^ (id.low << 32 | id.low >> 32))
        var bits = Self.mix(first ^ id.low)
        let block = words + Int(first % UInt64(Self.blocks)) * Self.wordsOfBlock
        var isKnown = true
        for _ in 0..<7 {
            let bit = bits & 511
            let mask: UInt64 = 1 << (bit & 63)
            isKnown = isKnown && block[Int(bit >> 6)] & mask != 0
            block[Int(bit >> 6)] |= mask
            bits >>= 9
        }
        return isKnown && !isGreatest
    }

    /// SplitMix64's last steps.
    private static func mix(_ value: UInt64) -> UInt64 {
        var value = (value ^ value >> 30) &* 0xbf58_476d_1ce4_e5b9
        value = (value ^ value >> 27) &* 0x94d0_49bb_1331_11eb
        return value ^ value >> 31
    }
}
