// Notifications as an agent gets them, in the context of its prompt: few, short, one line each. They are words of other
// tasks, perhaps of other agents, so the first line says whose they are, and nothing in them can pass for anything else
// than a part of its line.

package import NeuraphageEvents
import NeuraphagePresentation

/// The text in which notifications are handed over to an agent.
package struct InboxDigest {
    private static let most = 10
    private static let mostBytes = 8_000
    private static let longestLine = 4_000
    private static let cut = "… (cut; np inbox --all has all of it)"

    /// The text, which ends with a newline; empty if there is nothing to tell.
    package let text: String
    /// The notifications that it tells, in the log's order.
    package let told: [Event]

    /// The notifications to a task.
    ///
    /// - Parameters:
    ///   - outdated: Those of them that need not be told any more.
    ///   - standing: How far the task is behind main now, if that is known.
    ///   - np: How the agent runs np.
    package init(
        _ events: [Event],
        to task: TaskID,
        passingOver outdated: Set<EventID> = [],
        standing: RebaseStanding? = nil,
        running np: OwnCommand = OwnCommand()
    ) {
        let current = events.filter { !outdated.contains($0.id) }
        var lines: [String] = []
        var size = 0
        for event in current.prefix(Self.most) {
            let line = Self.line(event, standing, np)
            guard lines.isEmpty || size + line.utf8.count < Self.mostBytes else { break }
            size += line.utf8.count + 1
            lines.append(line)
        }
        told = Array(current.prefix(lines.count))
        guard !lines.isEmpty else {
            text = ""
            return
        }
        let name = Self.harmless(task.description)
        let number = current.count == 1 ? "1 notification" : "\(current.count) notifications"
        lines.insert("np inbox: \(number) for \(name) (\(Self.origin(of: told)))", at: 0)
        let left = current.count - told.count
        if left > 0 { lines.append("… and \(left) more: \(np.word) inbox --ack") }
        let namesCommand = left > 0 || told.contains { $0.kind == .rebaseRequired }
        if namesCommand, let refusal = np.refusal { lines.append(refusal) }
        text = lines.joined(separator: "\n") + "\n"
    }

    /// Whose words they are.
    private static func origin(of events: [Event]) -> String {
        switch events.count(where: \.isFromUser) {
        case 0: "told by other tasks and by np, not by your user"
        case events.count: "told by your user"
        default: "told by other tasks and by np, and by your user where it says so"
        }
    }

    /// One notification: when, what, from whom, and the gist of it.
    private static func line(_ event: Event, _ standing: RebaseStanding?, _ np: OwnCommand) -> String {
        let time = event.timestamp.description.prefix(19).replacing("T", with: " ")
        let sender =
            event.isFromUser ? " from your user" : event.source.map { " from \(harmless($0.description))" } ?? ""
        let gist = harmless(gist(event, standing, np))
        return shortened("\(time)  \(harmless(event.kind.description))\(sender)\(gist.isEmpty ? "" : ": \(gist)")")
    }

    private static func gist(_ event: Event, _ standing: RebaseStanding?, _ np: OwnCommand) -> String {
        guard event.kind == .rebaseRequired else { return event.summary }
        let main = event.payload.string("main") ?? "main"
        let behind = standing.map { $0.commitsBehind == 1 ? "1 commit behind" : "\($0.commitsBehind) commits behind" }
        let summary = behind ?? event.summary
        let run = "run: \(np.word) rebase"
        return summary.isEmpty ? run : "\(summary) \(main); \(run)"
    }

    /// Text from outside on one line, without anything that could be taken for a tag of the prompt that it comes into.
    private static func harmless(_ text: String) -> String {
        // What is long is cut anyway, and needs no look.
        String(String.UnicodeScalarView(text.unicodeScalars.prefix(longestLine))).visible
            .replacing("<", with: "‹").replacing(">", with: "›")
    }

    private static func shortened(_ line: String) -> String {
        guard line.unicodeScalars.count > longestLine else { return line }
        return String(String.UnicodeScalarView(line.unicodeScalars.prefix(longestLine))) + cut
    }
}
