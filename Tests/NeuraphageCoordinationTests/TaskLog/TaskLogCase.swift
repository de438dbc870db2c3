// A log as a list of events, folded. Each answer is checked against a fold that was interrupted and stored in between.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

/// Events of a log, one after another, and what the fold says of them.
struct TaskLogCase {
    private(set) var events: [Event] = []
    let session = SessionName(agent: "claude", id: "s-1")

    /// Where the events are: of some length each.
    static func place(_ index: Int) -> EventPlace { EventPlace(segment: 1 + index / 1_000, offset: Int64(index) * 300) }

    /// Adds an event.
    @discardableResult
    mutating func tell(_ event: Event) -> EventID {
        events.append(event)
        return event.id
    }

    /// Adds a word of an agent's hook.
    @discardableResult
    mutating func hook(
        _ kind: CustomName,
        of task: TaskID? = "t",
        in session: SessionName? = nil,
        _ members: [(String, JSONValue)] = []
    ) -> EventID {
        let session = session ?? self.session
        let name: [(String, JSONValue)] = [("agent", .string(session.agent)), ("session", .string(session.id))]
        return tell(Event(.custom(kind), from: task, payload: Payload(.object(name + members))))
    }

    /// Adds the beginning of a turn.
    @discardableResult
    mutating func prompt(of task: TaskID? = "t", in session: SessionName? = nil) -> EventID {
        hook("AgentTurnStarted", of: task, in: session, [("prompt_bytes", 9)])
    }

    /// Adds the end of a turn, and its receipt.
    @discardableResult
    mutating func stop(
        _ begin: EventID?,
        of task: TaskID? = "t",
        in session: SessionName? = nil,
        _ members: [(String, JSONValue)] = []
    ) -> EventID {
        let begin = begin.map { [("begin", JSONValue.string($0.description))] } ?? []
        return hook("AgentTurnEnded", of: task, in: session, begin + members)
    }

    /// A member that names the event with which something began.
    static func begin(_ id: EventID) -> [(String, JSONValue)] { [("begin", .string(id.description))] }

    // MARK: - What the fold says

    /// What the log says. Folded at once, and interrupted at each event, it has to be the same.
    func folded(sourceLocation: SourceLocation = #_sourceLocation) -> ProjectionParts<TaskLog.Part> {
        let whole = Self.fold(events[...], onto: [:])
        for end in events.indices {
            let stored = Self.stored(Self.fold(events[..<end], onto: [:]))
            let rest = Self.fold(events[end...], onto: stored)
            #expect(Self.parts(rest) == Self.parts(whole), "interrupted at \(end)", sourceLocation: sourceLocation)
        }
        return whole
    }

    func task(_ task: TaskID = "t", sourceLocation: SourceLocation = #_sourceLocation) throws -> LoggedTask {
        try #require(folded(sourceLocation: sourceLocation).task(task), sourceLocation: sourceLocation)
    }

    func rest(sourceLocation: SourceLocation = #_sourceLocation) -> LoggedRest {
        folded(sourceLocation: sourceLocation).rest
    }

    /// The kinds of the events that a story has, in its order.
    func story(of task: TaskID = "t", sourceLocation: SourceLocation = #_sourceLocation) throws -> [String] {
        let marks = try self.task(task, sourceLocation: sourceLocation).story
        return marks.map { mark in events.first { $0.id == mark.id }?.kind.name ?? "?" }
    }

    static func fold(
        _ events: ArraySlice<Event>,
        onto stored: [String: TaskLog.Part]
    ) -> ProjectionParts<TaskLog.Part> {
        var parts = ProjectionParts<TaskLog.Part>()
        for (key, part) in stored { parts[key] = part }
        for index in events.indices { TaskLog.apply(events[index], at: place(index), to: &parts) }
        return parts
    }

    static func parts(_ parts: ProjectionParts<TaskLog.Part>) -> [String: TaskLog.Part] {
        Dictionary(parts.keys.map { ($0, parts[$0]) }) { first, _ in first }.compactMapValues(\.self)
    }

    /// The parts as they come out of a checkpoint.
    static func stored(_ folded: ProjectionParts<TaskLog.Part>) -> [String: TaskLog.Part] {
        parts(folded).compactMapValues { part in
            var bytes: [UInt8] = []
            part.encode(into: &bytes)
            return TaskLog.Part(bytes.span)
        }
    }
}
