// What a task has not read: the notifications that were not marked as read or as lapsed since they came, and whose life of
// the task has not ended since: what was said to one life is not for the next. The messages among those that a life has left
// unread are kept beside, with its end, until a mark names them: the log has to say that they reached no task.

package import NeuraphageEvents

/// The notifications of one task that matter still.
package struct Unread: Sendable {
    private struct Entry {
        let event: Event
        var isEnd = false
    }

    /// What a life of the task has left unread, as no mark says yet.
    package struct Remainder: Sendable {
        /// The event with which the life ended.
        package let end: Event
        /// The messages, in the order in which they came.
        package let messages: [EventID]
    }

    /// The notifications in the order in which they came; `nil` where they are settled. After those that a life has left
    /// unread comes its end.
    private var entries: [Entry?] = []
    /// Where in `entries` the notifications are.
    private var positions: [EventID: Int] = [:]
    /// Where in `entries` the life that goes on begins.
    private var life = 0
    /// What a checkpoint has, until it is looked at: mostly nobody asks for it.
    private var encoded: [UInt8]?

    package init() {}

    // MARK: - What happens to it

    /// The task is told something.
    mutating func add(_ notification: Event) {
        decode()
        if positions[notification.id] == nil { append(Entry(event: notification)) }
    }

    /// Notifications are marked as read or as lapsed.
    mutating func settle(_ ids: [EventID]) {
        decode()
        for id in ids {
            if let position = positions.removeValue(forKey: id) { entries[position] = nil }
        }
        if entries.count > 64, positions.count < entries.count / 4 { closeUp() }
    }

    /// A life of the task ends.
    mutating func endLife(with end: Event) {
        decode()
        let left = entries[life...].compactMap(\.self)
        entries.removeSubrange(life...)
        for entry in left { positions[entry.event.id] = nil }
        let messages = left.filter { Self.isMessage($0.event) }
        for message in messages { append(message) }
        if !messages.isEmpty { append(Entry(event: end, isEnd: true)) }
        life = entries.count
    }

    private mutating func append(_ entry: Entry) {
        if !entry.isEnd { positions[entry.event.id] = entries.count }
        entries.append(entry)
    }

    /// Forgets what is settled, and the ends of lives that have nothing left.
    private mutating func closeUp() {
        let former = self
        self = Unread()
        for entry in former.kept(former.entries[..<former.life]) { append(entry) }
        life = entries.count
        for case let entry? in former.entries[former.life...] { append(entry) }
    }

    /// Of what lives have left unread, what is not settled, with their ends.
    private func kept(_ entries: ArraySlice<Entry?>) -> [Entry] {
        var kept: [Entry] = []
        for case let entry? in entries where !entry.isEnd || kept.last?.isEnd == false { kept.append(entry) }
        return kept
    }

    /// Whether a notification is one whose sender must hear that it reached no task. An order to rebase is void when the task
    /// has ended, and what a task tells itself it knows.
    private static func isMessage(_ notification: Event) -> Bool {
        notification.kind != .rebaseRequired && notification.source != notification.target
    }

    // MARK: - What there is

    /// What is unread, in the order in which it came.
    package var events: [Event] {
        let decoded = decoded
        return decoded.entries[decoded.life...].compactMap { $0?.event }
    }

    /// Whether lives that have ended have left something unread, as no mark says yet. Costs little.
    package var hasRemainders: Bool {
        encoded.map { $0.first == Line.remainder.rawValue } ?? !kept(entries[..<life]).isEmpty
    }

    /// What lives that have ended have left unread, as no mark says yet.
    package var remainders: [Remainder] {
        let decoded = decoded
        var remainders: [Remainder] = []
        var messages: [EventID] = []
        for entry in decoded.kept(decoded.entries[..<decoded.life]) {
            if entry.isEnd {
                remainders.append(Remainder(end: entry.event, messages: messages))
                messages = []
            } else {
                messages.append(entry.event.id)
            }
        }
        return remainders
    }
}

extension Unread: ProjectionPart {
    /// What a line is, in its first byte. What lives have left comes first.
    private enum Line: UInt8 {
        case remainder = 0x72  // r
        case end = 0x65  // e
        case unread = 0x75  // u
    }

    package init?(_ bytes: Span<UInt8>) {
        encoded = bytes.withUnsafeBufferPointer(Array.init)
    }

    package func encode(into bytes: inout [UInt8]) {
        if let encoded {
            bytes += encoded
            return
        }
        func add(_ line: Line, _ event: Event) {
            bytes.append(line.rawValue)
            event.encode(into: &bytes)
            bytes.append(UInt8(ascii: "\n"))
        }
        for entry in kept(entries[..<life]) { add(entry.isEnd ? .end : .remainder, entry.event) }
        for case let entry? in entries[life...] { add(.unread, entry.event) }
    }

    package var isEmpty: Bool { encoded?.isEmpty ?? positions.isEmpty }

    private mutating func decode() {
        if encoded != nil { self = decoded }
    }

    /// With all that is encoded.
    private var decoded: Unread {
        guard let encoded else { return self }
        var decoded = Unread()
        for line in encoded.split(separator: UInt8(ascii: "\n")) {
            let text = line.dropFirst()
            guard let kind = line.first.flatMap(Line.init), let event = try? EventLine(text.span).event(text.span)
            else {
                continue
            }
            decoded.append(Entry(event: event, isEnd: kind == .end))
            if kind != .unread { decoded.life = decoded.entries.count }
        }
        return decoded
    }
}
