// The table: what tasks are told, and what has become of it. Each event that is logged and addressed to a task is a
// notification.

extension EventDescription {
    static let ofMessages: [EventDescription] = [
        EventDescription(
            .nudgeSent,
            "A task was given a hint.",
            by: "`np nudge`; an orchestrator",
            tasks: "is addressed to the task, and comes from a task if that gave the hint",
            [
                PayloadMember("message", .text, "what it was told"),
                PayloadMember("severity", .text, "how much it matters: `Hint` if nothing else is said"),
                PayloadMember("sender", .word(["user"]), "who gave it", .when("it was the user")),
            ] + session(.when("an agent's session gave it"))
        ),
        EventDescription(
            .syncRelayed,
            "Something that one task learned was passed on to another.",
            by: "an agent or an orchestrator (`np emit SyncRelayed --to TASK learning=…`)",
            tasks: "comes from the one that learned it, and is addressed to the other",
            [
                PayloadMember("learning", .text, "what it learned"),
                PayloadMember("urgency", .text, "how much it matters: `Fyi` if nothing else is said"),
            ]
        ),
        EventDescription(
            .notificationRead,
            "A notification was read: the model has answered after it was put before it, or `np inbox --ack` printed it.",
            by: "an agent's hook, `np inbox --ack`",
            tasks: "comes from the task whose notification it was",
            [
                PayloadMember("notification", .event, "the notification"),
                PayloadMember("by", .task, "the task that read it", .null("it was none, or is not known")),
                PayloadMember("how", .text, "what it was read with"),
                PayloadMember(
                    "commits_behind",
                    .count,
                    "how many commits of main the branch lacked then",
                    .when("it is a rebase that is required, and was read in its worktree")
                ),
                PayloadMember(
                    "commit",
                    .commit,
                    "where main was then",
                    .when("it is a rebase that is required, and was read in its worktree")
                ),
                PayloadMember(
                    "upto",
                    .event,
                    "the `MainUpdated` that had brought it there; `null` if that was before np was there",
                    .when("it is a rebase that is required, and was read in its worktree")
                ),
            ] + session(.when("an agent's session read it"))
        ),
        EventDescription(
            .notificationSuperseded,
            "Notifications were overtaken before they were read, and are never handed over.",
            by: "an agent's hook; a process that looks at the repository",
            tasks: "comes from the task whose notifications they were",
            [
                PayloadMember("notifications", .events, "the notifications, 200 at most"),
                PayloadMember("cause", .event, "the event that has overtaken them", .when("it is known")),
            ]
        ),
        EventDescription(
            .notificationUndelivered,
            "Messages reached no task: their task ended before it read them.",
            by: "the daemon; `np emit` of an event that ends the task; a process that settles in the background",
            tasks: "comes from the task that has ended",
            [
                PayloadMember("notifications", .events, "the messages, 200 at most"),
                PayloadMember("cause", .event, "the end of the task"),
            ]
        ),
    ]
}
