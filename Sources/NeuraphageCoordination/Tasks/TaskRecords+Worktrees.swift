// Tasks that an agent's hook began. A hook doesn't know when the task is over: it is when its branch is merged, or when
// its worktree is removed.

import NeuraphageEvents

extension TaskRecords {
    /// The names of the worktrees of a repository in which a task has begun and not ended.
    func openWorktrees(of repository: GitRepository) -> Set<String> {
        Set(openPaths.compactMap { Self.worktree(noted: OpenRecord.note(at: $0), of: repository) })
    }

    /// Publishes the end of the tasks that began in a worktree, if nobody else has told one.
    ///
    /// - Parameters:
    ///   - worktree: The worktree's name.
    ///   - merge: The commit by which its branch came into main; `nil` if the worktree was removed without that.
    func end(in worktree: String, of repository: GitRepository, merge: String?, publishingTo bus: EventBus) {
        for path in openPaths {
            guard Self.worktree(noted: OpenRecord.note(at: path), of: repository) == worktree,
                case .free(let record) = OpenRecord.take(path)
            else { continue }
            record.settle(publishingTo: bus, unless: Self.isEnd) { note in
                guard let merge else {
                    let reason = "its worktree was removed"
                    return Event(
                        .taskCancelled,
                        from: note.begin.source,
                        payload: ["reason": .string(reason), "inferred": true]
                    )
                }
                return Event(
                    .taskCompleted,
                    from: note.begin.source,
                    payload: [
                        "summary": .string("merged as \(merge.prefix(7))"), "commit": .string(merge), "inferred": true,
                    ]
                )
            }
        }
    }

    private var openPaths: [String] { OpenRecord.paths(in: path, prefix: Self.openPrefix) }

    private static func worktree(noted note: OpenNote?, of repository: GitRepository) -> String? {
        guard let note, note.about["git"]?.text == repository.commonDirectory else { return nil }
        return note.about["worktree"]?.text
    }
}
