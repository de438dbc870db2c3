// Where the locks are: a directory for each name, with the file that is locked, the gate before it, and a record for each
// holder. The directory and the two files stay; removing a file that others wait for would hand out the lock twice.

public import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// Who holds a lock.
public struct LockHolder: Sendable {
    /// The lock.
    public let name: LockName
    /// Whether nobody else can hold it meanwhile.
    public let isExclusive: Bool
    /// The task that it is held for, if it is held for one.
    public let task: TaskID?
    /// The process that holds it.
    public let pid: Int32
    /// The command that runs meanwhile, as one would type it.
    public let command: String
    /// Since when.
    public let since: Timestamp
}

/// The locks that the processes of a data directory share.
public struct LockDirectory: Sendable {
    private static let recordPrefix = "holder-"
    /// How long to wait, at most, for somebody who brings the log in order.
    private static let patience: UInt64 = 2_000_000_000  // ns

    private let path: String

    /// The locks of a data directory.
    public init(dataDirectory: String) {
        path = dataDirectory.appendingPathComponent("locks")
    }

    /// The names of all locks that there have ever been.
    ///
    /// - Throws: ``LockError`` if the directory is there and cannot be read.
    public var names: [LockName] {
        get throws(LockError) {
            try entries(of: path).compactMap(LockName.init(fileName:)).sorted { $0.description < $1.description }
        }
    }

    /// The holders of a lock, the longest first. If one has died, the log is told so before this returns.
    ///
    /// - Parameters:
    ///   - name: The lock.
    ///   - bus: Where to publish, as `LockReleased` with `"inferred":true`, what a holder that died could not say.
    /// - Throws: ``LockError`` if it cannot be read who holds the lock.
    public func holders(of name: LockName, releasingDeadOn bus: EventBus) throws(LockError) -> [LockHolder] {
        let deadline = MonotonicClock.now + Self.patience
        var notes: [HolderNote] = []
        for path in try records(of: name) {
            // The record of a process that is gone is locked by somebody who brings the log in order just now.
            let finding = OpenRecord.take(path) { note in
                note?.isOrphaned ?? false ? deadline : 0
            }
            switch consume finding {
            case .inUse(let note): if let note = note.flatMap(HolderNote.init) { notes.append(note) }
            case .free(let record): record.settle(publishingTo: bus, inferring: Event.lockReleasedByDeath)
            case .gone: try refuseUnreadable(path)
            }
        }
        return notes.map { note in
            LockHolder(
                name: name,
                isExclusive: note.isExclusive,
                task: note.acquired.source,
                pid: note.pid,
                command: note.command,
                since: note.acquired.timestamp
            )
        }.sorted { $0.since < $1.since }
    }

    /// The directory of a lock.
    func directory(of name: LockName) -> String { path + "/" + name.fileName }

    /// Where the record of a new holder belongs.
    func record(of acquired: Event, for name: LockName) -> String {
        directory(of: name) + "/" + Self.recordPrefix + acquired.id.description
    }

    private func records(of name: LockName) throws(LockError) -> [String] {
        let directory = directory(of: name)
        return try entries(of: directory).filter { $0.hasPrefix(Self.recordPrefix) }.sorted().map {
            directory + "/" + $0
        }
    }

    /// The names of what stands in a directory: nothing if it isn't there.
    private func entries(of directory: String) throws(LockError) -> [String] {
        do throws(SystemError) {
            return try RealFileSystem().names(in: directory)
        } catch {
            if error.code == ENOENT { return [] }
            throw LockError(cannot: "read the directory", directory, error)
        }
    }

    /// Tells a record that cannot be opened from one that isn't there any more.
    private func refuseUnreadable(_ path: String) throws(LockError) {
        let fileSystem = RealFileSystem()
        do throws(SystemError) {
            fileSystem.close(try fileSystem.open(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW, permissions: 0))
        } catch {
            if error.code != ENOENT { throw LockError(cannot: "read", path, error) }
        }
    }

    /// Makes a lock's directory.
    func prepare(_ name: LockName) throws(LockError) {
        let directory = directory(of: name)
        try LockFile.makeDirectory(directory)
    }

    /// Tells the log of holders that died. Call it with the lock held: who could not hold it beside us has died, or is
    /// being told of by somebody else just now, which is waited for, so that the log has things in their order.
    func settle(_ name: LockName, isShared: Bool, publishingTo bus: EventBus) throws(LockError) {
        let deadline = MonotonicClock.now + Self.patience
        for path in try records(of: name) {
            let finding = OpenRecord.take(path) { note in
                !isShared || note.flatMap(HolderNote.init)?.isExclusive ?? false ? deadline : 0
            }
            if case .free(let record) = finding {
                record.settle(publishingTo: bus, inferring: Event.lockReleasedByDeath)
            }
        }
    }
}
