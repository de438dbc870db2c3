/// How a log is, and what has become of the events it was given.
public struct EventLogStatus: Hashable, Sendable {
    /// Why events wait in memory instead of being written at once; `nil` if they don't.
    public let trouble: EventLogError?
    /// How many events this log has written.
    public let written: Int
    /// How many events wait to be written.
    public let buffered: Int
    /// How many events found no room in the buffer, or were still waiting when the log was closed, and are not in the
    /// log. Where the log could be written to again, a line of the kind `custom:LogGap` says how many are missing there.
    public let lost: Int
}
