// Where lines come from: a file that is read at offsets, or a stream that is read once.

import NeuraphagePlatform

/// A place to read events from, as somebody named it.
package enum LogSource: Hashable, Sendable {
    /// The log that is being written, with its files that have ended: must be regular files, and a last line without a
    /// newline in the active one is still on its way.
    case log(String)
    /// A file of a log that has ended: nobody will add anything to it.
    case ended(String)
    /// A file somebody asked for: whatever stands there is all there is.
    case file(String)
    /// Standard input.
    case standardInput

    /// Whether it can only be read once, from its beginning.
    var isStream: Bool {
        switch self {
        case .standardInput: true
        case .log, .ended: false
        case .file(let path):
            path.hasPrefix("/dev/fd/") || path.hasPrefix("/proc/self/fd/") || path == "/dev/stdin"
        }
    }

    /// Whether a last line without a newline counts as a line: not in a file that somebody may be writing to.
    var takesUnterminated: Bool {
        if case .log = self { false } else { true }
    }

    /// What to call it in messages.
    package var name: String {
        switch self {
        case .log(let path), .ended(let path), .file(let path): path
        case .standardInput: "standard input"
        }
    }
}

/// An open source of bytes. Closes its file when the last reference to it is dropped.
final class LineInput: Sendable {
    /// Lines longer than this are skipped, so that memory stays bounded.
    static let longestLine = InputLimits.lineBytes

    let source: LogSource
    let fileSystem: any FileSystem
    /// The file as it was when it was opened; `nil` for a stream.
    let status: FileStatus?
    private let descriptor: Int32

    private init(_ source: LogSource, _ descriptor: Int32, _ status: FileStatus?, _ fileSystem: any FileSystem) {
        self.source = source
        self.descriptor = descriptor
        self.status = status
        self.fileSystem = fileSystem
    }

    /// Opens the source; `nil` if there is no such file.
    static func open(_ source: LogSource, _ fileSystem: any FileSystem) throws(EventLogError) -> LineInput? {
        switch source {
        case .standardInput:
            return LineInput(source, STDIN_FILENO, nil, fileSystem)
        case .log(let path), .ended(let path):
            guard let opened = try open(path, flags: O_NOFOLLOW | O_NONBLOCK, fileSystem) else { return nil }
            return LineInput(source, opened.descriptor, opened.status, fileSystem)
        case .file(let path):
            let isStream = source.isStream
            guard let opened = try open(path, flags: isStream ? 0 : O_NONBLOCK, fileSystem, orPipe: isStream)
            else { return nil }
            return LineInput(source, opened.descriptor, isStream ? nil : opened.status, fileSystem)
        }
    }

    deinit {
        if descriptor != STDIN_FILENO { fileSystem.close(descriptor) }
    }

    private static func open(
        _ path: String,
        flags: Int32,
        _ fileSystem: any FileSystem,
        orPipe mayBePipe: Bool = false
    ) throws(EventLogError) -> (descriptor: Int32, status: FileStatus)? {
        let descriptor: Int32
        do throws(SystemError) {
            descriptor = try repeatingInterrupted { () throws(SystemError) in
                try fileSystem.open(path, flags: O_RDONLY | O_CLOEXEC | flags, permissions: 0)
            }
        } catch {
            if error.code == ENOENT { return nil }
            if let status = try? fileSystem.status(at: path, followingLinks: false), !status.isRegularFile {
                throw unusable(path, status)
            }
            throw EventLogError(.readFailed, path: path, "cannot read", error)
        }
        let status: FileStatus
        do throws(SystemError) {
            status = try fileSystem.status(of: descriptor)
        } catch {
            fileSystem.close(descriptor)
            throw EventLogError(.readFailed, path: path, "cannot examine", error)
        }
        guard status.isRegularFile || mayBePipe else {
            fileSystem.close(descriptor)
            throw unusable(path, status)
        }
        return (descriptor, status)
    }

    private static func unusable(_ path: String, _ status: FileStatus) -> EventLogError {
        let advice = status.isDirectory ? "name a file in it" : "pipe it in: np events - < FILE"
        return EventLogError(
            .notUsable,
            path: path,
            because: "cannot read \(path): it is \(status.kindDescription), not a regular file; \(advice)"
        )
    }

    /// Reads from a file at `offset`, or what comes next from a stream. 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer, at offset: Int64) throws(EventLogError) -> Int {
        do throws(SystemError) {
            return try repeatingInterrupted { () throws(SystemError) in
                status == nil
                    ? try fileSystem.read(descriptor, buffer)
                    : try fileSystem.read(descriptor, buffer, at: offset)
            }
        } catch {
            throw EventLogError(.readFailed, path: source.name, "cannot read", error)
        }
    }

    /// The bytes in a range of a file; fewer if it has been cut meanwhile.
    func bytes(_ range: Range<Int64>) throws(EventLogError) -> [UInt8] {
        do throws(SystemError) {
            return try fileSystem.bytes(of: descriptor, from: range.lowerBound, atMost: range.count)
        } catch {
            throw EventLogError(.readFailed, path: source.name, "cannot read", error)
        }
    }

    /// The hash of the bytes before an offset.
    func mark(before offset: Int64) throws(EventLogError) -> UInt32 {
        try bytes(max(0, offset - Int64(LogPosition.reach))..<offset).withUnsafeBytes(LogPosition.mark)
    }

    /// The file as it is now.
    func currentStatus() throws(EventLogError) -> FileStatus {
        do throws(SystemError) {
            return try fileSystem.status(of: descriptor)
        } catch {
            throw EventLogError(.readFailed, path: source.name, "cannot examine", error)
        }
    }
}

/// Where a line stands.
struct LinePosition {
    /// The offset of its first byte in the file or stream.
    var offset: Int64
    /// The offset after its newline, which is where the next line begins.
    var end: Int64
    /// Its number, counted from 1, if it is known.
    var number: Int?
    /// Whether it is longer than ``LineInput/longestLine``; its bytes are not available then.
    var isTooLong = false
    /// Whether it repeats a line of the segment before.
    var isRepetition = false
}
