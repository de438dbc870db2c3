// Whether the log has a fact: the one way in which producers ask it what was published already.

package import NeuraphageEvents

/// What a log has, asked from its newest event backward, and no further than need be.
package struct LoggedFacts: Sendable {
    private let path: String
    private let files: any FileSystem

    /// The log at a path. Without a log there are no facts.
    package init(inLogAt path: String, _ files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Visits events from the newest one backward, until `visit` returns `false`.
    ///
    /// - Parameters:
    ///   - filter: Which events to visit.
    ///   - most: How many events to visit at most.
    ///   - mostBytes: How much to read at most.
    /// - Returns: Whether all was read that had to be.
    /// - Throws: `EventLogError` if the log cannot be read.
    @discardableResult
    package func visit(
        _ filter: EventFilter = EventFilter(),
        atMost most: Int? = nil,
        readingAtMost mostBytes: Int? = nil,
        _ visit: (Event) -> Bool
    ) throws -> Bool {
        var scan = EventScan([.log(path)], filter: filter, fileSystem: files)
        scan.isNewestFirst = true
        scan.last = most
        scan.mostBytes = mostBytes
        return try !scan.run { event, _ in visit(event) }.isCut
    }

    /// The newest event that passes a filter.
    package func latest(_ filter: EventFilter) throws -> Event? {
        var latest: Event?
        try visit(filter, atMost: 1) { event in
            latest = event
            return false
        }
        return latest
    }

    /// Which of these ids the log has, in its last so many bytes.
    package func ids(among ids: Set<EventID>, readingAtMost mostBytes: Int) throws -> Set<EventID> {
        try EventScan.ids(among: ids, inLogAt: path, readingAtMost: mostBytes, files)
    }

    /// The events of these marks, in this order, without those that are no longer where they were.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package func events(at marks: [EventMark]) throws -> [Event] {
        let places = Dictionary(marks.map { ($0.id, $0.place) }) { first, _ in first }
        let events = try EventScan.events(at: places, inLogAt: path, files)
        return marks.compactMap { events[$0.id] }
    }
}
