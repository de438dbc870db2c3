// The events of one session, by their place in the log and not by their time: clocks step back, and whoever appends
// chooses the time. What stands between the two lines belongs to the session, whoever wrote it.

package import NeuraphageEvents

/// A scan of what stands between the beginning and the end of a session. One that has no end reaches to the next
/// session's beginning, or to the end of the log.
package struct SessionScan: Sendable {
    private let session: LoggedSession
    private let scan: EventScan

    /// The part of a scan that lies in a session. The scan's start event is not looked at.
    package init(_ session: LoggedSession, of scan: EventScan) {
        self.session = session
        self.scan = scan
    }

    /// Hands each event that passes the scan's filter, with its line, to `visit`, until it returns `false`.
    ///
    /// Costs one pass over the log up to the session's end. With a number of events, or the newest first, those of the
    /// session that match are held in memory.
    ///
    /// - Throws: `EventLogError` if a source cannot be read, and what `visit` throws.
    package func run(_ visit: (Event, Span<UInt8>) throws -> Bool) throws -> EventScan.Report {
        guard scan.isNewestFirst || scan.last != nil else { return try forward(visit) }
        var records: [(event: Event, line: [UInt8])] = []
        let last = scan.last ?? .max
        let report = try forward { event, line in
            records.append((event, line.withUnsafeBufferPointer(Array.init)))
            if records.count / 2 > last { records.removeFirst(records.count - last) }
            return true
        }
        let wanted = records.suffix(last)
        for record in scan.isNewestFirst ? Array(wanted.reversed()) : Array(wanted) {
            guard try visit(record.event, record.line.span) else { break }
        }
        return report
    }

    private func forward(_ visit: (Event, Span<UInt8>) throws -> Bool) throws -> EventScan.Report {
        var goesOn = true
        if scan.filter.matches(session.start) { goesOn = try visit(session.start, session.line.span) }
        var whole = EventScan(scan.sources, fileSystem: scan.fileSystem)
        whole.after = session.start.id
        return try whole.run { event, line in
            // Without an end of its own the session lasts until the next one begins.
            if !goesOn || session.end == nil && event.id == session.next?.id { return false }
            if scan.filter.matches(event) { goesOn = try visit(event, line) }
            return goesOn && event.id != session.end?.id
        }
    }
}
