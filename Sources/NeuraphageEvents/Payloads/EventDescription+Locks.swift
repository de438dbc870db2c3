// The table: locks between processes.

extension EventDescription {
    static let ofLocks: [EventDescription] = [
        EventDescription(
            .lockAcquired,
            "A lock was taken.",
            by: "`np lock`; an orchestrator, of its own locks",
            tasks: "comes from the task that holds it, if it is one",
            lock + [PayloadMember("waited_ms", .milliseconds, "how long it was waited for")] + inSession
        ),
        EventDescription(
            .lockReleased,
            "A lock was given back.",
            by: "`np lock`; a process that finds that it was killed; an orchestrator, of its own locks",
            tasks: "comes from the task that held it, if it was one",
            lock + [PayloadMember("held_ms", .milliseconds, "how long it was held", .when("that was reported"))] + end
        ),
        EventDescription(
            .lockTimedOut,
            "A wait for a lock was given up.",
            by: "`np lock --wait`",
            tasks: "comes from the task that waited, if it was one",
            lock + [
                PayloadMember("waited_ms", .milliseconds, "how long it was waited for"),
                PayloadMember("holder", .task, "the task that held it then", .null("it was none, or is not known")),
                PayloadMember("holder_pid", .number, "the process that held it then", .null("it is not known")),
            ] + inSession
        ),
    ]

    private static let lock: [PayloadMember] = [
        PayloadMember("resource", .name, "the lock's name"),
        PayloadMember("exclusive", .flag, "`false` if others may hold it at the same time"),
    ]

    private static let inSession = session(.when("an agent's session wanted it"))
}
