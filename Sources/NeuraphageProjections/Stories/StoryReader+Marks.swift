// The latest life of a task, found by what is kept of the log: near its beginning if it is short, and by the places of its
// events if it is long, so that a life of ten million events is told as quickly as one of ten.

package import NeuraphageEvents

extension StoryReader {
    /// The latest life of a task of which the log says `logged`; `nil` if it has no event of it.
    ///
    /// A life that is not longer than ``mostBytes`` is read whole, with all that happened around it. Of a longer one only the
    /// events are read that `logged` names.
    ///
    /// - Parameter end: Up to where the log was read for `logged`.
    /// - Throws: `EventLogError` if the log cannot be read.
    package func latestLife(_ logged: LoggedTask, endingAt end: LogPosition?) throws -> StoryEvents? {
        if let begin = logged.begin, let end, begin.place.segment == end.segment,
            end.offset - begin.place.offset <= mostBytes
        {
            return try latestLife(of: logged.task, from: begin.id)
        }
        let marks = logged.story
        guard !marks.isEmpty else { return nil }
        let places = Dictionary(marks.map { ($0.id, $0.place) }) { first, _ in first }
        let found = try EventScan.events(at: places, inLogAt: path, files)
        var collected = StoryEvents(of: logged.task)
        for event in marks.compactMap({ found[$0.id] }) { collected.add(event) }
        collected.tell(logged, missing: marks.count - found.count)
        return collected
    }
}
