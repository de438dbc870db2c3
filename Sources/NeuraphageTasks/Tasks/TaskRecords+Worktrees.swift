// The end of tasks that an agent's hook began. A hook doesn't know when the task is over: it is when its branch is merged,
// or when its worktree is removed.

package import NeuraphageEvents
package import NeuraphageGit

/// That the tasks of a worktree are over, because nothing will be done there any more.
package struct TaskEnding: Equatable, Sendable {
    /// The worktree, by git's name for it.
    package let worktree: String
    /// Which task, if not every one that began there.
    package var task: TaskID?
    /// The commit by which the branch came into main; `nil` if it or the worktree was removed without that.
    package let merge: String?

    package init(worktree: String, task: TaskID? = nil, merge: String?) {
        self.worktree = worktree
        self.task = task
        self.merge = merge
    }
}

extension TaskRecords {
    /// The names of the worktrees of a repository in which a task has begun and not ended.
    package func openWorktrees(of repository: GitRepository) -> Set<String> {
        Set(openTasks.filter { $0.git == repository.commonDirectory }.map(\.worktree))
    }

    /// Publishes the end of tasks that began in a worktree, if nobody else has told one.
    package func end(_ ending: TaskEnding, of repository: GitRepository, publishingTo bus: EventBus) {
        for open in openTasks where open.git == repository.commonDirectory && open.worktree == ending.worktree {
            guard ending.task == nil || ending.task == open.task else { continue }
            end(open, publishingTo: bus, with: Self.end(of: open.task, ending))
        }
    }

    private static func end(of task: TaskID, _ ending: TaskEnding) -> Event {
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
