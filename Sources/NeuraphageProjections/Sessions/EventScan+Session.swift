// The events of one session, by their place in the log and not by their time: clocks step back, and whoever appends
// chooses the time. What stands between the two lines belongs to the session, whoever wrote it.

package import NeuraphageEvents

extension EventScan {
    /// Limits the scan to what lies in a session: from its beginning to its end. A session that has no end reaches to the
    /// next one's beginning, or to the end of the log.
    package mutating func limit(to session: LoggedSession) {
        start = .before(session.start.id)
        end = session.end.map { .after($0.id) } ?? session.next.map { .before($0.id) }
    }
}
