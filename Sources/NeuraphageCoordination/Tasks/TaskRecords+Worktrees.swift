// The end of tasks that an agent's hook began. A hook doesn't know when the task is over: it is when its branch is merged,
// or when its worktree is removed.

import NeuraphageEvents

extension TaskRecords {
    /// The names of the worktrees of a repository in which a task has begun and not ended.
    func openWorktrees(of repository: GitRepository) -> Set<String> {
        Set(openTasks.filter { $0.git == repository.commonDirectory }.map(\.worktree))
    }

    /// Publishes the end of tasks that began in a worktree, if nobody else has told one.
    func end(_ ending: RepositoryState.Ending, of repository: GitRepository, publishingTo bus: EventBus) {
        for open in openTasks where open.git == repository.commonDirectory && open.worktree == ending.worktree {
            guard ending.task == nil || ending.task == open.task else { continue }
            end(open, publishingTo: bus, with: Self.end(of: open.task, ending))
        }
    }

    private static func end(of task: TaskID, _ ending: RepositoryState.Ending) -> Event {
        guard let merge = ending.merge else {
            let reason = ending.task == nil ? "its worktree was removed" : "its branch was deleted"
            return Event(.taskCancelled, from: task, payload: ["reason": .string(reason), "inferred": true])
        }
        let summary = "merged as \(merge.prefix(7))"
        return Event(
            .taskCompleted,
            from: task,
            payload: ["summary": .string(summary), "commit": .string(merge), "inferred": true]
        )
    }
}
