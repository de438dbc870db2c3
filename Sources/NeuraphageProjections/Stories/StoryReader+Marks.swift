// The latest life of a task, found by what is kept of the log: near its beginning if it is short, and by the places of its
// events if it is long, so that a life of ten million events is told as quickly as one of ten.

package import NeuraphageEvents

extension StoryReader {
    /// The latest life of a task; `nil` if the log has no event of it. Costs what is new in the log since the last checkpoint,
    /// unless only what was logged until some time is wanted: then at most two passes over the log.
    ///
    /// - Parameter progress: Told now and then how many bytes of how many have been read.
    /// - Throws: `EventLogError` if the log cannot be read, and what `progress` throws.
    package func latestLife(
        of task: TaskID,
        in store: ProjectionStore,
        progress: (_ read: Int64, _ all: Int64) throws -> Void
    ) throws -> StoryEvents? {
        guard until == nil else { return try latestLife(of: task) }
        let folded: Folded<TaskLog> = try store.folded(
            of: TaskLog.keys(of: [task]),
            writing: true,
            progress: progress
        )
        return try folded.parts.task(task).flatMap { try latestLife($0, endingAt: folded.end) }
    }

    /// The latest life of a task of which the log says `logged`; `nil` if it has no event of it.
    ///
    /// A life that is not longer than ``mostBytes`` is read whole, with all that happened around it. Of a longer one only the
    /// events are read that `logged` names.
    ///
    /// - Parameter end: Up to where the log was read for `logged`.
    /// - Throws: `EventLogError` if the log cannot be read.
    func latestLife(_ logged: LoggedTask, endingAt end: LogPosition?) throws -> StoryEvents? {
        if let begin = logged.begin, let end, begin.place.segment == end.segment,
            end.offset - begin.place.offset <= mostBytes
        {
            return try latestLife(of: logged.task, from: begin.id)
        }
        let marks = logged.marks
        guard !marks.isEmpty else { return nil }
        let events = try LoggedFacts(inLogAt: path, files).events(at: marks)
        var collected = StoryEvents(of: logged.task)
        for event in events { collected.add(event) }
        collected.tell(logged, missing: marks.count - events.count)
        return collected
    }
}

extension LoggedTask {
    /// The events of its story, and of what is open, which may have begun before the story's latest events.
    fileprivate var marks: [EventMark] {
        let open = locks.map(\.mark) + [order, unread.last { !$0.isOrder }?.mark].compactMap(\.self)
        var seen: Set<EventID> = []
        let marks = (story + open).filter { seen.insert($0.id).inserted }.sorted { $0.place < $1.place }
        return marks.isEmpty ? [last].compactMap(\.self) : marks
    }
}
