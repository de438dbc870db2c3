// Where the locks are: a directory for each name, with the file that is locked, the gate before it, and a record for each
// holder. The directory and the two files stay; removing a file that others wait for would hand out the lock twice.

public import NeuraphageEvents
import NeuraphagePlatform
public import NeuraphagePresentation
public import NeuraphageSystem

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
    private static let recordPrefix = DataDirectory.RecordPrefix.holder
    /// How long to wait, at most, for somebody who brings the log in order.
    private static let patience: UInt64 = 2_000_000_000  // ns

    private let dataDirectory: DataDirectory

    /// The locks of a data directory.
    public init(in directory: DataDirectory) {
        dataDirectory = directory
    }

    var files: any FileSystem { dataDirectory.files }
    private var path: String { dataDirectory.locks }

    /// The names of all locks that there have ever been.
    ///
    /// - Throws: ``OperationError`` if the directory is there and cannot be read.
    public var names: [LockName] {
        get throws(OperationError) {
            try entries(of: path).compactMap(LockName.init(fileName:)).sorted { $0.description < $1.description }
        }
    }

    /// The holders of a lock, the longest first. If one has died, the log is told so before this returns.
    ///
    /// - Parameters:
    ///   - name: The lock.
    ///   - bus: Where to publish, as `LockReleased` with `"inferred":true`, what a holder that died could not say.
    /// - Throws: ``OperationError`` if it cannot be read who holds the lock.
    public func holders(of name: LockName, releasingDeadOn bus: EventBus) throws(OperationError) -> [LockHolder] {
        let deadline = MonotonicClock.now + Self.patience
        // The record of a process that is gone is locked by a process that brings the log in order just now.
        let found = OpenRecord.settle(try records(of: name), by: Self.rule, publishingTo: bus, files) { note in
            note?.isOrphaned ?? false ? deadline : 0
        }
        for path in found.gone { try refuseUnreadable(path) }
        return found.inUse.compactMap(HolderNote.init).map { note in
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

    private func records(of name: LockName) throws(OperationError) -> [String] {
        let directory = directory(of: name)
        return try entries(of: directory).filter { $0.hasPrefix(Self.recordPrefix) }.sorted().map {
            directory + "/" + $0
        }
    }

    /// The names of what stands in a directory: nothing if it isn't there.
    private func entries(of directory: String) throws(OperationError) -> [String] {
        do throws(SystemError) {
            return try files.names(in: directory)
        } catch {
            if error.code == ENOENT { return [] }
            throw .cannot("read the directory", directory, error)
        }
    }

    /// Tells a record that cannot be opened from one that isn't there any more.
    private func refuseUnreadable(_ path: String) throws(OperationError) {
        do throws(SystemError) {
            files.close(try files.open(path, flags: O_RDONLY | O_CLOEXEC | O_NOFOLLOW, permissions: 0))
        } catch {
            if error.code != ENOENT { throw .cannot("read", path, error) }
        }
    }

    /// Tells the log of holders that died. Call it with the lock held: who could not hold it beside us has died, or is
    /// being told of by somebody else just now, which is waited for, so that the log has things in their order.
    func settle(_ name: LockName, isShared: Bool, publishingTo bus: EventBus) throws(OperationError) {
        let deadline = MonotonicClock.now + Self.patience
        OpenRecord.settle(try records(of: name), by: Self.rule, publishingTo: bus, files) { note in
            !isShared || note.flatMap(HolderNote.init)?.isExclusive ?? false ? deadline : 0
        }
    }

    private static var rule: SettlingRule { SettlingRule(inferredEnd: Event.lockReleasedByDeath) }
}
