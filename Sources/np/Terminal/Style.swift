import ArgumentParser
import NeuraphageEvents
import NeuraphagePlatform

/// Whether to print in color.
enum ColorChoice: String, CaseIterable, ExpressibleByArgument {
    case auto
    case always
    case never

    /// On a terminal that can show it, unless `NO_COLOR` is set (no-color.org) or the user says otherwise.
    func style(isTerminal: Bool) -> Style {
        switch self {
        case .always: Style(isColored: true)
        case .never: Style(isColored: false)
        case .auto: Style(isColored: isTerminal && environment("NO_COLOR") == nil && environment("TERM") != "dumb")
        }
    }
}

/// How things look. All escape sequences that np prints come from here.
struct Style {
    let isColored: Bool

    /// How a piece of text looks, and what that means.
    enum Look: String {
        case plain = ""
        case bold = "1"
        case dim = "2"
        case trouble = "31"
        case success = "32"
        case caution = "33"
        /// It waits for the user.
        case urgent = "1;33"
    }

    func dim(_ text: String) -> String { wrap(text, "2") }
    func bold(_ text: String) -> String { wrap(text, "1") }

    func text(_ text: String, _ look: Look) -> String { look == .plain ? text : wrap(text, look.rawValue) }

    /// The name of an event's kind in the color of what it means: trouble red, waiting yellow, success green, main blue, what
    /// is said to a task cyan, agents and runs magenta.
    func kind(of event: Event, _ name: String) -> String {
        guard isColored else { return name }
        if Problem.isOne(event), event.kind != .taskPaused { return wrap(name, "31") }
        return switch event.kind {
        case .taskWaitingForUser, .taskPaused, .taskCancelled, .rebaseRequired, .rateLimitReached: wrap(name, "33")
        case .taskCompleted, .rebaseCompleted, .supervisionRecovered: wrap(name, "32")
        case .mainUpdated: wrap(name, "34")
        case .nudgeSent, .syncRelayed, .learningExtracted, .notificationRead: wrap(name, "36")
        case _ where event.kind.isReserved: wrap(name, "35")
        default: name
        }
    }

    private func wrap(_ text: String, _ code: String) -> String {
        isColored ? "\u{1b}[\(code)m\(text)\u{1b}[0m" : text
    }
}

/// The value of an environment variable; `nil` if it is empty or not set.
func environment(_ name: String) -> String? {
    guard let value = getenv(name), value.pointee != 0 else { return nil }
    return String(cString: value)
}
