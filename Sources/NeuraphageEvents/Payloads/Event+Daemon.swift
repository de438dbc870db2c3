// Builders: the daemon's sessions, and what the log says of itself.

extension Event {
    /// A session of the daemon began.
    ///
    /// - Parameter previous: How the session before it ended.
    package static func sessionStarted(
        _ session: String,
        pid: Int32,
        host: String,
        version: String,
        previous: String
    ) -> Event {
        Event(
            .sessionStarted,
            saying: [
                text("session", session), ("pid", .integer(pid)), text("host", host), text("version", version),
                text("previous", previous),
            ]
        )
    }

    /// A session of the daemon ended.
    ///
    /// - Parameters:
    ///   - begin: The event that told that it began.
    ///   - events: How many events the daemon was given.
    ///   - lost: How many of them the log does not have.
    package static func sessionEnded(_ session: String, begin: EventID, events: Int, lost: Int) -> Event {
        Event(
            .sessionEnded,
            saying: [
                text("session", session), event("begin", begin), ("events", .integer(events)), ("lost", .integer(lost)),
            ]
        )
    }

    /// What the log says of events that it has lost.
    static func gap(of lost: Int, from first: String, to last: String) -> Payload {
        payload(of: .logGap, [("lost", .integer(lost)), text("from", first), text("to", last)])
    }

    /// The lines after this one repeat what the segment before may lack.
    ///
    /// - Parameters:
    ///   - previous: The name of that segment's file, if it can be found.
    ///   - first: The id of the first event that is repeated, if there is one.
    static func logResumed(after previous: String?, from first: String?, repeating count: Int) -> Event {
        Event(
            .logResumed,
            saying: [
                ("previous", .string(orNull: previous)), ("from", .string(orNull: first)),
                ("repeated", .integer(count)),
            ]
        )
    }
}
