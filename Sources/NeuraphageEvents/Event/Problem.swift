// What counts as trouble: one table. For some kinds every event does, for others only those that say that something went wrong.

/// A kind of event that tells of trouble.
package struct Problem: Sendable {
    /// Which events of the kind do.
    private enum Condition: Sendable {
        case always
        /// Those whose payload has one of these members.
        case member([String])
        /// Those whose payload has this value.
        case value(String, of: String)
    }

    private let kind: EventKind
    private let condition: Condition

    private init(_ kind: EventKind, _ condition: Condition = .always) {
        self.kind = kind
        self.condition = condition
    }

    private static let all: [Problem] = [
        Problem(.taskFailed), Problem(.taskPaused), Problem(.rebaseConflict), Problem(.supervisionDegraded),
        Problem(.logGap),
        // A run that failed or was killed. A task that was cancelled ended as somebody wanted.
        Problem(.runEnded, .member(["error", "signal"])),
        // An agent whose process is gone without a word, and a turn that ended with an error.
        Problem(.agentSessionEnded, .value("true", of: "inferred")), Problem(.agentTurnEnded, .member(["error"])),
        // A wait for a lock that was given up.
        Problem(.lockTimedOut),
        // A daemon that finds that the one before it died.
        Problem(.sessionStarted, .value("unclean", of: "previous")),
        // Messages that reached no task.
        Problem(.notificationUndelivered),
    ]

    private static let byKind = Dictionary(all.map { ($0.kind, $0.condition) }) { first, _ in first }

    /// The kinds of which some events tell of trouble.
    package static let kinds: Set<EventKind> = Set(byKind.keys)

    /// Whether an event tells of trouble.
    package static func isOne(_ event: Event) -> Bool {
        switch byKind[event.kind] {
        case nil: false
        case .always: true
        case .member(let names): names.contains { event.payload[$0].map { $0.text != "null" } ?? false }
        case .value(let text, let name): event.payload[name]?.text == text
        }
    }
}
