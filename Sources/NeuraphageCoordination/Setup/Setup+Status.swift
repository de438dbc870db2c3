// How things stand, without changing any.

/// How one part of the setup is.
package struct PartStatus: Sendable {
    /// What was found.
    package enum State: String, Sendable {
        case installed
        case notInstalled = "not installed"
        /// Somebody else has changed it, or np has moved since.
        case changed
        /// There is nothing to install it for.
        case absent
        /// It cannot be read.
        case unreadable
    }

    package let part: SetupPart
    package let path: String
    package let state: State
}

extension Setup {
    /// How each part is, and whether the repository is watched.
    package func status(of repository: RepositoryPlaces) throws -> (parts: [PartStatus], isWatched: Bool) {
        let manifest = try SetupManifest(dataDirectory: dataDirectory)
        var parts = repository.hookDirectories.map { place in
            status(.hook, place.directory + "/" + GitHook.name, manifest) { $0 == Array(hook.text.utf8) }
        }
        for agent in Agent.allCases {
            let file = agent.settingsFile(surroundings)
            let part: SetupPart = agent == .claude ? .claude : .codex
            guard agent.isInstalled(surroundings) else {
                parts.append(PartStatus(part: part, path: file, state: .absent))
                continue
            }
            parts.append(status(part, file, manifest) { AgentSettings($0).has(hooks(of: agent)) })
        }
        parts.append(status(.login, service.path, manifest) { $0 == Array(service.text.utf8) })
        return (parts, try watchList.paths.contains(repository.path))
    }

    private func status(
        _ part: SetupPart,
        _ file: String,
        _ manifest: SetupManifest,
        isInstalled: ([UInt8]) -> Bool
    ) -> PartStatus {
        do throws(SetupError) {
            let path = try FileOnDisk.target(of: file)
            let contents = try FileOnDisk.read(path)
            let isKnown = manifest[path] != nil || contents.map { holdsOurs(part, $0) } ?? false
            let state: PartStatus.State =
                contents.map { isInstalled($0.bytes) } ?? false ? .installed : isKnown ? .changed : .notInstalled
            return PartStatus(part: part, path: path, state: state)
        } catch {
            return PartStatus(part: part, path: file, state: .unreadable)
        }
    }
}
