// Setting up: what is to be changed so that a repository's events come by themselves, and doing it.
//
// Each file's record is written before the file, and each file is replaced in one step. So a process that is killed
// leaves every file whole, and whoever sets up or takes back next knows all that was done.

import NeuraphageEvents

/// Sets up repositories of one data directory.
package struct Setup: Sendable {
    let dataDirectory: String
    let surroundings: Surroundings
    let np: InstalledProgram

    /// - Parameters:
    ///   - dataDirectory: Where it is remembered what files were before.
    ///   - surroundings: Whose settings are changed.
    ///   - np: What hooks and services are to run.
    package init(dataDirectory: String, surroundings: Surroundings, np: InstalledProgram) {
        self.dataDirectory = dataDirectory
        self.surroundings = surroundings
        self.np = np
    }

    var watchList: WatchList { WatchList(dataDirectory: dataDirectory) }
    var hook: GitHook { GitHook(np: np) }
    var service: LoginService { LoginService(surroundings, np: np) }

    func hooks(of agent: Agent) -> AgentHooks { AgentHooks(agent: agent, np: np) }

    /// Does something while nobody else sets up or takes back.
    package func whileAlone<Result>(_ body: () throws -> Result) throws -> Result {
        try RealFileSystem().makeDirectories(dataDirectory)
        let path = dataDirectory + "/setup.lock"
        let deadline = MonotonicClock.now + 10_000_000_000
        guard let lock = try LockFile(path: path, isShared: false, until: deadline) else {
            throw SetupError("another np init or np uninit is at work and has not ended for 10 s")
        }
        let result = try body()
        _ = consume lock
        return result
    }

    /// Whether the daemon can be started at each login here.
    package var canStartAtLogin: Bool { LoginService.isPossible(surroundings) }

    // MARK: - Planning

    /// What is to be done for a repository.
    ///
    /// - Parameter atLogin: Whether the daemon is to be started at each login.
    package func plan(for repository: RepositoryPlaces, atLogin: Bool) throws -> SetupPlan {
        let manifest = try SetupManifest(dataDirectory: dataDirectory)
        var plan = SetupPlan(repository: repository.path)
        plan.changesWatchList = !(try watchList.paths.contains(repository.path))
        planHooks(repository, manifest, &plan)
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

    private func planHooks(_ repository: RepositoryPlaces, _ manifest: SetupManifest, _ plan: inout SetupPlan) {
        var exclusions: [String] = []
        for (directory, worktree) in repository.hookDirectories {
            if FileOnDisk.exists(directory), !FileOnDisk.isDirectory(directory) {
                plan.notes.append(
                    "git runs no hooks here, because core.hooksPath is \(directory), which is no directory; the daemon "
                        + "watches the repository without one"
                )
                continue
            }
            let path = directory + "/" + GitHook.name
            attempt(.hook, &plan) { plan throws(SetupError) in
                if let worktree, RepositoryPlaces.isTracked(path, in: worktree) {
                    plan.notes.append(
                        "\(path) belongs to the repository and is left as it is; the daemon watches the repository "
                            + "without it"
                    )
                    return
                }
                var current = try FileOnDisk.read(path)
                let aside = path + GitHook.aside
                let isForeign = current.map { !hook.isOurs($0.bytes) } ?? false
                guard !isForeign || !FileOnDisk.exists(aside) else {
                    throw SetupError("both \(path) and \(aside) are there, and neither is np's: remove one of them")
                }
                let text = FileContents(bytes: Array(hook.text.utf8), permissions: GitHook.permissions)
                let foreign = isForeign ? current : nil
                if isForeign { current = nil }
                prepare(.hook, path, current, text, manifest, &plan)
                if isForeign, let index = plan.changes.lastIndex(where: { $0.path == path }) {
                    plan.changes[index] = FileChange(
                        part: .hook,
                        path: path,
                        before: foreign,
                        after: text,
                        aside: aside
                    )
                }
                guard let worktree else { return }
                let names = isForeign || FileOnDisk.exists(aside) ? [path, aside] : [path]
                for name in names where !RepositoryPlaces.isIgnored(name, in: worktree) {
                    exclusions.append(ExcludeLines.line(for: String(name.dropFirst(worktree.utf8.count + 1))))
                }
            }
        }
        guard !exclusions.isEmpty || manifest[repository.excludeFile] != nil else { return }
        attempt(.exclude, &plan) { plan throws(SetupError) in
            let path = try FileOnDisk.target(of: repository.excludeFile)
            let current = try FileOnDisk.read(path)
            let contents = FileContents(
                bytes: ExcludeLines.adding(exclusions, to: current?.bytes ?? []),
                permissions: current?.permissions ?? 0o644
            )
            prepare(.exclude, path, current, contents, manifest, &plan)
        }
    }

    private func planSettings(of agent: Agent, _ manifest: SetupManifest, _ plan: inout SetupPlan) {
        let file = agent.settingsFile(surroundings)
        let hooks = hooks(of: agent)
        let part: SetupPart = agent == .claude ? .claude : .codex
        attempt(part, &plan) { plan throws(SetupError) in
            let path = try FileOnDisk.target(of: file)
            let current = try FileOnDisk.read(path)
            var settings = AgentSettings(current?.bytes ?? [])
            do throws(SetupError) {
                try settings.add(hooks)
            } catch {
                throw SetupError("\(path) is left as it is: \(error). \(hooks.byHand)")
            }
            if settings.disablesHooks {
                plan.notes.append(
                    "\(path) says \"disableAllHooks\": true, so \(agent.title) runs no hooks until that goes"
                )
            }
            let contents = FileContents(bytes: settings.bytes, permissions: current?.permissions ?? 0o600)
            prepare(part, path, current, contents, manifest, &plan)
        }
    }

    private func planService(_ manifest: SetupManifest, _ plan: inout SetupPlan) {
        let service = service
        attempt(.login, &plan) { plan throws(SetupError) in
            let path = try FileOnDisk.target(of: service.path)
            let current = try FileOnDisk.read(path)
            if let current, !service.isOurs(current.bytes) {
                throw SetupError("\(path) is there and not what np init made here; remove it to let np init make it")
            }
            let contents = FileContents(bytes: Array(service.text.utf8), permissions: 0o644)
            prepare(.login, path, current, contents, manifest, &plan)
        }
    }

    /// Plans one part; what cannot be done is noted, and the others go on.
    private func attempt(
        _ part: SetupPart,
        _ plan: inout SetupPlan,
        _ body: (inout SetupPlan) throws(SetupError) -> Void
    ) {
        do throws(SetupError) {
            try body(&plan)
        } catch {
            plan.refusals.append(SetupRefusal(part: part, reason: error.description))
        }
    }

    /// Puts a file into the plan, with what is to be remembered of it.
    private func prepare(
        _ part: SetupPart,
        _ path: String,
        _ current: FileContents?,
        _ wanted: FileContents,
        _ manifest: SetupManifest,
        _ plan: inout SetupPlan
    ) {
        var record: SetupRecord
        if let known = manifest[path] {
            record = known
            // Somebody has changed it since: what it was is what it is now, without what is ours.
            if current != known.installed, current != known.original {
                record.original = current.flatMap { withoutOurs($0, known) }
            }
        } else {
            let directories = FileOnDisk.missingDirectories(above: path)
            record = SetupRecord(
                part: part,
                path: path,
                repositories: [],
                directories: directories,
                original: current.flatMap { holdsOurs(part, $0) ? without(ours: part, in: $0, like: $0) : $0 },
                installed: wanted
            )
            if part == .login {
                record.directories = service.directories.filter { !FileOnDisk.exists($0) } + directories
            }
        }
        if !record.repositories.contains(plan.repository) { record.repositories.append(plan.repository) }
        record.installed = wanted
        plan.records.append(record)
        if current != wanted {
            plan.changes.append(FileChange(part: part, path: path, before: current, after: wanted))
        }
    }

    // MARK: - Doing

    /// Does what was planned. What fails becomes a refusal, and the rest goes on.
    package func perform(_ plan: SetupPlan) throws -> SetupPlan {
        var done = plan
        done.changes = []
        var manifest = try SetupManifest(dataDirectory: dataDirectory)
        for record in plan.records {
            let change = plan.changes.first { $0.path == record.path }
            let before = manifest[record.path]
            try manifest.set(record)
            guard let change, let contents = change.after else { continue }
            do throws(SetupError) {
                try FileOnDisk.check(change)
                if let aside = change.aside { try FileOnDisk.move(change.path, to: aside) }
                try FileOnDisk.replace(change.path, with: contents)
                done.changes.append(change)
            } catch {
                if let aside = change.aside, !FileOnDisk.exists(change.path) {
                    try? FileOnDisk.move(aside, to: change.path)
                }
                FileOnDisk.removeEmpty(record.directories)
                if let before { try manifest.set(before) } else { try manifest.remove(record.path) }
                done.refusals.append(SetupRefusal(part: change.part, reason: error.description))
            }
        }
        try watchList.add(plan.repository)
        return done
    }

    /// Has the daemon started at each login, and now if none runs.
    package func enableAtLogin(startingNow: Bool) throws {
        try service.enable(startingNow: startingNow)
    }
}

extension AgentHooks {
    /// What a person has to add who does it by hand.
    fileprivate var byHand: String {
        let lists = events.map { #""\#($0.name)": [\#(entry(matcher: $0.matcher))]"# }
        return "To add the hooks by hand: \"hooks\": {\(lists.joined(separator: ", "))}"
    }
}
