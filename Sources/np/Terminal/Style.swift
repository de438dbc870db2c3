import ArgumentParser
import NeuraphageEvents
import NeuraphagePlatform

/// Whether to print in colour.
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

    func dim(_ text: String) -> String { wrap(text, "2") }
    func bold(_ text: String) -> String { wrap(text, "1") }

    /// A kind in the colour of what it means: trouble red, waiting yellow, success green, main and rebases blue.
    func kind(_ kind: EventKind, _ text: String) -> String {
        guard isColored else { return text }
        return switch kind {
        case .taskFailed, .rebaseConflict, .supervisionDegraded, .logGap: wrap(text, "31")
        case .taskWaitingForUser, .taskPaused, .taskCancelled, .rebaseRequired, .rateLimitReached: wrap(text, "33")
        case .taskCompleted, .rebaseCompleted, .supervisionRecovered: wrap(text, "32")
        case .mainUpdated: wrap(text, "34")
        case .nudgeSent, .syncRelayed, .learningExtracted: wrap(text, "36")
        default: text
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
