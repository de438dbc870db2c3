// Streams on their way through the log. Those that are near each other share what is read. But clients take pages at
// different speeds and come at different times, and a log that is read once for each of them is read many times. So a stream
// that is ahead waits for one that comes after it, if that saves more than it costs: the one that comes after has less to
// catch up with than both have before them. Then clients that come at once cost the log once, and once more what is read
// while they come.
//
// No client holds up others without limit: one that doesn't take its page within a second isn't waited for, and no stream
// waits longer than ten seconds in all until it has reached the end of the log. A stream that is near the end, or follows,
// doesn't wait.
//
// Pure: it is told what happens and when, and says what to read next.

import NeuraphageEvents

/// For whom the log is read next.
struct Convoy {
    typealias ID = UInt64

    /// What to do next.
    enum Turn: Equatable {
        /// To read the page that begins there.
        case read(LogPosition?)
        /// To ask again with the log's measure.
        case measure
        /// To ask again when something has happened, or at this time, in ns of the clock `MonotonicClock`.
        case wait(until: UInt64)
    }

    private struct Member {
        /// Where the page begins that it asks for, or will ask for next.
        var position: LogPosition?
        /// When it got the page before that one, which is being sent to its client; `nil` while it asks.
        var servedAt: UInt64?
        /// Since when what it asks for is held back.
        var heldSince: UInt64?
        /// How long it was held back before, since it was at the end of the log.
        var waited: UInt64 = 0
    }

    /// How long a client may take for a page before it is no longer waited for, in ns.
    static let patience: UInt64 = 1_000_000_000
    /// How long a stream waits for others, in all, in ns.
    static let mostWaiting: UInt64 = 10_000_000_000

    private var members: [ID: Member] = [:]
    /// What is asked for, in the order in which it was asked for first.
    private var asked: [LogPosition?] = []

    /// A stream asks for the page that begins at a position.
    mutating func ask(_ id: ID, for position: LogPosition?) {
        let waited = members[id]?.waited ?? 0
        members[id] = Member(position: position, waited: waited)
        if !asked.contains(position) { asked.append(position) }
    }

    /// A stream got a page, which ends at a position, without asking.
    mutating func move(_ id: ID, to end: LogPosition?, at now: UInt64) {
        let waited = members[id]?.waited ?? 0
        members[id] = Member(position: end, servedAt: now, waited: waited)
    }

    /// A page was read for all that ask for it.
    ///
    /// - Parameter isLast: Whether the log ends where the page ends.
    mutating func serve(_ position: LogPosition?, upTo end: LogPosition?, isLast: Bool, at now: UInt64) {
        asked.removeAll { $0 == position }
        for (id, member) in members where member.servedAt == nil && member.position == position {
            let held = member.heldSince.map { now - min($0, now) } ?? 0
            let waited = isLast ? 0 : member.waited.saturatingPlus(held)
            members[id] = Member(position: end, servedAt: now, waited: waited)
        }
    }

    /// A stream has ended.
    mutating func leave(_ id: ID) {
        guard let member = members.removeValue(forKey: id), member.servedAt == nil else { return }
        let isAsked = members.values.contains { $0.servedAt == nil && $0.position == member.position }
        if !isAsked { asked.removeAll { $0 == member.position } }
    }

    /// What to read next: what was asked for first, leaving out what is held back for streams that come after.
    ///
    /// - Parameters:
    ///   - measure: The log's measure, if it is known: it is asked for only if it matters.
    ///   - isKept: Whether the page that begins at a position has been read, and will be kept when one more has been.
    mutating func turn(at now: UInt64, _ measure: LogMeasure?, isKept: (LogPosition?) -> Bool) -> Turn {
        // Where those are that would part from the others, and until when they are waited for.
        let parting = members.values.compactMap { member -> (position: LogPosition?, until: UInt64)? in
            let until = member.servedAt?.saturatingPlus(Self.patience) ?? .max
            return until > now && !isKept(member.position) ? (member.position, until) : nil
        }
        var wake = UInt64.max
        for position in asked {
            let others = parting.filter { Self.isBefore($0.position, position) }
            if others.isEmpty { return .read(position) }
            guard let measure else { return .measure }
            let left = measure.bytes(from: position, to: nil)
            let awaited = others.filter { measure.bytes(from: $0.position, to: position) < left }
            let end = patienceEnd(ofThoseAt: position, at: now)
            guard let until = awaited.map(\.until).min(), end > now else { return .read(position) }
            hold(position, at: now)
            wake = min(wake, until, end)
        }
        return .wait(until: wake)
    }

    /// Until when those that ask for a page wait for others.
    private func patienceEnd(ofThoseAt position: LogPosition?, at now: UInt64) -> UInt64 {
        members.values.reduce(.max) { end, member in
            guard member.servedAt == nil, member.position == position else { return end }
            let left = Self.mostWaiting - min(member.waited, Self.mostWaiting)
            return min(end, (member.heldSince ?? now).saturatingPlus(left))
        }
    }

    private mutating func hold(_ position: LogPosition?, at now: UInt64) {
        for (id, member) in members where member.servedAt == nil && member.position == position {
            members[id]?.heldSince = member.heldSince ?? now
        }
    }

    /// Whether one position comes before another one; the beginning of the log comes before all.
    private static func isBefore(_ left: LogPosition?, _ right: LogPosition?) -> Bool {
        guard let right else { return false }
        return left.map { $0 < right } ?? true
    }
}
