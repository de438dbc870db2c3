// Which task was told what, and whether and when it read that, as a table for people, or as JSON. All of it is text from
// outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns notifications into lines.
struct NotificationTable {
    /// That a notification was printed for a session that has not answered yet.
    struct Pending {
        let session: String
        let since: Timestamp
    }

    let entries: [NotificationHistory.Entry]
    var pending: [EventID: Pending] = [:]
    let clock: DisplayClock

    /// The table's lines, a header first.
    var text: [String] {
        let rows = entries.map { entry in
            [
                entry.event.target?.description ?? "-", clock.text(of: entry.event.timestamp), read(entry),
                reader(entry), entry.event.kind.description, sender(entry.event), entry.event.summary,
            ].map(\.visible)
        }
        return TextTable(header: ["TASK", "SENT", "READ", "BY", "KIND", "FROM", "WHAT"], rows: rows).lines
    }

    private func read(_ entry: NotificationHistory.Entry) -> String {
        if let reading = entry.reading { return clock.text(of: reading.time) }
        if entry.superseded != nil { return "superseded" }
        // A session that goes on may still answer, also when the task has ended.
        if pending[entry.event.id] != nil { return "pending" }
        return entry.lifeEnded == nil ? "not yet" : "never"
    }

    private func reader(_ entry: NotificationHistory.Entry) -> String {
        if let reading = entry.reading { return reading.session ?? reading.reader ?? "-" }
        return pending[entry.event.id]?.session ?? "-"
    }

    private func sender(_ event: Event) -> String { event.isFromUser ? "you" : event.source?.description ?? "-" }

    /// One object a line. On a terminal, characters that it would act on are escapes.
    func json(isTerminal: Bool) -> [String] {
        entries.map { entry in
            let event = entry.event
            let reading: JSONValue =
                entry.reading.map { reading in
                    [
                        "at": .string(reading.time.description), "by": .string(orNull: reading.reader),
                        "session": .string(orNull: reading.session), "how": .string(orNull: reading.how),
                    ]
                } ?? .null
            let pending: JSONValue =
                entry.reading == nil
                ? self.pending[event.id].map { handover in
                    ["session": .string(handover.session), "since": .string(handover.since.description)]
                } ?? .null : .null
            let payload: Payload = [
                "task": .string(orNull: event.target?.description), "sent": .string(event.timestamp.description),
                "read": reading, "pending": pending, "superseded": .string(orNull: entry.superseded?.description),
                "task_ended": .string(orNull: entry.lifeEnded?.description),
                "kind": .string(event.kind.description),
                "from": .string(orNull: event.source?.description),
                "what": .string(event.summary), "id": .string(event.id.description),
            ]
            return isTerminal ? payload.json.visibleJSON : payload.json
        }
    }
}
