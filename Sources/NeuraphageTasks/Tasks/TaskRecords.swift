// Which tasks have begun and not ended: a file for each. One that `np run` began is that process's as long as it lives;
// one that an agent's hook began is nobody's, and ends when something shows that it is over.
//
// An `np run` of a task that has begun already is a part of it, and begins and ends as what it is: a run. It has a record
// of its own, but no task begins or ends with it.

public import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
public import NeuraphageSystem

/// The tasks of a data directory that have begun and not ended.
public struct TaskRecords: Sendable {
    static let runPrefix = DataDirectory.RecordPrefix.run
    /// How long to wait for somebody who works with the same files, which takes them far less.
    static let patience: UInt64 = 3_000_000_000  // ns

    private let directory: DataDirectory

    /// The tasks of a data directory.
    public init(in directory: DataDirectory) {
        self.directory = directory
    }

    var files: any FileSystem { directory.files }
    /// The directory of the records.
    package var path: String { directory.tasks }

    /// Whether an event says that its source has ended as a task.
    static func isEnd(_ event: Event) -> Bool {
        switch event.kind {
        case .taskCompleted, .taskFailed, .taskCancelled: true
        default: false
        }
    }

    /// The lock under which processes decide what two of them must not decide at a time. None holds it for long.
    func lock() throws(OperationError) -> LockFile? {
        try LockFile.take(path + "/lock", patience: Self.patience, in: files)
    }

    // MARK: - Runs

    /// A task that runs by `np run`.
    package struct Running: Hashable, Sendable {
        package let task: TaskID
        /// Where it was started.
        package let directory: String
        package let since: Timestamp
    }

    /// Writes down a run of this process.
    func record(_ started: Event, in directory: String) throws(OperationError) -> OpenRecord {
        do throws(SystemError) {
            try files.makeDirectories(path)
        } catch {
            throw .cannot("make the directory", path, error)
        }
        let about: Payload = ["pid": .integer(getpid()), "directory": .string(directory)]
        return try OpenRecord.create(
            OpenNote(about: about, begin: started),
            at: "\(path)/\(Self.runPrefix)\(started.id)",
            files
        )
    }

    /// The tasks that run and live, the oldest first.
    package var runs: [Running] {
        OpenRecord.paths(in: path, prefix: Self.runPrefix, files).compactMap { path in
            guard case .inUse(let note?) = OpenRecord.take(path, files), !note.isOrphaned else { return nil }
            return Self.running(note)
        }.sorted { $0.since < $1.since }
    }

    private static func running(_ note: OpenNote) -> Running? {
        guard note.begin.kind == .taskStarted, let task = note.begin.source,
            let directory = note.about["directory"]?.text
        else { return nil }
        return Running(task: task, directory: directory, since: note.begin.timestamp)
    }

    /// Publishes the ends of runs whose `np run` was killed, marked `"inferred":true`.
    ///
    /// Costs a look at each record, and for a run that was killed a pass over the log back to its beginning.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settleRuns(publishingTo bus: EventBus) {
        // The end of its task is not the end of a run that is a part of it.
        let rule = SettlingRule(
            isEnd: { event, note in note.begin.kind == .taskStarted && Self.isEnd(event) },
            inferredEnd: TaskRun.endByDeath
        )
        OpenRecord.settle(
            OpenRecord.paths(in: path, prefix: Self.runPrefix, files),
            by: rule,
            publishingTo: bus,
            files
        )
    }
}
