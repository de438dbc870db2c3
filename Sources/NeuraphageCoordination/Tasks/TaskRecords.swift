// Which tasks have begun and not ended: a file for each. One that `np run` began is that process's as long as it lives;
// one that an agent's hook began is nobody's, and ends when something shows that it is over.
//
// An `np run` of a task that has begun already is a part of it, and begins and ends as what it is: a run. It has a record
// of its own, but no task begins or ends with it.

public import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The tasks of a data directory that have begun and not ended.
public struct TaskRecords: Sendable {
    static let runPrefix = "run-"
    /// How long to wait for somebody who works with the same files, which takes them far less.
    static let patience: UInt64 = 3_000_000_000  // ns

    /// The directory of the records.
    package let path: String

    /// The tasks of a data directory.
    public init(dataDirectory: String) {
        path = dataDirectory.appendingPathComponent("tasks")
    }

    /// Whether an event says that its source has ended as a task.
    static func isEnd(_ event: Event) -> Bool {
        switch event.kind {
        case .taskCompleted, .taskFailed, .taskCancelled: true
        default: false
        }
    }

    /// What may not be decided by two at a time is decided under this lock, which nobody holds for long.
    func lock() throws(LockError) -> LockFile? {
        try LockFile.makeDirectory(path)
        return try LockFile(path: path + "/lock", isShared: false, until: MonotonicClock.now + Self.patience)
    }

    // MARK: - Runs

    /// A task that runs by `np run`.
    struct Running: Hashable {
        let task: TaskID
        /// Where it was started.
        let directory: String
        let since: Timestamp
    }

    /// Writes down a run of this process.
    func record(_ started: Event, in directory: String) throws(LockError) -> OpenRecord {
        try LockFile.makeDirectory(path)
        let about: Payload = ["pid": .integer(getpid()), "directory": .string(directory)]
        return try OpenRecord.create(
            OpenNote(about: about, begin: started),
            at: "\(path)/\(Self.runPrefix)\(started.id)"
        )
    }

    /// The tasks that run and live, the oldest first.
    var runs: [Running] {
        OpenRecord.paths(in: path, prefix: Self.runPrefix).compactMap { path in
            guard case .inUse(let note?) = OpenRecord.take(path), !note.isOrphaned else { return nil }
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
        for path in OpenRecord.paths(in: path, prefix: Self.runPrefix) {
            guard case .free(let record) = OpenRecord.take(path) else { continue }
            // The end of its task is not the end of a run that is a part of it.
            let isTask = record.note?.begin.kind == .taskStarted
            record.settle(
                publishingTo: bus,
                unless: { isTask && Self.isEnd($0) },
                inferring: TaskRun.endByDeath
            )
        }
    }
}
