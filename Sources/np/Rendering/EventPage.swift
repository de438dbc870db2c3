// One event in full, for people and for programs: its members, what it points to, and what points to it. All of it is text
// from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns an event into lines.
struct EventPage {
    let references: EventReferences
    let clock: DisplayClock

    private var event: Event { references.event }

    // MARK: - For people

    var lines: [StyledLine] {
        var lines = table([
            ("event", event.id.description), ("kind", event.kind.shownName), ("time", moment),
            ("from", event.source?.description ?? "-"), ("to", event.target?.description ?? "-"),
        ])
        if !event.summary.isEmpty { lines += table([("says", event.summary)]) }
        let members = event.payload.members?.map { ($0.key, $0.value.text) } ?? [("payload", event.payload.json)]
        let others = event.others.members?.map { ($0.key, $0.value.text) } ?? []
        for part in [members, others] where !part.isEmpty { lines += [StyledLine()] + table(part) }
        lines += list("points to", references.to)
        if references.toLeftOut > 0 { lines.append(StyledLine("  and \(references.toLeftOut) more", .dim)) }
        lines += list("pointed to by", references.from)
        if references.isLimited {
            let read =
                "  not all was read: \(EventReferences.most) events, or \(EventReferences.mostMebibytes) MiB, at most"
            lines +=
                (references.from.isEmpty ? [StyledLine(), StyledLine("pointed to by", .bold)] : [])
                + [StyledLine(read, .dim)]
        }
        return lines
    }

    /// With the microseconds that the log has.
    private var moment: String {
        let microseconds = event.timestamp.microsecondsSinceEpoch % 1_000_000
        let fraction = String((microseconds + 1_000_000) % 1_000_000)
        return clock.text(of: event.timestamp) + "." + String(repeating: "0", count: 6 - fraction.count) + fraction
    }

    private func table(_ rows: [(key: String, value: String)]) -> [StyledLine] {
        let width = max(10, rows.map { $0.key.visible.cells }.filter { $0 <= 20 }.max() ?? 0)
        return rows.map { key, value in
            var line = StyledLine(key, .bold)
            line.append(String(repeating: " ", count: max(0, width - line.cells)) + "  " + value)
            return line
        }
    }

    private func list(_ title: String, _ references: [EventReferences.Reference]) -> [StyledLine] {
        guard !references.isEmpty else { return [] }
        return [StyledLine(), StyledLine(title, .bold)]
            + references.map { reference in
                var line = StyledLine("  \(reference.member)  ", .bold)
                line.append(reference.id.description)
                guard let event = reference.event else {
                    line.append("  not in the log", .dim)
                    return line
                }
                let task = (event.source ?? event.target).map { "  \($0)" } ?? ""
                let summary = event.summary.isEmpty ? "" : "  \(event.summary)"
                line.append("  \(clock.text(of: event.timestamp))  \(event.kind.shownName)\(task)\(summary)")
                return line
            }
    }

    // MARK: - For programs

    /// One object.
    var json: String {
        let payload: Payload = [
            "event": (try? Payload(json: event.description)).map { .payload($0) } ?? .null,
            "points_to": .array(references.to.map(Self.json)),
            "points_to_left_out": .integer(references.toLeftOut),
            "pointed_to_by": .array(references.from.map(Self.json)),
            "limited": .bool(references.isLimited),
        ]
        return payload.json
    }

    private static func json(_ reference: EventReferences.Reference) -> JSONValue {
        [
            "member": .string(reference.member), "id": .string(reference.id.description),
            "kind": .string(orNull: reference.event?.kind.description),
            "time": .string(orNull: reference.event?.timestamp.description),
            "words": .string(orNull: reference.event?.summary),
        ]
    }
}
