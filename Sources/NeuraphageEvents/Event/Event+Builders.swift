// Events that several producers publish: one payload for each kind, whichever producer makes it.

extension Event {
    /// The main branch moved.
    package static func mainUpdated(repo: String, branch: String, previous: String?, commit: String) -> Event {
        Event(
            .mainUpdated,
            payload: [
                "repo": .string(repo), "branch": .string(branch),
                "previous": .string(orNull: previous), "commit": .string(commit),
            ]
        )
    }

    /// A task's branch is behind the main branch.
    package static func rebaseRequired(_ task: TaskID, commitsBehind: Int, newCommits: [String]) -> Event {
        Event(
            .rebaseRequired,
            to: task,
            payload: [
                "commits_behind": .integer(commitsBehind), "new_commits": .array(newCommits.map { .string($0) }),
            ]
        )
    }

    /// A task's branch has caught up with the main branch.
    package static func rebaseCompleted(_ task: TaskID, previous: String, new: String) -> Event {
        Event(.rebaseCompleted, from: task, payload: ["previous": .string(previous), "new": .string(new)])
    }

    /// Rebasing a task's branch stopped on a conflict in these files.
    package static func rebaseConflict(_ task: TaskID, files: [String], details: String) -> Event {
        Event(
            .rebaseConflict,
            from: task,
            payload: ["files": .array(files.map { .string($0) }), "details": .string(details)]
        )
    }

    /// A task was given a hint, by another task or by a person.
    package static func nudgeSent(
        to target: TaskID,
        from source: TaskID?,
        message: String,
        severity: String
    ) -> Event {
        Event(
            .nudgeSent,
            from: source,
            to: target,
            payload: ["message": .string(message), "severity": .string(severity)]
        )
    }
}
