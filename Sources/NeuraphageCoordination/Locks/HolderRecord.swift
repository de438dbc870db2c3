// The file by which a holder of a lock is known. It is the holder's as long as the holder has flock on it, so a process
// id, which the system gives to somebody else some day, decides nothing.
//
// A record that nobody has locked is one whose holder died. Whoever finds it takes the lock on it and brings the log in
// order. What has been said is what the log has, not what the dead process intended.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A holder's record, open and locked by this process.
struct HolderRecord: ~Copyable {
    private static let prefix = "holder-"
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

    /// The records in a lock's directory.
    static func paths(in directory: String) -> [String] {
        let names = (try? RealFileSystem().names(in: directory)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { directory + "/" + $0 }
    }

    /// Writes down a new holder.
    static func create(_ note: HolderNote, in directory: String) throws(LockError) -> HolderRecord {
        let path = directory + "/" + prefix + note.acquired.id.description
        let fileSystem = RealFileSystem()
        do throws(SystemError) {
            while true {
                let flags = O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW
                let descriptor = try fileSystem.open(path, flags: flags, permissions: 0o600)
                let record = HolderRecord(path: path, descriptor: descriptor)
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
        /// Its holder lives; the note is `nil` if it is being written or removed.
        case living(HolderNote?)
        /// Its holder died.
        case left(HolderRecord)
        /// It was removed meanwhile.
        case gone
    }

    /// Looks whether the holder lives.
    ///
    /// - Parameter deadline: Until when to wait for whoever has locked the record, as its note says who that is.
    static func examine(_ path: String, until deadline: (HolderNote?) -> UInt64 = { _ in 0 }) -> Finding {
        let fileSystem = RealFileSystem()
        let flags = O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? fileSystem.open(path, flags: flags, permissions: 0) else { return .gone }
        let record = HolderRecord(path: path, descriptor: descriptor)
        while true {
            guard let isLocked = try? fileSystem.tryLock(descriptor) else { return .gone }
            if isLocked { break }
            let note = record.note
            guard MonotonicClock.now < deadline(note) else { return .living(note) }
            usleep(2_000)
        }
        return fileSystem.isStill(descriptor, at: path) ? .left(record) : .gone
    }

    /// The note in it; `nil` if it was never finished.
    var note: HolderNote? {
        (try? fileSystem.contents(of: path, atMost: Self.longestNote)).flatMap(HolderNote.init)
    }

    /// Publishes that the lock is free again, after having written it down, and removes the record, unless the log
    /// doesn't know of it yet.
    consuming func release(_ event: Event, publishingTo bus: EventBus) {
        // A dead process may have left a part of a line. Not being able to write it down is no reason not to say it.
        try? append("\n\(event)\n")
        publish(event, to: bus)
    }

    /// Makes the log say of a holder that died what is missing there, and removes the record.
    consuming func settle(publishingTo bus: EventBus) {
        guard let note else { return remove() }
        guard let log = bus.log else { return }  // left for somebody who has one
        var said: Set<EventID> = [note.acquired.id]
        if log.config.isEnabled {
            guard let found = try? Self.events(of: note, in: log.config.path) else { return }
            said = found
        }
        // What the log doesn't know of has not ended for it.
        guard said.contains(note.acquired.id) else { return remove() }
        if let released = note.released {
            said.contains(released.id) ? remove() : publish(released, to: bus)
        } else {
            release(.lockReleasedByDeath(of: note), publishingTo: bus)
        }
    }

    private func publish(_ event: Event, to bus: EventBus) {
        let receipt = bus.publish(event)
        if receipt == .written || receipt == .notLogged {
            remove()
        } else {
            // It may still be written, until this process ends. Then, and not before, others may look: another
            // descriptor, which nobody closes, keeps the record locked.
            _ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        }
    }

    private func remove() {
        unlink(path)
    }

    private func append(_ text: String) throws(SystemError) {
        let bytes = Array(text.utf8)
        var written = 0
        while written < bytes.count {
            let count = bytes[written...].withUnsafeBytes { write(descriptor, $0.baseAddress, $0.count) }
            if count < 0, errno != EINTR { throw SystemError(code: errno) }
            written += max(0, count)
        }
    }

    /// Which of a note's events are in the log.
    private static func events(of note: HolderNote, in path: String) throws -> Set<EventID> {
        let filter = EventFilter(
            kinds: [KindPattern([.lockAcquired, .lockReleased])],
            since: note.acquired.timestamp
        )
        var scan = EventScan([.log(path)], filter: filter)
        scan.isNewestFirst = true
        var found: Set<EventID> = []
        _ = try scan.run { event, _ in
            if event.id == note.acquired.id || event.id == note.released?.id { found.insert(event.id) }
            return event.id != note.acquired.id
        }
        return found
    }
}
