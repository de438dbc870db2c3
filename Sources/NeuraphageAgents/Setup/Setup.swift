// Setting up: what is to be changed so that a repository's events come by themselves, and doing it.
//
// Each file's record is written before the file, and each file is replaced in one step. So a process that is killed
// leaves every file whole, and whoever sets up or takes back next knows all that was done.

import NeuraphageEvents
import NeuraphagePresentation
package import NeuraphageSystem
package import NeuraphageTasks
import NeuraphageWatching

/// Sets up repositories of one data directory.
package struct Setup: Sendable {
    let directory: DataDirectory
    let surroundings: Surroundings
    let np: InstalledProgram
    let versions: [Agent: VersionAnswer]
    /// Whether the user wants agents to be woken.
    let wakesAgents: Bool

    /// - Parameters:
    ///   - directory: Where it is remembered what files were before.
    ///   - surroundings: Whose settings are changed.
    ///   - np: What hooks and services are to run.
    ///   - versions: What the agents say of their versions. To take hooks back, they need not be asked.
    ///   - wakesAgents: Whether agents are to be woken.
    package init(
        in directory: DataDirectory,
        surroundings: Surroundings,
        np: InstalledProgram,
        versions: [Agent: VersionAnswer] = [:],
        wakesAgents: Bool = false
    ) {
        self.directory = directory
        self.surroundings = surroundings
        self.np = np
        self.versions = versions
        self.wakesAgents = wakesAgents
    }

    /// How long to wait for another process that sets up.
    private static let patience: UInt64 = 10_000_000_000  // ns

    var files: UserFiles { UserFiles(files: directory.files) }
    var watchList: WatchList { WatchList(in: directory) }
    var hook: GitHook { GitHook(np: np, data: directory.path) }
    var service: LoginService { LoginService(surroundings, np: np) }

    func hooks(of agent: Agent) -> AgentHooks { AgentHooks(agent: agent, version: versions[agent]?.version, np: np) }

    /// The same, and the one by which it is woken.
    func allHooks(of agent: Agent) -> [AgentHooks] {
        guard agent == .claude else { return [hooks(of: agent)] }
        // Where the version is not known, what is there stays.
        if wakesAgents, versions[.claude]?.version == nil { return [hooks(of: agent)] }
        return [hooks(of: agent), AgentHooks(wakingClaude: wakesAgents && canBeWoken, np: np)]
    }

    /// Whether Claude Code is known to run a hook in the background by which it can be woken.
    var canBeWoken: Bool { versions[.claude]?.version.map { $0 >= AskedEvent.waking.since } ?? false }

    /// Does something while nobody else sets up or takes back.
    package func whileAlone<Result>(_ body: () async throws -> Result) async throws -> Result {
        guard let lock = try LockFile.take(directory.setupLock, patience: Self.patience, in: directory.files) else {
            throw OperationError(.setup, "another np init or np uninit is at work and has not ended for 10 s")
        }
        let result = try await body()
        _ = consume lock
        return result
    }

    /// Whether the daemon can be started at each login here.
    package var canStartAtLogin: Bool {
        get async { await LoginService.isPossible(surroundings) }
    }

    // MARK: - Doing

    /// Does what was planned. What fails becomes a refusal, and the rest goes on.
    package func perform(_ plan: SetupPlan) throws -> SetupPlan {
        var done = plan
        done.changes = []
        var manifest = try SetupManifest(in: directory)
        for record in plan.records {
            let change = plan.changes.first { $0.path == record.path }
            let before = manifest[record.path]
            try manifest.set(record)
            guard let change else {
                // What a process that was killed after its last step has left.
                WholeFile.removeDraft(of: record.path, in: directory.files)
                continue
            }
            do throws(OperationError) {
                let (made, kept) = try install(change, record, for: plan.repository, manifest)
                if let made { done.changes.append(made) }
                // The record so far told of an older version, from which uninstalling takes np's entries out all the same.
                if kept != record { try? manifest.set(kept) }
            } catch {
                if let aside = change.aside, !files.exists(change.path) {
                    try? files.move(aside, to: change.path)
                }
                files.removeEmpty(record.directories)
                if let before { try manifest.set(before) } else { try manifest.remove(record.path) }
                done.refusals.append(SetupRefusal(part: change.part, reason: error.description))
            }
        }
        for change in plan.changes where change.after == nil {
            do throws(OperationError) {
                if let made = try undo(change, nil) { done.changes.append(made) }
                try manifest.remove(change.path)
            } catch {
                done.refusals.append(SetupRefusal(part: change.part, reason: error.description))
            }
        }
        try watchList.add(plan.repository)
        return done
    }

    /// Puts a new version in its place. Returns the change that was made in the end, and what is to be remembered of the file.
    private func install(
        _ change: FileChange,
        _ record: SetupRecord,
        for repository: String,
        _ manifest: SetupManifest
    ) throws(OperationError) -> (change: FileChange?, record: SetupRecord) {
        if let aside = change.aside {
            try files.check(change)
            try files.move(change.path, to: aside)
            let new = FileChange(part: change.part, path: change.path, before: nil, after: change.after)
            guard try files.put(new, isPatient: true) else { throw changedMeanwhile(change.path) }
            return (change, record)
        }
        var record = record
        let made = try settle(change) { () throws(OperationError) -> FileChange? in
            guard let agent = change.part.agent else { throw changedMeanwhile(change.path) }
            var next = SetupPlan(repository: repository)
            planSettings(of: agent, manifest, &next)
            if let refusal = next.refusals.first { throw OperationError(.setup, refusal.reason) }
            if let first = next.records.first { record = first }
            return next.changes.first
        }
        return (made, record)
    }

    /// Has the daemon started at each login, and now if none runs.
    package func enableAtLogin(startingNow: Bool) async throws {
        try await service.enable(startingNow: startingNow)
    }
}
