// Standard output and standard error: few system calls, every error noticed.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Whoever was to read the output has gone. No error: a pager was quit, or `head` has seen enough.
struct OutputClosed: Error {}

/// Bytes on their way to a descriptor, handed over in large pieces.
struct OutputStream: ~Copyable {
    private static let pieceSize = 1 << 16

    let descriptor: Int32
    var bytes: [UInt8] = []
    private let fileSystem = RealFileSystem()

    init(_ descriptor: Int32 = STDOUT_FILENO) {
        self.descriptor = descriptor
    }

    var isTerminal: Bool { isatty(descriptor) == 1 }

    /// Hands the bytes over if there are many.
    mutating func flushIfLarge() throws {
        if bytes.count >= Self.pieceSize { try flush() }
    }

    /// Hands all bytes over.
    ///
    /// - Throws: ``OutputClosed`` if nobody reads them any more, ``Failure`` if they cannot be written.
    mutating func flush() throws {
        defer { bytes.removeAll(keepingCapacity: true) }
        do {
            try fileSystem.writeAll(bytes, to: descriptor)
        } catch let error as SystemError {
            if error.code == EPIPE { throw OutputClosed() }
            throw Failure("cannot write to standard output: \(error)")
        }
    }
}

/// Prints lines on standard output at once.
func printLines(_ text: String) throws {
    var output = OutputStream()
    output.bytes = Array((text + "\n").utf8)
    try output.flush()
}

/// Says something on standard error that is no result: `np: …`. What doesn't print is made visible.
func complain(_ message: String) {
    writeToStandardError("np: " + message.visible + "\n")
}

/// Writes to standard error. If that fails there is nobody left to tell.
func writeToStandardError(_ text: String) {
    try? RealFileSystem().writeAll(Array(text.utf8), to: STDERR_FILENO)
}

extension FileSystem {
    fileprivate func writeAll(_ bytes: [UInt8], to descriptor: Int32) throws {
        try bytes.withUnsafeBytes { bytes in
            var count = 0
            while count < bytes.count {
                let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
                count += try repeatingInterrupted { () throws(SystemError) in try write(descriptor, rest) }
            }
        }
    }
}
