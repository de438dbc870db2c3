// What goes on in an agent's session and ends with it at the latest: a wait for a person, a subagent. A record for each, so
// that its end is told once, by whichever hook or look notices it first.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem

/// What goes on in sessions, of one sort.
struct SessionParts: Sendable {
    let sessions: AgentSessions
    /// What the names of its records begin with.
    let prefix: String
    /// The kind of event with which a part ends.
    let endKind: EventKind

    private var ledger: Ledger { sessions.ledger }
    private var files: any FileSystem { sessions.files }

    /// A part of a session that goes on.
    struct Open {
        let path: String
        let note: OpenNote
        var session: AgentSession? { AgentSession(note.about) }
    }

    /// Those that go on in a session, the oldest first.
    func open(in session: AgentSession) -> [Open] {
        open(ledger.paths(prefix + session.fileName)).filter { $0.session == session }
    }

    /// Those that go on in all sessions, the oldest first.
    var open: [Open] { open(ledger.paths(prefix)) }

    private func open(_ paths: [String]) -> [Open] {
        paths.compactMap { path in OpenRecord.note(at: path, files).map { Open(path: path, note: $0) } }
            .filter { $0.note.end == nil }
            .sorted { $0.note.begin.timestamp < $1.note.begin.timestamp }
    }

    /// Writes down that one begins.
    ///
    /// - Parameter name: What it is called in its session.
    /// - Returns: The record, to be kept until the log has the event; `nil` if it goes on already, or cannot be written down.
    func begin(_ name: String, with event: Event, of session: AgentSession, _ about: [(String, JSONValue)])
        -> OpenRecord?
    {
        let fileName = session.fileName + "-" + StableHash.name(of: name)
        let lock = try? ledger.lock(.sessions)
        let isThere = files.exists(ledger.path(prefix, fileName))
        let note = OpenNote(about: Payload(.object(session.members + about)), begin: event)
        let record = isThere ? nil : try? ledger.create(note, prefix, fileName)
        _ = consume lock
        return record
    }

    /// Publishes the end of one, unless another process does.
    ///
    /// - Parameter end: The event, from what is known of it.
    /// - Returns: Whether this has ended it.
    func end(_ part: Open, publishingTo bus: EventBus, _ end: (OpenNote) -> Event) -> Bool {
        let deadline = sessions.directory.patienceEnd
        // Another hook may have put a new version in the place of the file that was opened.
        for _ in 0..<3 {
            switch OpenRecord.take(part.path, files, until: { _ in deadline }) {
            case .free(let record):
                guard let note = record.note, note.end == nil, note.begin.id == part.note.begin.id else { return false }
                record.end(with: end(note), publishingTo: bus)
                return true
            case .gone: if !files.exists(part.path) { return false }
            case .inUse: return false
            }
        }
        return false
    }

    /// How they are settled: one ends when its agent is gone.
    func rule(_ inferredEnd: @escaping (OpenNote) -> Event) -> SettlingRule {
        let files = files
        let endKind = endKind
        return SettlingRule(
            publishesBegin: true,
            goesOn: { note in
                note.end == nil && ProcessIdentity(note.about).map { $0.presence(in: files) != .gone } ?? false
            },
            isEnd: { event, note in
                event.kind == endKind && event.payload.string("begin") == note.begin.id.description
            },
            inferredEnd: inferredEnd
        )
    }
}
