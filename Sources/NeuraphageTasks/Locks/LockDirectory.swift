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
    /// The event that told that it took the lock.
    let acquired: EventID
    /// The process, as it can be told from others.
    let process: ProcessIdentity?
}

/// A process that has waited for a lock for more than a second.
package struct LockWaiter: Sendable {
    package let name: LockName
    /// The task that wants it, if it is wanted for one.
    package let task: TaskID?
    package let pid: Int32
    /// Since when it waits.
    package let since: Timestamp
}

/// The locks that the processes of a data directory share.
public struct LockDirectory: Sendable {
    let dataDirectory: DataDirectory

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

    /// The holders of a lock that live, or may live where they cannot be seen; the longest first.
    ///
    /// - Throws: ``OperationError`` if it cannot be read who holds the lock.
    public func holders(of name: LockName) throws(OperationError) -> [LockHolder] {
        try allHolders.filter { $0.name == name }
    }

    /// The holders of all locks, the longest first. Costs a look at each record.
    ///
    /// - Throws: ``OperationError`` if it cannot be read who holds the locks.
    public var allHolders: [LockHolder] {
        get throws(OperationError) { try allParties.holders }
    }

    /// The same with those that have waited for locks for more than a second, as they are at one moment.
    ///
    /// - Throws: ``OperationError`` if the records cannot be read.
    package var allParties: (holders: [LockHolder], waiters: [LockWaiter]) {
        get throws(OperationError) {
            let notes = try livingNotes
            let holders = notes.compactMap(Self.holder).sorted { $0.since < $1.since }
            return (holders, notes.compactMap(Self.waiter).sorted { $0.since < $1.since })
        }
    }

    /// The records whose processes live, or may live where they cannot be seen.
    private var livingNotes: [OpenNote] {
        get throws(OperationError) {
            var notes: [OpenNote] = []
            _ = try names
            for path in try records {
                switch OpenRecord.look(path, files) {
                case .inUse(let note):
                    guard let note, !note.isOrphaned(in: files) else { continue }
                    notes.append(note)
                case .free: continue
                case .gone: try refuseUnreadable(path)
                }
            }
            return notes
        }
    }

    private static func waiter(_ note: OpenNote) -> LockWaiter? {
        guard note.begin.kind == .lockWaiting, let resource = note.begin.payload.string("resource"),
            let name = try? LockName(resource), let pid = note.pid
        else { return nil }
        let waited = note.begin.payload["waited_ms"].flatMap { Int64($0.text) } ?? 0
        let since = note.begin.timestamp - .milliseconds(waited)
        return LockWaiter(name: name, task: note.begin.source, pid: pid, since: since)
    }

    private var records: [String] {
        get throws(OperationError) {
            var paths: [String] = []
            for directory in dataDirectory.recordDirectories(DataDirectory.RecordPrefix.holder) {
                let names = try entries(of: directory).filter { $0.hasPrefix(DataDirectory.RecordPrefix.holder) }
                paths += names.sorted().map { "\(directory)/\($0)" }
            }
            return paths
        }
    }

    private static func holder(_ note: OpenNote) -> LockHolder? {
        guard let note = HolderNote(note), let resource = note.acquired.payload["resource"]?.text,
            let name = try? LockName(resource)
        else { return nil }
        return LockHolder(
            name: name,
            isExclusive: note.isExclusive,
            task: note.acquired.source,
            pid: note.pid,
            command: note.command,
            since: note.acquired.timestamp,
            acquired: note.acquired.id,
            process: ProcessIdentity(note.note.about)
        )
    }

    /// The directory of a lock.
    func directory(of name: LockName) -> String { path + "/" + name.fileName }

    /// What an event says of a holder.
    static func hold(_ holder: LockHolder?) -> Event.LockHold? {
        holder.map { Event.LockHold(task: $0.task, pid: $0.pid) }
    }

    /// The way to a lock.
    func turnstile(of name: LockName, sharing isShared: Bool) -> Turnstile {
        let spare = dataDirectory.spareLock(name.fileName)
        return Turnstile(directory: directory(of: name), spare: spare, isShared: isShared, files)
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
}
