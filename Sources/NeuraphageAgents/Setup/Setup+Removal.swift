// Taking back: a file that is as it was left becomes what it was, byte for byte. From one that somebody has changed
// since, only what is ours is taken out.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

extension Setup {
    // MARK: - Planning

    /// Whether anything was set up for a repository, which need not be there any more.
    package func knows(_ path: String) throws -> Bool {
        let records = try SetupManifest(in: directory).records
        return try records.contains { $0.repositories.contains(path) } || watchList.paths.contains(path)
    }

    /// The path under which a repository was set up, if it has been renamed or moved since.
    package func formerPath(of places: RepositoryPlaces) throws -> String? {
        guard let id = places.id(in: directory) else { return nil }
        let names = PlaceNames(in: directory).named.filter { $0.place.repository == id }
        let paths = names.flatMap { [$0.directory, $0.commonDirectory] }
        return try paths.first { try $0 != places.path && knows($0) }
    }

    /// What is to be taken back for a repository.
    ///
    /// - Parameters:
    ///   - path: The main worktree, or the bare repository. It need not exist any more.
    ///   - places: The repository, if it still exists.
    package func planRemoval(of path: String, _ places: RepositoryPlaces?) throws -> SetupPlan {
        let manifest = try SetupManifest(in: directory)
        var plan = SetupPlan(repository: path)
        plan.identity = places.map { RepositoryID.path(in: $0.commonDirectory) }
        let watched = try watchList.paths
        plan.changesWatchList = watched.contains(path)
        plan.isLast = !watched.contains { $0 != path }
        for var record in manifest.records where record.repositories.contains(path) {
            record.repositories.removeAll { $0 == path }
            // What belongs to the person serves every repository that is watched, however that came to be.
            if record.part.isPersonal {
                record.repositories += watched.filter { $0 != path && !record.repositories.contains($0) }
            }
            if !record.repositories.isEmpty {
                let others = record.repositories.map { other in
                    let command = "np uninit \(ShellWord.quoted(other))"
                    return files.isDirectory(other) ? other : "\(other), which is gone: say \(command)"
                }
                plan.notes.append("\(record.path) stays, for \(others.joined(separator: "; for "))")
                plan.records.append(record)
                continue
            }
            // Of what is refused the record stays as it is: the next time it is refused again, or can be taken back.
            plan.attemptRemoval(record.part) { plan throws(OperationError) in
                try planRemoval(of: record, &plan)
                plan.records.append(record)
            }
        }
        planForgotten(places, manifest, &plan)
        return plan
    }

    private func planRemoval(of record: SetupRecord, _ plan: inout SetupPlan) throws(OperationError) {
        let current = try files.read(record.path)
        var aside: String?
        if record.part == .hook, files.exists(record.path + GitHook.aside) { aside = record.path + GitHook.aside }
        if let current, record.part.isWholeFile { try checkAuthor(of: current, record, aside) }

        var after = record.original
        if let current {
            if current.bytes == record.installed.bytes {
                if current.permissions != record.installed.permissions { after?.permissions = current.permissions }
            } else if current == record.original {
                after = current
            } else {
                after = try withoutOurs(current, record)
            }
        } else {
            after = nil  // somebody has removed it
        }
        guard after != current || aside != nil else { return }
        if after != nil { try files.checkHasOneName(record.path) }
        plan.changes.append(
            FileChange(part: record.part, path: record.path, before: current, after: after, back: aside)
        )
    }

    /// - Throws: ``OperationError`` if a file that np made as a whole cannot be taken back, because of what others made of it.
    private func checkAuthor(
        of current: FileContents,
        _ record: SetupRecord,
        _ aside: String?
    ) throws(OperationError) {
        switch author(of: current, record.part, record) {
        case .np: break
        case .npAndSomebody: throw Self.edited(record.path)
        case .somebody:
            guard let aside else { break }
            throw OperationError(
                .setup,
                "\(record.path) is another hook by now and stays",
                hint: "the one before np's is \(aside): remove one of them"
            )
        }
    }

    static func edited(_ path: String) -> OperationError {
        OperationError(
            .setup,
            "\(path) was changed since and stays",
            hint: "take out what is np's by hand, or remove it"
        )
    }

    /// Plans what no record tells of, because the data directory was lost: what is ours is recognised, and taken out.
    private func planForgotten(_ places: RepositoryPlaces?, _ manifest: SetupManifest, _ plan: inout SetupPlan) {
        var candidates = (places?.hookDirectories ?? []).flatMap { place in
            (GitHook.names + [GitHook.formerName]).map { (SetupPart.hook, "\(place.directory)/\($0)") }
        }
        if plan.isLast {
            candidates += Agent.allCases.map { ($0 == .claude ? .claude : .codex, $0.settingsFile(surroundings)) }
            candidates.append((.login, service.path))
        }
        for (part, file) in candidates {
            do throws(OperationError) {
                guard let (path, current) = try forgotten(part, file, manifest) else { continue }
                plan.attemptRemoval(part) { plan throws(OperationError) in
                    if part.isWholeFile, author(of: current, part, nil) != .np { throw Self.edited(path) }
                    let after = try without(ours: part, in: current, like: current, at: path)
                    if after != nil { try files.checkHasOneName(path) }
                    let aside = part == .hook && files.exists(path + GitHook.aside) ? path + GitHook.aside : nil
                    plan.changes.append(FileChange(part: part, path: path, before: current, after: after, back: aside))
                }
            } catch {
                // Nothing tells that there is anything of ours in it.
                plan.notes.append(error.description)
            }
        }
    }

    /// A file, if it holds something of ours that no record tells of.
    private func forgotten(
        _ part: SetupPart,
        _ file: String,
        _ manifest: SetupManifest
    ) throws(OperationError) -> (path: String, contents: FileContents)? {
        let path = try place(of: part, file)
        guard manifest[path] == nil, let contents = try files.read(path),
            try holdsOurs(part, contents, at: path)
        else { return nil }
        return (path, contents)
    }

    /// The file that records tell of. A link that is somebody's hook is their hook; one to settings leads to them.
    func place(of part: SetupPart, _ file: String) throws(OperationError) -> String {
        part == .hook ? file : try files.target(of: file)
    }

    // MARK: - Doing

    /// Takes back what was planned. What fails becomes a refusal, and the rest goes on.
    package func performRemoval(_ plan: SetupPlan) async throws -> SetupPlan {
        var done = plan
        done.changes = []
        var manifest = try SetupManifest(in: directory)
        let isServed =
            plan.records.contains { $0.part == .login && $0.repositories.isEmpty }
            || plan.changes.contains { $0.part == .login } || plan.refusals.contains { $0.part == .login }
        if isServed {
            do throws(OperationError) {
                try await service.disable()
            } catch {
                done.notes.append("the service manager did not end the daemon's service: \(error)")
            }
        }
        var kept: Set<String> = []
        for change in plan.changes {
            kept.insert(change.path)
            done.attemptRemoval(change.part) { done throws(OperationError) in
                let record = plan.records.first { $0.path == change.path && $0.repositories.isEmpty }
                if let made = try undo(change, record) { done.changes.append(made) }
                kept.remove(change.path)
            }
        }
        if isServed { await service.forget() }
        for record in plan.records {
            if !record.repositories.isEmpty {
                try manifest.set(record)
            } else if !kept.contains(record.path) {
                WholeFile.removeDraft(of: record.path, in: directory.files)
                files.removeEmpty(record.directories)
                try manifest.remove(record.path)
            }
        }
        try watchList.remove(plan.repository)
        // The names stay with what was recorded, and with them the id, should np come back.
        if let path = plan.identity { try? directory.files.remove(path) }
        return done
    }

    /// Takes a change back. Returns what was changed in the end; `nil` if there was nothing to do any more.
    func undo(_ change: FileChange, _ record: SetupRecord?) throws(OperationError) -> FileChange? {
        if let back = change.back {
            try files.check(change)
            // In one step: there is no moment without the hook that was there before.
            try files.move(back, over: change.path)
            return change
        }
        return try settle(change) { () throws(OperationError) -> FileChange? in
            guard change.part.agent != nil else { throw changedMeanwhile(change.path) }
            if let record {
                var next = SetupPlan(repository: "")
                try planRemoval(of: record, &next)
                return next.changes.first
            }
            guard let current = try files.read(change.path) else { return nil }
            let after = try without(ours: change.part, in: current, like: current, at: change.path)
            guard after != current else { return nil }
            return FileChange(part: change.part, path: change.path, before: current, after: after)
        }
    }
}

extension SetupPlan {
    /// Does something about one part; if it fails, that is noted, and the others go on.
    mutating func attemptRemoval(
        _ part: SetupPart,
        _ body: (inout SetupPlan) throws(OperationError) -> Void
    ) {
        do throws(OperationError) {
            try body(&self)
        } catch {
            refusals.append(SetupRefusal(part: part, reason: error.description))
        }
    }
}
