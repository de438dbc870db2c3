// How tests wait: for a condition, with a limit, after which the test fails and says what it waited for.
//
// This is the one place that polls. Tests/TestSupportTests/TestRulesTests.swift fails if a test sleeps, polls or waits
// without a limit elsewhere. A test waits on its own thread (see TestThreads), so it takes no thread from the daemon or
// the log that it waits for.

import Foundation
package import NeuraphageEvents

/// What a test waited for in vain.
package struct WaitFailure: Error, CustomStringConvertible {
    package let description: String
}

/// How long a test waits for one thing. This is not a promise about speed: it is far longer than anything takes on a busy
/// machine, and shorter than a test's limit.
package let patience: Duration = .seconds(120)

/// Waits until a condition holds that another thread or process brings about.
///
/// - Parameter what: What brings it about, as the end of the sentence "waited 120 s for …".
package func wait(
    for what: @autoclosure () -> String,
    limit: Duration = patience,
    until condition: () throws -> Bool
) throws {
    let wait = try OngoingWait(what(), limit)
    defer { wait.end() }
    while try !condition() { try wait.pause() }
}

/// Waits until a condition holds that takes a request or a process to check.
package func wait(
    for what: @autoclosure () -> String,
    limit: Duration = patience,
    until condition: () async throws -> Bool
) async throws {
    let wait = try OngoingWait(what(), limit)
    defer { wait.end() }
    while try await !condition() { try wait.pause() }
}

/// Waits until a value that a lock protects is as it should be.
///
/// - Parameter changed: What is signalled whenever the value has changed.
/// - Returns: What `body` returns as soon as that is not `nil`.
package func wait<Value, Result>(
    for what: @autoclosure () -> String,
    limit: Duration = patience,
    on lock: Lock<Value>,
    _ changed: Condition,
    _ body: (inout sending Value) -> sending Result?
) throws -> Result {
    let wait = try OngoingWait(what(), limit)
    defer { wait.end() }
    guard let result = lock.wait(for: changed, until: wait.deadline, body) else { throw wait.failure }
    return result
}

/// Runs something that ends by itself, or when its task is cancelled: the next element of a stream, the end of a process.
/// When the limit is over, the task is cancelled.
package func within<Result>(
    _ what: @autoclosure () -> String,
    limit: Duration = patience,
    _ body: () async throws -> Result
) async throws -> Result {
    let wait = OngoingWait(awaiting: what(), limit)
    defer { wait.end() }
    return try await withUnsafeCurrentTask { task in
        // The alarm is turned off before the task can end.
        nonisolated(unsafe) let task = task
        let alarm = Alarm(after: limit) { task?.cancel() }
        do {
            let result = try await body()
            if alarm.turnOff() { throw wait.failure }
            return result
        } catch {
            throw alarm.turnOff() ? wait.failure : error
        }
    }
}

/// Takes as long as a slow device would. This is not a way to wait for something.
package func takeTime(_ time: Duration) {
    let end = MonotonicClock.moment(after: time)
    while case let now = MonotonicClock.now, now < end { usleep(UInt32(min(end - now, 500_000_000) / 1_000 + 1)) }
}

/// One wait, of which the watch over the test knows while it lasts.
package struct OngoingWait {
    private let what: String
    private let limit: Duration
    private let watch = TestWatch.current
    private let number: Int?
    /// In ns of the monotonic clock.
    package let deadline: UInt64

    /// A wait that blocks the thread.
    package init(_ what: String, _ limit: Duration = patience) throws {
        self.init(awaiting: what, limit)
        // A thread without a task is one that a test has started.
        guard TestThreads.isCurrent || withUnsafeCurrentTask(body: { $0 == nil }) else {
            end()
            throw WaitFailure(
                description:
                    "waiting for \(what) would block a thread of the cooperative pool: put .apart at the suite, "
                    + "and wait in the test's own task"
            )
        }
    }

    /// A wait that suspends the task.
    init(awaiting what: String, _ limit: Duration) {
        self.what = what
        self.limit = limit
        deadline = MonotonicClock.moment(after: limit)
        number = watch?.beginWait(for: what)
    }

    package func end() {
        if let number { watch?.endWait(number) }
    }

    /// Milliseconds until the limit, for poll(2).
    package var millisecondsLeft: Int32 {
        let now = MonotonicClock.now
        return now < deadline ? Int32(clamping: (deadline - now) / 1_000_000 + 1) : 0
    }

    /// Lets some time go by before the condition is checked again.
    func pause() throws {
        guard MonotonicClock.now < deadline else { throw failure }
        try Task.checkCancellation()
        usleep(500)
    }

    package var failure: WaitFailure { WaitFailure(description: "waited \(limit.inSeconds) for \(what)") }
}

extension Duration {
    /// `120 s`, or a fraction if it is short.
    package var inSeconds: String {
        let (seconds, attoseconds) = components
        return attoseconds == 0
            ? "\(seconds) s" : String(format: "%.3f s", Double(seconds) + Double(attoseconds) / 1e18)
    }
}
