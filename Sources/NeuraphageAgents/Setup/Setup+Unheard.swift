// What a person should know of an agent's hooks: why it runs none, which of them it does not run, and which more this np would
// ask it for.

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
        switch codexTrust {
        case .untrusted, .partlyUntrusted: true
        case .off, .disabled, .trusted: false
        }
    }

    /// How it is with our hooks in Codex.
    private var codexTrust: CodexTrust.Verdict {
        let hooks = hooks(of: .codex)
        guard Agent.codex.asksForTrust(hooks.version), let settings = settings(of: .codex) else { return .trusted }
        let file = Agent.codex.settingsFile(surroundings)
        let directory = file.parentDirectory
        let configuration = (try? files.read(directory + "/config.toml"))?.bytes ?? []
        // Codex resolves $CODEX_HOME, but no link in it.
        let paths = [file] + ((try? files.files.resolve(directory)).map { [$0 + "/hooks.json"] } ?? [])
        return CodexTrust(configuration: String(decoding: configuration, as: UTF8.self))
            .verdict(on: settings.codexHooks(hooks), in: paths)
    }

    private func settings(of agent: Agent) -> AgentSettings? {
        let file = agent.settingsFile(surroundings)
        guard let contents = try? files.read(file) else { return nil }
        return try? AgentSettings(contents.bytes, of: file)
    }

    /// What a person should know of an agent's hooks, each in a sentence.
    func remarks(on agent: Agent, in repository: String) -> [String] {
        let disabling = disabling(agent, in: repository).map { "disableAllHooks is true in \($0), so it runs no hooks" }
        let hooks = hooks(of: agent)
        guard let settings = settings(of: agent), !settings.events(running: hooks).isEmpty else {
            return Array(disabling.prefix(1))
        }
        let trust = agent == .codex ? codexTrust.remark : nil
        let others = [trust, unknownVersion(of: agent)].compactMap(\.self)
        return Array(disabling.prefix(1)) + Self.differences(of: settings, from: hooks) + others
    }

    /// How the hooks that an agent has differ from those that this np would give it.
    private static func differences(of settings: AgentSettings, from hooks: AgentHooks) -> [String] {
        guard let differences = settings.differences(from: hooks) else { return [] }
        var remarks: [String] = []
        if !differences.missing.isEmpty {
            let version = hooks.version.map { "version \($0) has" } ?? "it has"
            remarks.append("no hooks for \(differences.missing.listed), which \(version); say np init to add them")
        }
        if !differences.outdated.isEmpty {
            let events = differences.outdated.listed
            remarks.append("hooks of an older np, or of one elsewhere, for \(events); say np init to update them")
        }
        if !differences.unknown.isEmpty, let version = hooks.version {
            let skips = hooks.agent.skipsFileForUnknownEvent(version) ? ", and skips all of the file for them" : ""
            remarks.append(
                "version \(version) does not know \(differences.unknown.listed)\(skips); say np init to take them out"
            )
        }
        return remarks
    }

    /// That an agent's version is not known, where that means fewer hooks.
    func unknownVersion(of agent: Agent) -> String? {
        guard case .unknown(let reason)? = versions[agent],
            agent.askedEvents(of: nil).count < agent.askedEvents.count
        else { return nil }
        return "its version is not known, because \(reason), so np adds only hooks that every version knows; "
            + "when \(agent.rawValue) --version works, say np init again"
    }
}

extension CodexTrust.Verdict {
    /// What a person should know; `nil` if Codex runs the hooks.
    fileprivate var remark: String? {
        switch self {
        case .off: "features.hooks is false in its config.toml, so it runs no hooks"
        case .untrusted:
            "not trusted: start codex once and trust its hooks; until then it runs none, and codex exec records nothing"
        case .partlyUntrusted(let events):
            "not trusted, because new or changed: \(events.listed); start codex once and trust its hooks"
        case .disabled(let events): "switched off in Codex: \(events.listed); say /hooks in it to switch them on"
        case .trusted: nil
        }
    }
}

extension [String] {
    /// `a, b, and c`.
    fileprivate var listed: String {
        count < 3 ? joined(separator: " and ") : dropLast().joined(separator: ", ") + ", and " + (last ?? "")
    }
}
