// What has happened between two looks at a repository. Only what has changed is looked into, so a look at a repository in
// which nothing has happened costs nothing more.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageTasks

/// Goes from the state as it was to the one that git shows now, and says what happened on the way.
struct RepositoryComparison {
    private let repository: GitRepository
    private let view: RepositoryView
    private let old: RepositoryState
    /// The state as it is now, with what is to be said in `pending` and `ended`.
    private(set) var new: RepositoryState

    init(of repository: GitRepository, from state: RepositoryState, to view: RepositoryView) {
        self.repository = repository
        self.view = view
        old = state
        new = state
    }

    /// Compares everything.
    mutating func run() async throws(OperationError) {
        guard let main = view.main else { return }
        let commit = try await newCommit(of: main)
        if let previous = old.commit, previous != commit {
            new.pending.append(
                .mainUpdated(repo: repository.path, branch: main.name, previous: previous, commit: commit)
            )
        }
        new.branch = main.name
        new.local = main.local
        new.remote = main.remote
        new.commit = commit

        let known = Set((view.worktrees.map(\.worktree) + view.away).filter { old.memory(of: $0) != nil }.map(\.name))
        for (name, worktree) in old.worktrees.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            let merge = try await mergeOfRemoved(worktree, into: commit, of: main)
            new.ended.append(TaskEnding(worktree: name, made: worktree.made, merge: merge))
        }
        new.worktrees = old.worktrees.filter { name, _ in known.contains(name) && view.away.contains { $0.name == name }
        }
        for worktree in view.worktrees {
            new.worktrees[worktree.worktree.name] = try await compare(worktree, with: commit, of: main)
        }
        new.left = [:]
        for (task, branch, tip) in view.left {
            let last = old.worktrees[""].flatMap { $0.branch == branch ? $0 : nil }
            let seen = tip == nil ? nil : RepositoryState.Worktree(branch: branch)
            // A task that has its name from elsewhere may never have had a branch.
            guard let known = old.left[branch] ?? last ?? seen else { continue }
            new.left[branch] = try await compare(known, of: task, at: tip, with: commit, of: main)
        }
    }

    // MARK: - Main

    /// Where main is, of the two places where it may be: the one that moved ahead, or stayed ahead.
    private func newCommit(of main: MainBranch) async throws(OperationError) -> String {
        guard let here = main.local, let there = main.remote else { return main.local ?? main.remote ?? "" }
        let isKnown = old.branch == main.name
        if isKnown, let last = old.remote, there != last {
            // A remote that was forced to something else is not the one that we are ahead of.
            guard try await repository.contains(there, last) else { return there }
        } else if isKnown, old.remote != nil, here == old.local, let commit = old.commit {
            return commit
        }
        return try await repository.contains(here, there) ? here : there
    }

    // MARK: - Worktrees

    private mutating func compare(
        _ now: RepositoryView.Worktree,
        with commit: String,
        of main: MainBranch
    ) async throws(OperationError) -> RepositoryState.Worktree {
        let before = old.memory(of: now.worktree)
        var after = before ?? RepositoryState.Worktree()
        after.made = now.worktree.made
        after.named = now.running ?? before?.named
        let task = now.task
        guard let branch = now.branch, let tip = now.tip else {
            // No branch, perhaps only for the moment between two steps of git: what is known of the last one still holds.
            after.conflict = nil
            return after
        }
        after.branch = branch
        after.tip = tip
        if branch == main.name {
            (after.isAhead, after.isMerged, after.conflict) = (false, false, nil)
            return after
        }
        after.conflict = await conflict(in: now.worktree, of: task, toldOf: before?.conflict)

        let isSameBranch = before?.branch == branch
        if isSameBranch, before?.tip == tip, before?.main == commit { return after }
        after.main = commit
        let isBehind = try await !repository.contains(tip, commit)
        after.isAhead = try await !repository.contains(commit, tip)
        after.isMerged = try await isMerged(after, before: isSameBranch ? before : nil, into: commit)
        if after.isMerged, before?.isMerged != true || !isSameBranch {
            let name = now.worktree.name
            let merge = try await repository.merge(of: tip, into: commit)
            new.ended.append(
                TaskEnding(worktree: name, made: after.made, task: name.isEmpty ? task : nil, merge: merge)
            )
        }
        if isSameBranch, let before, let task, let previous = before.tip, previous != tip,
            try await hasCaughtUp(from: before, to: tip, main: commit, isBehind: isBehind)
        {
            new.pending.append(.rebaseCompleted(task, previous: previous, new: tip))
            after.required = nil
        }
        if !isBehind { after.required = nil }
        if isBehind, !after.isMerged, after.required != commit, let task {
            let (count, latest) = try await repository.missing(in: tip, of: commit)
            new.pending.append(.rebaseRequired(task, commitsBehind: count, newCommits: latest))
            after.required = commit
        }
        return after
    }

    /// What is known of a task's branch that was left; `nil` if the task is over.
    private mutating func compare(
        _ known: RepositoryState.Worktree,
        of task: TaskID,
        at tip: String?,
        with commit: String,
        of main: MainBranch
    ) async throws(OperationError) -> RepositoryState.Worktree? {
        if let tip, tip == known.tip, known.main == commit { return known }
        let merge = try await mergeOfRemoved(known, into: commit, of: main)
        guard let tip, merge == nil else {
            new.ended.append(TaskEnding(worktree: "", task: task, merge: merge))
            return nil
        }
        let isAhead = try await !repository.contains(commit, tip)
        return RepositoryState.Worktree(branch: known.branch, tip: tip, main: commit, isAhead: isAhead)
    }

    /// Whether a branch has caught up since it was last seen: with the main that its task was told to rebase onto, or,
    /// if all happened at once, with one that it lacked. Main that was moved to the branch doesn't count.
    private func hasCaughtUp(
        from before: RepositoryState.Worktree,
        to tip: String,
        main commit: String,
        isBehind: Bool
    ) async throws(OperationError) -> Bool {
        if let required = before.required {
            if !isBehind { return true }
            return try await repository.contains(tip, required)
        }
        guard !isBehind, tip != commit, let previous = before.tip else { return false }
        guard try await !repository.contains(previous, commit) else { return false }
        return try await !repository.contains(commit, previous)
    }

    /// Whether main has taken a branch in. One that never had a commit of its own has not been.
    private func isMerged(
        _ after: RepositoryState.Worktree,
        before: RepositoryState.Worktree?,
        into commit: String
    ) async throws(OperationError) -> Bool {
        guard !after.isAhead, let tip = after.tip, let branch = after.branch else { return false }
        if let before, before.tip == tip, before.isMerged { return true }
        if let hasMade = BranchHistory(of: branch, in: repository).hasMade(tip) { return hasMade }
        if let before, before.tip == tip { return before.isAhead }
        return try await !repository.isOnFirstParentLine(tip, of: commit)
    }

    /// How a branch came into main whose worktree is gone.
    private func mergeOfRemoved(
        _ worktree: RepositoryState.Worktree,
        into commit: String,
        of main: MainBranch
    ) async throws(OperationError) -> String? {
        guard let branch = worktree.branch, branch != main.name else { return nil }
        // It may have gone on since it was last seen, and its branch may be gone as well.
        if let tip = try await repository.tip(of: branch) ?? worktree.tip, try await repository.contains(commit, tip),
            worktree.tip == tip && (worktree.isAhead || worktree.isMerged)
                || BranchHistory(of: branch, in: repository).hasMade(tip) == true
        {
            return try await repository.merge(of: tip, into: commit)
        }
        return old.local.flatMap { BranchHistory(of: main.name, in: repository).merge(of: branch, after: $0) }
    }

    /// Says that a rebase has stopped, once for each stop.
    ///
    /// - Returns: The stop that has been told of.
    private mutating func conflict(
        in worktree: GitWorktree,
        of task: TaskID?,
        toldOf told: String?
    ) async -> String? {
        guard let rebase = worktree.rebase, let task else { return nil }
        if rebase.step == told { return told }
        // A worktree in which git doesn't work must not keep the others from being told.
        guard let files = try? await worktree.conflicts(), !files.isEmpty else { return nil }
        let details = "rebasing \(worktree.branch ?? "") stopped"
        new.pending.append(.rebaseConflict(task, files: files, details: details))
        return rebase.step
    }
}
