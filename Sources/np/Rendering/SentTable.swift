// What was sent to whom, and what became of it, as a table for people: an order to rebase that replaced others is one line
// with them. All of it is text from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns notifications into lines, folded.
struct SentTable {
    /// What was sent, with those that it replaced.
    struct Row {
        var entry: NotificationHistory.Entry
        var replaced: [NotificationHistory.Entry] = []
    }

    /// How wide a task's name is at most, and what was sent at least, in cells.
    private static let longestName = 20
    private static let leastText = 16

    let rows: [Row]
    let pending: [EventID: NotificationTable.Pending]
    let clock: DisplayClock

    init(_ entries: [NotificationHistory.Entry], pending: [EventID: NotificationTable.Pending], clock: DisplayClock) {
        rows = Self.folded(entries)
        (self.pending, self.clock) = (pending, clock)
    }

    /// An order to rebase that was overtaken before it was read belongs to the next one that the task was given.
    private static func folded(_ entries: [NotificationHistory.Entry]) -> [Row] {
        var rows: [Row?] = []
        /// Where the order is that a task was given last, if it was overtaken.
        var overtaken: [TaskID: Int] = [:]
        for entry in entries {
            var row = Row(entry: entry)
            if entry.event.kind == .rebaseRequired, let task = entry.event.target {
                if let index = overtaken.removeValue(forKey: task), let before = rows[index] {
                    row.replaced = before.replaced + [before.entry]
                    rows[index] = nil
                }
                if entry.superseded != nil, entry.reading == nil { overtaken[task] = rows.count }
            }
            rows.append(row)
        }
        return rows.compactMap(\.self)
    }

    // MARK: - For people

    /// The table's lines, a header first. What was sent is cut where the terminal is narrower, and a column that says
    /// nothing is left out.
    ///
    /// - Parameters:
    ///   - width: How wide the terminal is, in cells; `nil` if it is none.
    ///   - now: Times of the same day need no date.
    func text(width: Int?, now: Timestamp) -> [String] {
        let isOfToday = rows.allSatisfy { $0.entry.event.timestamp >= clock.beginningOfDay(now) }
        var columns: [(name: String, cells: [String])] = [
            ("SENT", rows.map { String(clock.text(of: $0.entry.event.timestamp).suffix(isOfToday ? 8 : .max)) }),
            ("TO", rows.map { $0.entry.event.target?.description ?? "-" }), ("WHAT", rows.map(what)),
            ("HANDED OVER", rows.map { fate(of: $0.entry) }), ("BY", rows.map { reader(of: $0.entry) }),
        ]
        for (index, column) in columns.enumerated() {
            columns[index].cells = column.cells.map { cell in
                column.name == "TO" ? cell.visible.fittedInTheMiddle(to: Self.longestName) : cell.visible
            }
        }
        columns.removeAll { column in
            switch column.name {
            case "TO": Set(column.cells).count == 1
            case "BY": Set(column.cells).isSubset(of: ["-"])
            default: false
            }
        }
        if let width {
            let others = columns.filter { $0.name != "WHAT" }
                .map { column in ([column.name] + column.cells).map(\.cells).max() ?? 0 }
            let room = max(Self.leastText, width - others.reduce(0) { $0 + $1 + 2 })
            for index in columns.indices where columns[index].name == "WHAT" {
                columns[index].cells = columns[index].cells.map { $0.fitted(to: room) }
            }
        }
        let cells = rows.indices.map { row in columns.map { $0.cells[row] } }
        return TextTable(header: columns.map(\.name), rows: cells).lines
    }

    private func what(_ row: Row) -> String {
        let event = row.entry.event
        let sender = event.isFromUser ? "you" : event.source?.description
        let words =
            switch event.kind {
            case .rebaseRequired: ["rebase", event.summary].filter { !$0.isEmpty }.joined(separator: ": ")
            case .nudgeSent: "\(sender ?? "nudge"): \(event.summary)"
            default:
                "\(sender.map { "\($0): " } ?? "")\(event.kind.shownName)"
                    + (event.summary.isEmpty ? "" : ", \(event.summary)")
            }
        return row.replaced.isEmpty ? words : "\(words) (replaces \(row.replaced.count))"
    }

    /// After how long it was handed over; or why it was not.
    private func fate(of entry: NotificationHistory.Entry) -> String {
        if let reading = entry.reading {
            let delay = reading.time - entry.event.timestamp
            return "+\(max(.zero, delay).brief)"
        }
        if entry.superseded != nil { return "overtaken" }
        if pending[entry.event.id] != nil { return "pending" }
        return entry.lifeEnded == nil ? "not yet" : "never"
    }

    /// When it was read, if a hook has handed it over; or else the command with which it was read.
    private func reader(of entry: NotificationHistory.Entry) -> String {
        guard let reading = entry.reading else {
            // Enough of a session's id to know it by; all of it is in the JSON.
            return pending[entry.event.id].map { String($0.session.prefix(8)) } ?? "-"
        }
        let words = (reading.how ?? "-").split(separator: " ")
        guard words.count == 4, words.starts(with: ["np", "hook"]) else { return reading.how ?? "-" }
        switch words[3] {
        case "UserPromptSubmit": return "prompt"
        case "SessionStart": return "start"
        case "PostToolUse", "PostToolBatch": return "tool"
        default: return String(words[3])
        }
    }

    // MARK: - For programs

    /// One object a line. On a terminal, characters that it would act on are escapes.
    func json(isTerminal: Bool) -> [String] {
        rows.map { row in
            let (entry, event) = (row.entry, row.entry.event)
            let payload: Payload = [
                "sent": .string(event.timestamp.description), "to": .string(orNull: event.target?.description),
                "from": .string(orNull: event.source?.description), "kind": .string(event.kind.description),
                "what": .string(event.summary), "id": .string(event.id.description), "fate": .string(word(for: entry)),
                "handed_over": .string(orNull: entry.reading?.time.description),
                "how": .string(orNull: entry.reading?.how),
                "session": .string(orNull: entry.reading?.session ?? pending[event.id]?.session),
                "replaces": .array(row.replaced.map { .string($0.event.id.description) }),
            ]
            return isTerminal ? payload.json.visibleJSON : payload.json
        }
    }

    private func word(for entry: NotificationHistory.Entry) -> String {
        entry.reading == nil ? fate(of: entry).replacing(" ", with: "_") : "handed_over"
    }
}
