// Events of a day, as the log has them, for what is told of them.

import NeuraphageEvents
import NeuraphageProjections

@testable import np

/// A log in memory: events one after another, with ids that say their number.
struct LoggedDay {
    private(set) var events: [Event] = []
    private let midnight: Timestamp

    init(_ day: String = "2026-11-27") {
        midnight = Timestamp("\(day)T00:00:00Z") ?? .earliest
    }

    /// The id of the event that was added as number `number`, counted from 1.
    static func id(_ number: Int) -> EventID {
        let digits = String(number)
        return EventID("01943200-0000-7000-8000-" + String(repeating: "0", count: 12 - digits.count) + digits)
    }

    func time(_ text: String) -> Timestamp {
        let parts = text.split(separator: ":").compactMap { Double($0) }
        let seconds = parts.reduce(0) { $0 * 60 + $1 }
        return midnight + .milliseconds(Int64((seconds * 1_000).rounded()))
    }

    /// Adds an event.
    ///
    /// - Returns: Its id.
    @discardableResult
    mutating func add(
        _ time: String,
        _ kind: EventKind,
        from source: String? = nil,
        to target: String? = nil,
        _ payload: Payload = .empty
    ) -> EventID {
        let id = Self.id(events.count + 1)
        events.append(
            Event(
                id: id,
                kind,
                from: source.map { TaskID(asWritten: $0) },
                to: target.map { TaskID(asWritten: $0) },
                payload: payload,
                timestamp: self.time(time)
            )
        )
        return id
    }

    /// The story of the latest life of a task, as the reader would tell it.
    func story(of task: String, at now: String) -> Story {
        var collected = StoryEvents(of: TaskID(asWritten: task))
        for event in events where event.timestamp <= time(now) {
            if collected.isOver, event.kind != .taskStarted { continue }
            collected.add(event)
        }
        return Story(collected, at: time(now))
    }

    /// The page of that story on a screen of 24 lines.
    func page(of task: String, at now: String, width: Int = 80, height: Int? = 23) -> [String] {
        page(of: story(of: task, at: now), at: now, width: width, height: height)
    }

    func page(of story: Story, at now: String, width: Int = 80, height: Int? = 23) -> [String] {
        var page = StoryPage(story: story, clock: .utc, now: time(now))
        (page.width, page.height) = (width, height)
        page.commandForAll = "np why \(story.task?.description ?? "") --all"
        return page.lines.map { $0.text(Style(isColored: false), width: nil) }
    }
}

extension EventKind {
    static let agentSessionStarted = EventKind.custom("AgentSessionStarted")
    static let agentTurnStarted = EventKind.custom("AgentTurnStarted")
}
