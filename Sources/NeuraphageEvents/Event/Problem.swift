// What counts as trouble: one table. For some kinds every event does, for others only those that say that something went wrong.

/// A kind of event that tells of trouble.
package struct Problem: Sendable {
    /// What sort of trouble it is.
    package enum Sort: Sendable {
        /// Work that was to succeed did not.
        case failure
        /// Something is gone without a word: events, an agent, a daemon, a message.
        case loss
        /// It may come right by itself, or a person has asked for it.
        case hitch
    }

    /// Which events of the kind do.
    private enum Condition: Sendable {
        case always
        /// Those whose payload has one of these members.
        case member([String])
        /// Those whose payload has this value.
        case value(String, of: String)
    }

    private let kind: EventKind
    private let sort: Sort
    private let condition: Condition

    private init(_ kind: EventKind, _ sort: Sort, _ condition: Condition = .always) {
        self.kind = kind
        self.sort = sort
        self.condition = condition
    }

    private static let all: [Problem] = [
        Problem(.taskFailed, .failure), Problem(.taskPaused, .hitch), Problem(.rebaseConflict, .failure),
        Problem(.supervisionDegraded, .hitch), Problem(.logGap, .loss),
        // A run that failed or was killed. A task that was cancelled ended as somebody wanted.
        Problem(.runEnded, .failure, .member(["error", "signal"])),
        // An agent whose process is gone without a word, and a turn that ended with an error.
        Problem(.agentSessionEnded, .loss, .value("true", of: "inferred")),
        Problem(.agentTurnEnded, .failure, .member(["error"])),
        // A wait for a lock that was given up.
        Problem(.lockTimedOut, .hitch),
        // A daemon that finds that the one before it died.
        Problem(.sessionStarted, .loss, .value("unclean", of: "previous")),
        // Messages that reached no task.
        Problem(.notificationUndelivered, .loss),
    ]

    private static let byKind = Dictionary(all.map { ($0.kind, $0) }) { first, _ in first }

    /// The kinds of which some events tell of trouble.
    package static let kinds: Set<EventKind> = Set(byKind.keys)

    /// Whether an event tells of trouble.
    package static func isOne(_ event: Event) -> Bool { sort(of: event) != nil }

    /// What sort of trouble an event tells of; `nil` if it tells of none.
    package static func sort(of event: Event) -> Sort? {
        guard let problem = byKind[event.kind] else { return nil }
        let holds =
            switch problem.condition {
            case .always: true
            case .member(let names): names.contains { event.payload[$0].map { $0.text != "null" } ?? false }
            case .value(let text, let name): event.payload[name]?.text == text
            }
        return holds ? problem.sort : nil
    }
}
