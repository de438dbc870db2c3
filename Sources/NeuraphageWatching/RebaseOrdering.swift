// Which tasks are told to rebase. A task that has begun and is behind main is told so once, and not again before it has read
// that: what it reads then says how far it is behind by then. What it was told and has done meanwhile is overtaken.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks

/// Adds to what is to be said of a repository who must rebase, and who needs not any more.
struct RebaseOrdering {
    private let repository: GitRepository
    private let directory: DataDirectory
    private let logPath: String?

    /// - Parameter logPath: The log; without one there are no messages.
    init(of repository: GitRepository, in directory: DataDirectory, logPath: String?) {
        self.repository = repository
        self.directory = directory
        self.logPath = logPath
    }

    /// Costs nothing unless a task is behind that does not know where main is. Otherwise a look into the index of
    /// notifications, and for tasks of which there is no record a pass over the last 16 MiB of the log.
    func run(on state: inout RepositoryState, _ view: RepositoryView, _ comparison: RepositoryComparison) async throws {
        guard let logPath, let main = state.commit else { return }
        try overtake(comparison.overtaken, in: &state, logPath)
        let behind = view.worktrees.compactMap { now -> (worktree: GitWorktree, task: TaskID)? in
            let name = now.worktree.name
            guard let task = now.task, let known = state.worktrees[name], known.behind > 0, !known.isMerged,
                known.required != main
            else { return nil }
            return (now.worktree, task)
        }
        guard !behind.isEmpty else { return }
        let begun = try BegunTasks.among(Set(behind.map(\.task)), in: directory, logPath: logPath)
        let told = behind.compactMap { worktree, task in state.worktrees[worktree.name]?.order.map { (task, $0) } }
        let orders = Dictionary(told) { _, latest in latest }
        let fates = try RebaseNotice.fates(of: orders, logPath: logPath, in: directory)
        var distances = comparison.distances
        for (worktree, task) in behind where begun.contains(task) {
            let name = worktree.name
            guard RebaseNotice.isDue(after: fates[task], main: main) else {
                if case .read = fates[task] { state.worktrees[name]?.required = main }
                continue
            }
            guard let tip = state.worktrees[name]?.tip else { continue }
            if distances[tip] == nil {
                distances.merge(try await repository.distances(of: [tip], from: main)) { _, new in new }
            }
            guard let distance = distances[tip] else { continue }
            let order = Event.rebaseRequired(
                task,
                commitsBehind: distance.behind,
                newCommits: distance.latest,
                onto: state.branch.map { ($0, main) },
                cause: state.update,
                at: repository.checkout(branch: state.worktrees[name]?.branch, worktree: worktree.directory)
            )
            state.pending.append(order)
            state.worktrees[name]?.required = main
            state.worktrees[name]?.order = order.id
        }
    }

    /// Says of orders that have been followed before they were read that they are overtaken.
    private func overtake(
        _ orders: [(task: TaskID, order: EventID, cause: EventID?)],
        in state: inout RepositoryState,
        _ logPath: String
    ) throws {
        guard !orders.isEmpty else { return }
        let sought = Dictionary(orders.map { ($0.task, $0.order) }) { _, latest in latest }
        let fates = try RebaseNotice.fates(of: sought, logPath: logPath, in: directory)
        let pending = Handovers(in: directory).pending.flatMap(\.notifications)
        for (task, order, cause) in orders where fates[task] == .unread && !pending.contains(order) {
            state.pending += Lapse.events(.superseded, of: [order], in: task, by: cause)
        }
    }
}
