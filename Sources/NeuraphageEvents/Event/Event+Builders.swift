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

    /// A task's branch has caught up with the main branch, or was rebased.
    ///
    /// - Parameter members: What else is known of it.
    package static func rebaseCompleted(
        _ task: TaskID,
        previous: String,
        new: String,
        _ members: [(String, JSONValue)] = []
    ) -> Event {
        let commits: [(String, JSONValue)] = [("previous", .string(previous)), ("new", .string(new))]
        return Event(.rebaseCompleted, from: task, payload: Payload(.object(commits + members)))
    }

    /// Rebasing a task's branch stopped on a conflict in these files.
    ///
    /// - Parameter members: What else is known of it.
    package static func rebaseConflict(
        _ task: TaskID,
        files: [String],
        details: String,
        _ members: [(String, JSONValue)] = []
    ) -> Event {
        let conflict: [(String, JSONValue)] = [
            ("files", .array(files.map { .string($0) })), ("details", .string(details)),
        ]
        return Event(.rebaseConflict, from: task, payload: Payload(.object(conflict + members)))
    }

    /// Commits were taken from a task's branch, and no branch or tag has them any more.
    ///
    /// - Parameters:
    ///   - commits: The latest of them, newest first, with their subjects.
    ///   - count: How many there are.
    package static func workDiscarded(
        _ task: TaskID,
        branch: String,
        previous: String,
        new: String,
        commits: [(commit: String, subject: String)],
        count: Int
    ) -> Event {
        Event(
            .workDiscarded,
            from: task,
            payload: [
                "branch": .string(branch), "previous": .string(previous), "new": .string(new), "count": .integer(count),
                "commits": .array(commits.map { .string($0.commit) }),
                "subjects": .array(commits.map { .string($0.subject) }),
            ]
        )
    }

    /// A task was given a hint: by another task, by the user, or by a program that is neither.
    package static func nudgeSent(
        to target: TaskID,
        from sender: NudgeSender,
        message: String,
        severity: String
    ) -> Event {
        let members: [(String, JSONValue)] = [("message", .string(message)), ("severity", .string(severity))]
        switch sender {
        case .task(let task): return Event(.nudgeSent, from: task, to: target, payload: Payload(.object(members)))
        case .other: return Event(.nudgeSent, to: target, payload: Payload(.object(members)))
        case .user:
            let user = [("sender", JSONValue.string(userSender))]
            return Event(.nudgeSent, to: target, payload: Payload(.object(members + user)))
        }
    }

    private static let userSender = "user"

    /// Whether it is a hint that the user gave.
    package var isFromUser: Bool { kind == .nudgeSent && source == nil && payload.string("sender") == Self.userSender }
}

/// Where a hint comes from.
package enum NudgeSender: Hashable, Sendable {
    /// A task, such as an agent that works on it.
    case task(TaskID)
    /// The user.
    case user
    /// A program of which no more is known.
    case other
}
