// The table: the daemon's sessions, and what the log says of itself.

extension EventDescription {
    static let ofDaemon: [EventDescription] = [
        EventDescription(
            .sessionStarted,
            "A session of the daemon began.",
            by: "the daemon; an orchestrator, of its own sessions",
            tasks: "is of no task",
            [
                daemonSession,
                PayloadMember("pid", .number, "the daemon's process"),
                PayloadMember("host", .text, "the machine's name"),
                PayloadMember("version", .text, "the daemon's version"),
                PayloadMember("previous", .word(["none", "clean", "unclean"]), "how the session before it ended"),
            ]
        ),
        EventDescription(
            .sessionEnded,
            "A session of the daemon ended.",
            by: "the daemon; an orchestrator, of its own sessions",
            tasks: "is of no task",
            [
                daemonSession,
                PayloadMember("begin", .event, "the event that began what this one ends"),
                PayloadMember("events", .count, "how many events the daemon was given"),
                PayloadMember("lost", .count, "how many of them the log does not have"),
            ]
        ),
    ]

    static let ofLog: [EventDescription] = [
        EventDescription(
            .logGap,
            "Events were lost here.",
            by: "the log",
            tasks: "is of no task",
            [
                PayloadMember("lost", .count, "how many"),
                PayloadMember("from", .event, "the first of them"),
                PayloadMember("to", .event, "the last of them"),
            ]
        ),
        EventDescription(
            .logResumed,
            "The lines after this one repeat what the segment before may lack.",
            by: "the log",
            tasks: "is of no task",
            [
                PayloadMember("previous", .text, "the name of that segment's file", .null("it could not be found")),
                PayloadMember("from", .event, "the first event that is repeated", .null("there is none")),
                PayloadMember("repeated", .count, "how many lines are repeated"),
            ]
        ),
    ]

    private static let daemonSession = PayloadMember("session", .name, "the session's id")
}
