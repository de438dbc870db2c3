// Which sessions of agents have begun and not ended: a file for each. A session belongs to no process of ours, so nobody
// has its file locked; that it is over shows when the agent says so, or when the agent's process is gone. Whichever comes
// first is its end, and is remembered for a day, because the other one may come as well.

public import NeuraphageEvents
import NeuraphagePlatform
public import NeuraphageSystem

/// The sessions of agents that have begun and not ended.
public struct AgentSessions: Sendable {
    package static let endName: CustomName = "AgentSessionEnded"
    private static let prefix = DataDirectory.RecordPrefix.session
    private static let endedPrefix = DataDirectory.RecordPrefix.ended

    /// How long to wait for somebody who works with the same files, which takes them far less.
    private static let patience: UInt64 = 3_000_000_000  // ns

    private let directory: DataDirectory

    /// The sessions of a data directory.
    public init(in directory: DataDirectory) {
        self.directory = directory
    }

    private var files: any FileSystem { directory.files }
    private var path: String { directory.agents }

    // MARK: - What a hook tells

    /// Writes down that a session has begun. One that comes back in the same process (after its context was compacted,
    /// say) goes on; one that comes back in another process is that one's from now on.
    ///
    /// Not being able to write it down is no reason not to say it.
    ///
    /// - Returns: The record, if it is a new one, to be kept until the log has the event.
    package func begin(
        _ session: AgentSession,
        with started: Event,
        of task: TaskID?,
        by process: ProcessIdentity
    ) -> OpenRecord? {
        guard let lock = try? lock() else { return nil }
        try? files.remove(endedPath(of: session))
        let path = path(of: session)
        let deadline = MonotonicClock.now + Self.patience
        switch OpenRecord.take(path, files, until: { _ in deadline }) {
        case .inUse: return nil  // somebody is telling its end
        case .free(let record):
            if let note = record.note, ProcessIdentity(note.about) == process { return nil }
            record.remove()
        case .gone: break
        }
        let task = task.map { [("task", JSONValue.string($0.description))] } ?? []
        let about = Payload(.object(session.members + task + process.members))
        let record = try? OpenRecord.create(OpenNote(about: about, begin: started), at: path, files)
        _ = consume lock
        return record
    }

    /// Publishes the end of a session, unless somebody has told it.
    package func end(_ session: AgentSession, with ended: Event, publishingTo bus: EventBus) {
        let deadline = MonotonicClock.now + Self.patience
        try? files.remove(turnPath(of: session))
        guard let lock = try? lock() else { return }
        switch OpenRecord.take(path(of: session), files, until: { _ in deadline }) {
        case .free(let record):
            guard record.note?.end == nil else { return }
            rememberEnd(of: session)
            record.end(with: ended, publishingTo: bus)
        case .gone:
            // Nobody saw it begin, or somebody has told its end.
            guard !files.exists(endedPath(of: session)) else { return }
            rememberEnd(of: session)
            bus.publish(ended)
        case .inUse: break
        }
        _ = consume lock
    }

    private func rememberEnd(of session: AgentSession) {
        try? files.write([], to: endedPath(of: session))
    }

    /// The task that a session began with; `nil` if it had none or isn't known.
    package func task(of session: AgentSession) -> TaskID? {
        guard let about = OpenRecord.note(at: path(of: session), files)?.about, about["session"]?.text == session.id,
            let name = about["task"]?.text
        else { return nil }
        return try? TaskID(name)
    }

    /// The tasks of the sessions that have begun and not ended.
    package var tasks: Set<TaskID> {
        Set(
            OpenRecord.paths(in: path, prefix: Self.prefix, files).compactMap { path in
                OpenRecord.note(at: path, files)?.about["task"].flatMap { try? TaskID($0.text) }
            }
        )
    }

    /// Whether a turn's end has not been told yet. From now on it has. A turn without a name is one that nobody else
    /// tells of.
    package func isFirstEnd(of turn: String?, in session: AgentSession) -> Bool {
        guard let turn, let lock = try? lock() else { return true }
        let path = turnPath(of: session)
        if (try? files.contents(of: path, atMost: 4_096)) == turn { return false }
        try? WholeFile.replace(path, with: turn, in: files)
        _ = consume lock
        return true
    }

    // MARK: - Ends that nobody told

    /// Publishes the ends of sessions whose agent is gone without having told its end, marked `"inferred":true`.
    ///
    /// Costs a look at each record, and for a session whose agent is gone a pass over the log back to its beginning.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    public func settle(publishingTo bus: EventBus) {
        forgetOldEnds()
        let files = files
        let rule = SettlingRule(
            publishesBegin: true,
            goesOn: { $0.end == nil && ProcessIdentity($0.about)?.isAlive(in: files) ?? false },
            prepare: { note in
                guard let session = AgentSession(note.about) else { return }
                try? files.remove(turnPath(of: session))
                rememberEnd(of: session)
            },
            isEnd: { event, note in
                event.kind == .custom(Self.endName) && event.payload["session"]?.text == note.about["session"]?.text
            },
            inferredEnd: Self.endByDeath
        )
        OpenRecord.settle(
            OpenRecord.paths(in: path, prefix: Self.prefix, files),
            by: rule,
            publishingTo: bus,
            files
        )
    }

    /// Tells the ends of sessions whose agent is gone, soon after, until the task is cancelled.
    ///
    /// Nobody tells when a process ends that is not a child: so it is looked now and then whether the agents live, as long
    /// as there is one.
    ///
    /// - Parameter interval: How long to wait between two looks.
    package func watch(publishingTo bus: EventBus, every interval: Duration = .seconds(5)) async throws {
        try files.makeDirectories(path)
        let watch = try DirectoryWatch { $0.hasPrefix(Self.prefix) }
        defer { watch.close() }
        try watch.watch([path])
        var changes = watch.changes.makeAsyncIterator()
        while true {
            settle(publishingTo: bus)
            if OpenRecord.paths(in: path, prefix: Self.prefix, files).isEmpty {
                guard await changes.next() != nil else { return }
            } else {
                try await Task.sleep(for: interval)
            }
        }
    }

    private static func endByDeath(of note: OpenNote) -> Event {
        let members = AgentSession(note.about)?.members ?? []
        let reason = [("reason", JSONValue.string("its process is gone")), ("inferred", .bool(true))]
        return Event(.custom(endName), from: note.begin.source, payload: Payload(.object(members + reason)))
    }

    // MARK: - Files

    private func path(of session: AgentSession) -> String { "\(path)/\(Self.prefix)\(session.fileName)" }

    private func endedPath(of session: AgentSession) -> String { "\(path)/\(Self.endedPrefix)\(session.fileName)" }

    private func forgetOldEnds() {
        let day: time_t = 86_400
        for path in OpenRecord.paths(in: path, prefix: Self.endedPrefix, files) {
            guard let ended = try? files.modificationTime(at: path), ended.tv_sec < time(nil) - day else { continue }
            try? files.remove(path)
        }
    }

    private func turnPath(of session: AgentSession) -> String {
        "\(path)/\(DataDirectory.RecordPrefix.turn)\(session.fileName)"
    }

    /// The lock under which processes decide what two of them must not decide at a time. None holds it for long.
    private func lock() throws -> LockFile? {
        try LockFile.take(path + "/lock", patience: Self.patience, in: files)
    }
}
