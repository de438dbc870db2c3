// The turn of an agent's session that was told of last. A turn that fails, is interrupted, or dies with its agent has no end
// that anyone reports: that it is over shows when the next one begins, or the session ends.

import NeuraphageEvents

/// A turn of a session.
struct AgentTurn: Equatable, Sendable {
    static let endName: CustomName = "AgentTurnEnded"

    /// The event with which it began; `nil` if that wasn't seen.
    var begin: EventID?
    /// Its name, where the agent gives its turns names.
    var name: String?
    /// Whether its end was told.
    var hasEnded = false

    /// How the log knows that it has ended, though no end was reported.
    func inferredEnd(of session: AgentSession, in task: TaskID?, because reason: String) -> Event {
        let name = name.map { [("turn", JSONValue.string($0))] } ?? []
        let begin = begin.map { [("begin", JSONValue.string($0.description))] } ?? []
        let reason = [("reason", JSONValue.string(reason)), ("inferred", .bool(true))]
        return Event(
            .custom(Self.endName),
            from: task,
            payload: Payload(.object(session.members + name + begin + reason))
        )
    }

    // MARK: - As text

    var text: String {
        let text: Payload = [
            "turn": .string(orNull: name), "begin": .string(orNull: begin?.description), "ended": .bool(hasEnded),
        ]
        return text.json
    }

    init(begin: EventID? = nil, name: String? = nil, hasEnded: Bool = false) {
        self.begin = begin
        self.name = name
        self.hasEnded = hasEnded
    }

    /// Reads the text. Older versions wrote the name of a turn that has ended, and nothing else.
    init(_ text: String) {
        guard text.hasPrefix("{"), let known = try? Payload(json: text) else {
            self.init(name: text, hasEnded: true)
            return
        }
        self.init(
            begin: known.string("begin").map { EventID($0) },
            name: known.string("turn"),
            hasEnded: known["ended"]?.text == "true"
        )
    }
}
