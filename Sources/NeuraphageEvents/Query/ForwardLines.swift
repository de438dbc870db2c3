// Whole lines, first to last, in flat memory.

import NeuraphagePlatform

/// Reads an input line by line towards its end. Lines end with `\n`; nothing else separates them.
///
/// Reading may stop after any line, and goes on from there with what is in the buffer already. A line that has no end yet
/// is forgotten when the end of the input is reached, and read again the next time: its writer may take it back.
struct ForwardLines: ~Copyable {
    /// How much is read at once though less is wanted, so that many cursors that want little read little ahead.
    private static let leastRead: Int64 = 64 << 10

    /// The offset behind the last whole line that was read, which is where the next one begins.
    private(set) var offset: Int64
    /// How many lines lie before `offset`; `nil` if that isn't known, because reading began in the middle.
    private(set) var linesBefore: Int?
    /// The offset up to which the input has been read, the beginning of a line that has no end yet included.
    private(set) var readTo: Int64

    /// Where the line began that was handed over without a newline, if the last one was.
    private(set) var unterminated: Int64?

    /// How many bytes at the beginning of a line that is too long are no longer in the buffer.
    private var forgotten: Int64 = 0
    private var buffer: UnsafeMutableRawBufferPointer
    /// Where the next line begins in the buffer. What is before it precedes it in the input, too.
    private var start = 0
    /// Up to where no newline was found.
    private var searched = 0
    private var end = 0

    init(from offset: Int64 = 0) {
        self.offset = offset
        readTo = offset
        linesBefore = offset == 0 ? 0 : nil
        buffer = .init(start: nil, count: 0)
    }

    deinit {
        buffer.deallocate()
    }

    /// Begins anew at the beginning.
    mutating func restart() {
        (offset, readTo, linesBefore, unterminated) = (0, 0, 0, nil)
        (forgotten, start, searched, end) = (0, 0, 0, 0)
    }

    /// Hands every whole line up to the end of the input, or up to the offset `limit`, to `body`, until it returns
    /// `false`, or so many bytes have been read. A last line without a newline is handed over only if `takesUnterminated`.
    ///
    /// - Returns: Whether the end was reached.
    mutating func forEach(
        in input: LineInput,
        upTo limit: Int64 = .max,
        takesUnterminated: Bool = false,
        atMost most: Int64 = .max,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        var left = most
        while true {
            if let newline = newline(from: searched) {
                if try !deliver(upTo: newline, next: newline + 1, body) { return false }
                continue
            }
            if left <= 0 { return false }
            if forgotten > 0 || end - start >= LineInput.longestLine {
                // Forget the bytes, but count them.
                forgotten += Int64(end - start)
                start = end
            }
            makeRoom()
            searched = end
            readTo = offset + forgotten + Int64(end - start)
            let wanted = Int(min(Int64(buffer.count - end), max(0, limit - readTo), max(left, Self.leastRead)))
            let count = wanted == 0 ? 0 : try input.read(into: .init(rebasing: buffer[end..<end + wanted]), at: readTo)
            if count > 0 {
                end += count
                left -= Int64(count)
                continue
            }
            if takesUnterminated, readTo > offset {
                unterminated = offset
                return try deliver(upTo: end, next: end, body)
            }
            end = forgotten > 0 ? 0 : start
            start = end
            searched = end
            forgotten = 0
            return true
        }
    }

    /// The hash of what precedes the next line.
    func mark(in input: LineInput) throws(EventLogError) -> UInt32 {
        let wanted = Int(min(offset, Int64(LogPosition.reach)))
        guard forgotten == 0, start >= wanted else { return try input.mark(before: offset) }
        return LogPosition.mark(UnsafeRawBufferPointer(rebasing: buffer[start - wanted..<start]))
    }

    private func newline(from index: Int) -> Int? {
        guard index < end, let base = buffer.baseAddress else { return nil }
        return memchr(base + index, 0x0a, end - index).map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
    }

    private mutating func deliver(
        upTo end: Int,
        next: Int,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        let isTooLong = forgotten > 0 || end - start >= LineInput.longestLine
        let line = UnsafeRawBufferPointer(rebasing: buffer[(isTooLong ? end : start)..<end])
        linesBefore = linesBefore.map { $0 + 1 }
        let beginning = offset
        offset += forgotten + Int64(next - start)
        forgotten = 0
        start = next
        searched = next
        let position = LinePosition(offset: beginning, end: offset, number: linesBefore, isTooLong: isTooLong)
        return try body(position, line.bindMemory(to: UInt8.self).span)
    }

    /// Moves what is left, and what a mark needs before it, to the front, or takes a larger buffer.
    private mutating func makeRoom() {
        let kept = max(0, start - LogPosition.reach)
        if kept > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[kept..<end]))
            end -= kept
            start -= kept
        }
        guard end == buffer.count else { return }
        // Page-aligned, because the kernel copies into such buffers several times faster.
        let size = max(1 << 18, buffer.count * 2)
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: size, alignment: 1 << 14)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }
}
