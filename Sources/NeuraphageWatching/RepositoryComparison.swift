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
    /// The orders to rebase that have been followed, and the events that say so.
    private(set) var overtaken: [(task: TaskID, order: EventID, cause: EventID?)] = []
    /// How far from main the branches are that have moved, or from which it has.
    private(set) var distances: [String: BranchDistance] = [:]
    /// Where git may write what a question needs.
    private let scratch: String

    init(of repository: GitRepository, from state: RepositoryState, to view: RepositoryView, scratch: String) {
        self.scratch = scratch
        self.repository = repository
        self.view = view
        old = state
        new = state
    }

    /// Compares everything.
    mutating func run() async throws(OperationError) {
        guard let main = view.main else { return }
        new.remote = try await newRemote(of: main)
        let commit = try await newCommit(of: main, there: new.remote)
        let previous = old.commit.flatMap { $0 == commit ? nil : $0 }
        let compared = try await repository.comparison(
            of: tipsToCompare(with: commit, of: main),
            with: commit,
            since: previous
        )
        distances = compared.distances
        if let previous {
            let checkout = repository.checkout(branch: main.name)
            let update = Event.mainUpdated(checkout, previous: previous, commit: commit, move: compared.move)
            new.pending.append(update)
            new.update = update.id
        }
        new.branch = main.name
        new.local = main.local
        (new.tracked, new.fetched) = (main.tracked, main.fetched)
        new.commit = commit

        let known = Set((view.worktrees.map(\.worktree) + view.away).filter { old.memory(of: $0) != nil }.map(\.name))
        for (name, worktree) in old.worktrees.sorted(by: { $0.key < $1.key }) where !known.contains(name) {
            let taken = try await taking(ofRemoved: worktree, into: commit, of: main)
            new.ended.append(
                TaskEnding(
                    worktree: name,
                    made: worktree.made,
                    merge: taken?.commit,
                    how: taken?.how,
                    branch: worktree.branch
                )
            )
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

    /// Where main is at the remote, of what the user's git and np have fetched. Both may be late: each is asked at another
    /// time than it is written down.
    private func newRemote(of main: MainBranch) async throws(OperationError) -> String? {
        guard let tracked = main.tracked, let fetched = main.fetched, tracked != fetched else {
            return main.tracked ?? main.fetched
        }
        guard old.branch == main.name else {
            return try await repository.contains(tracked, fetched) ? tracked : fetched
        }
        if tracked == old.tracked, fetched == old.fetched, let last = old.remote { return last }
        // A remote that was forced to something else.
        if let last = old.fetched, last != fetched, try await !repository.contains(fetched, last) { return fetched }
        if try await repository.contains(tracked, fetched) { return tracked }
        if fetched != old.fetched { return fetched }
        return try await repository.contains(fetched, tracked) ? fetched : tracked
    }

    /// Where main is, of the two places where it may be: the one that moved ahead, or stayed ahead.
    private func newCommit(of main: MainBranch, there: String?) async throws(OperationError) -> String {
        guard let here = main.local, let there else { return main.local ?? there ?? "" }
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

    /// Where the branches are that have moved since they were compared with main, or from which it has.
    private func tipsToCompare(with commit: String, of main: MainBranch) -> Set<String> {
        let here = view.worktrees.filter { worktree in
            let before = old.memory(of: worktree.worktree)
            return worktree.branch != main.name
                && (before?.branch != worktree.branch || before?.tip != worktree.tip || before?.main != commit)
        }
        let left = view.left.filter { old.left[$0.branch]?.tip != $0.tip || old.left[$0.branch]?.main != commit }
        return Set(here.compactMap(\.tip) + left.compactMap(\.tip))
    }

    /// How far a branch is from main.
    private func distance(of tip: String, from commit: String) async throws(OperationError) -> BranchDistance {
        if let known = distances[tip] { return known }
        return try await repository.distances(of: [tip], from: commit)[tip]
            ?? .none
    }

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
            (after.isAhead, after.isMerged, after.behind, after.conflict) = (false, false, 0, nil)
            return after
        }
        after.conflict = try await conflict(
            in: now.worktree,
            on: branch,
            at: tip,
            main: commit,
            of: task,
            after: before
        )
        after.history = BranchHistory.length(of: branch, in: repository)

        let isSameBranch = before?.branch == branch
        if isSameBranch, before?.tip == tip, before?.main == commit, before?.history == after.history { return after }
        after.main = commit
        let distance = try await distance(of: tip, from: commit)
        let isBehind = distance.behind > 0
        after.behind = distance.behind
        after.isAhead = distance.isAhead
        after.isMerged = try await isMerged(after, before: isSameBranch ? before : nil, into: commit)
        let wasMerged = isSameBranch && before?.isMerged == true
        var taken: Taking?
        if after.isMerged {
            if !wasMerged { taken = Taking(commit: try await repository.merge(of: tip, into: commit)) }
        } else {
            if wasMerged, before?.tip == tip {
                after.isMerged = true
            } else if distance.mayBeTaken == true,
                let found = try await absorption(of: tip, into: commit, since: isSameBranch ? before?.main : nil)
            {
                (after.isMerged, taken) = (true, found)
            }
        }
        if let taken {
            let name = now.worktree.name
            new.ended.append(
                TaskEnding(
                    worktree: name,
                    made: after.made,
                    task: name.isEmpty ? task : nil,
                    merge: taken.commit,
                    how: taken.how,
                    branch: branch
                )
            )
        }
        if isSameBranch, let before, let task, let previous = before.tip {
            let history = BranchHistory(of: branch, in: repository)
            let moves = history.moves(from: previous, at: before.history, to: tip)
            try await noteLost(in: now.worktree, of: task, after: moves ?? [], previous: previous, at: tip, on: branch)
            if previous != tip,
                let rebase = try await completion(from: before, to: tip, by: moves, main: commit, isBehind: isBehind)
            {
                let completed = Event.rebaseCompleted(
                    task,
                    previous: previous,
                    new: tip,
                    rebase,
                    cause: cause(of: before, main: commit),
                    at: repository.checkout(branch: branch, worktree: now.worktree.directory)
                )
                new.pending.append(completed)
                overtake(&after, of: task, by: completed)
            }
        }
        if !isBehind { overtake(&after, of: task, by: nil) }
        return after
    }

    /// Takes back the order that a task was given, because it has done what it asked for.
    private mutating func overtake(_ worktree: inout RepositoryState.Worktree, of task: TaskID?, by cause: Event?) {
        if let order = worktree.order, let task { overtaken.append((task, order, cause?.id)) }
        (worktree.required, worktree.order) = (nil, nil)
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
        let taken = try await taking(ofRemoved: known, into: commit, of: main)
        guard let tip, taken == nil else {
            let ending = TaskEnding(
                worktree: "",
                task: task,
                merge: taken?.commit,
                how: taken?.how,
                branch: known.branch
            )
            new.ended.append(ending)
            return nil
        }
        let isAhead = try await distance(of: tip, from: commit).isAhead
        return RepositoryState.Worktree(branch: known.branch, tip: tip, main: commit, isAhead: isAhead)
    }

    /// What is to be told of a branch that was rebased, or has caught up, since it was last seen; `nil` if it has done
    /// neither. A reset is no rebase: what was on the branch has not been kept.
    private func completion(
        from before: RepositoryState.Worktree,
        to tip: String,
        by moves: [BranchHistory.Move]?,
        main commit: String,
        isBehind: Bool
    ) async throws(OperationError) -> Event.Rebase? {
        guard let previous = before.tip else { return nil }
        let rebases = (moves ?? []).filter { $0.way == .rebase }
        if rebases.isEmpty {
            guard try await hasCaughtUp(from: before, to: tip, main: commit, isBehind: isBehind) else { return nil }
            // Nothing was left out, so that it doesn't matter how: a merge, or a branch that had nothing of its own.
            if try await repository.contains(tip, previous) {
                return moves?.contains { $0.way == .reset } == true ? nil : .merge
            }
            // git doesn't say how, or not by a rebase. What was moved by hand is a rebase if all patches are there.
            guard moves?.contains(where: { $0.way == .reset }) != true else { return nil }
            let (changed, dropped) = try await repository.patches(rebasedFrom: previous, to: tip, on: commit)
            return changed + dropped == 0 ? .patches(changed: 0, dropped: 0) : nil
        }
        var (changed, dropped) = (0, 0)
        for rebase in rebases where rebase.old != rebase.new {
            let patches = try await repository.patches(rebasedFrom: rebase.old, to: rebase.new, on: commit)
            (changed, dropped) = (changed + patches.changed, dropped + patches.dropped)
        }
        return .patches(changed: changed, dropped: dropped)
    }

    /// What a branch that was rebased, or stopped on the way, follows: the order that its task was given, or else the event
    /// that told of a main that it lacked.
    private func cause(of before: RepositoryState.Worktree?, main commit: String) -> EventID? {
        if let order = before?.order { return order }
        let lacked = before.map { $0.behind > 0 || $0.main != commit } ?? true
        return lacked ? new.update : nil
    }

    /// How many commits that were lost are named.
    private static let mostNames = 20

    /// Says which commits resets have taken from a branch, if nothing else has them.
    private mutating func noteLost(
        in worktree: GitWorktree,
        of task: TaskID,
        after moves: [BranchHistory.Move],
        previous: String,
        at tip: String,
        on branch: String
    ) async throws(OperationError) {
        var heads: [String] = []
        for move in moves where move.way == .reset && move.old != tip {
            // `git reset` without --hard leaves the work in the files.
            if try await !worktree.holds(move.old, insteadOf: tip, scratch: scratch + ".index") {
                heads.append(move.old)
            }
        }
        guard !heads.isEmpty else { return }
        let lost = try await repository.lost(from: heads, at: tip)
        guard !lost.isEmpty else { return }
        new.pending.append(
            .workDiscarded(
                task,
                previous: heads.last ?? previous,
                new: tip,
                commits: Array(lost.prefix(Self.mostNames)),
                count: lost.count,
                at: repository.checkout(branch: branch, worktree: worktree.directory)
            )
        )
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

    /// How a branch came into main: by which commit, and how, if not by a merge.
    private struct Taking {
        let commit: String
        var how: String?
    }

    /// How main has the contents of a branch whose commits it doesn't have.
    private func absorption(
        of tip: String,
        into commit: String,
        since last: String? = nil
    ) async throws(OperationError) -> Taking? {
        try await repository.absorption(of: tip, into: commit, since: last, scratch: scratch)
            .map { Taking(commit: $0.commit, how: $0.way.rawValue) }
    }

    /// How a branch came into main whose worktree is gone.
    private func taking(
        ofRemoved worktree: RepositoryState.Worktree,
        into commit: String,
        of main: MainBranch
    ) async throws(OperationError) -> Taking? {
        guard let branch = worktree.branch, branch != main.name else { return nil }
        // It may have gone on since it was last seen, and its branch may be gone as well.
        let tip = try await repository.tip(of: branch) ?? worktree.tip
        if let tip, try await repository.contains(commit, tip),
            worktree.tip == tip && (worktree.isAhead || worktree.isMerged)
                || BranchHistory(of: branch, in: repository).hasMade(tip) == true
        {
            return Taking(commit: try await repository.merge(of: tip, into: commit))
        }
        let merge = old.local.flatMap { BranchHistory(of: main.name, in: repository).merge(of: branch, after: $0) }
        if let merge { return Taking(commit: merge) }
        return if let tip { try await absorption(of: tip, into: commit) } else { nil }
    }

    /// Says that a rebase, or a merge of main, has stopped, once for each stop.
    ///
    /// - Returns: The stop that has been told of.
    private mutating func conflict(
        in worktree: GitWorktree,
        on branch: String,
        at tip: String,
        main commit: String,
        of task: TaskID?,
        after before: RepositoryState.Worktree?
    ) async throws(OperationError) -> String? {
        guard let task else { return nil }
        let told = before?.conflict
        let cause = cause(of: before, main: commit)
        func event(_ files: [String], _ details: String, inMerge isMerge: Bool, onto: String) async -> Event {
            .rebaseConflict(
                task,
                files: files,
                details: details,
                inMerge: isMerge,
                onto: onto,
                touched: await repository.commits(touching: files, from: tip, to: onto),
                cause: cause,
                at: repository.checkout(branch: branch, worktree: worktree.directory)
            )
        }
        if let rebase = worktree.rebase {
            if rebase.step == told { return told }
            guard let files = await files(inConflictIn: worktree) else { return nil }
            let details = "rebasing \(branch) stopped"
            new.pending.append(await event(files, details, inMerge: false, onto: rebase.onto))
            return rebase.step
        }
        guard let merged = worktree.merged else { return nil }
        let stop = "merge \(merged) \(tip)"
        if stop == told { return told }
        guard try await repository.contains(commit, merged), let files = await files(inConflictIn: worktree) else {
            return nil
        }
        let details = "merging \(old.branch ?? "main") into \(branch) stopped"
        new.pending.append(await event(files, details, inMerge: true, onto: merged))
        return stop
    }

    /// The files that are in conflict; `nil` if there are none. A worktree in which git doesn't work must not keep the others
    /// from being told.
    private func files(inConflictIn worktree: GitWorktree) async -> [String]? {
        guard let files = try? await worktree.conflicts(), !files.isEmpty else { return nil }
        return files
    }
}
