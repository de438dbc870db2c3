// Which sessions of agents have begun and not ended: a file for each. A session belongs to no process of ours, so nobody
// has its file locked; that it is over shows when the agent says so, or when the agent's process is gone. Whichever comes
// first is its end, and is remembered for a day, because the other one may come as well.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageProjections
public import NeuraphageSystem

/// The sessions of agents that have begun and not ended.
public struct AgentSessions: Sendable {
    package static let endName: CustomName = "AgentSessionEnded"
    private static let prefix = DataDirectory.RecordPrefix.session
    private static let endedPrefix = DataDirectory.RecordPrefix.ended

    let directory: DataDirectory
    let ledger: Ledger

    /// The sessions of a data directory.
    public init(in directory: DataDirectory) {
        self.directory = directory
        ledger = Ledger(in: directory)
    }

    var files: any FileSystem { directory.files }
    var path: String { directory.agents }

    // MARK: - What a hook tells

    /// A session that has begun and not ended.
    package struct Open: Hashable, Sendable {
        package let session: AgentSession
        /// The task to which it is bound, if there is one.
        package let task: TaskID?
        /// The worktree in which it began, or to which the agent has moved it.
        package let place: Place?
        package let process: ProcessIdentity?
        /// The event by which the log knows that it began, or that its process took it up, and when that was.
        package let begin: EventID
        package let began: Timestamp
        /// Where it began.
        package let location: AgentLocation?
    }

    /// What is known of a session that has begun and not ended.
    package func open(_ session: AgentSession) -> Open? {
        let note = OpenRecord.note(at: path(of: session), files)
        return note.flatMap(Self.open).flatMap { $0.session == session ? $0 : nil }
    }

    /// The sessions that have begun and not ended, the oldest first.
    package var open: [Open] {
        let notes = ledger.paths(Self.prefix).compactMap { OpenRecord.note(at: $0, files) }
        return notes.sorted { $0.begin.timestamp < $1.begin.timestamp }.compactMap(Self.open)
    }

    /// Whether a session has begun and not ended, and its agent is not seen to be gone.
    package func isSeenToGoOn(_ session: AgentSession) -> Bool {
        open(session).map { $0.process.map { $0.presence(in: files) != .gone } ?? true } ?? false
    }

    private static func open(_ note: OpenNote) -> Open? {
        AgentSession(note.about).map { session in
            Open(
                session: session,
                task: note.about["task"].flatMap { try? TaskID($0.text) },
                place: Place(note.about),
                process: ProcessIdentity(note.about),
                begin: note.begin.id,
                began: note.begin.timestamp,
                location: AgentLocation(note.begin.payload)
            )
        }
    }

    /// Writes down that a session has begun. One that comes back in the same process (after its context was compacted,
    /// say) goes on; one that comes back in another process is that one's from now on, and has ended before in the process
    /// that had it.
    ///
    /// Not being able to write it down is no reason not to say it.
    ///
    /// - Parameter bus: Where that end is published.
    /// - Returns: The record, if it is a new one, to be kept until the log has the event.
    package func begin(
        _ session: AgentSession,
        with started: Event,
        of task: TaskID?,
        at place: Place?,
        by process: ProcessIdentity,
        publishingTo bus: EventBus
    ) -> OpenRecord? {
        // A process that keeps the lock may be stopped; a session without a record would never be known to have ended.
        let lock = try? ledger.lock(.sessions)
        let path = path(of: session)
        let deadline = directory.patienceEnd
        var former: ProcessIdentity?
        switch OpenRecord.take(path, files, until: { _ in deadline }) {
        case .inUse: return nil  // somebody is telling its end
        case .free(let record):
            let note = record.note
            if note.flatMap({ ProcessIdentity($0.about) })?.isSame(as: process) ?? false { return nil }
            if let note, rule.goesOn(note) {
                former = ProcessIdentity(note.about)
                for event in Self.eventsBefore(note, in: self) { record.publish(event, to: bus) }
                leaveNothing(of: session)
                record.publish(Self.end(of: note, because: SessionEndReason.takenUp), to: bus)
                record.remove()
            } else {
                _ = consume record
                ledger.settle([path], by: rule, publishingTo: bus, readingAtMost: 1 << 20)
                // What could not be told, as the log is in trouble.
                try? files.remove(path)
            }
        case .gone: break
        }
        try? files.remove(endedPath(of: session))
        let about = Self.about(session, task, place, process, after: former)
        let record = try? ledger.create(OpenNote(about: about, begin: started), Self.prefix, session.fileName)
        _ = consume lock
        return record
    }

    /// Binds a session that has begun to a task and a worktree: one that began where there is no task, or that its agent has
    /// moved.
    package func bind(_ session: AgentSession, to task: TaskID, at place: Place?) {
        guard let lock = try? ledger.lock(.sessions) else { return }
        let path = path(of: session)
        // A process that settles has it for a moment.
        let deadline = min(MonotonicClock.now + 200_000_000, directory.deadline)
        guard case .free(let record) = OpenRecord.take(path, files, until: { _ in deadline }), let note = record.note,
            note.end == nil,
            let known = Self.open(note), known.session == session
        else { return }
        let about = Self.about(session, task, place, known.process, after: Self.former(note))
        try? WholeFile.replace(path, with: OpenNote(about: about, begin: note.begin).text, in: files)
        _ = consume lock
    }

    private static func about(
        _ session: AgentSession,
        _ task: TaskID?,
        _ place: Place?,
        _ process: ProcessIdentity?,
        after former: ProcessIdentity?
    ) -> Payload {
        let task = task.map { [("task", JSONValue.string($0.description))] } ?? []
        let members = session.members + task + (place?.members ?? []) + (process?.members ?? [])
        return Payload(.object(members + (former.map { [("former", .object($0.members))] } ?? [])))
    }

    /// The process from which the one in a note has taken the session up while that lived.
    private static func former(_ note: OpenNote) -> ProcessIdentity? {
        note.about["former"].flatMap { try? Payload(json: $0.text) }.flatMap(ProcessIdentity.init)
    }

    /// Publishes the end of a session, unless that has been told.
    ///
    /// - Parameter process: The process that reports it. If another one has taken the session up, it goes on there.
    package func end(
        _ session: AgentSession,
        with ended: Event,
        by process: ProcessIdentity,
        publishingTo bus: EventBus
    ) {
        let lock = try? ledger.lock(.sessions)
        let deadline = directory.patienceEnd
        switch OpenRecord.take(path(of: session), files, until: { _ in deadline }) {
        case .free(let record):
            guard let note = record.note, note.end == nil else { return }
            if let former = Self.former(note), former.isSame(as: process) { return }
            for event in Self.eventsBefore(note, in: self) { record.publish(event, to: bus) }
            leaveNothing(of: session)
            rememberEnd(of: session)
            record.end(with: ended.ending(note.begin.id), publishingTo: bus)
        case .gone:
            // Its beginning was not seen, or its end has been told.
            guard !files.exists(endedPath(of: session)) else { return }
            inferredTurnEnd(of: session, in: ended.source).map { _ = bus.publish($0) }
            leaveNothing(of: session)
            rememberEnd(of: session)
            bus.publish(ended)
        case .inUse: break
        }
        _ = consume lock
    }

    private func rememberEnd(of session: AgentSession) {
        _ = try? files.makeDirectories(path)
        try? files.write([], to: endedPath(of: session))
    }

    // MARK: - Ends that nobody told

    /// How records of sessions are settled: one ends when its agent is gone.
    var rule: SettlingRule {
        let files = files
        return SettlingRule(
            publishesBegin: true,
            goesOn: { note in
                // What cannot be seen may go on.
                note.end == nil && ProcessIdentity(note.about).map { $0.presence(in: files) != .gone } ?? false
            },
            eventsBefore: { note in Self.eventsBefore(note, in: self) },
            prepare: { note in
                guard let session = AgentSession(note.about) else { return }
                leaveNothing(of: session)
                rememberEnd(of: session)
            },
            isEnd: { event, note in
                event.kind == .custom(Self.endName) && AgentSession(event.payload) == AgentSession(note.about)
            },
            inferredEnd: { note in Self.end(of: note, because: SessionEndReason.isGone) }
        )
    }

    /// What the log is told before the end of a session: the end of its turn, if that goes on.
    private static func eventsBefore(_ note: OpenNote, in sessions: AgentSessions) -> [Event] {
        guard let session = AgentSession(note.about) else { return [] }
        return [sessions.inferredTurnEnd(of: session, in: note.task)].compactMap(\.self)
    }

    private static func end(of note: OpenNote, because reason: String) -> Event {
        let members = AgentSession(note.about)?.members ?? []
        let reason = [("reason", JSONValue.string(reason)), ("inferred", .bool(true))]
        return Event(.custom(endName), from: note.task, payload: Payload(.object(members + reason)))
            .ending(note.begin.id)
    }

    // MARK: - Files

    private func path(of session: AgentSession) -> String { ledger.path(Self.prefix, session.fileName) }

    private func endedPath(of session: AgentSession) -> String { "\(path)/\(Self.endedPrefix)\(session.fileName)" }

    /// Forgets the ends that are older than a day.
    func forgetOldEnds() {
        let day: time_t = 86_400
        Handovers(in: directory).forgetOld()
        for path in OpenRecord.paths(in: path, prefix: Self.endedPrefix, files) {
            guard let ended = try? files.modificationTime(at: path), ended.tv_sec < time(nil) - day else { continue }
            try? files.remove(path)
        }
    }

    /// Forgets what a session that is over has left: its turn, what was printed for it, and for what it was woken.
    private func leaveNothing(of session: AgentSession) {
        forgetTurn(of: session)
        WakeNote(of: session, in: directory).forget()
        Handovers(in: directory).withdraw(from: session)
    }
}
