// The table: tasks, and the commands that are parts of them.

extension EventDescription {
    static let ofTasks: [EventDescription] = [
        EventDescription(
            .taskStarted,
            "A task began.",
            by:
                "`np run`, if the task has not begun yet; an agent's hook, with the session or prompt that begins it; an orchestrator",
            tasks: "comes from the task",
            [
                PayloadMember("title", .text, "what the task is about", .when("it was given one")),
                command(.when("a command began it")),
            ] + session(.when("an agent's session began it")) + checkout(.when("it works in a worktree"))
        ),
        EventDescription(
            .taskCompleted,
            "A task ended well.",
            by:
                "`np run`, when its command exits with 0; the first process that looks at the repository and finds that main has the task's work; an orchestrator or a person",
            tasks: "comes from the task",
            [
                PayloadMember("summary", .text, "what came of it", .when("it was not a command")),
                PayloadMember("commit", .commit, "the commit by which main has the work", .when("main has it")),
                PayloadMember(
                    "how",
                    .word(["squashed", "rebased"]),
                    "how main has it",
                    .when("that was not by a merge")
                ),
                exitCode, duration,
            ] + end + checkout(.when("main has the work"))
        ),
        EventDescription(
            .taskFailed,
            "A task ended with an error.",
            by:
                "`np run`, when its command fails; a process that finds that an `np run` was killed; an orchestrator or a person",
            tasks: "comes from the task",
            [PayloadMember("error", .text, "what went wrong")] + endOfCommand + end
        ),
        EventDescription(
            .taskCancelled,
            "A task was ended from outside before it was done.",
            by:
                "`np run`, when a signal ends it; the first process that looks at the repository and finds the worktree or the branch gone; an orchestrator or a person",
            tasks: "comes from the task",
            [
                PayloadMember("reason", .text, "why", .when("it is known"))
            ] + endOfCommand + end + checkout(.when("its worktree, branch, or repository is gone"))
        ),
        EventDescription(
            .taskPaused,
            "A task was paused.",
            by: "an orchestrator, a person, or an agent's own hook. np itself pauses nothing",
            tasks: "is addressed to the task, which finds it in its inbox",
            [PayloadMember("reason", .text, "why", .when("it is given"))],
            examples: [
                Example("A person or a script", "sh", "np emit TaskPaused --to eg-abc123 reason='waits for a review'"),
                Example(
                    "An orchestrator in Swift",
                    "swift",
                    #"bus.publish(Event(.taskPaused, to: "eg-abc123", payload: ["reason": "over its budget"]))"#
                ),
                Example(
                    "Any language, through the daemon",
                    "sh",
                    #"""
                    curl --unix-socket ~/.local/share/neuraphage/neuraphage.sock http://np/v1/events \
                         -H 'Content-Type: application/json' \
                         -d '{"kind":"TaskPaused","target_task":"eg-abc123","payload":{"reason":"over its budget"}}'
                    """#
                ),
                Example(
                    "An agent's own hook, here Claude Code's (`.claude/settings.json`), when a turn dies of an error",
                    "json",
                    #"""
                    {"hooks": {"StopFailure": [{"hooks": [
                      {"type": "command", "command": "np emit TaskPaused --to . reason='its turn failed' >/dev/null"}]}]}}
                    """#
                ),
            ]
        ),
        EventDescription(
            .learningExtracted,
            "A task learned something that others may want to know.",
            by:
                "an agent that was told to, an orchestrator, or an agent's own hook. np itself reads nothing that an agent says",
            tasks: "comes from the task",
            [
                PayloadMember("title", .text, "what it learned, in a sentence"),
                PayloadMember("kind", .text, "what sort of thing that is: `Fact` if nothing else is said"),
            ],
            examples: [
                Example(
                    "An agent, a person, or a script",
                    "sh",
                    "np emit LearningExtracted title='The old parser reads every file twice' kind=Fact"
                ),
                Example(
                    "An orchestrator in Swift",
                    "swift",
                    #"bus.learningExtracted("eg-abc123", title: "The old parser reads every file twice")"#
                ),
                Example(
                    "Any language, through the daemon",
                    "sh",
                    #"""
                    curl --unix-socket ~/.local/share/neuraphage/neuraphage.sock http://np/v1/events \
                         -H 'Content-Type: application/json' -d '{"kind":"LearningExtracted","source_task":"eg-abc123",
                         "payload":{"title":"The old parser reads every file twice","kind":"Fact"}}'
                    """#
                ),
                Example(
                    "An agent's own hook, here Claude Code's (`.claude/settings.json`): what the agent has left in a file when it stops",
                    "json",
                    #"""
                    {"hooks": {"Stop": [{"hooks": [
                      {"type": "command", "command": "[ ! -s .learned ] || np emit LearningExtracted title=\"$(head -n 1 .learned)\" kind=Fact >/dev/null; rm -f .learned"}]}]}}
                    """#
                ),
            ]
        ),
        EventDescription(
            .runStarted,
            "A command began that is a part of a task.",
            by: "`np run`, if the task has begun already",
            tasks: "comes from the task",
            [PayloadMember("title", .text, "what the command is for", .when("it was given one")), command(.always)]
                + session(.when("an agent's session began it")) + checkout(.when("it works in a worktree"))
        ),
        EventDescription(
            .runEnded,
            "A command ended that is a part of a task.",
            by: "`np run`; a process that finds that it was killed",
            tasks: "comes from the task",
            [
                PayloadMember("error", .text, "what went wrong", .when("it failed")),
                PayloadMember("reason", .text, "the signal that ended it", .when("it was ended from outside")),
            ] + endOfCommand + end
        ),
    ]

    /// What ends something says what that is.
    static let end: [PayloadMember] = [
        PayloadMember("begin", .event, "the event that began what this one ends", .when("it is known")),
        inferred,
    ]

    static let inferred = PayloadMember(
        "inferred",
        .flag,
        "`true`: np has concluded it, and no process reported it",
        .when("it is so")
    )

    private static func command(_ presence: PayloadMember.Presence) -> PayloadMember {
        PayloadMember(
            "command",
            .text,
            "the command as one would type it; of a coding agent's only the program and the names of its options",
            presence
        )
    }

    private static let exitCode = PayloadMember(
        "exit_code",
        .number,
        "the command's exit code",
        .when("the command exited, or could not be started")
    )
    private static let duration = PayloadMember(
        "duration_ms",
        .milliseconds,
        "how long the command ran",
        .when("a command ended")
    )
    private static let endOfCommand = [
        exitCode, PayloadMember("signal", .number, "the signal that killed the command", .when("one did")), duration,
    ]
}
