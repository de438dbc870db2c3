// Whether Codex runs the hooks that it was given. It runs none that its user has not trusted, and keeps in its own configuration
// which are: a table for each, named after the file, the event, and the place in it.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

/// Which hooks of a file the user of Codex has trusted.
struct CodexTrust {
    private let trusted: Set<String>

    /// - Parameter configuration: The text of Codex's `config.toml`. One that cannot be read trusts nothing.
    init(configuration: String) {
        let values = (try? TOMLText(configuration))?.values ?? [:]
        trusted = Set(
            values.keys.filter { $0.count == 4 && $0.starts(with: ["hooks", "state"]) && $0[3] == "trusted_hash" }
                .map { $0[2] }
        )
    }

    /// Whether all hooks at these places in one of the paths of a file are trusted.
    func holds(_ places: [(event: String, group: Int, entry: Int)], in paths: [String]) -> Bool {
        places.allSatisfy { place in
            paths.contains { path in
                trusted.contains("\(path):\(Self.snakeCase(place.event)):\(place.group):\(place.entry)")
            }
        }
    }

    /// `SessionStart` as `session_start`.
    private static func snakeCase(_ event: String) -> String {
        event.map { $0.isUppercase ? "_" + $0.lowercased() : String($0) }.joined().drop { $0 == "_" }.description
    }
}
