// Which notifications are unread: those that were not marked as read or as overtaken since they came, and whose task has not
// ended since: what was said to one life of a task is not for the next. What was found so far and what comes next is all it takes; so what
// has been read can be forgotten.

package import NeuraphageEvents

/// Sorts what is unread out of notifications and marks.
package struct Unread {
    private var notifications: [(event: Event, line: Range<Int>)?] = []
    /// Where in `notifications` those are that are unread.
    private var positions: [EventID: Int] = [:]
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

    /// Whether an event marks notifications as read or as overtaken.
    package static func isMark(_ event: Event) -> Bool { Reading(event) != nil || Superseding(event) != nil }

    /// Adds an event, which is a mark, the end of the task, a notification, or nothing of the kind.
    package mutating func add(_ event: Event, _ line: Range<Int> = 0..<0) {
        if let reading = Reading(event) {
            remove(reading.notification)
        } else if let superseding = Superseding(event) {
            for id in superseding.notifications { remove(id) }
        } else if event.kind.endsTask, event.source.map(isOwner) ?? false {
            notifications = []
            positions = [:]
        } else if event.target.map(isOwner) ?? false, positions[event.id] == nil {
            positions[event.id] = notifications.count
            notifications.append((event, line))
        }
    }

    private mutating func remove(_ id: EventID) {
        if let position = positions.removeValue(forKey: id) { notifications[position] = nil }
    }

    /// What is unread, in the order in which it came.
    package var events: [Event] { notifications.compactMap { $0?.event } }

    /// The lines of what is unread.
    package var lines: [UInt8] {
        var lines: [UInt8] = []
        for case let (_, line)? in notifications { lines += bytes[line] + [UInt8(ascii: "\n")] }
        return lines
    }
}
