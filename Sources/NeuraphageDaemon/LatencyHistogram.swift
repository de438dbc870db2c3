/// How long something took, many times: enough to answer "what is usual, and what is slow?" within a quarter, in a
/// fixed hundred-odd counters.
struct LatencyHistogram {
    private static let perDoubling = 4

    private(set) var count = 0
    private var buckets = [Int](repeating: 0, count: 40 * perDoubling)

    mutating func record(microseconds: Int) {
        count += 1
        buckets[Self.bucket(microseconds)] += 1
    }

    /// The time in µs that this share of all did not exceed, rounded up to the bucket's end; 0 if there were none.
    func quantile(_ share: Double) -> Int {
        let rank = Int((Double(count) * share).rounded(.up))
        var seen = 0
        for (index, number) in buckets.enumerated() where number > 0 {
            seen += number
            if seen >= rank { return Self.end(of: index) }
        }
        return 0
    }

    private static func bucket(_ microseconds: Int) -> Int {
        guard microseconds >= perDoubling else { return max(0, microseconds) }
        let exponent = Int.bitWidth - 1 - microseconds.leadingZeroBitCount
        let fraction = (microseconds >> (exponent - 2)) & (perDoubling - 1)
        return min((exponent - 1) * perDoubling + fraction, 40 * perDoubling - 1)
    }

    private static func end(of bucket: Int) -> Int {
        guard bucket >= perDoubling else { return bucket }
        let exponent = bucket / perDoubling + 1
        return (perDoubling + bucket % perDoubling + 1) << (exponent - 2)
    }
}
