// An agent's subagents that have begun and not ended.

package import NeuraphageEvents
import NeuraphageProjections
package import NeuraphageSystem

/// The subagents of a data directory.
package struct Subagents: Sendable {
    package static let endKind = EventKind.custom("AgentSubagentEnded")

    private let sessions: AgentSessions
    private let parts: SessionParts

    package init(in directory: DataDirectory) {
        sessions = AgentSessions(in: directory)
        parts = SessionParts(sessions: sessions, prefix: DataDirectory.RecordPrefix.subagent, endKind: Self.endKind)
    }

    /// How many go on in a session.
    ///
    /// - Parameter other: One that doesn't count.
    func open(in session: AgentSession, besides other: String?) -> Int {
        parts.open(in: session).count { $0.note.about.string("thread") != other }
    }

    /// How many go on, by session.
    var counts: [AgentSession: Int] {
        Dictionary(parts.open.compactMap(\.session).map { ($0, 1) }, uniquingKeysWith: +)
    }

    /// Writes down that one has begun.
    ///
    /// - Returns: The record, to be kept until the log has the event; `nil` if it goes on already.
    package func begin(_ id: String, of session: AgentSession, with event: Event, in task: TaskID?) -> OpenRecord? {
        let task = task.map { [("task", JSONValue.string($0.description))] } ?? []
        let process = sessions.open(session)?.process ?? .agent(in: sessions.files)
        return parts.begin(id, with: event, of: session, task + [("thread", .string(id))] + process.members)
    }

    /// Has the log told that one has ended.
    ///
    /// - Parameter event: Its end, as it is if its beginning was not seen.
    /// - Returns: Whether it was known to have begun, and the log is told.
    package func end(_ id: String, of session: AgentSession, with event: Event, publishingTo bus: EventBus) -> Bool {
        guard let part = parts.open(in: session).first(where: { $0.note.about.string("thread") == id }) else {
            return false
        }
        return parts.end(part, publishingTo: bus) { note in
            let begin = ("begin", JSONValue.string(note.begin.id.description))
            let members = event.payload.members ?? []
            let kept = members.map { ($0.key, JSONValue.string($0.value.text)) }
            return Event(event.kind, from: event.source, payload: Payload(.object(kept + [begin])))
        }
    }

    /// Has the log told that all of a session have ended, because the session has.
    package func endAll(of session: AgentSession, publishingTo bus: EventBus) {
        for part in parts.open(in: session) {
            _ = parts.end(part, publishingTo: bus) { Self.inferredEnd($0, because: SessionEndReason.sessionEnded) }
        }
    }

    /// How they are settled: one ends when its agent is gone.
    var rule: SettlingRule { parts.rule { Self.inferredEnd($0, because: SessionEndReason.isGone) } }

    private static func inferredEnd(_ note: OpenNote, because reason: String) -> Event {
        let begin = note.begin.payload
        let kept = ["agent", "session", "agent_id", "agent_type"].compactMap { key in
            begin.string(key).map { (key, JSONValue.string($0)) }
        }
        let end: [(String, JSONValue)] = [
            ("begin", .string(note.begin.id.description)), ("reason", .string(reason)), ("inferred", true),
        ]
        return Event(endKind, from: note.task, payload: Payload(.object(kept + end)))
    }
}
