// Lines to put into a log.

enum Sample {
    /// The spec's example, with whole ids.
    static let log = [
        #"{"id":"019432a1-0000-7000-8000-000000000001","kind":"TaskStarted","source_task":"eg-abc123","target_task":null,"payload":{},"timestamp":"2026-01-11T15:30:00Z"}"#,
        #"{"id":"019432a2-0000-7000-8000-000000000002","kind":"MainUpdated","source_task":null,"target_task":null,"payload":{"commit":"abc123","branch":"main"},"timestamp":"2026-01-11T15:31:00Z"}"#,
        #"{"id":"019432a3-0000-7000-8000-000000000003","kind":"RebaseRequired","source_task":null,"target_task":"eg-abc123","payload":{"commits_behind":2},"timestamp":"2026-01-11T15:31:01Z"}"#,
        #"{"id":"019432a4-0000-7000-8000-000000000004","kind":"RebaseCompleted","source_task":"eg-abc123","target_task":null,"payload":{"previous":"def456","new":"ghi789"},"timestamp":"2026-01-11T15:31:15Z"}"#,
        #"{"id":"019432a5-0000-7000-8000-000000000005","kind":"TaskCompleted","source_task":"eg-abc123","target_task":null,"payload":{"summary":"Implemented feature X"},"timestamp":"2026-01-11T15:45:00Z"}"#,
    ]

    /// How the spec shows it.
    static let text = [
        "2026-01-11 15:30:00  TaskStarted      eg-abc123  →",
        "2026-01-11 15:31:00  MainUpdated                 → commit abc123 on main",
        "2026-01-11 15:31:01  RebaseRequired              → eg-abc123 (2 commits behind)",
        "2026-01-11 15:31:15  RebaseCompleted  eg-abc123  → def456..ghi789",
        "2026-01-11 15:45:00  TaskCompleted    eg-abc123  → Implemented feature X",
    ]

    /// The lines of ``text`` with these numbers, counted from 1.
    static func text(_ numbers: Int...) -> [String] { numbers.map { text[$0 - 1] } }

    /// The canonical line of an event. `kind` is a name, or the JSON of a custom kind; `task` and `target` are JSON.
    static func line(
        _ number: Int,
        _ kind: String = "NudgeSent",
        task: String = "null",
        to target: String = "null",
        payload: String? = nil,
        time: String = "2026-01-11T15:30:00.000000Z"
    ) -> String {
        let kind = kind.hasPrefix("{") ? kind : "\"\(kind)\""
        let payload = payload ?? #"{"message":"number \#(number)"}"#
        return #"{"id":"\#(id(number))","kind":\#(kind),"source_task":\#(task),"target_task":\#(target),"#
            + #""payload":\#(payload),"timestamp":"\#(time)"}"#
    }

    /// The id of the event with this number.
    static func id(_ number: Int) -> String {
        let digits = String(number)
        return "019432a1-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits
    }

    /// How a line made with nothing but a number is shown.
    static func shown(_ number: Int) -> String {
        "2026-01-11 15:30:00  NudgeSent                   → number \(number)"
    }
}
