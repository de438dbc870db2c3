// A file that is replaced as a whole: whoever reads it sees what it was or what it is, never a part.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

enum SmallFile {
    /// Makes a file with this content, or replaces what is in it.
    static func write(_ bytes: [UInt8], to path: String, isAppended: Bool = false) throws(SystemError) {
        let fileSystem = RealFileSystem()
        let flags = O_WRONLY | O_CREAT | (isAppended ? O_APPEND : O_TRUNC) | O_CLOEXEC | O_NOFOLLOW
        let descriptor = try fileSystem.open(path, flags: flags, permissions: 0o600)
        defer { fileSystem.close(descriptor) }
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { Self.write(descriptor, $0) }
            if count < 0, errno != EINTR { throw SystemError(code: errno) }
            written += max(0, count)
        }
    }

    private static func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) -> Int {
        #if canImport(Darwin)
        Darwin.write(descriptor, bytes.baseAddress, bytes.count)
        #elseif canImport(Glibc)
        Glibc.write(descriptor, bytes.baseAddress, bytes.count)
        #else
        Musl.write(descriptor, bytes.baseAddress, bytes.count)
        #endif
    }

    /// Replaces what stands at a path. Only one process at a time may do so.
    static func replace(_ path: String, with text: String) throws(SystemError) {
        let next = path + ".next"
        do throws(SystemError) {
            try write(Array(text.utf8), to: next)
        } catch {
            unlink(next)
            throw error
        }
        guard rename(next, path) == 0 else { throw SystemError(code: errno) }
    }
}
