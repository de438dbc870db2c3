// How the records of holders that died, and of those that died while they waited, are settled.

import NeuraphageEvents

extension SettlingRule {
    /// A lock is given back when its holder dies, and a wait is given up when the process that waits does.
    static var holder: SettlingRule {
        SettlingRule(
            isEnd: { event, note in
                note.begin.kind == .lockWaiting && event.payload.string("begin") == note.begin.id.description
            },
            inferredEnd: end
        )
    }

    private static func end(_ note: OpenNote) -> Event {
        let begin = note.begin
        let request = Event.LockRequest(
            begin.payload["resource"]?.text ?? "",
            for: begin.source,
            sharing: begin.payload["exclusive"]?.text == "false",
            in: AgentSession(begin.payload)?.name
        )
        guard begin.kind == .lockWaiting else { return .lockReleased(request, after: nil, begin: begin.id) }
        let awaited = begin.payload.string("waited_for").map { EventID($0) }
        return .lockTimedOut(request, after: nil, begin: begin.id, for: awaited, holder: nil)
    }
}
