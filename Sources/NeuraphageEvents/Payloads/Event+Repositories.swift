// Builders: what happens in repositories.

extension Event {
    /// The main branch moved.
    ///
    /// - Parameters:
    ///   - checkout: The repository, and what its main branch is called.
    ///   - previous: Where it was, if that is known.
    ///   - commit: Where it is.
    public static func mainUpdated(_ checkout: Checkout, previous: String?, commit: String) -> Event {
        mainUpdated(checkout, previous: previous, commit: commit, move: nil)
    }

    /// The same, and what that brought.
    package static func mainUpdated(
        _ checkout: Checkout,
        previous: String?,
        commit: String,
        move: MainMove?
    ) -> Event {
        let members: [Member] = [
            text("branch", checkout.branch ?? "main"), ("previous", .string(orNull: previous)), text("commit", commit),
        ]
        return Event(.mainUpdated, saying: repository(checkout) + members + (move.map(brought) ?? []))
    }

    private static func brought(_ move: MainMove) -> [Member] {
        [
            text("how", move.isForced ? "forced" : "commits"), ("count", .integer(move.count)),
            text("subject", move.subject?.shortened(to: Longest.subject)),
            text("author", move.author?.shortened(to: Longest.author)),
            texts("files", move.files.shortened(to: Longest.path)), ("files_count", .integer(move.fileCount)),
        ]
    }

    /// A task's branch is behind the main branch.
    ///
    /// - Parameters:
    ///   - task: The task.
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
            ("commits_behind", .integer(commitsBehind)),
            texts("new_commits", newCommits.shortened(to: Longest.subject)), text("main", main?.name),
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
    ///   - task: The task.
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
    ///   - task: The task.
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
        let members = [texts("files", files), text("details", details), text("how", isMerge ? "merge" : nil)]
        return Event(.rebaseConflict, from: task, saying: members + [event("cause", cause)] + branch(checkout))
    }

    /// The same, and with what the branch conflicts.
    ///
    /// - Parameters:
    ///   - onto: The commit onto which it was rebased, or which was merged into it.
    ///   - touched: For the first of the files, the commits that the branch lacks of that and that changed the file.
    package static func rebaseConflict(
        _ task: TaskID,
        files: [String],
        details: String,
        inMerge isMerge: Bool,
        onto: String,
        touched: [TouchedFile],
        cause: EventID?,
        at checkout: Checkout
    ) -> Event {
        let files = files.prefix(mostFiles).map { $0.shortened(to: Longest.path) }
        let touched = touched.map { file -> JSONValue in
            let commits = file.commits.map { commit, subject, author -> JSONValue in
                [
                    "commit": .string(commit), "subject": .string(subject.shortened(to: 100)),
                    "author": .string(author.shortened(to: 50)),
                ]
            }
            return [
                "file": .string(file.path.shortened(to: Longest.path)), "count": .integer(file.count),
                "commits": .array(commits),
            ]
        }
        let members: [Member] = [
            texts("files", files), text("details", details), text("how", isMerge ? "merge" : nil), text("onto", onto),
            ("touched", .array(touched)),
        ]
        return Event(.rebaseConflict, from: task, saying: members + [event("cause", cause)] + branch(checkout))
    }

    /// How many files in conflict are named.
    private static let mostFiles = 50

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
            texts("commits", commits.map(\.commit)),
            texts("subjects", commits.map { $0.subject.shortened(to: Longest.subject) }),
        ]
        return Event(.workDiscarded, from: task, saying: branch(checkout) + members)
    }

    /// Main can be fetched again, or, with an error, cannot be fetched any more.
    package static func mainFetched(_ checkout: Checkout, error: String?) -> Event {
        let kind: EventKind = error == nil ? .supervisionRecovered : .supervisionDegraded
        return Event(
            kind,
            saying: repository(checkout) + (error.map { [text("error", $0.shortened(to: Longest.error))] } ?? [])
        )
    }
}
