// A variable that begins with NP_ and that np doesn't know: probably a setting with a typo, which would otherwise do nothing
// and say nothing. It is no error, because another program may have variables of such a name.

import NeuraphagePresentation

/// A variable of the environment that looks like one of np's.
struct UnknownVariable {
    /// What np and its commands pass to each other or take besides the settings, and what the daemon tells a user's command.
    private static let others = [
        "NP_TASK", "NP_RUN", "NP_PAGER", "NP_EVENT", "NP_EVENT_ID", "NP_EVENT_KIND", "NP_EVENT_TASK", "NP_EVENT_TEXT",
    ]
    private static let known = Setting.allCases.map(\.variable) + others

    let name: String

    /// All of them in an environment, by their names.
    static func all(in environment: [String: String]) -> [UnknownVariable] {
        environment.keys.filter { $0.hasPrefix("NP_") && !known.contains($0) }.sorted().map(UnknownVariable.init)
    }

    /// What to say of it.
    var remark: String {
        let hint = Suggestion.nearest(to: name, in: Self.known, within: max(2, name.utf8.count / 5))
        return "np does not know the variable \(name)" + (hint.map { "; did you mean \($0)?" } ?? "")
    }
}
