// How things stand, without changing any.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

/// How one part of the setup is.
package struct PartStatus: Sendable {
    /// What was found.
    package enum State: Sendable {
        case installed
        /// It is installed, and its agent doesn't run it, or not all of it, before its user has trusted it.
        case untrusted
        case notInstalled
        /// Somebody else has changed it, or np has moved since; np init would repair it.
        case changed
        /// Somebody else has changed it, and np init would not touch it.
        case left
        /// There is nothing to install it for.
        case absent
        /// It cannot be read.
        case unreadable
    }

    package let part: SetupPart
    package let path: String
    package fileprivate(set) var state: State
    /// What a person should know of an agent's hooks: why it runs none, or not all that this np would ask it for.
    package var remarks: [String] = []
}

extension Setup {
    /// How each part is, whether the repository is watched, and what np init could not do now.
    package func status(
        of repository: RepositoryPlaces
    ) async throws -> (parts: [PartStatus], isWatched: Bool, refusals: [SetupRefusal]) {
        let manifest = try SetupManifest(in: directory)
        let plan = try await plan(for: repository, atLogin: true)
        var parts = repository.hookDirectories.map { statusOfHooks(in: $0.directory, manifest, plan) }
        for agent in Agent.allCases {
            let file = agent.settingsFile(surroundings)
            let part = SetupPart(agent)
            guard agent.isInstalled(surroundings) else {
                parts.append(PartStatus(part: part, path: file, state: .absent))
                continue
            }
            var found = status(part, file, manifest, plan) { bytes, path throws(OperationError) in
                let settings = try AgentSettings(bytes, of: path)
                return allHooks(of: agent).allSatisfy { settings.differences(from: $0)?.isEmpty ?? false }
            }
            if agent == .codex, found.state == .installed, hasUntrustedHooks { found.state = .untrusted }
            found.remarks = remarks(on: agent, in: repository.path)
            parts.append(found)
        }
        parts.append(status(.login, service.path, manifest, plan) { bytes, _ in bytes == Array(service.text.utf8) })
        return (parts, try watchList.paths.contains(repository.path), plan.refusals)
    }

    /// How the hooks in a directory are, all in all.
    private func statusOfHooks(in directory: String, _ manifest: SetupManifest, _ plan: SetupPlan) -> PartStatus {
        let hooks = GitHook.names.map { name in
            status(.hook, "\(directory)/\(name)", manifest, plan) { bytes, _ in bytes == Array(hook.text.utf8) }
        }
        let former = "\(directory)/\(GitHook.formerName)"
        let isFormer = plan.changes.contains { $0.path == former }
        let worst = hooks.first { $0.state == .unreadable } ?? hooks.first { $0.state == .left }
        if let worst { return worst }
        let states = Set(hooks.map(\.state))
        let state: PartStatus.State =
            isFormer || states.contains(.changed) || states.count > 1
            ? .changed : states.first ?? .notInstalled
        return PartStatus(part: .hook, path: isFormer ? former : directory, state: state)
    }

    private func status(
        _ part: SetupPart,
        _ file: String,
        _ manifest: SetupManifest,
        _ plan: SetupPlan,
        isInstalled: ([UInt8], _ path: String) throws(OperationError) -> Bool
    ) -> PartStatus {
        do throws(OperationError) {
            let path = try place(of: part, file)
            var (isThere, isKnown) = (false, manifest[path] != nil)
            if let contents = try files.read(path) {
                isThere = try isInstalled(contents.bytes, path)
                if !isKnown { isKnown = try holdsOurs(part, contents, at: path) }
            }
            let isChanged = plan.changes.contains { $0.path == path }
            return PartStatus(
                part: part,
                path: path,
                state: isThere ? .installed : !isKnown ? .notInstalled : isChanged ? .changed : .left
            )
        } catch {
            return PartStatus(part: part, path: file, state: .unreadable)
        }
    }
}
