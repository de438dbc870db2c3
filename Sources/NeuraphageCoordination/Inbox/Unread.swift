// Which notifications are unread: those that nobody has marked. In whatever order, and however often, the same lines are
// read, the answer is the same.

import NeuraphageEvents

/// Sorts what is unread out of notifications and marks.
struct Unread {
    private var notifications: [(event: Event, line: Range<Int>)] = []
    private var known: Set<EventID> = []
    private var read: Set<EventID> = []
    private var bytes: [UInt8] = []
    /// Whether there was a line that is no event.
    private(set) var isDamaged = false

    init() {}

    /// Reads the lines of a file.
    init(_ bytes: [UInt8]) {
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

    /// Adds an event, which is a notification unless it is a mark.
    mutating func add(_ event: Event, _ line: Range<Int> = 0..<0) {
        if let reading = Reading(event) {
            read.insert(reading.notification)
        } else if known.insert(event.id).inserted {
            notifications.append((event, line))
        }
    }

    /// What is unread, in the order in which it came.
    var events: [Event] { notifications.lazy.map(\.event).filter { !read.contains($0.id) } }

    /// The lines of what is unread.
    var lines: [UInt8] {
        var lines: [UInt8] = []
        for (event, line) in notifications where !read.contains(event.id) {
            lines += bytes[line] + [UInt8(ascii: "\n")]
        }
        return lines
    }
}
