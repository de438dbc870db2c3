// Which notifications are unread: those that were not marked as read or as lapsed since they came, and whose task has not
// ended since: what was said to one life of a task is not for the next. The messages among those that a life has left unread
// are kept beside, with its end, until a mark names them: the log has to say that they reached no task. What was found so far
// and what comes next is all it takes; so what has been read can be forgotten.

package import NeuraphageEvents

/// Sorts what is unread out of notifications and marks.
package struct Unread {
    private struct Entry {
        let event: Event
        let line: Range<Int>
        var isEnd = false
    }

    /// What a life of the task has left unread, as no mark says yet.
    package struct Remainder {
        /// The event with which the life ended.
        package let end: Event
        /// The messages, in the order in which they came.
        package let messages: [EventID]
    }

    /// The notifications in the order in which they came. After those that a life has left unread comes its end.
    private var entries: [Entry?] = []
    /// Where in `entries` the notifications are.
    private var positions: [EventID: Int] = [:]
    /// Where in `entries` the life that goes on begins.
    private var life = 0
    private var bytes: [UInt8] = []
    /// Whether there was a line that is no event.
    package private(set) var isDamaged = false

    /// Whether a task is the one whose notifications these are.
    private let isOwner: (TaskID) -> Bool

    package init(of isOwner: @escaping (TaskID) -> Bool) {
        self.isOwner = isOwner
    }

    /// Reads the lines of a file.
    package init(_ bytes: [UInt8], of isOwner: @escaping (TaskID) -> Bool) {
        self.isOwner = isOwner
        self.bytes = bytes
        var start = 0
        while start < bytes.count {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "\n")) ?? bytes.count
            let line = bytes.span.extracting(start..<end)
            if let event = try? EventLine(line).event(line) {
                add(event, start..<end)
            } else {
                isDamaged = true
            }
            start = end + 1
        }
    }

    /// Whether an event marks notifications as read or as lapsed.
    package static func isMark(_ event: Event) -> Bool { Reading(event) != nil || Lapse(event) != nil }

    /// Adds an event, which is a mark, the end of the task, a notification, or nothing of the kind.
    package mutating func add(_ event: Event, _ line: Range<Int> = 0..<0) {
        if let reading = Reading(event) {
            remove(reading.notification)
        } else if let lapse = Lapse(event) {
            for id in lapse.notifications { remove(id) }
        } else if event.kind.endsTask, event.source.map(isOwner) ?? false {
            endLife(with: Entry(event: event, line: line, isEnd: true))
        } else if event.target.map(isOwner) ?? false, positions[event.id] == nil {
            append(Entry(event: event, line: line))
        }
    }

    private mutating func append(_ notification: Entry) {
        positions[notification.event.id] = entries.count
        entries.append(notification)
    }

    private mutating func remove(_ id: EventID) {
        if let position = positions.removeValue(forKey: id) { entries[position] = nil }
    }

    private mutating func endLife(with end: Entry) {
        let left = entries[life...].compactMap(\.self)
        entries.removeSubrange(life...)
        for entry in left { positions[entry.event.id] = nil }
        let messages = left.filter { Self.isMessage($0.event) }
        for message in messages { append(message) }
        if !messages.isEmpty { entries.append(end) }
        life = entries.count
    }

    /// Whether a notification is one whose sender must hear that it reached no task. An order to rebase is void when the task
    /// has ended, and what a task tells itself it knows.
    private static func isMessage(_ notification: Event) -> Bool {
        notification.kind != .rebaseRequired && notification.source != notification.target
    }

    /// What is unread, in the order in which it came.
    package var events: [Event] { entries[life...].compactMap { $0?.event } }

    /// What lives that have ended have left unread, as no mark says yet.
    package var remainders: [Remainder] {
        var remainders: [Remainder] = []
        var messages: [EventID] = []
        for case let entry? in entries[..<life] {
            if !entry.isEnd {
                messages.append(entry.event.id)
            } else if !messages.isEmpty {
                remainders.append(Remainder(end: entry.event, messages: messages))
                messages = []
            }
        }
        return remainders
    }

    /// The lines of what is unread, and of the remainders: read again, they come to the same.
    package var lines: [UInt8] {
        var lines: [UInt8] = []
        var endsNothing = true
        for case let entry? in entries where !entry.isEnd || !endsNothing {
            lines += bytes[entry.line] + [UInt8(ascii: "\n")]
            endsNothing = entry.isEnd
        }
        return lines
    }
}
