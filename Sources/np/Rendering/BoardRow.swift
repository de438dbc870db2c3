// What a task's line says: each column's text for one task, as words for people. Shape and color say the same, because some
// terminals have no colors and some people see none.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageStatus

struct BoardRow {
    let status: TaskStatus
    /// The moment that is shown.
    let now: Timestamp
    let clock: DisplayClock

    /// Its shape, of two cells at most.
    var mark: String {
        if status.waitsForYou { return isQuiet ? "." : "!" }
        if status.wentWrong { return "x" }
        return switch status.phase {
        case .limited, .stopped, .paused: "||"
        case .rebasing, .working: ">"
        case .done, .merged: "ok"
        case .cancelled: "-"
        default: "?"
        }
    }

    var look: Style.Look {
        if status.waitsForYou { return isQuiet ? .plain : .urgent }
        if status.wentWrong { return .trouble }
        return switch status.phase {
        case .limited, .unknown, .notRecorded: .caution
        case .done, .merged: .success
        case .cancelled: .dim
        default: .plain
        }
    }

    private var isQuiet: Bool { status.waitsQuietly(at: now) }

    var name: String { status.task.description }

    var state: String {
        switch status.phase {
        case .asks: "asks you"
        case .asked: "asked you"
        case .exited: "exited"
        default: status.phase.rawValue
        }
    }

    /// How long it has been so.
    var age: String { status.since.map { (now - $0).rough } ?? "?" }

    /// Where its work is; `nil` where that says nothing about it.
    var repository: String? { (status.places.first { !$0.isGone } ?? status.places.first)?.repository }

    /// How many commits it lacks of main: `nil` if none, or if it needs none any more.
    var behind: String? {
        guard !status.isOver || status.phase == .failed || status.phase == .done else { return nil }
        let counts = status.places.filter { !$0.isGone }.compactMap(\.behind)
        return counts.max().flatMap { $0 > 0 ? String($0) : nil }
    }

    var unread: String? { status.unread.flatMap { $0 > 0 ? String($0) : nil } }

    /// What else there is to say.
    var detail: StyledLine {
        var detail = certain
        if let doubt { detail.append(detail.pieces.isEmpty ? doubt : " (\(doubt))", .dim) }
        return detail
    }

    /// The same without what it rests on, if there is anything else: half of that would say nothing.
    func detail(in width: Int) -> StyledLine {
        let (detail, certain) = (detail, certain)
        return detail.cells <= width || certain.pieces.isEmpty ? detail : certain
    }

    private var certain: StyledLine {
        var detail = StyledLine()
        if status.phase == .limited, let until = status.until { detail.append("until \(time(until))") }
        if !status.detail.isEmpty {
            detail.append((detail.pieces.isEmpty ? "" : ", ") + status.detail)
        }
        return detail
    }

    /// What says that it is so, and how old that is, where np cannot be sure that it is so still.
    private var doubt: String? {
        let evidence = status.evidence
        switch status.phase {
        case .unknown: break
        case .asks, .working, .rebasing, .limited:
            guard evidence.source == .log else { return nil }
        default: return nil
        }
        let age = evidence.time.map { now - $0 }
        let isNew = status.since != nil && age.map { $0.rough == self.age } ?? true
        let words = [evidence.words, isNew ? "" : age.map { "\($0.rough) ago" } ?? "at a time unknown"]
        return words.filter { !$0.isEmpty }.joined(separator: ", ")
    }

    /// What is abnormal, in a line of its own; `nil` if nothing is.
    var remarks: StyledLine? {
        guard !status.remarks.isEmpty, status.phase == .failed || !status.isOver else { return nil }
        var line = StyledLine()
        for (number, remark) in status.remarks.enumerated() {
            line.append(number == 0 ? "" : "; ")
            line.append(remark.flag.rawValue, .caution)
            if !remark.words.isEmpty { line.append(" " + remark.words) }
        }
        return line
    }

    /// A time of the day, with the date if it is another day's.
    private func time(_ moment: Timestamp) -> String {
        let text = clock.text(of: moment)
        let isToday = text.prefix(10) == clock.text(of: now).prefix(10)
        return String(isToday ? text.dropFirst(11).prefix(5) : text.dropFirst(5).prefix(11))
    }
}
