// The one door to the file system. All of the log's and the readers' system calls go through it, so that tests can put
// a faulty file system behind it.

import CFileSystem

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A system call that failed.
package struct SystemError: Error, Hashable, CustomStringConvertible {
    /// The error number, such as `ENOSPC`.
    package let code: Int32

    package init(code: Int32) {
        self.code = code
    }

    /// The system's own words, such as "No space left on device".
    package var description: String { String(cString: strerror(code)) }
}

/// Which file it is, and what it is like.
package struct FileStatus: Hashable {
    /// A file's identity: a path may lead to another file at another time.
    package struct Identity: Hashable {
        package let device: UInt64
        package let inode: UInt64

        package init(device: UInt64, inode: UInt64) {
            self.device = device
            self.inode = inode
        }
    }

    package let identity: Identity
    package let size: Int64
    package let links: UInt64
    package let owner: UInt32
    private let mode: UInt32

    /// Whether its owner may write to it.
    package var isWritable: Bool { mode & UInt32(S_IWUSR) != 0 }

    init(_ status: file_status) {
        identity = Identity(device: status.device, inode: status.inode)
        size = status.size
        links = status.links
        owner = status.owner
        mode = status.mode
    }

    package var isRegularFile: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFREG) }
    package var isDirectory: Bool { mode & UInt32(S_IFMT) == UInt32(S_IFDIR) }

    /// What kind of thing it is, in words.
    package var kindDescription: String {
        switch mode & UInt32(S_IFMT) {
        case UInt32(S_IFREG): "a regular file"
        case UInt32(S_IFDIR): "a directory"
        case UInt32(S_IFLNK): "a symbolic link"
        case UInt32(S_IFIFO): "a FIFO"
        case UInt32(S_IFSOCK): "a socket"
        default: "a device"
        }
    }
}

/// The system calls that the log and its readers need. Each does what the call of that name does; interrupted calls
/// are not repeated here.
package protocol FileSystem: Sendable {
    func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32
    func close(_ descriptor: Int32)
    func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int
    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int
    func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(SystemError) -> Int
    func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError)
    func synchronize(_ descriptor: Int32) throws(SystemError)
    /// Takes the lock if nobody has it. Returns whether it did.
    func tryLock(_ descriptor: Int32) throws(SystemError) -> Bool
    func unlock(_ descriptor: Int32)
    func status(of descriptor: Int32) throws(SystemError) -> FileStatus
    func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus
    func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError)
    func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError)
    /// Fails with `EEXIST` if something has the new name.
    func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError)
    /// The names of what stands in a directory, in no order.
    func names(in directory: String) throws(SystemError) -> [String]
}

/// The real one.
package struct RealFileSystem: FileSystem {
    package init() {}

    package func open(_ path: String, flags: Int32, permissions: UInt32) throws(SystemError) -> Int32 {
        #if canImport(Darwin)
        try check(Darwin.open(path, flags, mode_t(permissions)))
        #elseif canImport(Glibc)
        try check(Glibc.open(path, flags, mode_t(permissions)))
        #else
        try check(Musl.open(path, flags, mode_t(permissions)))
        #endif
    }

    package func close(_ descriptor: Int32) {
        #if canImport(Darwin)
        _ = Darwin.close(descriptor)
        #elseif canImport(Glibc)
        _ = Glibc.close(descriptor)
        #else
        _ = Musl.close(descriptor)
        #endif
    }

    package func write(_ descriptor: Int32, _ bytes: UnsafeRawBufferPointer) throws(SystemError) -> Int {
        #if canImport(Darwin)
        try check(Darwin.write(descriptor, bytes.baseAddress, bytes.count))
        #elseif canImport(Glibc)
        try check(Glibc.write(descriptor, bytes.baseAddress, bytes.count))
        #else
        try check(Musl.write(descriptor, bytes.baseAddress, bytes.count))
        #endif
    }

    package func read(_ descriptor: Int32, _ buffer: UnsafeMutableRawBufferPointer) throws(SystemError) -> Int {
        #if canImport(Darwin)
        try check(Darwin.read(descriptor, buffer.baseAddress, buffer.count))
        #elseif canImport(Glibc)
        try check(Glibc.read(descriptor, buffer.baseAddress, buffer.count))
        #else
        try check(Musl.read(descriptor, buffer.baseAddress, buffer.count))
        #endif
    }

    package func read(
        _ descriptor: Int32,
        _ buffer: UnsafeMutableRawBufferPointer,
        at offset: Int64
    ) throws(SystemError) -> Int {
        try check(pread(descriptor, buffer.baseAddress, buffer.count, off_t(offset)))
    }

    package func truncate(_ descriptor: Int32, to size: Int64) throws(SystemError) {
        _ = try check(ftruncate(descriptor, off_t(size)))
    }

    package func synchronize(_ descriptor: Int32) throws(SystemError) {
        #if canImport(Darwin)
        _ = try check(fcntl(descriptor, F_FULLFSYNC))
        #else
        _ = try check(fdatasync(descriptor))
        #endif
    }

    package func tryLock(_ descriptor: Int32) throws(SystemError) -> Bool {
        if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return true }
        guard errno == EWOULDBLOCK else { throw SystemError(code: errno) }
        return false
    }

    package func unlock(_ descriptor: Int32) {
        _ = flock(descriptor, LOCK_UN)
    }

    package func status(of descriptor: Int32) throws(SystemError) -> FileStatus {
        var status = file_status()
        let code = file_status_of_descriptor(descriptor, &status)
        guard code == 0 else { throw SystemError(code: code) }
        return FileStatus(status)
    }

    package func status(at path: String, followingLinks: Bool) throws(SystemError) -> FileStatus {
        var status = file_status()
        let code = file_status_of_path(path, followingLinks ? 1 : 0, &status)
        guard code == 0 else { throw SystemError(code: code) }
        return FileStatus(status)
    }

    package func makeDirectory(_ path: String, permissions: UInt32) throws(SystemError) {
        _ = try check(mkdir(path, mode_t(permissions)))
    }

    package func setPermissions(_ permissions: UInt32, of descriptor: Int32) throws(SystemError) {
        _ = try check(fchmod(descriptor, mode_t(permissions)))
    }

    package func rename(_ path: String, withoutReplacing newPath: String) throws(SystemError) {
        let code = rename_without_replacing(path, newPath)
        guard code == 0 else { throw SystemError(code: code) }
    }

    package func names(in directory: String) throws(SystemError) -> [String] {
        guard let stream = opendir(directory) else { throw SystemError(code: errno) }
        defer { closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else { break }
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != ".", name != ".." { names.append(name) }
        }
        guard errno == 0 else { throw SystemError(code: errno) }
        return names
    }

    private func check<Number: SignedInteger>(_ result: Number) throws(SystemError) -> Number {
        guard result >= 0 else { throw SystemError(code: errno) }
        return result
    }
}

extension SystemError {
    /// Whether there is nothing at the path, or no directory on the way to it.
    package var isNoSuchFile: Bool { code == ENOENT || code == ENOTDIR }
}

extension FileSystem {
    /// Makes the directory and those above it that don't exist, each for its owner alone (mode 0700).
    ///
    /// - Returns: The directories that were made.
    @discardableResult
    package func makeDirectories(_ path: String) throws(SystemError) -> [String] {
        var missing: [String] = []
        var directory = path
        while !directory.isEmpty, directory != "/", directory != "." {
            do throws(SystemError) {
                try makeDirectory(directory, permissions: 0o700)
                missing.append(directory)
                break
            } catch {
                if error.code == EEXIST { break }
                guard error.code == ENOENT else { throw error }
                missing.append(directory)
                directory = directory.parentDirectory
            }
        }
        for directory in missing.reversed() {
            do throws(SystemError) {
                try makeDirectory(directory, permissions: 0o700)
            } catch {
                if error.code != EEXIST { throw error }
            }
        }
        return missing
    }

    /// The whole text of a small regular file.
    package func contents(of path: String, atMost limit: Int) throws(SystemError) -> String {
        let descriptor = try repeatingInterrupted { () throws(SystemError) in
            try open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
        }
        defer { close(descriptor) }
        let status = try status(of: descriptor)
        guard status.isRegularFile else { throw SystemError(code: status.isDirectory ? EISDIR : EINVAL) }
        guard status.size <= limit else { throw SystemError(code: EFBIG) }
        var bytes = [UInt8](repeating: 0, count: Int(status.size))
        var filled = 0
        do {
            while filled < bytes.count {
                let count = try bytes.withUnsafeMutableBytes { buffer in
                    try repeatingInterrupted { () throws(SystemError) in
                        try read(descriptor, .init(rebasing: buffer[filled...]), at: Int64(filled))
                    }
                }
                if count == 0 { break }
                filled += count
            }
        } catch let error as SystemError {
            throw error
        } catch {
            throw SystemError(code: EIO)
        }
        return String(decoding: bytes[..<filled], as: UTF8.self)
    }
}

/// Repeats a system call as long as a signal interrupts it.
package func repeatingInterrupted<Result>(
    _ call: () throws(SystemError) -> Result
) throws(SystemError) -> Result {
    while true {
        do throws(SystemError) {
            return try call()
        } catch {
            if error.code != EINTR { throw error }
        }
    }
}
