// The end of tasks that an agent's hook began. A hook doesn't know when the task is over: it is when its branch is merged,
// or when its worktree is removed.

import NeuraphageEvents

extension TaskRecords {
    /// The names of the worktrees of a repository in which a task has begun and not ended.
    func openWorktrees(of repository: GitRepository) -> Set<String> {
        Set(openTasks.filter { $0.git == repository.commonDirectory }.map(\.worktree))
    }

    /// Publishes the end of the tasks that began in a worktree, if nobody else has told one.
    ///
    /// - Parameters:
    ///   - worktree: The worktree's name.
    ///   - merge: The commit by which its branch came into main; `nil` if the worktree was removed without that.
    func end(in worktree: String, of repository: GitRepository, merge: String?, publishingTo bus: EventBus) {
        for open in openTasks where open.git == repository.commonDirectory && open.worktree == worktree {
            end(open, publishingTo: bus, with: Self.end(of: open.task, merge: merge))
        }
    }

    private static func end(of task: TaskID, merge: String?) -> Event {
        guard let merge else {
            let reason = "its worktree was removed"
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
