// Whether Codex runs the hooks that it was given. It runs none that its user has not trusted, and keeps in its own
// configuration which are: a table for each, named after the file, the event, and the place in it, with a hash of the hook as
// it was then. A hook that has changed since is not trusted, and one may be switched off.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageTasks

/// Which hooks of a file the user of Codex has trusted.
struct CodexTrust {
    /// How it is with some hooks, all in all. The first of these that is true counts.
    enum Verdict: Equatable {
        /// The user has switched all hooks off.
        case off
        /// None of them was ever trusted.
        case untrusted
        /// Those of these events are not trusted, or have changed since.
        case partlyUntrusted([String])
        /// The user has switched off those of these events.
        case disabled([String])
        case trusted
    }

    private let values: [[String]: TOMLValue]

    /// - Parameter configuration: The text of Codex's `config.toml`. One that cannot be read trusts nothing.
    init(configuration: String) {
        values = (try? TOMLText(configuration))?.values ?? [:]
    }

    /// How it is with these hooks.
    ///
    /// - Parameter paths: The paths by which Codex may know their file.
    func verdict(on hooks: [CodexHook], in paths: [String]) -> Verdict {
        if ["hooks", "codex_hooks"].contains(where: { values[["features", $0]] == .flag(false) }) { return .off }
        let untrusted = hooks.filter { hook in !paths.contains { isTrusted(hook, in: $0) } }
        if !untrusted.isEmpty {
            let isNew = !hooks.contains { hook in paths.contains { trustedHash(of: hook, in: $0) != nil } }
            return isNew ? .untrusted : .partlyUntrusted(untrusted.map(\.event))
        }
        let disabled = hooks.filter { hook in
            paths.contains { values[key(of: hook, in: $0) + ["enabled"]] == .flag(false) }
        }
        return disabled.isEmpty ? .trusted : .disabled(disabled.map(\.event))
    }

    private func key(of hook: CodexHook, in path: String) -> [String] {
        ["hooks", "state", "\(path):\(hook.eventKey):\(hook.group):\(hook.entry)"]
    }

    private func trustedHash(of hook: CodexHook, in path: String) -> String? {
        guard case .text(let hash)? = values[key(of: hook, in: path) + ["trusted_hash"]] else { return nil }
        return hash
    }

    /// Where np cannot tell the hash, that there is one is enough.
    private func isTrusted(_ hook: CodexHook, in path: String) -> Bool {
        guard let trusted = trustedHash(of: hook, in: path) else { return false }
        guard let hash = hook.hash, trusted.utf8.count == hash.utf8.count, trusted.hasPrefix(CodexHook.hashPrefix)
        else {
            return true
        }
        return trusted == hash
    }
}
