// Whole lines, last to first: what `--last` needs costs what it shows, not what the log holds.

/// Reads a file line by line towards its beginning.
struct BackwardLines: ~Copyable {
    private static let chunk = 1 << 16

    /// The bytes of the file from `start` on, which end with the newline of the line that comes next.
    private var window: [UInt8] = []
    private var start: Int64
    /// Where the line that comes next ends, its newline included.
    private var end: Int64
    /// No line that begins before this offset is read.
    private let beginning: Int64
    /// Where reading began.
    private let limit: Int64
    private var isInLongLine = false
    /// How many bytes at the beginning of the window have not been searched for a newline yet.
    private var unsearched = 0
    /// The offset behind the last line that has a newline; `nil` before anything has been read.
    private(set) var endOfLines: Int64?
    /// The offset behind the last line that was handed over; `nil` before anything has been read.
    private(set) var endOfHandedOver: Int64?
    /// Whether the file has become shorter than it was, so that there may be more lines than were read.
    private(set) var wasCut = false

    /// Lines in a range of offsets, which begins where a line begins.
    init(in range: Range<Int64>) {
        start = range.upperBound
        end = range.upperBound
        beginning = range.lowerBound
        limit = range.upperBound
    }

    /// Hands every whole line, last to first, to `body`, until it returns `false`, or so many bytes have been read. Reading
    /// may stop after any line, and go on from there.
    ///
    /// - Returns: Whether the beginning was reached.
    mutating func forEach(
        in input: LineInput,
        takesUnterminated: Bool = false,
        atMost most: Int64 = .max,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        var left = most
        if endOfLines == nil {
            guard let last = try findLastNewline(input, &left) else { return false }
            (endOfLines, endOfHandedOver, end) = (last, last, last)
            if last < limit, takesUnterminated {
                (endOfHandedOver, end) = (limit, limit)
                // Make the rest a line like the others.
                isInLongLine = limit - last > LineInput.longestLine
                window = (isInLongLine ? [] : try read(input, last..<limit) ?? []) + [UInt8(ascii: "\n")]
                unsearched = 0
                if try !deliver(from: 0, body) { return false }
            }
        }
        // `start` is now where the lines that have not been handed over end.
        while start > beginning || !window.isEmpty {
            if let newline = newlineBeforeLastLine() {
                if try !deliver(from: newline + 1, body) { return false }
            } else if start == beginning {
                if try !deliver(from: 0, body) { return false }
            } else if left > 0 {
                let end = start
                try prependChunk(input)
                left -= end - start
            } else {
                return false
            }
        }
        return true
    }

    /// Moves `start` behind the last newline, and leaves the window empty; `nil` if there is more to look at than may be read.
    private mutating func findLastNewline(_ input: LineInput, _ left: inout Int64) throws -> Int64? {
        while start > beginning {
            guard left > 0 else { return nil }
            let chunkStart = max(beginning, start - Int64(Self.chunk))
            guard let chunk = try read(input, chunkStart..<start) else { break }
            if let newline = chunk.span.lastNewline(before: chunk.count) {
                start = chunkStart + Int64(newline) + 1
                return start
            }
            left -= start - chunkStart
            start = chunkStart
        }
        return beginning
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
        let position = LinePosition(offset: start + Int64(index), end: end, isTooLong: isTooLong)
        let goesOn = try body(position, window.span.extracting(isTooLong ? index..<index : index..<window.count - 1))
        window.removeSubrange(index...)
        end = position.offset
        isInLongLine = false
        return goesOn
    }

    private mutating func prependChunk(_ input: LineInput) throws {
        if window.count > LineInput.longestLine {
            // Forget the bytes; a newline stands for them.
            isInLongLine = true
            window = [UInt8(ascii: "\n")]
        }
        let size = max(Int64(Self.chunk), Int64(window.count))
        let chunkStart = max(beginning, start - size)
        guard let chunk = try read(input, chunkStart..<start) else {
            window = []
            return
        }
        window = chunk + window
        unsearched = Int(start - chunkStart)
        start = chunkStart
    }

    /// The bytes in a range; `nil`, and nothing more is read, if they are no longer there.
    private mutating func read(_ input: LineInput, _ range: Range<Int64>) throws -> [UInt8]? {
        let bytes = try input.bytes(range)
        if bytes.count == range.count { return bytes }
        wasCut = true
        start = beginning
        return nil
    }
}

extension Span<UInt8> {
    fileprivate func lastNewline(before end: Int) -> Int? {
        var index = end
        // Eight at a time as long as none of them is one: exactly then no byte of the difference is zero.
        let ones: UInt64 = 0x0101_0101_0101_0101
        while index >= 8 {
            let word = bytes.unsafeLoadUnaligned(fromByteOffset: index - 8, as: UInt64.self) ^ (ones &* 0x0a)
            if (word &- ones) & ~word & (ones &* 0x80) != 0 { break }
            index -= 8
        }
        while index > 0 {
            index -= 1
            if self[index] == UInt8(ascii: "\n") { return index }
        }
        return nil
    }
}
