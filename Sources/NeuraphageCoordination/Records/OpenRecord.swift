// The file that says of something that it has begun and not ended: a lock that is held, a run, an agent's session. It
// stays when a process dies that should have told the end, and so somebody else can.
//
// Whoever works with a record has flock on its file. The record of a process's own doing is locked as long as the process
// lives, so a process id, which the system gives to somebody else some day, decides nothing.
//
// What has been said is what the log has, not what the dead process intended.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A record, open and locked by this process.
struct OpenRecord: ~Copyable {
    private static let longestNote = 1 << 16

    private let path: String
    private let descriptor: Int32
    private let fileSystem = RealFileSystem()

    private init(path: String, descriptor: Int32) {
        self.path = path
        self.descriptor = descriptor
    }

    deinit {
        close(descriptor)
    }

    /// The records in a directory whose names begin with a prefix.
    static func paths(in directory: String, prefix: String) -> [String] {
        let names = (try? RealFileSystem().names(in: directory)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { directory + "/" + $0 }
    }

    /// Writes down something new.
    ///
    /// - Parameter path: A file that nobody else makes.
    static func create(_ note: OpenNote, at path: String) throws(LockError) -> OpenRecord {
        let fileSystem = RealFileSystem()
        do throws(SystemError) {
            while true {
                // For writing, so that whoever watches the directory is told when this process ends.
                let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
                let descriptor = try fileSystem.open(path, flags: flags, permissions: 0o600)
                let record = OpenRecord(path: path, descriptor: descriptor)
                // Somebody may have taken the empty file for what a dead process left.
                while flock(descriptor, LOCK_EX) != 0 {
                    if errno != EINTR { throw SystemError(code: errno) }
                }
                guard fileSystem.isStill(descriptor, at: path) else { continue }
                do throws(SystemError) {
                    try record.append(note.text)
                } catch {
                    record.remove()
                    throw error
                }
                return record
            }
        } catch {
            throw LockError(cannot: "write", path, error)
        }
    }

    /// What a record turned out to be.
    enum Finding: ~Copyable {
        /// Somebody works with it; the note is `nil` if it is being written or removed.
        case inUse(OpenNote?)
        /// Nobody did: it is ours now.
        case free(OpenRecord)
        /// It was removed meanwhile, or was never there.
        case gone
    }

    /// Takes a record if nobody works with it.
    ///
    /// - Parameter deadline: Until when to wait for whoever has locked the record, as its note says who that is.
    static func take(_ path: String, until deadline: (OpenNote?) -> UInt64 = { _ in 0 }) -> Finding {
        let fileSystem = RealFileSystem()
        // Not for writing: whoever watches the directory would be told of it.
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? fileSystem.open(path, flags: flags, permissions: 0) else { return .gone }
        let record = OpenRecord(path: path, descriptor: descriptor)
        while true {
            guard let isLocked = try? fileSystem.tryLock(descriptor) else { return .gone }
            if isLocked { break }
            let note = record.note
            guard MonotonicClock.now < deadline(note) else { return .inUse(note) }
            usleep(2_000)
        }
        return fileSystem.isStill(descriptor, at: path) ? .free(record) : .gone
    }

    /// The note in it; `nil` if it was never finished.
    var note: OpenNote? { Self.note(at: path) }

    /// The note in a record, whoever works with it.
    static func note(at path: String) -> OpenNote? {
        (try? RealFileSystem().contents(of: path, atMost: longestNote)).flatMap(OpenNote.init)
    }

    /// Publishes the end, after having written it down, and removes the record, unless the log doesn't have it yet.
    @discardableResult
    consuming func end(with event: Event, publishingTo bus: EventBus) -> EventReceipt {
        // A dead process may have left a part of a line. Not being able to write it down is no reason not to say it.
        try? append("\n\(event)\n")
        let receipt = publish(event, to: bus)
        if isSaid(receipt) { remove() }
        return receipt
    }

    /// Makes the log say what is missing there of an end that nobody told, and removes the record.
    ///
    /// - Parameters:
    ///   - saysBegin: Whether a beginning that the log doesn't have is said, too. Otherwise what the log doesn't know of
    ///     has not ended for it: a process that died before it could say that it begins had not begun.
    ///   - isEnd: Whether an event of the same task that stands in the log behind the beginning is an end, too.
    ///   - inferred: The end, if nobody has written one down; `nil` if it goes on.
    consuming func settle(
        publishingTo bus: EventBus,
        saysBegin: Bool = false,
        unless isEnd: (Event) -> Bool = { _ in false },
        inferring inferred: (OpenNote) -> Event?
    ) {
        guard let note else { return remove() }
        guard let log = bus.log else { return }  // left for somebody who has one
        var said = Said(hasBegin: true)
        if log.config.isEnabled {
            guard let found = try? Self.said(of: note, in: log.config.path, unless: isEnd) else { return }
            said = found
        }
        guard said.hasBegin || saysBegin, !said.hasEnd else { return remove() }
        if !said.hasBegin { publish(note.begin, to: bus) }
        if let end = note.end {
            if isSaid(publish(end, to: bus)) { remove() }
        } else if let end = inferred(note) {
            self.end(with: end, publishingTo: bus)
        }
    }

    @discardableResult
    private func publish(_ event: Event, to bus: EventBus) -> EventReceipt {
        let receipt = bus.publish(event)
        if !isSaid(receipt) {
            // It may still be written, until this process ends. Then, and not before, others may look: another
            // descriptor, which nobody closes, keeps the record locked.
            _ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        }
        return receipt
    }

    private func isSaid(_ receipt: EventReceipt) -> Bool { receipt == .written || receipt == .notLogged }

    /// Removes the record without a word.
    func remove() {
        unlink(path)
    }

    private func append(_ text: String) throws(SystemError) {
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW
        let file = try fileSystem.open(path, flags: flags, permissions: 0)
        defer { fileSystem.close(file) }
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(file, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw SystemError(code: errno) }
            written += max(0, count)
        }
    }

    // MARK: - What the log has

    private struct Said {
        var hasBegin = false
        var hasEnd = false
    }

    /// Which of a note's events are in the log, read backward as far as needed.
    private static func said(of note: OpenNote, in path: String, unless isEnd: (Event) -> Bool) throws -> Said {
        var filter = EventFilter(since: note.begin.timestamp)
        if let task = note.begin.source { filter.tasks = [task] }
        var scan = EventScan([.log(path)], filter: filter)
        scan.isNewestFirst = true
        var said = Said()
        _ = try scan.run { event, _ in
            if event.id == note.begin.id { said.hasBegin = true }
            let endsIt = event.id == note.end?.id || event.source == note.begin.source && isEnd(event)
            if endsIt, !said.hasBegin { said.hasEnd = true }
            return !said.hasBegin
        }
        return said
    }
}
