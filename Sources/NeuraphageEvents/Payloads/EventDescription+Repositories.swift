// The table: what happens in repositories. It is published once, by the process that looks first: the daemon, `np watch`, git's hook, or
// `np rebase`.

extension EventDescription {
    private static let observers =
        "the first process that looks at the repository: the daemon, `np watch`, git's hook, `np rebase`"

    private static let known = PayloadMember.Presence.when("git still has the commit where it was")
    private static let cameIn = PayloadMember.Presence.when("a commit came in")

    static let ofRepositories: [EventDescription] = [
        EventDescription(
            .mainUpdated,
            "The main branch moved, here or at the remote.",
            by: observers,
            tasks: "is of no task",
            [
                PayloadMember("branch", .text, "the main branch's name"),
                PayloadMember(
                    "previous",
                    .commit,
                    "where it was, which is the `commit` of the event before",
                    .null("it is not known")
                ),
                PayloadMember("commit", .commit, "where it is"),
                PayloadMember(
                    "how",
                    .word(["commits", "forced"]),
                    "how it moved: by commits that came in, or to something that does not have all that it had",
                    known
                ),
                PayloadMember("count", .count, "how many commits came in", known),
                PayloadMember("subject", .text, "the first line of the latest one's message", cameIn),
                PayloadMember("author", .text, "the latest one's author", cameIn),
                PayloadMember("files", .paths, "the first 20 files that they change", known),
                PayloadMember("files_count", .count, "how many files they change", known),
            ] + repository(.always)
        ),
        EventDescription(
            .rebaseRequired,
            "A task's branch is behind the main branch. A task is told so once, and again only after it has read that.",
            by: observers,
            tasks: "is addressed to the task",
            [
                PayloadMember("commits_behind", .count, "how many commits of main the branch lacks"),
                PayloadMember("new_commits", .texts, "the latest five of them, newest first, as `abc1234: Subject`"),
                PayloadMember("main", .text, "the main branch's name"),
                PayloadMember("commit", .commit, "where main is"),
                PayloadMember("cause", .event, "the `MainUpdated` that brought it there", .when("np has seen that")),
            ] + checkout(.always)
        ),
        EventDescription(
            .rebaseCompleted,
            "A task's branch has caught up with main, or was rebased.",
            by: observers,
            tasks: "comes from the task",
            [
                PayloadMember("previous", .commit, "where the branch was"),
                PayloadMember("new", .commit, "where it is"),
                PayloadMember("how", .word(["merge"]), "how it has caught up", .when("main was merged into it")),
                PayloadMember(
                    "changed",
                    .count,
                    "how many patches make another change than before",
                    .when("it was rebased")
                ),
                PayloadMember("dropped", .count, "how many patches are there no longer", .when("it was rebased")),
                cause,
            ] + checkout(.always)
        ),
        EventDescription(
            .rebaseConflict,
            "A rebase of a task's branch, or a merge of main into it, stopped on a conflict.",
            by: observers,
            tasks: "comes from the task",
            [
                PayloadMember("files", .paths, "the first 50 files in conflict, from the top of the worktree"),
                PayloadMember("details", .text, "what stopped, as a sentence"),
                PayloadMember("how", .word(["merge"]), "what stopped", .when("it was a merge")),
                PayloadMember("onto", .commit, "the commit onto which it was rebased, or which was merged into it"),
                PayloadMember(
                    "touched",
                    .objects([
                        PayloadMember("file", .path, "the file"),
                        PayloadMember("count", .count, "how many commits that the branch lacks of `onto` change it"),
                        PayloadMember(
                            "commits",
                            .objects([
                                PayloadMember("commit", .commit, "the commit"),
                                PayloadMember("subject", .text, "the first line of its message"),
                                PayloadMember("author", .text, "its author"),
                            ]),
                            "the latest three of them, newest first"
                        ),
                    ]),
                    "for the first ten of the files, the commits with which the branch may conflict"
                ),
                cause,
            ] + checkout(.always)
        ),
        EventDescription(
            .workDiscarded,
            "A reset left commits that no branch and no tag has.",
            by: observers,
            tasks: "comes from the task",
            [
                PayloadMember("previous", .commit, "where the branch was"),
                PayloadMember("new", .commit, "where it is"),
                PayloadMember("count", .count, "how many commits are left"),
                PayloadMember("commits", .commits, "the latest 20 of them, newest first"),
                PayloadMember("subjects", .texts, "the first lines of their messages"),
            ] + checkout(.always)
        ),
        EventDescription(
            .fileModified,
            "A task changed a file.",
            by: "an agent's hook; an orchestrator",
            tasks: "comes from the task",
            [PayloadMember("path", .path, "the file, from the top of the worktree if it lies in it")]
                + session(.when("an agent's hook tells it"))
        ),
        EventDescription(
            .supervisionDegraded,
            "Main can't be fetched. Said once, until it can be again.",
            by: "the daemon, `np watch`; an orchestrator, of its own supervision",
            tasks: "is of no task",
            [PayloadMember("error", .text, "what git said")] + repository(.always)
        ),
        EventDescription(
            .supervisionRecovered,
            "Main can be fetched again.",
            by: "the daemon, `np watch`; an orchestrator, of its own supervision",
            tasks: "is of no task",
            repository(.always)
        ),
    ]

    private static let cause = PayloadMember(
        "cause",
        .event,
        "the `RebaseRequired` that the task was given, or else the `MainUpdated` that it follows",
        .when("it follows one")
    )

    /// Which repository it is.
    static func repository(_ presence: PayloadMember.Presence) -> [PayloadMember] {
        [
            PayloadMember("repo", .path, "the repository: its main checkout, or the bare repository", presence),
            PayloadMember(
                "repo_name",
                .text,
                "what it is called: the last part of that path, without `.git`",
                presence
            ),
            PayloadMember(
                "common_dir",
                .path,
                "what its worktrees share: `.git` of the main checkout, or the bare repository",
                presence
            ),
        ]
    }

    /// Which repository, branch, and worktree it is.
    static func checkout(_ presence: PayloadMember.Presence) -> [PayloadMember] {
        repository(presence) + [
            PayloadMember("branch", .text, "the task's branch", .when("one is checked out")),
            PayloadMember("worktree", .path, "the top directory of the task's worktree", .when("it is known")),
        ]
    }
}
