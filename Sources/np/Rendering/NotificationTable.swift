// Who was told what, and read it when, as a table for people, or as JSON. All of it is text from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns notifications into lines.
struct NotificationTable {
    let history: NotificationHistory
    let clock: DisplayClock

    /// The table's lines, a header first.
    var text: [String] {
        let rows = history.entries.map { entry in
            let unread = entry.lifeEnded == nil ? "not yet" : "never"
            return [
                entry.event.target?.description ?? "-", clock.text(of: entry.event.timestamp),
                entry.reading.map { clock.text(of: $0.time) } ?? unread, entry.reading?.reader ?? "-",
                entry.event.kind.description, entry.event.source?.description ?? "-", entry.event.summary,
            ].map(\.visible)
        }
        return TextTable(header: ["TASK", "SENT", "READ", "BY", "KIND", "FROM", "WHAT"], rows: rows).lines
    }

    /// One object a line. On a terminal, characters that it would act on are escapes.
    func json(isTerminal: Bool) -> [String] {
        history.entries.map { entry in
            let event = entry.event
            let reading: JSONValue =
                entry.reading.map { reading in
                    [
                        "at": .string(reading.time.description), "by": .string(orNull: reading.reader),
                        "how": .string(orNull: reading.how),
                    ]
                } ?? .null
            let payload: Payload = [
                "task": .string(orNull: event.target?.description), "sent": .string(event.timestamp.description),
                "read": reading, "task_ended": .string(orNull: entry.lifeEnded?.description),
                "kind": .string(event.kind.description),
                "from": .string(orNull: event.source?.description),
                "what": .string(event.summary), "id": .string(event.id.description),
            ]
            return isTerminal ? payload.json.visibleJSON : payload.json
        }
    }
}
