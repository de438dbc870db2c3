// Of which events a user is told, and when: a state machine without I/O, clock, or threads. Its caller hands in what the log
// says, in the log's order, and runs the commands that it hands out.
//
// Invariants: of an event the user is told once at most, also by the next daemon, which is given what this one has told. Of a
// wait that has ended before its grace is over they are not told, whichever of its two events is read first. What waits to be
// told is bounded, and what finds no room is counted. A command that hangs delays only what the same command is for.

import NeuraphageEvents

/// What is to be told, and what was.
struct AlertState {
    /// Something to tell the user.
    struct Alert: Hashable {
        let occasion: AlertOccasion
        let event: Event
    }

    /// How many commands run at once for one sort of occasion.
    static let mostAtOnce = 3
    /// How many alerts wait at most.
    static let mostPending = 1_000
    /// How many ids are remembered. An event is read twice only shortly after a daemon was started, or if the log's file was
    /// replaced.
    static let mostRemembered = 1_000

    private let occasions: Set<AlertOccasion>
    private let grace: Duration
    /// Of what is read again, events before that are no news: a daemon has told of them, or the user was without one.
    private var horizon: (waits: Timestamp, others: Timestamp)
    /// When the latest event happened that was read.
    private var latest: Timestamp?
    /// The events of which the user was told, the oldest first.
    private(set) var told: [EventID]
    /// Waits whose end was read before their beginning.
    private var ended: [EventID] = []
    private var pending: [(alert: Alert, due: Duration)] = []
    private var running: [AlertOccasion: Int] = [:]
    /// How many alerts found no room since that was asked last.
    private var omitted = 0

    /// - Parameters:
    ///   - occasions: Of what the user wants to be told.
    ///   - grace: How long a wait goes on before.
    ///   - horizon: Since when events are news that are read again; waits, as much earlier as their grace is long.
    ///   - told: The events of which the user was told before, the oldest first.
    init(_ occasions: Set<AlertOccasion>, grace: Duration, since horizon: Timestamp, told: [EventID] = []) {
        self.occasions = occasions
        self.grace = grace
        self.horizon = (horizon - grace, horizon)
        self.told = told
    }

    /// Takes an event of the log.
    ///
    /// - Parameters:
    ///   - age: How long ago it happened. Less than nothing counts as nothing: clocks differ.
    ///   - now: The time since some moment.
    ///   - isReadAgain: Whether it may have been read before, by this daemon or another one.
    mutating func read(_ event: Event, age: Duration, at now: Duration, isReadAgain: Bool = false) {
        defer { latest = max(latest ?? event.timestamp, event.timestamp) }
        if event.kind == .agentResumed {
            if let begin = event.payload.string("begin") { end(EventID(begin)) }
            return
        }
        guard let occasion = AlertOccasion(event), occasions.contains(occasion),
            !isReadAgain || event.timestamp >= (occasion == .wait ? horizon.waits : horizon.others),
            !told.contains(event.id), !ended.contains(event.id),
            !pending.contains(where: { $0.alert.event.id == event.id })
        else { return }
        guard pending.count < Self.mostPending else {
            omitted += 1
            return
        }
        let grace = occasion == .wait ? max(.zero, grace - max(.zero, age)) : .zero
        pending.append((Alert(occasion: occasion, event: event), now + grace))
    }

    /// Notes that what comes next may have been read before, because the log's file was replaced.
    mutating func beginAgain() {
        if let latest { horizon = (latest, latest) }
    }

    private mutating func end(_ wait: EventID) {
        let count = pending.count
        pending.removeAll { $0.alert.occasion == .wait && $0.alert.event.id == wait }
        if pending.count == count { Self.remember(wait, in: &ended) }
    }

    /// The alerts whose commands are to be run now, the oldest first. They count as told from now on: the caller writes
    /// ``told`` down before it runs them.
    mutating func takeDue(at now: Duration) -> [Alert] {
        var due: [Alert] = []
        var rest: [(alert: Alert, due: Duration)] = []
        for next in pending {
            if next.due <= now, hasRoom(for: next.alert.occasion) {
                running[next.alert.occasion, default: 0] += 1
                Self.remember(next.alert.event.id, in: &told)
                due.append(next.alert)
            } else {
                rest.append(next)
            }
        }
        pending = rest
        return due
    }

    /// Notes that a command for an occasion has ended.
    mutating func finish(_ occasion: AlertOccasion) { running[occasion, default: 1] -= 1 }

    /// When something is due next for which there is room to run a command.
    var nextDue: Duration? { pending.filter { hasRoom(for: $0.alert.occasion) }.map(\.due).min() }

    private func hasRoom(for occasion: AlertOccasion) -> Bool { running[occasion, default: 0] < Self.mostAtOnce }

    /// How many alerts found no room since this was called last.
    mutating func takeOmitted() -> Int {
        defer { omitted = 0 }
        return omitted
    }

    private static func remember(_ id: EventID, in ids: inout [EventID]) {
        ids.append(id)
        if ids.count > mostRemembered { ids.removeFirst(ids.count - mostRemembered) }
    }
}
