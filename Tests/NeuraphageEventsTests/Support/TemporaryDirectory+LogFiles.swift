import Foundation
import NeuraphageEvents
import TestSupport

extension TemporaryDirectory {
    /// The name of a log's file that has ended.
    static func closedName(_ number: Int) -> String {
        "event_log." + String(repeating: "0", count: 6 - String(number).count) + "\(number).jsonl"
    }

    /// Ends the log's file as a writer does, and begins the next one.
    func endFile(_ number: Int, isFinal: Bool = true, next: String = "") throws {
        try rename(EventLogConfig.fileName, to: Self.closedName(number))
        if isFinal { chmod(self[Self.closedName(number)], 0o400) }
        try append(next)
    }

    /// Lines of these events, appended.
    func append(_ events: [Event], to name: String = EventLogConfig.fileName) throws {
        try append(events.map { "\($0)\n" }.joined(), to: name)
    }
}

extension Event {
    /// An event with this number in its id.
    static func numbered(_ number: Int) -> Event {
        Event(id: EventID("id-\(number)"), .taskStarted, from: "a", timestamp: .earliest)
    }

    static func numbered(_ numbers: ClosedRange<Int>) -> [Event] { numbers.map { numbered($0) } }

    /// What a writer puts before events that it repeats because the file before could not be made safe.
    static func resumption(_ previous: String, from first: Int, repeating count: Int) -> Event {
        Event(
            id: EventID("resumed-\(previous)-\(first)"),
            .custom("LogResumed"),
            payload: [
                "previous": .string(previous), "from": .string("id-\(first)"), "repeated": .integer(count),
            ],
            timestamp: .earliest
        )
    }
}
