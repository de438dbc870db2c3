// What is going to be changed, in words: for each file its path, and the lines that come and go.

import NeuraphageAgents
import NeuraphageEvents
import NeuraphagePresentation

/// Turns a plan into lines.
struct SetupReport {
    let plan: SetupPlan
    let style: Style

    /// The changes, and what is not changed.
    var lines: [String] {
        var lines: [String] = []
        /// Where the same lines are shown already.
        var shown: [[String]: String] = [:]
        for change in plan.changes {
            let path = change.path.visible
            if let aside = change.aside {
                lines.append(style.bold("\(change.part.title): rename \(path) to \(aside.visible)"))
            }
            if let back = change.back {
                lines.append(style.bold("\(change.part.title): rename \(back.visible) back to \(path)"))
                continue
            }
            let before = change.aside == nil ? change.before : nil
            let verb = before == nil ? "make" : change.after == nil ? "remove" : "change"
            lines.append(style.bold("\(change.part.title): \(verb) \(path)"))
            guard change.after != nil else { continue }
            let changes = LineChanges(from: before, to: change.after).text
            lines += shown[changes].map { ["  the same lines as in \($0)"] } ?? changes
            shown[changes] = shown[changes] ?? path
        }
        return lines + plan.notes.map { style.dim("note: " + $0.visible) }
    }
}
