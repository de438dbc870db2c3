import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The lines of standard input, as many at a time as have arrived.
struct StandardInputLines {
    enum Line {
        case text([UInt8])
        /// A line over ``InputLimits/lineBytes``; its bytes are gone.
        case tooLong
    }

    private let fileSystem = RealFileSystem()
    private var buffer = [UInt8](repeating: 0, count: 1 << 18)
    private var rest: [UInt8] = []
    private var isInLongLine = false
    private var isAtEnd = false

    /// The lines that have arrived, at least a part of one; `nil` at the end.
    mutating func next() throws -> [Line]? {
        guard !isAtEnd else { return nil }
        let count = try read()
        guard count > 0 else {
            isAtEnd = true
            return rest.isEmpty && !isInLongLine ? nil : [takeLine([])]
        }
        var lines: [Line] = []
        var start = 0
        while let newline = buffer[start..<count].firstIndex(of: UInt8(ascii: "\n")) {
            lines.append(takeLine(buffer[start..<newline]))
            start = newline + 1
        }
        keep(buffer[start..<count])
        return lines
    }

    private mutating func read() throws -> Int {
        do {
            return try buffer.withUnsafeMutableBytes { buffer in
                try repeatingInterrupted { () throws(SystemError) in try fileSystem.read(STDIN_FILENO, buffer) }
            }
        } catch let error as SystemError {
            throw Failure("cannot read standard input: \(error)")
        }
    }

    private mutating func takeLine(_ end: ArraySlice<UInt8>) -> Line {
        keep(end)
        defer {
            rest = []
            isInLongLine = false
        }
        return isInLongLine ? .tooLong : .text(rest)
    }

    private mutating func keep(_ bytes: ArraySlice<UInt8>) {
        if rest.count + bytes.count > InputLimits.lineBytes {
            isInLongLine = true
            rest = []
        }
        if !isInLongLine { rest += bytes }
    }
}
