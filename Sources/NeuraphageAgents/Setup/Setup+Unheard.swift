// Why an agent does not run the hooks that it has: its user has switched all of them off, or has not trusted them.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

extension Setup {
    /// The settings that keep an agent from running any hook in a repository: the user's, and the repository's own.
    func disabling(_ agent: Agent, in repository: String) -> [String] {
        guard agent == .claude else { return [] }
        let own = ["settings.json", "settings.local.json"].map { "\(repository)/.claude/\($0)" }
        return ([agent.settingsFile(surroundings)] + own).filter { path in
            guard let contents = try? files.read(path) else { return false }
            return (try? AgentSettings(contents.bytes, of: path))?.disablesHooks ?? false
        }
    }

    /// Whether Codex has hooks of ours that it does not run because its user has not trusted them.
    package var hasUntrustedHooks: Bool {
        let file = Agent.codex.settingsFile(surroundings)
        guard let contents = try? files.read(file), let settings = try? AgentSettings(contents.bytes, of: file) else {
            return false
        }
        let places = settings.places(of: hooks(of: .codex))
        let path = file.parentDirectory + "/config.toml"
        let configuration = (try? files.read(path)).map { String(decoding: $0.bytes, as: UTF8.self) } ?? ""
        let paths = [file] + ((try? files.target(of: file)).map { [$0] } ?? [])
        return !CodexTrust(configuration: configuration).holds(places, in: paths)
    }

    /// What a person should know of an agent whose hooks are installed; `nil` if it runs them.
    func silence(of agent: Agent, in repository: String) -> String? {
        if let file = disabling(agent, in: repository).first {
            return "disableAllHooks is true in \(file), so it runs no hooks"
        }
        guard agent == .codex, hasUntrustedHooks else { return nil }
        return
            "not trusted: start codex once and trust its hooks; until then it runs none, and codex exec records nothing"
    }
}
