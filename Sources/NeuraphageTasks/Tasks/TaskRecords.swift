// Which tasks have begun and not ended: a file for each. One that `np run` began is that process's as long as it lives;
// one that an agent's hook began is nobody's, and ends when something shows that it is over.
//
// An `np run` of a task that has begun already is a part of it, and begins and ends as what it is: a run. It has a record
// of its own, but no task begins or ends with it.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
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
    ///
    /// - Parameter place: What ``PlaceNames/place(containing:in:)`` says of the directory.
    func record(
        _ started: Event,
        of task: TaskID,
        in directory: String,
        at place: Place?
    ) throws(OperationError) -> OpenRecord {
        let members: [(String, JSONValue)] = [("directory", .string(directory))]
        let process = ProcessIdentity.current(in: files).members
        let about = Payload(.object(process + members + (place?.members ?? [])))
        let note = OpenNote(about: about, begin: started)
        return try ledger.create(note, DataDirectory.RecordPrefix.run, Self.nameOfRun(started.id.description, of: task))
    }

    /// The name of a run's record, from which its task can be told without reading it.
    static func nameOfRun(_ id: String, of task: TaskID) -> String { "\(id)-\(StableHash.name(of: task.description))" }

    /// The tasks that run and live, the oldest first.
    package var runs: [Running] {
        ledger.paths(DataDirectory.RecordPrefix.run).compactMap(livingNote).compactMap(Self.running)
            .sorted { $0.since < $1.since }
    }

    /// Whether one of these runs lives and is a task.
    func isAnyRunning(_ runs: [String]) -> Bool { runs.contains { livingNote(at: $0).flatMap(Self.running) != nil } }

    /// The note of a run that lives; `nil` for one that doesn't.
    private func livingNote(at path: String) -> OpenNote? {
        guard case .inUse(let note?) = OpenRecord.look(path, files), !note.isOrphaned(in: files) else { return nil }
        return note
    }

    /// The records of the runs of a task. Costs reading them, and those whose names don't tell the task.
    func paths(ofRunsOf task: TaskID) -> [String] {
        paths(perhapsOfRunsOf: task).filter { OpenRecord.source(at: $0, files) == task }
    }

    /// The records of runs that are of a task, as far as their names say. Those of older versions say nothing.
    private func paths(perhapsOfRunsOf task: TaskID) -> [String] {
        let ending = Self.nameOfRun("", of: task)
        let prefix = Array("/\(DataDirectory.RecordPrefix.run)".utf8)
        return ledger.paths(DataDirectory.RecordPrefix.run).filter { path in
            let rest = path.utf8.dropLast(EventID.textLength + ending.utf8.count)
            return path.hasSuffix(ending) || !rest.suffix(prefix.count).elementsEqual(prefix)
        }
    }

    /// Why records of a task are left alone: they are of a newer version.
    package func newerFiles(of task: TaskID) -> [OperationError] {
        ([recordPath(of: task)] + paths(perhapsOfRunsOf: task)).compactMap { OpenRecord.refusal(at: $0, files) }
    }

    /// Whether a task has begun and not ended, or a session is bound to it.
    package func isKnown(_ task: TaskID) -> Bool { ledger.tasks.contains(task) }

    private static func running(_ note: OpenNote) -> Running? {
        guard note.begin.kind == .taskStarted, let task = note.begin.source,
            let directory = note.about["directory"]?.text
        else { return nil }
        return Running(task: task, directory: directory, place: Place(note.about), since: note.begin.timestamp)
    }

    /// Publishes the end of runs of a task whose `np run` was killed, before the task begins again. Reads no more of the log
    /// than takes a few milliseconds, because the command waits.
    package func endDeadRuns(of task: TaskID, publishingTo bus: EventBus) {
        endDead(paths(ofRunsOf: task), publishingTo: bus)
    }

    func endDead(_ runs: [String], publishingTo bus: EventBus) {
        ledger.settle(runs, by: .run, publishingTo: bus, readingAtMost: 1 << 20)
    }
}
