// The file that is appended to.
//
// A write(2) of a line is not atomic against kill -9, a full disk or a power cut, an unlinked file can be written to
// for ever, and several processes append at once. So every append
//   1. takes flock(LOCK_EX) on the file, so that nobody else appends meanwhile;
//   2. makes sure that it is still the file at the path: a deleted file is noticed at once by its link count, a renamed
//      or replaced one by its identity, which is compared at most every 100 ms;
//   3. begins on a fresh line: if the file's size isn't the one that the last append left, its last byte is read, and
//      if that isn't a newline – somebody died in the middle of a line – a newline is written first;
//   4. writes whole lines in one call, and goes on after a short write. If the rest can't be written, the file is cut
//      back to its last whole line, but only if its size is still what this append made it.
// Nothing that stands in the file is ever changed.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The end of an append-only file of lines. Not thread-safe; any number of processes may append to the same file.
struct LogFile: ~Copyable {
    /// What became of an append: how many of its lines are in the file, and why not all of them.
    struct Outcome {
        var written: Int
        var error: EventLogError?
    }

    /// Something that happened to the file behind our back.
    enum Notice: Hashable {
        case deleted
        case replaced
    }

    private static let pathCheckInterval: UInt64 = 100_000_000  // ns

    let path: String
    private let fileSystem: any FileSystem
    private let monotonicNow: @Sendable () -> UInt64
    private var open: (descriptor: Int32, identity: FileStatus.Identity)?
    /// The size that the last append left, if the file ended with a newline then.
    private var endOfLastLine: Int64?
    private var lastPathCheck: UInt64 = 0

    init(path: String, fileSystem: any FileSystem, monotonicNow: @escaping @Sendable () -> UInt64 = Self.clock) {
        self.path = path
        self.fileSystem = fileSystem
        self.monotonicNow = monotonicNow
    }

    deinit {
        if let open { fileSystem.close(open.descriptor) }
    }

    static func clock() -> UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
    }

    /// Opens the file, making it and its directory if they don't exist.
    mutating func openIfNeeded() throws(EventLogError) -> Int32 {
        if let open { return open.descriptor }
        let descriptor = try openOrCreate()
        do throws(EventLogError) {
            open = (descriptor, try usableFile(descriptor))
        } catch {
            fileSystem.close(descriptor)
            throw error
        }
        endOfLastLine = nil
        lastPathCheck = monotonicNow()
        return descriptor
    }

    mutating func close() {
        if let open { fileSystem.close(open.descriptor) }
        open = nil
    }

    mutating func synchronize() throws(EventLogError) {
        let descriptor = try openIfNeeded()
        do throws(SystemError) {
            try repeatingInterrupted { () throws(SystemError) in try fileSystem.synchronize(descriptor) }
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot synchronize", error)
        }
    }

    /// Appends `lines`, which are whole lines, each ending before the offset in `lineEnds` with a newline.
    mutating func append(_ lines: [UInt8], lineEnds: [Int], notice: inout Notice?) -> Outcome {
        do throws(EventLogError) {
            let (descriptor, size) = try lockFile(notice: &notice)
            defer { fileSystem.unlock(descriptor) }
            return try write(lines, lineEnds: lineEnds, to: descriptor, from: size)
        } catch {
            return Outcome(written: 0, error: error)
        }
    }

    // MARK: - Opening

    private func openOrCreate() throws(EventLogError) -> Int32 {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        func openFile() throws(SystemError) -> Int32 {
            try repeatingInterrupted { () throws(SystemError) in
                try fileSystem.open(path, flags: flags, permissions: 0o600)
            }
        }
        do throws(SystemError) {
            do throws(SystemError) {
                return try openFile()
            } catch {
                guard error.code == ENOENT else { throw error }
                try fileSystem.makeDirectories(path.parentDirectory)
                return try openFile()
            }
        } catch {
            throw explained(error)
        }
    }

    private func explained(_ error: SystemError) -> EventLogError {
        let status = try? fileSystem.status(at: path, followingLinks: false)
        if let status, !status.isRegularFile {
            return EventLogError(
                .notUsable,
                path: path,
                because: "cannot log to \(path): it is \(status.kindDescription); the log must be a regular file"
            )
        }
        return EventLogError(.openFailed, path: path, "cannot open the event log", error)
    }

    /// The identity of the open file, which must be a regular file of ours.
    private func usableFile(_ descriptor: Int32) throws(EventLogError) -> FileStatus.Identity {
        let status = try status(of: descriptor)
        guard status.isRegularFile else {
            throw EventLogError(
                .notUsable,
                path: path,
                because: "cannot log to \(path): it is \(status.kindDescription); the log must be a regular file"
            )
        }
        guard status.owner == geteuid() else {
            throw EventLogError(
                .notUsable,
                path: path,
                because: "cannot log to \(path): it belongs to user \(status.owner), and you are user \(geteuid())"
            )
        }
        return status.identity
    }

    private func status(of descriptor: Int32) throws(EventLogError) -> FileStatus {
        do throws(SystemError) {
            return try fileSystem.status(of: descriptor)
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot examine", error)
        }
    }

    // MARK: - Appending

    /// Locks the file that stands at the path now, opening it anew if that is another one than before.
    private mutating func lockFile(notice: inout Notice?) throws(EventLogError) -> (descriptor: Int32, size: Int64) {
        while true {
            let descriptor = try openIfNeeded()
            do throws(SystemError) {
                try repeatingInterrupted { () throws(SystemError) in try fileSystem.lock(descriptor) }
            } catch {
                throw EventLogError(.writeFailed, path: path, "cannot lock", error)
            }
            let status: FileStatus
            do throws(EventLogError) {
                status = try self.status(of: descriptor)
            } catch {
                fileSystem.unlock(descriptor)
                throw error
            }
            guard let change = change(of: status) else { return (descriptor, status.size) }
            notice = change
            close()  // this unlocks it as well
        }
    }

    private mutating func change(of status: FileStatus) -> Notice? {
        if status.links == 0 { return .deleted }
        let now = monotonicNow()
        guard now - lastPathCheck >= Self.pathCheckInterval else { return nil }
        lastPathCheck = now
        let atPath = try? fileSystem.status(at: path, followingLinks: false)
        return atPath?.identity == status.identity ? nil : .replaced
    }

    private mutating func write(
        _ lines: [UInt8],
        lineEnds: [Int],
        to descriptor: Int32,
        from size: Int64
    ) throws(EventLogError) -> Outcome {
        let prefix = try beginsFreshLine(descriptor, size) ? 0 : 1
        endOfLastLine = nil
        let (count, error) = writeAll(prefix == 0 ? lines : [UInt8(ascii: "\n")] + lines, to: descriptor)
        guard let error else {
            endOfLastLine = size + Int64(count)
            return Outcome(written: lineEnds.count, error: nil)
        }

        // Keep what is whole. `count` bytes of prefix and lines are in the file.
        let whole = lineEnds.prefix { $0 + prefix <= count }
        let kept = whole.last.map { size + Int64(prefix + $0) } ?? size
        if kept < size + Int64(count) { cutBack(descriptor, from: size + Int64(count), to: kept) }
        return Outcome(
            written: whole.count,
            error: EventLogError(.writeFailed, path: path, "cannot write to", error)
        )
    }

    /// Whether what is appended to the file now begins on a line of its own.
    private func beginsFreshLine(_ descriptor: Int32, _ size: Int64) throws(EventLogError) -> Bool {
        if size == endOfLastLine || size == 0 { return true }
        return try lastByte(of: descriptor, size) == UInt8(ascii: "\n")
    }

    private func lastByte(of descriptor: Int32, _ size: Int64) throws(EventLogError) -> UInt8? {
        var byte: UInt8 = 0
        do throws(SystemError) {
            let count = try withUnsafeMutableBytes(of: &byte) { buffer throws(SystemError) in
                try repeatingInterrupted { () throws(SystemError) in
                    try fileSystem.read(descriptor, buffer, at: size - 1)
                }
            }
            return count == 1 ? byte : nil
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot read the end of", error)
        }
    }

    /// How much could be written, and why not all.
    private func writeAll(_ bytes: [UInt8], to descriptor: Int32) -> (count: Int, error: SystemError?) {
        bytes.withUnsafeBytes { bytes in
            var count = 0
            while count < bytes.count {
                do throws(SystemError) {
                    let rest = UnsafeRawBufferPointer(rebasing: bytes[count...])
                    let written = try fileSystem.write(descriptor, rest)
                    if written == 0 { return (count, SystemError(code: EIO)) }
                    count += written
                } catch {
                    if error.code != EINTR { return (count, error) }
                }
            }
            return (count, nil)
        }
    }

    /// Removes what this append wrote beyond its last whole line, unless somebody has written behind it.
    private func cutBack(_ descriptor: Int32, from size: Int64, to whole: Int64) {
        guard let status = try? fileSystem.status(of: descriptor), status.size == size else { return }
        try? repeatingInterrupted { () throws(SystemError) in try fileSystem.truncate(descriptor, to: whole) }
    }
}

extension String {
    /// The path of the directory that holds what this path leads to.
    package var parentDirectory: String {
        let trimmed = reversed().drop(while: { $0 == "/" })
        guard let slash = trimmed.firstIndex(of: "/") else { return trimmed.isEmpty ? "/" : "." }
        let parent = String(trimmed[slash...].drop(while: { $0 == "/" }).reversed())
        return parent.isEmpty ? "/" : parent
    }
}
