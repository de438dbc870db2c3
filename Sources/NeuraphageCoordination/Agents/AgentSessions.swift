// Which sessions of agents have begun and not ended: a file for each. A session belongs to no process of ours, so nobody
// has its file locked; that it is over shows when the agent says so, or when the agent's process is gone. Whichever comes
// first is its end, and is remembered for a day, because the other one may come as well.

public import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The sessions of agents that have begun and not ended.
public struct AgentSessions: Sendable {
    static let endName: CustomName = "AgentSessionEnded"
    private static let prefix = "session-"
    private static let endedPrefix = "ended-"

    /// How long to wait for somebody who works with the same files, which takes them far less.
    private static let patience: UInt64 = 3_000_000_000  // ns

    private let path: String

    /// The sessions of a data directory.
    public init(dataDirectory: String) {
        path = dataDirectory.appendingPathComponent("agents")
    }

    // MARK: - What a hook tells

    /// Writes down that a session has begun. One that comes back in the same process (after its context was compacted,
    /// say) goes on; one that comes back in another process is that one's from now on.
    ///
    /// Not being able to write it down is no reason not to say it.
    ///
    /// - Returns: The record, if it is a new one, to be kept until the log has the event.
    func begin(
        _ session: AgentSession,
        with started: Event,
        of task: TaskID?,
        by process: AgentProcess
    ) -> OpenRecord? {
        guard let lock = try? lock() else { return nil }
        unlink(endedPath(of: session))
        let path = path(of: session)
        let deadline = MonotonicClock.now + Self.patience
        switch OpenRecord.take(path, until: { _ in deadline }) {
        case .inUse: return nil  // somebody is telling its end
        case .free(let record):
            if let note = record.note, AgentProcess(note.about) == process { return nil }
            record.remove()
        case .gone: break
        }
        let task = task.map { [("task", JSONValue.string($0.description))] } ?? []
        let about = Payload(.object(session.members + task + process.members))
        let record = try? OpenRecord.create(OpenNote(about: about, begin: started), at: path)
        _ = consume lock
        return record
    }

    /// Publishes the end of a session, unless somebody has told it.
    func end(_ session: AgentSession, with ended: Event, publishingTo bus: EventBus) {
        let deadline = MonotonicClock.now + Self.patience
        unlink(turnPath(of: session))
        guard let lock = try? lock() else { return }
        switch OpenRecord.take(path(of: session), until: { _ in deadline }) {
        case .free(let record):
            guard record.note?.end == nil else { return }
            rememberEnd(of: session)
            record.end(with: ended, publishingTo: bus)
        case .gone:
            // Nobody saw it begin, or somebody has told its end.
            guard access(endedPath(of: session), F_OK) != 0 else { return }
            rememberEnd(of: session)
            bus.publish(ended)
        case .inUse: break
        }
        _ = consume lock
    }

    private func rememberEnd(of session: AgentSession) {
        try? SmallFile.write([], to: endedPath(of: session))
    }

    /// The task that a session began with; `nil` if it had none or isn't known.
    func task(of session: AgentSession) -> TaskID? {
        guard let about = OpenRecord.note(at: path(of: session))?.about, about["session"]?.text == session.id,
            let name = about["task"]?.text
        else { return nil }
        return try? TaskID(name)
    }

    /// The tasks of the sessions that have begun and not ended.
    var tasks: Set<TaskID> {
        Set(
            OpenRecord.paths(in: path, prefix: Self.prefix).compactMap { path in
                OpenRecord.note(at: path)?.about["task"].flatMap { try? TaskID($0.text) }
            }
        )
    }

    /// Whether a turn's end has not been told yet. From now on it has. A turn without a name is one that nobody else
    /// tells of.
    func isFirstEnd(of turn: String?, in session: AgentSession) -> Bool {
        guard let turn, let lock = try? lock() else { return true }
        let path = turnPath(of: session)
        if (try? RealFileSystem().contents(of: path, atMost: 4_096)) == turn { return false }
        try? SmallFile.replace(path, with: turn)
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
        for path in OpenRecord.paths(in: path, prefix: Self.prefix) {
            guard case .free(let record) = OpenRecord.take(path) else { continue }
            if let note = record.note {
                if note.end == nil, let process = AgentProcess(note.about), process.isAlive { continue }
                if let session = AgentSession(note.about) {
                    unlink(turnPath(of: session))
                    rememberEnd(of: session)
                }
            }
            let session = record.note?.about["session"]?.text
            record.settle(publishingTo: bus, saysBegin: true) { event in
                event.kind == .custom(Self.endName) && event.payload["session"]?.text == session
            } inferring: { note in
                Self.endByDeath(of: note)
            }
        }
    }

    /// Tells the ends of sessions whose agent is gone, soon after, until the task is cancelled.
    ///
    /// Nobody tells when a process ends that is not a child: so it is looked now and then whether the agents live, as long
    /// as there is one.
    ///
    /// - Parameter interval: How long to wait between two looks.
    package func watch(publishingTo bus: EventBus, every interval: Duration = .seconds(5)) async throws {
        try RealFileSystem().makeDirectories(path)
        let watch = try DirectoryWatch { $0.hasPrefix(Self.prefix) }
        defer { watch.close() }
        try watch.watch([path])
        var changes = watch.changes.makeAsyncIterator()
        while true {
            settle(publishingTo: bus)
            if OpenRecord.paths(in: path, prefix: Self.prefix).isEmpty {
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
        for path in OpenRecord.paths(in: path, prefix: Self.endedPrefix) {
            guard let ended = ModificationTime.of(path), ended.tv_sec < time(nil) - day else { continue }
            unlink(path)
        }
    }

    private func turnPath(of session: AgentSession) -> String { "\(path)/turn-\(session.fileName)" }

    /// What may not be decided by two at a time is decided under this lock, which nobody holds for long.
    private func lock() throws -> LockFile? {
        try RealFileSystem().makeDirectories(path)
        return try LockFile(path: path + "/lock", isShared: false, until: MonotonicClock.now + Self.patience)
    }
}

extension AgentSession {
    /// The session as a record has it.
    fileprivate init?(_ about: Payload) {
        guard let agent = about["agent"].flatMap({ Agent(rawValue: $0.text) }), let id = about["session"]?.text else {
            return nil
        }
        self.init(agent: agent, id: id)
    }
}
