/// What a query of the log found.
public struct QueryResult: Sendable {
    /// The events that match.
    public let events: [Event]
    /// How many lines of the log are not events and were passed over.
    public let skippedCount: Int
    /// The first hundred of them, with what is wrong with each.
    public let skipped: [SkippedLine]
}

extension EventLog {
    /// All events of the log, in its order (spec, `read_all`).
    ///
    /// Reads the whole log, all its files, and holds all its events in memory.
    ///
    /// - Throws: ``EventLogError`` if the file cannot be read. What stands in it never makes reading fail.
    public func readAll() throws(EventLogError) -> QueryResult {
        try query()
    }

    /// The events of the log that pass all filters, in its order (spec, `query`).
    ///
    /// Costs one pass over the log's files; what doesn't match takes no memory. With `limit` they are read from the end,
    /// no further than need be. A log without a file has no events.
    ///
    /// - Parameters:
    ///   - kinds: Any of these kinds; all if `nil`.
    ///   - task: This task as source or target; any, or none, if `nil`.
    ///   - since: Not earlier than this.
    ///   - until: Not later than this.
    ///   - text: Contained in a task, the kind or a part of the payload; upper and lower case differ only if it has an
    ///     upper-case letter.
    ///   - limit: At most this many, the latest ones.
    ///   - newestFirst: The latest event first.
    /// - Throws: ``EventLogError`` if the file cannot be read. What stands in it never makes reading fail.
    public func query(
        kinds: Set<EventKind>? = nil,
        task: TaskID? = nil,
        since: Timestamp? = nil,
        until: Timestamp? = nil,
        text: String? = nil,
        limit: Int? = nil,
        newestFirst: Bool = false
    ) throws(EventLogError) -> QueryResult {
        var filter = EventFilter(
            kinds: kinds.map { [KindPattern($0)] } ?? [],
            tasks: task.map { [$0] } ?? [],
            since: since,
            until: until
        )
        filter.text = text
        var scan = EventScan([.log(config.path)], filter: filter, fileSystem: fileSystem)
        scan.last = limit
        scan.isNewestFirst = newestFirst
        var events: [Event] = []
        do {
            let report = try scan.run { event, _ in
                events.append(event)
                return true
            }
            return QueryResult(events: events, skippedCount: report.skippedCount, skipped: report.skipped)
        } catch let error as EventLogError {
            throw error
        } catch {
            throw EventLogError(.readFailed, path: config.path, because: "cannot read \(config.path): \(error)")
        }
    }
}
