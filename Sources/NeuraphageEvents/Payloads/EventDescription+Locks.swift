// The table: locks between processes.

extension EventDescription {
    static let ofLocks: [EventDescription] = [
        EventDescription(
            .lockWaiting,
            "A lock has been waited for for a second, and is waited for further.",
            by: "`np lock`",
            tasks: "comes from the task that waits, if it is one",
            lock + [PayloadMember("waited_ms", .milliseconds, "how long it has been waited for"), waitedFor] + holder
                + inSession
        ),
        EventDescription(
            .lockAcquired,
            "A lock was taken.",
            by: "`np lock`; an orchestrator, of its own locks",
            tasks: "comes from the task that holds it, if it is one",
            lock + [
                PayloadMember("waited_ms", .milliseconds, "how long it was waited for"),
                PayloadMember("begin", .event, "the `LockWaiting` that this ends", .when("there is one")),
                waitedFor,
            ] + inSession
        ),
        EventDescription(
            .lockReleased,
            "A lock was given back.",
            by: "`np lock`; a process that finds that it was killed; an orchestrator, of its own locks",
            tasks: "comes from the task that held it, if it was one",
            lock + [PayloadMember("held_ms", .milliseconds, "how long it was held", .when("that was reported"))] + end
                + inSession
        ),
        EventDescription(
            .lockTimedOut,
            "A wait for a lock was given up.",
            by: "`np lock --wait`; a process that finds that an `np lock` was ended while it waited",
            tasks: "comes from the task that waited, if it was one",
            lock + [
                PayloadMember("waited_ms", .milliseconds, "how long it was waited for", .when("that was reported")),
                PayloadMember("begin", .event, "the `LockWaiting` that this ends", .when("there is one")),
                waitedFor,
            ] + holder + [inferred] + inSession
        ),
    ]

    private static let lock: [PayloadMember] = [
        PayloadMember("resource", .name, "the lock's name"),
        PayloadMember("exclusive", .flag, "`false` if others may hold it at the same time"),
    ]

    private static let waitedFor = PayloadMember(
        "waited_for",
        .event,
        "the `LockAcquired` of the one that held it when the wait began; the longest of several",
        .when("it had to be waited for, and that is known")
    )

    private static let holder: [PayloadMember] = [
        PayloadMember("holder", .task, "the task that holds it then", .null("it is none, or is not known")),
        PayloadMember("holder_pid", .number, "the process that holds it then", .null("it is not known")),
    ]

    private static let inSession = session(.when("an agent's session wanted it"))
}
