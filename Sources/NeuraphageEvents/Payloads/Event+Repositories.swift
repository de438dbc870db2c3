// Builders: what happens in repositories.

extension Event {
    /// The main branch moved.
    ///
    /// - Parameters:
    ///   - checkout: The repository, and what its main branch is called.
    ///   - previous: Where it was, if that is known.
    ///   - commit: Where it is.
    public static func mainUpdated(_ checkout: Checkout, previous: String?, commit: String) -> Event {
        let members: [Member] = [
            text("branch", checkout.branch ?? "main"), ("previous", .string(orNull: previous)), text("commit", commit),
        ]
        return Event(.mainUpdated, saying: repository(checkout) + members)
    }

    /// A task's branch is behind the main branch.
    ///
    /// - Parameters:
    ///   - commitsBehind: How many commits of main it lacks.
    ///   - newCommits: The latest of them, newest first, as `abc1234: Subject`.
    ///   - main: What main is called, and where it is.
    ///   - cause: The `MainUpdated` that has brought it there.
    ///   - checkout: The task's branch and worktree.
    public static func rebaseRequired(
        _ task: TaskID,
        commitsBehind: Int,
        newCommits: [String] = [],
        onto main: (name: String, commit: String)? = nil,
        cause: EventID? = nil,
        at checkout: Checkout? = nil
    ) -> Event {
        let members: [Member] = [
            ("commits_behind", .integer(commitsBehind)), texts("new_commits", newCommits), text("main", main?.name),
            text("commit", main?.commit), event("cause", cause),
        ]
        return Event(.rebaseRequired, to: task, saying: members + branch(checkout))
    }

    /// How a branch has caught up with main, or what a rebase made of it.
    package enum Rebase: Hashable, Sendable {
        /// Main was merged into it.
        case merge
        /// So many of its patches make another change than before, and so many are there no longer.
        case patches(changed: Int, dropped: Int)
    }

    /// A task's branch has caught up with the main branch, or was rebased.
    ///
    /// - Parameters:
    ///   - previous: Where it was.
    ///   - new: Where it is.
    ///   - cause: The `RebaseRequired`, or else the `MainUpdated`, that it follows.
    ///   - checkout: The task's branch and worktree.
    public static func rebaseCompleted(
        _ task: TaskID,
        previous: String,
        new: String,
        cause: EventID? = nil,
        at checkout: Checkout? = nil
    ) -> Event {
        rebaseCompleted(task, previous: previous, new: new, nil, cause: cause, at: checkout)
    }

    /// The same, and how.
    package static func rebaseCompleted(
        _ task: TaskID,
        previous: String,
        new: String,
        _ rebase: Rebase?,
        cause: EventID?,
        at checkout: Checkout?
    ) -> Event {
        let members = [text("previous", previous), text("new", new)]
        let how: [Member] =
            switch rebase {
            case nil: []
            case .merge: [text("how", "merge")]
            case .patches(let changed, let dropped):
                [("changed", .integer(changed)), ("dropped", .integer(dropped))]
            }
        return Event(.rebaseCompleted, from: task, saying: members + how + [event("cause", cause)] + branch(checkout))
    }

    /// Rebasing a task's branch, or merging main into it, stopped on a conflict.
    ///
    /// - Parameters:
    ///   - files: The files in conflict, from the top of the worktree.
    ///   - details: What stopped, as a sentence.
    ///   - isMerge: Whether it was a merge.
    ///   - cause: The `RebaseRequired`, or else the `MainUpdated`, that it follows.
    ///   - checkout: The task's branch and worktree.
    public static func rebaseConflict(
        _ task: TaskID,
        files: [String],
        details: String,
        inMerge isMerge: Bool = false,
        cause: EventID? = nil,
        at checkout: Checkout? = nil
    ) -> Event {
        let members = [
            texts("files", files), text("details", details), text("how", isMerge ? "merge" : nil),
            event("cause", cause),
        ]
        return Event(.rebaseConflict, from: task, saying: members + branch(checkout))
    }

    /// Commits were taken from a task's branch, and no branch or tag has them any more.
    ///
    /// - Parameters:
    ///   - commits: The latest of them, newest first, with their subjects.
    ///   - count: How many there are.
    package static func workDiscarded(
        _ task: TaskID,
        previous: String,
        new: String,
        commits: [(commit: String, subject: String)],
        count: Int,
        at checkout: Checkout
    ) -> Event {
        let members: [Member] = [
            text("previous", previous), text("new", new), ("count", .integer(count)),
            texts("commits", commits.map(\.commit)), texts("subjects", commits.map(\.subject)),
        ]
        return Event(.workDiscarded, from: task, saying: branch(checkout) + members)
    }

    /// Main can be fetched again, or, with an error, cannot be fetched any more.
    package static func mainFetched(_ checkout: Checkout, error: String?) -> Event {
        let kind: EventKind = error == nil ? .supervisionRecovered : .supervisionDegraded
        return Event(kind, saying: repository(checkout) + (error.map { [text("error", $0)] } ?? []))
    }
}
