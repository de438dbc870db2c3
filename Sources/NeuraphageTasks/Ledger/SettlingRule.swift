// Settling: the one way in which an end is published that no process reported. Runs, tasks, sessions and locks differ only
// in their rules.

import NeuraphageEvents
import NeuraphageProjections
import NeuraphageSystem

/// How records of one sort are settled.
struct SettlingRule {
    /// Whether a beginning that the log doesn't have is published, too. Otherwise what the log doesn't know of has not ended
    /// for it: a process that died before it could publish that it begins had not begun.
    var publishesBegin = false
    /// Whether what the note is about goes on, so that the record stays.
    var goesOn: (OpenNote) -> Bool = { _ in false }
    /// What else is to be remembered before the end is published.
    var prepare: (OpenNote) -> Void = { _ in }
    /// Whether an event of the same task, after the beginning in the log, is an end, too.
    var isEnd: (_ event: Event, _ note: OpenNote) -> Bool = { _, _ in false }
    /// The end, if none has been written down; `nil` if it goes on.
    var inferredEnd: (OpenNote) -> Event?
}

extension OpenRecord {
    /// Settles those of the records with which no process works.
    ///
    /// Costs a look at each record, and for each that is settled a pass over the log back to its beginning.
    ///
    /// - Parameters:
    ///   - bus: Where to publish. Without a log nothing is published, and the records stay.
    ///   - deadline: Until when to wait for the process that has locked a record, as its note says which it is.
    /// - Returns: The notes of the records with which processes work, and the paths of those that could not be opened.
    @discardableResult
    static func settle(
        _ paths: [String],
        by rule: SettlingRule,
        publishingTo bus: EventBus,
        _ files: any FileSystem,
        until deadline: (OpenNote?) -> UInt64 = { _ in 0 }
    ) -> (inUse: [OpenNote], gone: [String]) {
        var inUse: [OpenNote] = []
        var gone: [String] = []
        for path in paths {
            let finding = take(path, files, until: deadline)
            switch consume finding {
            case .inUse(let note): if let note { inUse.append(note) }
            case .free(let record): record.settle(by: rule, publishingTo: bus)
            case .gone: gone.append(path)
            }
        }
        return (inUse, gone)
    }
}

extension LoggedFacts {
    /// Whether the log has the beginning of a note, and an end after it.
    func presence(
        of note: OpenNote,
        endedBy isEnd: (_ event: Event, _ note: OpenNote) -> Bool
    ) throws -> (begin: Bool, end: Bool) {
        var filter = EventFilter(since: note.begin.timestamp)
        if let task = note.begin.source { filter.tasks = [task] }
        var presence = (begin: false, end: false)
        try visit(filter) { event in
            if event.id == note.begin.id { presence.begin = true }
            let endsIt = event.id == note.end?.id || event.source == note.begin.source && isEnd(event, note)
            if endsIt, !presence.begin { presence.end = true }
            return !presence.begin
        }
        return presence
    }
}
