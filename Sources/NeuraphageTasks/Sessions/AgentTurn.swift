// The turn of an agent's session that was told of last, and what was done in it, folded from the lines of a file. A turn that
// is interrupted or dies with its agent has no end that anyone reports: that it is over shows when the next one begins, or
// the session ends.
//
// Each line stands for itself. One that is damaged costs what it said, and a missing file costs what was in it.

package import NeuraphageEvents

/// A turn of a session.
package struct AgentTurn: Equatable, Sendable {
    static let endName: CustomName = "AgentTurnEnded"

    /// The event with which it began; `nil` if that wasn't seen.
    package private(set) var begin: EventID?
    /// Its name, where the agent gives its turns or prompts names.
    package private(set) var name: String?
    /// Whether its end was told.
    package private(set) var hasEnded = false
    /// How many tasks went on in the background when it ended.
    package private(set) var backgroundTasks = 0
    /// When its end was told.
    package private(set) var end: Timestamp?
    /// When it began, if its end was not told.
    package private(set) var start: Timestamp?
    /// When something was heard of it last.
    package private(set) var lastSign: Timestamp?
    /// What was done since its beginning; if its end was told, since then.
    private(set) var work = TurnWork()

    /// Whether it goes on as far as hooks have told, or something was done since it ended.
    var isOpen: Bool { begin != nil && !hasEnded || !work.isEmpty }

    /// Whether an agent's word about a turn of this name is about this one.
    ///
    /// - Parameter isOnly: Whether the agent's names don't say which turn it is, because there is only one at a time.
    func isMeant(by name: String?, isOnly: Bool) -> Bool {
        if hasEnded { return name != nil && name == self.name }
        return isOnly || self.name == nil || name == nil || self.name == name
    }

    // MARK: - Its end

    /// What the log is told when it ends: its beginning, how long it took, and what was done in it.
    ///
    /// - Parameter end: When it ended; `nil` if that isn't known, so that it counts until something was heard of it last.
    func receipt(endingAt end: Timestamp?) -> [(String, JSONValue)] {
        guard let begin else { return workOnly }
        var members: [(String, JSONValue)] = [("begin", .string(begin.description))]
        if hasEnded {
            members.append(("continued", true))
        } else if let start, let end = end ?? lastSign {
            members.append(("duration_ms", .integer(max(0, (end - start).milliseconds))))
        }
        return members + work.members
    }

    /// What the log is told of work of which no turn is known.
    var workOnly: [(String, JSONValue)] { work.isEmpty ? [] : work.members }

    /// How the log knows that it has ended, though no end was reported.
    func inferredEnd(of session: AgentSession, in task: TaskID?, because reason: String) -> Event {
        let name = session.agent.namesTurns ? name.map { [("turn", JSONValue.string($0))] } ?? [] : []
        let reason = [("reason", JSONValue.string(reason)), ("inferred", .bool(true))]
        let members = session.members + name + receipt(endingAt: nil) + reason
        return Event(.custom(Self.endName), from: task, payload: Payload(.object(members)))
    }

    // MARK: - As text

    /// The line with which a turn begins, and the file.
    static func beginning(_ begin: EventID?, name: String?, at time: Timestamp) -> String {
        line([("turn", .string(orNull: name)), ("begin", .string(orNull: begin?.description))], at: time)
    }

    /// The line with which a file begins when a turn has ended.
    static func ended(_ begin: EventID?, name: String?, backgroundTasks: Int, at time: Timestamp) -> String {
        let members: [(String, JSONValue)] = [
            ("turn", .string(orNull: name)), ("begin", .string(orNull: begin?.description)), ("ended", true),
            ("background", .integer(backgroundTasks)),
        ]
        return line(members, at: time)
    }

    /// The line about something that happened in a turn.
    static func line(about fact: TurnFact, at time: Timestamp) -> String { line(fact.members, at: time) }

    /// An unfinished line of a process that was killed must not take the next one with it.
    private static func line(_ members: [(String, JSONValue)], at time: Timestamp) -> String {
        "\n\(Payload(.object(members + [("at", .integer(time.microsecondsSinceEpoch))])).json)\n"
    }

    /// Reads the lines. Versions that kept no work wrote `{"turn":…,"begin":…,"ended":…}`, and the first ones the name of
    /// a turn that has ended, and nothing else.
    ///
    /// - Parameter isCut: Whether there was more than was written down.
    package init(_ text: String, isCut: Bool = false) {
        if !text.isEmpty, !text.contains("{") {
            name = text
            hasEnded = true
        }
        for line in text.split(separator: "\n") {
            guard let line = try? Payload(json: String(line)) else { continue }
            apply(line)
        }
        work.isIncomplete = isCut
    }

    private mutating func apply(_ line: Payload) {
        let time = line["at"].flatMap { Int64($0.text) }.map(Timestamp.init(microsecondsSinceEpoch:))
        lastSign = time ?? lastSign
        if line["begin"] != nil {
            // What was done after the end of a turn, as by its subagents, is told with the next one.
            if !hasEnded { work = TurnWork() }
            (begin, name) = (line.string("begin").map { EventID($0) }, line.string("turn"))
            hasEnded = line["ended"]?.text == "true"
            (start, end) = hasEnded ? (nil, time) : (time, nil)
            backgroundTasks = line["background"].flatMap { Int($0.text) } ?? 0
        } else if let fact = TurnFact(line) {
            work.add(fact)
        }
    }
}
