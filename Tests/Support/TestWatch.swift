// The watch over one running test: when its time is over, the test is cancelled and fails. If it still does not end, the
// process says which tests run, what they wait for and which processes they have started, and aborts. A run of the tests
// therefore ends, whatever hangs.

import Foundation
import NeuraphageEvents

/// A test that runs, or waits for its place.
package final class TestWatch: Sendable {
    private struct State: Sendable {
        var waits: [Int: String] = [:]
        var nextWait = 0
        var begin: UInt64 = 0
        var alarms: [Alarm] = []
        var cancel: (@Sendable () -> Void)?
        var isOverdue = false
    }

    /// The watch over the test that the current task belongs to.
    @TaskLocal package static var current: TestWatch?

    private static let running = Lock<[ObjectIdentifier: TestWatch]>([:])

    private let name: String
    private let limit: Duration
    private let grace: Duration
    private let state = Lock(State())

    /// - Parameter grace: How long a test may go on after it was cancelled.
    package init(_ name: String, limit: Duration, grace: Duration = .seconds(60)) {
        self.name = name
        self.limit = limit
        self.grace = grace
    }

    /// Begins to count the test's time.
    package func begin() {
        Self.running.withLock { $0[ObjectIdentifier(self)] = self }
        let alarms = [
            Alarm(after: limit) { self.cancel() },
            Alarm(after: limit + grace) { self.abort() },
        ]
        state.withLock { state in
            state.begin = MonotonicClock.now
            state.alarms = alarms
        }
    }

    /// The test has ended.
    package func end() {
        let alarms = state.withLock { state in
            defer { state.alarms = [] }
            return state.alarms
        }
        for alarm in alarms { alarm.turnOff() }
        Self.running.withLock { $0[ObjectIdentifier(self)] = nil }
    }

    /// Runs the test in a task that can be cancelled.
    ///
    /// - Throws: What the test throws, and a ``WaitFailure`` if its time was over.
    package func run(_ body: () async throws -> Void) async throws {
        do {
            try await withUnsafeCurrentTask { task in
                // It is given back before the task can end.
                nonisolated(unsafe) let task = task
                state.withLock { $0.cancel = { task?.cancel() } }
                defer { state.withLock { $0.cancel = nil } }
                try await Self.$current.withValue(self) { try await body() }
            }
        } catch {
            throw isOverdue ? overdue(" and threw \(error)") : error
        }
        if isOverdue { throw overdue("") }
    }

    private var isOverdue: Bool { state.withLock { $0.isOverdue } }

    private func overdue(_ consequence: String) -> WaitFailure {
        WaitFailure(description: "the test took longer than \(limit.inSeconds), was cancelled\(consequence)")
    }

    // MARK: - What it waits for

    func beginWait(for what: String) -> Int {
        state.withLock { state in
            state.nextWait += 1
            state.waits[state.nextWait] = what
            return state.nextWait
        }
    }

    func endWait(_ number: Int) {
        state.withLock { $0.waits[number] = nil }
    }

    // MARK: - When its time is over

    /// Swift Testing takes note of the cancellation on this thread, which no test runs on, and records besides that "an API
    /// was misused". The test's failure says more.
    private func cancel() {
        state.withLock { state in
            state.isOverdue = true
            state.cancel?()
        }
        Self.say("\(name) has taken longer than \(limit.inSeconds) and is cancelled.\n\(waits)")
    }

    private func abort() {
        let others = Self.running.withLock { $0.values.filter { $0 !== self } }.map { "\($0.name)\n\($0.waits)" }
        let children = RunningProcess.children
        Self.say(
            """
            \(name) was cancelled \(grace.inSeconds) ago and has not ended, so that the run ends here.
            \(waits)Other tests that run:
            \(others.joined())Processes that the tests have started:
            \(children.map { "    \($0)\n" }.joined())hint: SWIFT_BACKTRACE=enable=yes,threads=all shows where each thread is
            """
        )
        for child in children { kill(child.id, SIGKILL) }
        TemporaryDirectory.removeAll()
        Foundation.abort()
    }

    /// What it does at the moment, a line each.
    private var waits: String {
        let (waits, begin) = state.withLock { ($0.waits, $0.begin) }
        let age = "    for \((MonotonicClock.now - begin) / 1_000_000_000) s"
        guard !waits.isEmpty else { return age + "; it waits for nothing that it has announced\n" }
        return waits.sorted { $0.key < $1.key }.map { "\(age); it waits for \($0.value)\n" }.joined()
    }

    private static func say(_ text: String) {
        FileHandle.standardError.write(Data("\n\(text)\n".utf8))
    }
}
