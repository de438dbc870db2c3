// All that has begun and not ended, as the records say at one moment, with what is seen of the processes: for a reader that
// wants to know how tasks are. It settles nothing, publishes nothing, and writes nothing.

package import NeuraphageEvents
package import NeuraphageSystem

/// What has begun and not ended in a data directory.
package struct OpenWork: Sendable {
    /// A wait of a session for a person.
    package struct Wait: Sendable {
        package let session: AgentSession
        package let begin: EventID
        package let wait: AgentWait
    }

    /// A command under `np run`.
    package struct Run: Sendable {
        package let task: TaskID
        package let begin: EventID
        package let since: Timestamp
        package let command: String?
        package let directory: String
        package let place: Place?
        /// Whether it runs as a part of a task that has begun before.
        package let isPart: Bool
        /// A run keeps its record locked, so this is known also of one in another container.
        package let presence: ProcessIdentity.Presence
    }

    /// The sessions of agents, the oldest first.
    package let sessions: [AgentSessions.Open]
    package let waits: [Wait]
    /// How many subagents go on, by session.
    package let subagents: [AgentSession: Int]
    package let runs: [Run]
    /// The tasks that hooks began.
    package let tasks: [TaskRecords.OpenTask]
    /// Those that hold locks, and those that have waited for one for more than a second; the longest first.
    package let holders: [LockHolder]
    package let lockWaits: [LockWaiter]

    /// Reads all records, once. Costs opening each of them.
    package init(in directory: DataDirectory) {
        let ledger = Ledger(in: directory)
        sessions = AgentSessions(in: directory).open
        waits = AgentWaits(in: directory).all
        subagents = Subagents(in: directory).counts
        tasks = TaskRecords(in: directory).openTasks
        runs = ledger.paths(DataDirectory.RecordPrefix.run).compactMap { Self.run($0, directory.files) }
            .sorted { $0.since < $1.since }
        (holders, lockWaits) = (try? LockDirectory(in: directory).allParties) ?? ([], [])
    }

    private static func run(_ path: String, _ files: any FileSystem) -> Run? {
        let note: OpenNote?
        let isLocked: Bool
        switch OpenRecord.look(path, files) {
        case .inUse(let found): (note, isLocked) = (found, true)
        case .free(let found): (note, isLocked) = (found, false)
        case .gone: return nil
        }
        guard let note, note.end == nil, let task = note.begin.source else { return nil }
        return Run(
            task: task,
            begin: note.begin.id,
            since: note.begin.timestamp,
            command: note.begin.payload.string("command"),
            directory: note.about.string("directory") ?? "",
            place: Place(note.about),
            isPart: note.begin.kind == .runStarted,
            presence: isLocked && !note.isOrphaned(in: files) ? .alive : .gone
        )
    }
}

extension OpenWork {
    /// The runs that live and are tasks.
    package var runningTasks: [TaskRecords.Running] {
        runs.filter { !$0.isPart && $0.presence == .alive }.map {
            TaskRecords.Running(task: $0.task, directory: $0.directory, place: $0.place, since: $0.since)
        }
    }
}

extension AgentWaits {
    /// All waits that go on, the oldest first.
    var all: [OpenWork.Wait] {
        open.map { OpenWork.Wait(session: $0.session, begin: $0.part.note.begin.id, wait: $0.wait) }
    }
}
