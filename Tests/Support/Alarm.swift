// Alarms that ring though every thread of the cooperative pool is blocked: one thread of our own waits for all of them.
//
// The limits of the tests depend on it. A task that sleeps needs a free thread of the pool to notice that the time is
// over, and a test that has no such thread left is what the limits are for.

import NeuraphageEvents

/// Calls something once, after some time, unless it is turned off before.
package final class Alarm: Sendable {
    private enum State: Sendable {
        case set, rung, off
    }

    private let state = Lock(State.set)
    private let action: @Sendable () -> Void

    /// - Parameter action: What happens when the time is over. It runs on the thread of all alarms, so it must not block.
    package init(after time: Duration, _ action: @escaping @Sendable () -> Void) {
        self.action = action
        AlarmClock.shared.add(self, at: MonotonicClock.moment(after: time))
    }

    /// When this returns, the action has been completed or will never run.
    ///
    /// - Returns: Whether it has rung.
    @discardableResult
    package func turnOff() -> Bool {
        let hasRung = state.withLock { state in
            if case .rung = state { return true }
            state = .off
            return false
        }
        if !hasRung { AlarmClock.shared.remove(self) }
        return hasRung
    }

    fileprivate func ring() {
        state.withLock { state in
            guard case .set = state else { return }
            action()
            state = .rung
        }
    }
}

/// The thread that waits for the next alarm.
private final class AlarmClock: Sendable {
    private struct State: Sendable {
        var alarms: [ObjectIdentifier: (alarm: Alarm, time: UInt64)] = [:]
        var hasThread = false
    }

    static let shared = AlarmClock()

    private let state = Lock(State())
    private let changed = Condition()

    func add(_ alarm: Alarm, at time: UInt64) {
        let needsThread = state.withLock { state in
            state.alarms[ObjectIdentifier(alarm)] = (alarm, time)
            defer { state.hasThread = true }
            return !state.hasThread
        }
        changed.broadcast()
        guard needsThread else { return }
        precondition(DetachedThread.start { self.run() }, "there is no thread left to wait for alarms")
    }

    func remove(_ alarm: Alarm) {
        state.withLock { _ = $0.alarms.removeValue(forKey: ObjectIdentifier(alarm)) }
    }

    private func run() {
        while true {
            let next = state.withLock { $0.alarms.values.map(\.time).min() ?? .max }
            let due: [Alarm]? = state.wait(for: changed, until: next) { state in
                let now = MonotonicClock.now
                let due = state.alarms.values.filter { $0.time <= now }.sorted { $0.time < $1.time }.map(\.alarm)
                for alarm in due { state.alarms[ObjectIdentifier(alarm)] = nil }
                // A new alarm may be the next one.
                let first = state.alarms.values.map(\.time).min() ?? .max
                return due.isEmpty && first >= next ? nil : due
            }
            for alarm in due ?? [] { alarm.ring() }
        }
    }
}
