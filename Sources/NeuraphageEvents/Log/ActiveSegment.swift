// The file that is appended to.
//
// A write(2) of a line is not atomic against kill -9, a full disk or a power cut, an unlinked file can be written to
// for ever, and several processes append at once. So every append
//   1. takes flock(LOCK_EX) on the file, so that nobody else appends meanwhile – by trying again and again, because a
//      process that is stopped while it has the lock must not stop this one;
//   2. makes sure that it is still the file at the path: a deleted file is noticed at once by its link count, one that
//      another process has ended by its mode, a renamed or replaced one by its identity, which is compared at most every
//      100 ms;
//   3. begins on a fresh line: if the file's size isn't the one that the last append left, its last byte is read, and
//      if that isn't a newline – somebody died in the middle of a line – a newline is written first;
//   4. writes whole lines in one call, and goes on after a short write. If the rest can't be written, the file is cut
//      back to its last whole line, but only if its size is still what this append made it.
// Nothing that stands in the file is ever changed. A file ends by getting a number and becoming read-only.

import NeuraphagePlatform

/// The end of an append-only file of lines. Not thread-safe: whoever has it is the writer. Any number of processes may
/// append to the same file.
struct ActiveSegment: ~Copyable, Sendable {
    /// What became of an append: how many of its lines are in the file, and why not all of them.
    struct Outcome: Sendable {
        var written: Int
        var error: EventLogError?
    }

    /// Something that somebody else did to the file.
    enum Notice: Hashable, Sendable {
        case deleted
        case replaced
        /// It got a number. That is how a file ends, and nothing to worry about.
        case ended
    }

    private static let pathCheckInterval: UInt64 = 100_000_000  // ns

    let files: LogSegments
    let fileSystem: any FileSystem
    let monotonicNow: @Sendable () -> UInt64
    /// The file that is open, if one is.
    var current: OpenSegment?
    /// The size that the last append left, if the file ended with a newline then.
    private var endOfLastLine: Int64?
    private var lastPathCheck: UInt64 = 0

    var path: String { files.activePath }

    init(
        path: String,
        fileSystem: any FileSystem,
        monotonicNow: @escaping @Sendable () -> UInt64 = { MonotonicClock.now }
    ) {
        files = LogSegments(activePath: path)
        self.fileSystem = fileSystem
        self.monotonicNow = monotonicNow
    }

    /// Opens the file, making it and its directory if they don't exist.
    @discardableResult
    mutating func openIfNeeded() throws(EventLogError) -> OpenSegment {
        if let current { return current }
        let (descriptor, directories) = try openOrCreate()
        let identity: FileStatus.Identity
        do throws(EventLogError) {
            identity = try usableFile(descriptor)
        } catch {
            fileSystem.close(descriptor)
            throw error
        }
        let opened = OpenSegment(descriptor, identity, path: path, made: directories, fileSystem)
        current = opened
        endOfLastLine = nil
        lastPathCheck = monotonicNow()
        return opened
    }

    /// Appends `lines`, which are whole lines, each with its newline.
    ///
    /// - Parameters:
    ///   - count: How many lines they are.
    ///   - patience: How long to wait for the file's lock, in ns.
    ///   - allOrNone: Whether nothing shall stay of lines that cannot all be written.
    ///   - notice: What has been noticed.
    mutating func append(
        _ lines: [UInt8],
        count: Int,
        patience: UInt64,
        allOrNone: Bool = false,
        notice: inout Notice?
    ) -> Outcome {
        do throws(EventLogError) {
            let (file, size) = try lockFile(until: monotonicNow() + patience, notice: &notice)
            defer { fileSystem.unlock(file.descriptor) }
            return try write(lines, count: count, to: file.descriptor, from: size, allOrNone: allOrNone)
        } catch {
            return Outcome(written: 0, error: error)
        }
    }

    // MARK: - Opening

    private func openOrCreate() throws(EventLogError) -> (descriptor: Int32, made: [String]) {
        let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        func openFile() throws(SystemError) -> Int32 {
            try repeatingInterrupted { () throws(SystemError) in
                try fileSystem.open(path, flags: flags, permissions: 0o600)
            }
        }
        do throws(SystemError) {
            do throws(SystemError) {
                return (try openFile(), [])
            } catch {
                guard error.code == ENOENT else { throw error }
                let made = try fileSystem.makeDirectories(path.parentDirectory)
                return (try openFile(), made)
            }
        } catch {
            let status = try? fileSystem.status(at: path, followingLinks: false)
            if let status, !status.isRegularFile { throw notUsable(status) }
            throw EventLogError(.openFailed, path: path, "cannot open the event log", error)
        }
    }

    /// The identity of the open file, which must be a regular file of ours that may be written to.
    private func usableFile(_ descriptor: Int32) throws(EventLogError) -> FileStatus.Identity {
        let status = try status(of: descriptor)
        guard status.isRegularFile else { throw notUsable(status) }
        guard status.owner == geteuid() else {
            throw EventLogError(
                .notUsable,
                path: path,
                because: "cannot log to \(path): it belongs to user \(status.owner), and you are user \(geteuid())"
            )
        }
        // Root may open it all the same; but a file that its owner has made read-only is not to be written to.
        guard status.isWritable else {
            throw EventLogError(
                .notUsable,
                path: path,
                because: "cannot log to \(path): it is read-only; say chmod u+w, or move it away"
            )
        }
        return status.identity
    }

    private func notUsable(_ status: FileStatus) -> EventLogError {
        EventLogError(
            .notUsable,
            path: path,
            because: "cannot log to \(path): it is \(status.kindDescription); the log must be a regular file"
        )
    }

    private func status(of descriptor: Int32) throws(EventLogError) -> FileStatus {
        do throws(SystemError) {
            return try fileSystem.status(of: descriptor)
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot examine", error)
        }
    }

    // MARK: - Locking

    /// Locks the file that stands at the path now, opening it anew if that is another one than before.
    private mutating func lockFile(
        until deadline: UInt64,
        notice: inout Notice?
    ) throws(EventLogError) -> (file: OpenSegment, size: Int64) {
        while true {
            let file = try openIfNeeded()
            try lock(file.descriptor, until: deadline)
            let status: FileStatus
            do throws(EventLogError) {
                status = try self.status(of: file.descriptor)
            } catch {
                fileSystem.unlock(file.descriptor)
                throw error
            }
            guard let change = change(of: status) else { return (file, status.size) }
            notice = change
            fileSystem.unlock(file.descriptor)
            current = nil
        }
    }

    /// Tries until it has the lock. Somebody who appends has it for some microseconds only.
    func lock(_ descriptor: Int32, until deadline: UInt64) throws(EventLogError) {
        var attempts = 0
        var pause: UInt64 = 20_000  // ns
        while try !tryLock(descriptor) {
            guard monotonicNow() < deadline else {
                throw .lockedByAnother(path)
            }
            attempts += 1
            if attempts < 20 {
                sched_yield()
            } else {
                var time = timespec(nanoseconds: pause)
                nanosleep(&time, nil)
                pause = min(pause * 2, 1_000_000)
            }
        }
    }

    private func tryLock(_ descriptor: Int32) throws(EventLogError) -> Bool {
        do throws(SystemError) {
            return try repeatingInterrupted { () throws(SystemError) in try fileSystem.tryLock(descriptor) }
        } catch {
            throw EventLogError(.writeFailed, path: path, "cannot lock", error)
        }
    }

    private mutating func change(of status: FileStatus) -> Notice? {
        if status.links == 0 { return .deleted }
        if !status.isWritable { return .ended }
        let now = monotonicNow()
        guard now - lastPathCheck >= Self.pathCheckInterval else { return nil }
        lastPathCheck = now
        return isAtPath(status.identity) ? nil : .replaced
    }

    func isAtPath(_ identity: FileStatus.Identity) -> Bool {
        let status = try? fileSystem.status(at: path, followingLinks: false)
        return status?.identity == identity
    }

    // MARK: - Writing

    private mutating func write(
        _ lines: [UInt8],
        count lineCount: Int,
        to descriptor: Int32,
        from size: Int64,
        allOrNone: Bool
    ) throws(EventLogError) -> Outcome {
        let prefix = try beginsFreshLine(descriptor, size) ? 0 : 1
        endOfLastLine = nil
        let (count, error) = (prefix == 0 ? lines : [UInt8(ascii: "\n")] + lines).withUnsafeBytes { bytes in
            fileSystem.write(all: bytes, to: descriptor)
        }
        guard let error else {
            endOfLastLine = size + Int64(count)
            return Outcome(written: lineCount, error: nil)
        }

        // Keep what is whole. `count` bytes of prefix and lines are in the file.
        let whole = allOrNone || count <= prefix ? [] : lines[..<(count - prefix)].wholeLines
        let kept = whole.isEmpty ? size : size + Int64(prefix + whole.count)
        if kept < size + Int64(count) { cutBack(descriptor, from: size + Int64(count), to: kept) }
        return Outcome(
            written: whole.lineCount,
            error: EventLogError(.writeFailed, path: path, "cannot write to", error)
        )
    }

    private mutating func beginsFreshLine(_ descriptor: Int32, _ size: Int64) throws(EventLogError) -> Bool {
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

    /// Removes what this append wrote beyond its last whole line, unless somebody has written behind it.
    private func cutBack(_ descriptor: Int32, from size: Int64, to whole: Int64) {
        guard let status = try? fileSystem.status(of: descriptor), status.size == size else { return }
        try? repeatingInterrupted { () throws(SystemError) in try fileSystem.truncate(descriptor, to: whole) }
    }
}

extension EventLogError {
    /// Another process had the file's lock for all of the time that there was.
    static func lockedByAnother(_ path: String) -> EventLogError {
        EventLogError(.writeFailed, path: path, because: "cannot write to \(path): another process keeps it locked")
    }

    var isLockedByAnother: Bool { self == .lockedByAnother(path) }
}

extension ActiveSegment.Notice {
    /// What to tell the developer of it, if anything.
    func message(_ path: String) -> String? {
        switch self {
        case .deleted: "The event log \(path) was deleted; logging goes on in a new file there"
        case .replaced: "The event log \(path) was moved; logging goes on in the file there now"
        case .ended: nil
        }
    }
}
