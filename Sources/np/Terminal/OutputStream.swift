// Standard output and standard error: few system calls, every error noticed.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation

/// Whoever was to read the output has gone. No error: a pager was quit, or `head` has seen enough.
struct OutputClosed: Error {}

/// Bytes on their way to a descriptor, handed over in large pieces.
struct OutputStream: ~Copyable {
    private static let pieceSize = 1 << 16

    let descriptor: Int32
    var bytes: [UInt8] = []
    private let files: any FileSystem = RealFileSystem()

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
    /// - Throws: ``OutputClosed`` if nobody reads them any more, ``OperationError`` if they cannot be written.
    mutating func flush() throws {
        defer { bytes.removeAll(keepingCapacity: true) }
        do throws(SystemError) {
            try files.writeAll(bytes, to: descriptor)
        } catch {
            if error.code == EPIPE { throw OutputClosed() }
            throw OperationError(.failed, "cannot write to standard output: \(error)")
        }
    }
}

/// Prints lines on standard output at once.
func printLines(_ text: String) throws {
    var output = OutputStream()
    output.bytes = Array((text + "\n").utf8)
    try output.flush()
}

/// Says something on standard error that is not a result: `np: …`. What doesn't print is made visible.
func complain(_ message: String) {
    writeToStandardError("np: " + message.visible + "\n")
}

/// Says why something could not be done, and in a second line what to type instead.
func complain(_ error: OperationError) {
    complain(error.sentence)
    if let hint = error.hint { writeToStandardError("hint: " + hint.visible + "\n") }
}

/// Writes to standard error. If that fails there is nobody left to tell.
func writeToStandardError(_ text: String) {
    try? RealFileSystem().writeAll(Array(text.utf8), to: STDERR_FILENO)
}
