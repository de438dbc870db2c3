// Who holds which lock, as a table for people, or as JSON. The names are text from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

/// Turns holders of locks into lines.
struct LockTable {
    let holders: [LockHolder]
    let clock: DisplayClock

    /// The table's lines, a header first.
    var text: [String] {
        let rows = holders.map { holder in
            [
                holder.name.description, holder.isExclusive ? "exclusive" : "shared", holder.task?.description ?? "-",
                String(holder.pid), clock.text(of: holder.since), holder.command,
            ].map(\.visible)
        }
        return TextTable(
            header: ["LOCK", "MODE", "TASK", "PID", "SINCE", "COMMAND"],
            rightAligned: ["PID"],
            rows: rows
        ).lines
    }

    /// One object a line. On a terminal, characters that it would act on are escapes.
    func json(isTerminal: Bool) -> [String] {
        holders.map { holder in
            let payload: Payload = [
                "lock": .string(holder.name.description), "exclusive": .bool(holder.isExclusive),
                "task": .string(orNull: holder.task?.description), "pid": .integer(holder.pid),
                "since": .string(holder.since.description), "command": .string(holder.command),
            ]
            return isTerminal ? payload.json.visibleJSON : payload.json
        }
    }
}
