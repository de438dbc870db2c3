// What is to be changed so that a repository's events come by themselves. What cannot be done becomes a refusal, and the
// rest is planned nevertheless.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

extension Setup {
    /// What is to be done for a repository.
    ///
    /// - Parameter atLogin: Whether the daemon is to be started at each login.
    package func plan(for repository: RepositoryPlaces, atLogin: Bool) async throws -> SetupPlan {
        let manifest = try SetupManifest(in: directory)
        var plan = SetupPlan(repository: repository.path)
        plan.changesWatchList = !(try watchList.paths.contains(repository.path))
        await planHooks(repository, manifest, &plan)
        for agent in Agent.allCases {
            guard agent.isInstalled(surroundings) else {
                plan.notes.append(
                    "\(agent.title) is not installed here: neither the program \(agent.rawValue) nor "
                        + agent.settingsFile(surroundings).parentDirectory
                )
                continue
            }
            planSettings(of: agent, manifest, &plan)
        }
        if atLogin { planService(manifest, &plan) }
        return plan
    }

    private func planHooks(
        _ repository: RepositoryPlaces,
        _ manifest: SetupManifest,
        _ plan: inout SetupPlan
    ) async {
        var hookFiles: [(path: String, worktree: String)] = []
        for (directory, worktree) in repository.hookDirectories {
            if files.exists(directory), !files.isDirectory(directory) {
                plan.notes.append(
                    "git runs no hooks here, because core.hooksPath is \(directory), which is not a directory; "
                        + "the daemon watches the repository without one"
                )
                continue
            }
            if worktree == nil, !directory.hasPrefix(repository.commonDirectory + "/") {
                plan.notes.append(
                    "core.hooksPath is \(directory), whose hooks git runs in other repositories as well; "
                        + "there they do nothing, unless np init has set up that one, too"
                )
            }
            let former = directory + "/" + GitHook.formerName
            attempt(.hook, &plan) { plan throws(OperationError) in try planRemoval(ofFormer: former, manifest, &plan) }
            for name in GitHook.names {
                let path = directory + "/" + name
                if let worktree, await RepositoryPlaces.isTracked(path, in: worktree) {
                    plan.notes.append(
                        "\(path) belongs to the repository and is left as it is; "
                            + "the daemon watches the repository without it"
                    )
                    continue
                }
                attempt(.hook, &plan) { plan throws(OperationError) in
                    let names = try planHook(path, after: manifest[former], manifest, &plan)
                    if let worktree { hookFiles += names.map { ($0, worktree) } }
                }
            }
        }
        var exclusions: [String] = []
        for (path, worktree) in hookFiles {
            if await RepositoryPlaces.isIgnored(path, in: worktree) { continue }
            let place = String(decoding: path.utf8.dropFirst(worktree.utf8.count + 1), as: UTF8.self)
            exclusions.append(ExcludeLines.line(for: place))
        }
        guard !exclusions.isEmpty || manifest[repository.excludeFile] != nil else { return }
        attempt(.exclude, &plan) { plan throws(OperationError) in
            let path = try files.target(of: repository.excludeFile)
            let current = try files.read(path)
            let contents = FileContents(
                bytes: ExcludeLines.adding(exclusions, to: current?.bytes ?? []),
                permissions: current?.permissions ?? 0o644
            )
            try prepare(.exclude, path, current, contents, manifest, &plan)
        }
    }

    /// Plans that the hook goes which np installed before it had several.
    private func planRemoval(
        ofFormer path: String,
        _ manifest: SetupManifest,
        _ plan: inout SetupPlan
    ) throws(OperationError) {
        guard let current = try? files.read(path) else { return }
        let aside = path + GitHook.aside
        switch author(of: current, .hook, manifest[path]) {
        case .somebody: return
        case .npAndSomebody: throw Self.edited(path)
        case .np:
            let back = files.exists(aside) ? aside : nil
            plan.changes.append(FileChange(part: .hook, path: path, before: current, after: nil, back: back))
        }
    }

    /// Plans one hook; returns the files that will be there then.
    ///
    /// - Parameter former: The record of the hook whose place it takes. The repositories that shared that one share this.
    private func planHook(
        _ path: String,
        after former: SetupRecord?,
        _ manifest: SetupManifest,
        _ plan: inout SetupPlan
    ) throws(OperationError) -> [String] {
        let current = try files.read(path)
        let aside = path + GitHook.aside
        let isAside = files.exists(aside)
        let text = FileContents(bytes: Array(hook.text.utf8), permissions: GitHook.permissions)
        switch current.map({ author(of: $0, .hook, manifest[path]) }) {
        case nil, .np:
            try prepare(.hook, path, current, text, after: former, manifest, &plan)
            return isAside ? [path, aside] : [path]
        case .npAndSomebody:
            throw OperationError(
                .setup,
                "\(path) was changed since np init made it and is left as it is",
                hint: "what you have added can be a hook of its own, \(aside), which np's runs first: "
                    + "move it there, and remove \(path)"
            )
        case .somebody:
            guard !isAside else {
                throw OperationError(
                    .setup,
                    "both \(path) and \(aside) are there, and neither is np's: remove one of them"
                )
            }
            guard let current, GitHook.canBePutAside(current.bytes) else {
                plan.notes.append(
                    "\(path) asks for its own name, so it is left as it is; the daemon watches the repository without it"
                )
                return []
            }
            try prepare(.hook, path, current, text, aside: aside, after: former, manifest, &plan)
            return [path, aside]
        }
    }

    func planSettings(of agent: Agent, _ manifest: SetupManifest, _ plan: inout SetupPlan) {
        let file = agent.settingsFile(surroundings)
        let hooks = hooks(of: agent)
        let part = SetupPart(agent)
        attempt(part, &plan) { plan throws(OperationError) in
            let path = try files.target(of: file)
            let current = try files.read(path)
            do throws(OperationError) {
                var settings = try AgentSettings(current?.bytes ?? [], of: path)
                for hooks in allHooks(of: agent) { try settings.add(hooks) }
                let contents = FileContents(bytes: settings.bytes, permissions: current?.permissions ?? 0o600)
                try prepare(part, path, current, contents, manifest, &plan)
                if agent == .claude, wakesAgents, !canBeWoken {
                    let least = "that takes version \(AskedEvent.waking.since) or later"
                    plan.notes.append(
                        versions[.claude]?.version == nil
                            ? "np adds no hook by which \(agent.title) is woken: \(least), and its version is not known"
                            : "\(agent.title) is not woken: \(least)"
                    )
                }
                plan.notes += unknownVersion(of: agent).map { ["\(agent.title): \($0)"] } ?? []
                plan.notes += disabling(agent, in: plan.repository).map { file in
                    "\(file) says \"disableAllHooks\": true, so \(agent.title) runs no hooks until that goes"
                }
            } catch {
                plan.refusals.append(SetupRefusal(part: part, reason: error.description, byHand: hooks.byHand))
            }
        }
    }

    private func planService(_ manifest: SetupManifest, _ plan: inout SetupPlan) {
        let service = service
        attempt(.login, &plan) { plan throws(OperationError) in
            let path = try files.target(of: service.path)
            let current = try files.read(path)
            if let current, author(of: current, .login, manifest[path]) != .np {
                throw OperationError(
                    .setup,
                    "\(path) is there and not what np init made here",
                    hint: "remove it to let np init make it"
                )
            }
            let contents = FileContents(bytes: Array(service.text.utf8), permissions: 0o644)
            try prepare(.login, path, current, contents, manifest, &plan)
        }
    }

    /// Plans one part; what cannot be done is noted, and the others go on.
    private func attempt(
        _ part: SetupPart,
        _ plan: inout SetupPlan,
        _ body: (inout SetupPlan) throws(OperationError) -> Void
    ) {
        do throws(OperationError) {
            try body(&plan)
        } catch {
            plan.refusals.append(SetupRefusal(part: part, reason: error.description))
        }
    }

    /// Puts a file into the plan, with what is to be remembered of it.
    ///
    /// - Parameters:
    ///   - aside: Where the file that is there now is put aside; what comes into its place is a new one.
    ///   - former: The record of another file whose place this one takes.
    private func prepare(
        _ part: SetupPart,
        _ path: String,
        _ current: FileContents?,
        _ wanted: FileContents,
        aside: String? = nil,
        after former: SetupRecord? = nil,
        _ manifest: SetupManifest,
        _ plan: inout SetupPlan
    ) throws(OperationError) {
        let replaced = aside == nil ? current : nil
        if let replaced, replaced != wanted { try files.checkHasOneName(path) }
        var record: SetupRecord
        if let known = manifest[path] {
            record = known
            // Somebody has changed it since: what it was is what it is now, without what is ours.
            if replaced != known.installed, replaced != known.original {
                record.original = nil
                if let replaced { record.original = try withoutOurs(replaced, known) }
            }
        } else {
            var original = replaced
            if let replaced, try holdsOurs(part, replaced, at: path) {
                original = try without(ours: part, in: replaced, like: replaced, at: path)
            }
            let directories = files.missingDirectories(above: path)
            record = SetupRecord(
                part: part,
                path: path,
                repositories: [],
                directories: directories,
                original: original,
                installed: wanted
            )
            if part == .login {
                record.directories = service.directories.filter { !files.exists($0) } + directories
            }
        }
        record.directories += (former?.directories ?? []).filter { !record.directories.contains($0) }
        for repository in (former?.repositories ?? []) + [plan.repository]
        where !record.repositories.contains(repository) {
            record.repositories.append(repository)
        }
        record.installed = wanted
        plan.records.append(record)
        if current != wanted {
            plan.changes.append(
                FileChange(part: part, path: path, before: current, after: wanted, aside: aside)
            )
        }
    }
}

extension AgentHooks {
    /// What a person has to add who does it by hand, in lines.
    fileprivate var byHand: [String] {
        let lists = events.map { #"    "\#($0.name)": [\#(entry(for: $0))]"# }
        return ["\"hooks\": {"] + lists.dropLast().map { $0 + "," } + lists.suffix(1) + ["}"]
    }
}
