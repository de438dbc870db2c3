// The file that says of something that it has begun and not ended: a lock that is held, a run, an agent's session, a task.
// It stays when a process dies that should have told the end, so that another one can.
//
// A process that works with a record has the lock on its file. The record of a process's own doing is locked as long as the
// process lives, so a process id, which the system gives to another process some day, decides nothing.
//
// What has been published is what the log has, not what the dead process intended.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

/// A record, open and locked by this process.
package struct OpenRecord: ~Copyable {
    private static let longestNote = 1 << 16
    /// How long to try again where processes only look, in ns. Each of them is done in a moment.
    private static let patienceWithLooks: UInt64 = 50_000_000

    private let path: String
    private let descriptor: Int32
    private let files: any FileSystem

    private init(path: String, descriptor: Int32, files: any FileSystem) {
        self.path = path
        self.descriptor = descriptor
        self.files = files
    }

    deinit {
        files.close(descriptor)
    }

    /// The records in a directory whose names begin with a prefix.
    static func paths(in directory: String, prefix: String, _ files: any FileSystem) -> [String] {
        let names = (try? files.names(in: directory)) ?? []
        return names.filter { $0.hasPrefix(prefix) }.sorted().map { directory + "/" + $0 }
    }

    /// Writes down something new.
    ///
    /// - Parameter path: A file that no other process makes.
    static func create(
        _ note: OpenNote,
        at path: String,
        _ files: any FileSystem
    ) throws(OperationError) -> OpenRecord {
        do throws(SystemError) {
            while true {
                // For writing, so that a process that watches the directory is told when this one ends.
                let flags = O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW
                let descriptor = try files.open(path, flags: flags, permissions: 0o600)
                let record = OpenRecord(path: path, descriptor: descriptor, files: files)
                // Another process may have taken the empty file for what a dead process left.
                try repeatingInterrupted { () throws(SystemError) in try files.lock(descriptor, sharing: false) }
                guard files.isStill(descriptor, at: path) else { continue }
                do throws(SystemError) {
                    try record.append(note.text)
                } catch {
                    record.remove()
                    throw error
                }
                return record
            }
        } catch {
            throw .cannot("write", path, error)
        }
    }

    /// What a look at a record has shown.
    enum Sight {
        /// A process works with it; the note is `nil` if it is being written or removed, or of a newer version.
        case inUse(OpenNote?)
        /// No process does; the note is `nil` if it was never finished.
        case free(OpenNote?)
        /// It was removed meanwhile, or was never there.
        case gone
    }

    /// Looks at a record without taking it. Any number of processes may do so at once, and see the same.
    static func look(_ path: String, _ files: any FileSystem) -> Sight {
        guard let descriptor = try? open(path, files) else { return .gone }
        defer { files.close(descriptor) }
        guard let isUnused = try? files.tryLock(descriptor, sharing: true) else { return .gone }
        if !isUnused || refusal(at: path, files) != nil { return .inUse(note(at: path, files)) }
        return files.isStill(descriptor, at: path) ? .free(note(at: path, files)) : .gone
    }

    private static func open(_ path: String, _ files: any FileSystem) throws(SystemError) -> Int32 {
        // Not for writing: a process that watches the directory would be told of it.
        try files.open(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, permissions: 0)
    }

    /// What a record turned out to be.
    enum Finding: ~Copyable {
        /// Another process works with it; the note is `nil` if it is being written or removed, or of a newer version.
        case inUse(OpenNote?)
        /// No other process did: it is this one's now.
        case free(OpenRecord)
        /// It was removed meanwhile, or was never there.
        case gone
    }

    /// Takes a record if no other process works with it. One that only looks at it is waited for, up to 50 ms.
    ///
    /// - Parameter deadline: Until when to wait for the process that has locked the record, as its note says which it is.
    static func take(
        _ path: String,
        _ files: any FileSystem,
        until deadline: (OpenNote?) -> UInt64 = { _ in 0 }
    ) -> Finding {
        guard let descriptor = try? open(path, files) else { return .gone }
        let record = OpenRecord(path: path, descriptor: descriptor, files: files)
        let endOfLooks = MonotonicClock.now + patienceWithLooks
        while true {
            guard let isLocked = try? files.tryLock(descriptor) else { return .gone }
            if isLocked { break }
            let note = record.note
            // Only looks share the lock.
            let isLookedAt = (try? files.tryLock(descriptor, sharing: true)) ?? false
            if isLookedAt { files.unlock(descriptor) }
            guard MonotonicClock.now < max(deadline(note), isLookedAt ? endOfLooks : 0) else { return .inUse(note) }
            usleep(2_000)
        }
        if refusal(at: path, files) != nil { return .inUse(nil) }
        return files.isStill(descriptor, at: path) ? .free(record) : .gone
    }

    /// The event by which the log knows that it has begun.
    package var begin: Event? { note?.begin }

    /// The note in it; `nil` if it was never finished.
    var note: OpenNote? { Self.note(at: path, files) }

    /// The note in a record, whichever process works with it; `nil` also for one of a newer version.
    static func note(at path: String, _ files: any FileSystem) -> OpenNote? {
        guard let text = try? files.contents(of: path, atMost: longestNote),
            (try? FileFormat.record.check(text, of: path)) != nil
        else { return nil }
        return OpenNote(text)
    }

    /// The task of the event with which a record begins, found without looking at the rest.
    static func source(at path: String, _ files: any FileSystem) -> TaskID? {
        guard let text = try? files.contents(of: path, atMost: longestNote) else { return nil }
        let lines = text.split(separator: "\n", maxSplits: 2)
        guard lines.count > 1, let event = try? Event(line: String(lines[1])) else { return nil }
        return event.source
    }

    /// Why a record must be left alone: it is of a newer version.
    static func refusal(at path: String, _ files: any FileSystem) -> OperationError? {
        guard let text = try? files.contents(of: path, atMost: longestNote) else { return nil }
        do throws(OperationError) {
            try FileFormat.record.check(text, of: path)
            return nil
        } catch {
            return error
        }
    }

    // MARK: - The end

    /// Publishes the end, after having written it down, and removes the record, unless the log doesn't have it yet.
    @discardableResult
    func end(with event: Event, publishingTo bus: EventBus) -> EventReceipt {
        // A dead process may have left a part of a line. Not being able to write it down is no reason not to publish it.
        try? append("\n\(event)\n")
        let receipt = bus.publish(event)
        if isDone(receipt) { remove() }
        return receipt
    }

    /// Publishes an event that the record holds.
    ///
    /// - Returns: Whether the log has it.
    @discardableResult
    func publish(_ event: Event, to bus: EventBus) -> Bool { isDone(bus.publish(event)) }

    private func isDone(_ receipt: EventReceipt) -> Bool {
        if receipt == .written || receipt == .notLogged { return true }
        // It may still be written, until this process ends. Then, and not before, others may look: another descriptor,
        // which is never closed, keeps the record locked.
        _ = fcntl(descriptor, F_DUPFD_CLOEXEC, 0)
        return false
    }

    /// Removes the record without publishing anything.
    func remove() {
        try? files.remove(path)
    }

    private func append(_ text: String) throws(SystemError) {
        let flags = O_WRONLY | O_APPEND | O_CLOEXEC | O_NOFOLLOW
        let file = try files.open(path, flags: flags, permissions: 0)
        defer { files.close(file) }
        try files.writeAll(text.utf8, to: file)
    }
}
