// How a caller that cannot go on yet learns that it can. Both kinds are resumed outside of the writers' lock.

/// A thread that waits until its lines are settled, or until it is called to write.
final class WaitingThread: Sendable {
    enum Call: Sendable {
        case settled(EventLog.Outcome)
        /// Nothing is being written: if that is still so, this thread is the writer now.
        case write
    }

    private struct State: Sendable {
        var outcome: EventLog.Outcome?
        var isCalled = false
    }

    private let state = Lock(State())
    private let call = Condition()

    func settle(_ outcome: EventLog.Outcome) {
        state.withLock { $0.outcome = outcome }
        call.broadcast()
    }

    func callToWrite() {
        state.withLock { $0.isCalled = true }
        call.broadcast()
    }

    /// Blocks the thread until there is a call for it.
    ///
    /// - Returns: `nil` if there is none at the deadline, in ns.
    func wait(until deadline: UInt64) -> Call? {
        state.wait(for: call, until: deadline) { state in
            if let outcome = state.outcome { return .settled(outcome) }
            guard state.isCalled else { return nil }
            state.isCalled = false
            return .write
        }
    }
}

/// A task that waits until its lines are on the disk. The first of several answers counts, so that it may be cancelled
/// at any time.
final class WaitingTask: Sendable {
    private enum State: Sendable {
        case running
        case suspended(CheckedContinuation<EventLogError?, Never>)
        case resumed(EventLogError?)
    }

    private let state = Lock(State.running)

    /// Waits for the answer.
    ///
    /// - Parameter begin: Called once the task may be resumed.
    func wait(_ begin: () -> Void) async -> EventLogError? {
        await withCheckedContinuation { continuation in
            let answer: EventLogError?? = state.withLock { state in
                if case .resumed(let error) = state { return error }
                state = .suspended(continuation)
                return nil
            }
            if let answer { continuation.resume(returning: answer) }
            begin()
        }
    }

    /// Lets the task go on: with an error if the lines may not be on the disk.
    func resume(_ error: EventLogError?) {
        let continuation: CheckedContinuation<EventLogError?, Never>? = state.withLock { state in
            defer { if case .resumed = state {} else { state = .resumed(error) } }
            if case .suspended(let continuation) = state { return continuation }
            return nil
        }
        continuation?.resume(returning: error)
    }
}
