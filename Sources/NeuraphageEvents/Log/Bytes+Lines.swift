extension Collection<UInt8> {
    /// How many newlines there are.
    var lineCount: Int { reduce(0) { $1 == UInt8(ascii: "\n") ? $0 + 1 : $0 } }
}

extension BidirectionalCollection<UInt8> {
    /// Everything up to the last newline.
    var wholeLines: SubSequence {
        self[..<(lastIndex(of: UInt8(ascii: "\n")).map(index(after:)) ?? startIndex)]
    }
}
