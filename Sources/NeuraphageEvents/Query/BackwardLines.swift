// Whole lines, last to first: what `--last` needs costs what it shows, not what the log holds.

/// Reads a file line by line towards its beginning.
struct BackwardLines: ~Copyable {
    private static let chunk = 1 << 16

    /// The bytes of the file from `start` on, which end with the newline of the line that comes next.
    private var window: [UInt8] = []
    private var start: Int64
    private var isInLongLine = false
    /// How many bytes at the beginning of the window have not been searched for a newline yet.
    private var unsearched = 0

    /// Lines that end before the offset `end`.
    init(from end: Int64) {
        start = end
    }

    /// Hands every whole line, last to first, to `body`, until it returns `false`.
    ///
    /// - Returns: The offset behind the last whole line.
    mutating func forEach(
        in input: borrowing LineInput,
        takesUnterminated: Bool = false,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Int64 {
        let end = start
        var endOfLines = try findLastNewline(input)
        if endOfLines < end, takesUnterminated {
            // Make the rest a line like the others.
            isInLongLine = end - endOfLines > LineInput.longestLine
            window = (isInLongLine ? [] : try read(input, endOfLines..<end)) + [UInt8(ascii: "\n")]
            unsearched = 0
            if try !deliver(from: 0, body) { return end }
            endOfLines = end
        }
        // `start` is now where the lines that have not been handed over end.
        while start > 0 || !window.isEmpty {
            if let newline = newlineBeforeLastLine() {
                if try !deliver(from: newline + 1, body) { break }
            } else if start == 0 {
                if try !deliver(from: 0, body) { break }
            } else {
                try prependChunk(input)
            }
        }
        return endOfLines
    }

    /// Moves `start` behind the last newline, and leaves the window empty.
    private mutating func findLastNewline(_ input: borrowing LineInput) throws -> Int64 {
        while start > 0 {
            let chunkStart = max(0, start - Int64(Self.chunk))
            let chunk = try read(input, chunkStart..<start)
            if let newline = chunk.lastIndex(of: UInt8(ascii: "\n")) {
                start = chunkStart + Int64(newline) + 1
                return start
            }
            start = chunkStart
        }
        return 0
    }

    /// The index of the newline before the line that the window ends with. Nothing is searched twice.
    private mutating func newlineBeforeLastLine() -> Int? {
        let end = min(unsearched, window.count - 1)
        guard end > 0 else { return nil }
        let newline = window.span.lastNewline(before: end)
        unsearched = newline ?? 0
        return newline
    }

    private mutating func deliver(
        from index: Int,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let isTooLong = isInLongLine || window.count - index > LineInput.longestLine
        let position = LinePosition(offset: start + Int64(index), isTooLong: isTooLong)
        let goesOn = try body(position, window.span.extracting(isTooLong ? index..<index : index..<window.count - 1))
        window.removeSubrange(index...)
        isInLongLine = false
        return goesOn
    }

    private mutating func prependChunk(_ input: borrowing LineInput) throws {
        if window.count > LineInput.longestLine {
            // Forget the bytes; a newline stands for them.
            isInLongLine = true
            window = [UInt8(ascii: "\n")]
        }
        let size = max(Int64(Self.chunk), Int64(window.count))
        let chunkStart = max(0, start - size)
        window = try read(input, chunkStart..<start) + window
        unsearched = Int(start - chunkStart)
        start = chunkStart
    }

    private func read(_ input: borrowing LineInput, _ range: Range<Int64>) throws -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Int(range.upperBound - range.lowerBound))
        var filled = 0
        while filled < bytes.count {
            let count = try bytes.withUnsafeMutableBytes { buffer in
                try input.read(into: .init(rebasing: buffer[filled...]), at: range.lowerBound + Int64(filled))
            }
            if count == 0 { break }  // the file has shrunk
            filled += count
        }
        return bytes
    }
}

extension Span<UInt8> {
    fileprivate func lastNewline(before end: Int) -> Int? {
        var index = end
        while index > 0 {
            index -= 1
            if self[index] == UInt8(ascii: "\n") { return index }
        }
        return nil
    }
}
