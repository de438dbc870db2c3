// Which tasks have begun and not ended: a file for each. One that `np run` began is that process's as long as it lives;
// one that an agent's hook began is nobody's, and ends when something shows that it is over.
//
// An `np run` of a task that has begun already is a part of it, and begins and ends as what it is: a run. It has a record
// of its own, but no task begins or ends with it.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
public import NeuraphageSystem

/// The tasks of a data directory that have begun and not ended.
public struct TaskRecords: Sendable {
    let directory: DataDirectory
    let ledger: Ledger

    /// The tasks of a data directory.
    public init(in directory: DataDirectory) {
        self.directory = directory
        ledger = Ledger(in: directory)
    }

    var files: any FileSystem { directory.files }

    // MARK: - Runs

    /// A task that runs by `np run`.
    package struct Running: Hashable, Sendable {
        package let task: TaskID
        /// Where it was started.
        package let directory: String
        package let place: Place?
        package let since: Timestamp
    }

    /// Writes down a run of this process.
    func record(_ started: Event, in directory: String) throws(OperationError) -> OpenRecord {
        let place = PlaceNames.place(containing: directory, in: self.directory)
        let members: [(String, JSONValue)] = [("directory", .string(directory))]
        let process = ProcessIdentity.current(in: files).members
        let about = Payload(.object(process + members + (place?.members ?? [])))
        let note = OpenNote(about: about, begin: started)
        return try ledger.create(note, DataDirectory.RecordPrefix.run, started.id.description)
    }

    /// The tasks that run and live, the oldest first.
    package var runs: [Running] {
        ledger.paths(DataDirectory.RecordPrefix.run).compactMap { path in
            guard case .inUse(let note?) = OpenRecord.take(path, files), !note.isOrphaned(in: files) else { return nil }
            return Self.running(note)
        }.sorted { $0.since < $1.since }
    }

    private static func running(_ note: OpenNote) -> Running? {
        guard note.begin.kind == .taskStarted, let task = note.begin.source,
            let directory = note.about["directory"]?.text
        else { return nil }
        return Running(task: task, directory: directory, place: Place(note.about), since: note.begin.timestamp)
    }

    /// Publishes the end of runs of a task whose `np run` was killed, before the task begins again. Reads no more of the log
    /// than takes a few milliseconds, because the command waits.
    package func endDeadRuns(of task: TaskID, publishingTo bus: EventBus) {
        let dead = ledger.paths(DataDirectory.RecordPrefix.run).filter { path in
            OpenRecord.note(at: path, files)?.begin.source == task
        }
        ledger.settle(dead, by: .run, publishingTo: bus, readingAtMost: 1 << 20)
    }
}
