// Whole lines, first to last, in flat memory.

import NeuraphagePlatform

/// Reads an input line by line towards its end. Lines end with `\n`; nothing else separates them.
struct ForwardLines: ~Copyable {
    /// The offset behind the last whole line that was read, which is where the next one begins.
    private(set) var offset: Int64
    /// How many lines lie before `offset`.
    private(set) var linesBefore: Int
    /// The offset up to which the input has been read, the beginning of a line that has no end yet included.
    var readTo: Int64 { offset + forgotten + Int64(end - start) }

    /// How many bytes at the beginning of a line that is too long are no longer in the buffer.
    private var forgotten: Int64 = 0
    private var buffer: UnsafeMutableRawBufferPointer
    private var start = 0
    private var end = 0

    init(from offset: Int64 = 0, linesBefore: Int = 0) {
        self.offset = offset
        self.linesBefore = linesBefore
        // Page-aligned, because the kernel copies into such buffers several times faster.
        buffer = .allocate(byteCount: 1 << 18, alignment: 1 << 14)
    }

    deinit {
        buffer.deallocate()
    }

    /// Hands every whole line up to the end of the input, or up to the offset `limit`, to `body`, until it returns
    /// `false`. A last line without a newline is handed over only if `takesUnterminated`.
    mutating func forEach(
        in input: borrowing LineInput,
        upTo limit: Int64 = .max,
        takesUnterminated: Bool = false,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws {
        start = 0
        end = 0
        forgotten = 0
        var searched = 0
        while true {
            if let newline = newline(from: searched) {
                let goesOn = try deliver(upTo: newline, body)
                offset += forgotten + Int64(newline + 1 - start)
                forgotten = 0
                start = newline + 1
                searched = start
                if !goesOn { return }
                continue
            }
            if forgotten > 0 || end - start >= LineInput.longestLine {
                // Forget the bytes, but count them.
                forgotten += Int64(end - start)
                start = end
            }
            makeRoom()
            searched = end
            let position = readTo
            let wanted = Int(min(Int64(buffer.count - end), max(0, limit - position)))
            let count =
                wanted == 0 ? 0 : try input.read(into: .init(rebasing: buffer[end..<end + wanted]), at: position)
            if count == 0 {
                if takesUnterminated, position > offset { _ = try deliver(upTo: end, body) }
                return
            }
            end += count
        }
    }

    private func newline(from index: Int) -> Int? {
        guard index < end, let base = buffer.baseAddress else { return nil }
        return memchr(base + index, 0x0a, end - index).map { UnsafeRawPointer($0) - UnsafeRawPointer(base) }
    }

    private mutating func deliver(
        upTo end: Int,
        _ body: (LinePosition, Span<UInt8>) throws -> Bool
    ) throws -> Bool {
        linesBefore += 1
        let isTooLong = forgotten > 0
        let position = LinePosition(offset: offset, number: linesBefore, isTooLong: isTooLong)
        let line = UnsafeRawBufferPointer(rebasing: buffer[(isTooLong ? end : start)..<end])
        return try body(position, line.bindMemory(to: UInt8.self).span)
    }

    /// Moves what is left to the front, or takes a larger buffer.
    private mutating func makeRoom() {
        if start > 0 {
            buffer.copyMemory(from: UnsafeRawBufferPointer(rebasing: buffer[start..<end]))
            end -= start
            start = 0
        }
        guard end == buffer.count else { return }
        let larger = UnsafeMutableRawBufferPointer.allocate(byteCount: buffer.count * 2, alignment: 1 << 14)
        larger.copyMemory(from: UnsafeRawBufferPointer(buffer))
        buffer.deallocate()
        buffer = larger
    }
}
