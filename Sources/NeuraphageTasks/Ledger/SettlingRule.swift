// Runs, tasks, sessions and locks differ only in these rules.

import NeuraphageEvents

/// How records of one sort are settled.
struct SettlingRule {
    /// Whether a beginning that the log doesn't have is published, too. Otherwise what the log doesn't know of has not ended
    /// for it: a process that died before it could publish that it begins had not begun.
    var publishesBegin = false
    /// Whether what the note is about goes on, so that the record stays.
    var goesOn: (OpenNote) -> Bool = { _ in false }
    /// What else the log is told before an end that no process reported.
    var eventsBefore: (OpenNote) -> [Event] = { _ in [] }
    /// What else is to be remembered of something that has ended.
    var prepare: (OpenNote) -> Void = { _ in }
    /// Whether an event, after the beginning in the log, is an end, too.
    var isEnd: (_ event: Event, _ note: OpenNote) -> Bool = { _, _ in false }
    /// The end, if none has been written down; `nil` if it goes on.
    var inferredEnd: (OpenNote) -> Event?
}
