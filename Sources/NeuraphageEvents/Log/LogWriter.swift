// The thin shell around the writer's state machine: the lock, the file, the clock, and the threads.
//
// A caller takes a step of the machine under the lock, performs what it decided after the lock has been released, and then
// does what its turn says: return, write, or wait. Under the lock nothing is written, waited for or resumed, and no code
// runs that is not the log's own; only events are inserted into the bus's ring there, so that the ring has the order of
// the log.

import Logging

/// The writing half of an ``EventLog``.
final class LogWriter: Sendable {
    /// How long things may take, in ns.
    struct Timing: Sendable {
        /// How long a publisher waits.
        var publishing: UInt64 = 100_000_000
        /// How long an appender waits.
        var appending: UInt64 = 2_000_000_000
        /// Writing that takes longer is trouble, though it succeeds.
        var slow: UInt64 = 1_000_000_000
        /// The time between two attempts while there is trouble.
        var retry: UInt64 = 250_000_000
        /// The longest time between two attempts to synchronize.
        var longestRetry: UInt64 = 1_000_000_000
        /// The longest time between two attempts if each of them ends a segment.
        var longestResumptionRetry: UInt64 = 60_000_000_000
        /// The time between two attempts while the disk works again.
        var drain: UInt64 = 5_000_000
        /// How long the disk must have worked before the trouble is over.
        var recovery: UInt64 = 1_000_000_000
        /// How long closing may take.
        var closing: UInt64 = 2_000_000_000
        /// The same for a log in trouble, if what cannot be written is left elsewhere.
        var leaving: UInt64 = 50_000_000
    }

    let config: EventLogConfig
    private let timing: Timing
    private let logger: Logger
    private let state: Lock<LogWriterState>
    /// The file. Only the writer locks it, and there is one at a time, so that nothing waits for this lock.
    private let file: Lock<ActiveSegment?>
    /// Whether there is something for the log's own thread.
    private let isCalled = Lock(false)
    private let call = Condition()

    init(_ config: EventLogConfig, logger: Logger, fileSystem: any FileSystem, timing: Timing) {
        self.config = config
        self.timing = timing
        self.logger = logger
        state = Lock(LogWriterState(config, timing))
        file = Lock(ActiveSegment(path: config.path, fileSystem: fileSystem))
    }

    /// Opens the file.
    func open() throws(EventLogError) {
        let segment = try file.withLock { file throws(EventLogError) in try file?.openIfNeeded() }
        if let segment { step { state, _ in state.opened(segment) } }
    }

    /// Opens the file; if that fails, the log is in trouble from the beginning.
    func openOrFail() {
        do throws(EventLogError) {
            try open()
        } catch {
            let trouble = error
            step { $0.failedToOpen(trouble, at: $1) }
        }
    }

    var status: EventLogStatus { state.withLock { $0.status } }

    var waitingLines: Int { state.withLock { $0.waitingLines } }

    // MARK: - Handing in

    /// Hands in what a publisher publishes. It is delivered in any case; lines that cannot be written in time wait in the
    /// buffer.
    ///
    /// - Parameters:
    ///   - logged: The events to write.
    ///   - recipients: The events to deliver.
    func publish(_ logged: [Event], _ recipients: Submission.Recipients) -> EventLog.Outcome {
        outcome(of: .publishing, PendingLines(logged, config), recipients, patience: timing.publishing)
    }

    /// Hands in what an appender appends. What cannot be written is not kept.
    func append(_ events: [Event], waitingAtMost patience: UInt64? = nil) -> EventLog.Outcome {
        outcome(of: .appending, PendingLines(events, config), patience: patience ?? timing.appending)
    }

    /// Hands in events, and returns when they are on the disk. The log's own thread writes and synchronizes them.
    func publishDurably(_ logged: [Event], _ recipients: Submission.Recipients) async throws(EventLogError) {
        let task = WaitingTask()
        let submission = Submission(
            .publishing,
            PendingLines(logged, config),
            recipients,
            caller: .task(task),
            deadline: .max
        )
        let error = await withTaskCancellationHandler {
            await task.wait { step { $0.submit(submission, at: $1) } }
        } onCancel: {
            task.resume(.cancelled(config.path))
        }
        if let error { throw error }
    }

    /// Hands in lines, and does what it takes until they are settled.
    private func outcome(
        of purpose: Submission.Purpose,
        _ lines: PendingLines,
        _ recipients: Submission.Recipients? = nil,
        patience: UInt64
    ) -> EventLog.Outcome {
        var deadline = MonotonicClock.now + patience
        let caller = purpose == .draining ? Submission.Caller.thread(WaitingThread()) : .writer
        let submission = Submission(purpose, lines, recipients, caller: caller, deadline: deadline)
        var turn = step { $0.submit(submission, at: $1) }
        while true {
            switch turn {
            case .settled(let outcome): return outcome
            case .write(let flight): turn = fly(flight)
            case .wait(let thread, let id):
                switch thread.wait(until: deadline) {
                case .settled(let outcome): return outcome
                case .write: turn = step { $0.come(id, thread, at: $1) }
                case nil:
                    deadline = .max
                    turn = step { $0.timeIsOver(purpose, id, thread, at: $1) }
                }
            case .nothing, .synchronize, .sleep, .end: preconditionFailure("a caller got the thread's turn")
            }
        }
    }

    // MARK: - Performing

    /// Takes a step of the state machine, and performs what it decides.
    @discardableResult
    private func step(
        _ decide: (inout LogWriterState, _ now: UInt64) -> LogWriterState.Decision
    ) -> LogWriterState.Turn {
        let (decision, sleepers) = state.withLock { state in
            let decision = decide(&state, MonotonicClock.now)
            var sleepers: [CheckedContinuation<Void, Never>] = []
            for case .deliver(let recipients) in decision.actions {
                sleepers += recipients.sink.insert(recipients.events)
            }
            return (decision, sleepers)
        }
        for sleeper in sleepers { sleeper.resume() }
        for action in decision.actions { perform(action) }
        return decision.turn
    }

    private func perform(_ action: WriterAction) {
        switch action {
        case .deliver, .release: break
        case .closeFile:
            let closed = file.withLock { $0.take() }
            _ = consume closed
        case .settle(let thread, let outcome): thread.settle(outcome)
        case .callToWrite(let thread): thread.callToWrite()
        case .resume(let task, let error): task.resume(error)
        case .warn(let text): logger.warning("\(text)")
        case .note(let text): logger.notice("\(text)")
        case .wakeThread: wakeThread()
        case .startThread:
            if DetachedThread.start({ self.runThread() }) { return }
            step { [config] in $0.lacksThread(.noThread(config.path), at: $1) }
        }
    }

    /// Writes, and tells the state machine what came of it.
    private func fly(_ flight: Flight) -> LogWriterState.Turn {
        let start = MonotonicClock.now
        let landing = file.withLock { file in
            guard var segment = file.take() else { return Flight.Landing() }
            let landing = flight.fly(with: &segment)
            file = consume segment
            return landing
        }
        return step { $0.landed(landing, after: $1 - start, at: $1) }
    }

    // MARK: - The log's own thread

    private func wakeThread() {
        isCalled.withLock { $0 = true }
        call.broadcast()
    }

    private func runThread() {
        while true {
            switch step({ $0.nextJob(at: $1) }) {
            case .write(let flight): _ = fly(flight)
            case .synchronize(let batch): _ = synchronize(batch)
            case .sleep(let time):
                let _: Bool? = isCalled.wait(for: call, until: time) { isCalled in
                    defer { isCalled = false }
                    return isCalled ? true : nil
                }
            case .end: return
            case .nothing, .settled, .wait: preconditionFailure("the thread got a caller's turn")
            }
        }
    }

    private func synchronize(_ batch: SyncLedger.Batch) -> EventLogError? {
        let error = batch.synchronize()
        step { $0.synchronized(batch, error, at: $1) }
        return error ?? batch.failure
    }

    // MARK: - Ending

    /// Delivers at once what still waits to be written.
    func deliver() {
        step { state, _ in state.deliver() }
    }

    /// Waits until everything that was handed in is on the disk.
    func flush() throws(EventLogError) {
        if let error = drain(patience: timing.appending) ?? synchronizeEverything() { throw error }
    }

    /// Writes what waits, as far as that is possible in time.
    private func drain(patience: UInt64) -> EventLogError? {
        outcome(of: .draining, PendingLines(), patience: patience).error
    }

    private func synchronizeEverything() -> EventLogError? {
        guard case .synchronize(let batch) = step({ state, _ in state.synchronizeEverything() }) else { return nil }
        return synchronize(batch)
    }

    /// Writes what can be written in a short time, and closes the file.
    ///
    /// - Parameters:
    ///   - isSynchronized: Whether to wait until it is on the disk.
    ///   - troublePatience: How long to wait for a log in trouble, in ns; as long as for any other if you don't say.
    ///   - leave: Leaves what could not be written elsewhere for the log, and returns whether it could.
    /// - Returns: Why it could not be synchronized.
    func close(
        synchronizing isSynchronized: Bool,
        waitingInTrouble troublePatience: UInt64? = nil,
        leavingRest leave: ([PendingLines]) -> Bool = { _ in false }
    ) -> EventLogError? {
        guard state.withLock({ $0.beginClosing() }) else { return nil }
        let patience = status.trouble == nil ? timing.closing : troublePatience ?? timing.closing
        _ = drain(patience: patience)
        var error: EventLogError?
        if isSynchronized || config.durability != .os {
            error = synchronizeEverything()
            // The segment ends then, and what may be missing goes into the next one, which is as good.
            if error != nil, config.durability != .os, drain(patience: patience) == nil {
                error = synchronizeEverything()
            }
        }
        let rest = state.withLock { $0.rest }
        let isLeft = !rest.isEmpty && leave(rest)
        step { $0.close(leavingRest: isLeft, at: $1) }
        return error
    }

    /// The same, with less time for a log in trouble, because what cannot be written is not lost.
    func close(synchronizing isSynchronized: Bool, leavingRest leave: ([PendingLines]) -> Bool) -> EventLogError? {
        close(synchronizing: isSynchronized, waitingInTrouble: timing.leaving, leavingRest: leave)
    }
}

extension SyncLedger.Batch {
    /// Waits until it is on the disk.
    fileprivate func synchronize() -> EventLogError? {
        do throws(EventLogError) {
            for segment in segments { try segment.synchronize() }
            return nil
        } catch {
            return error
        }
    }
}

extension EventLogError {
    static func slow(_ path: String, nanoseconds: UInt64) -> EventLogError {
        EventLogError(
            .writeFailed,
            path: path,
            because: "writing to \(path) takes longer than \(nanoseconds / 1_000_000) ms"
        )
    }

    fileprivate static func cancelled(_ path: String) -> EventLogError {
        EventLogError(
            .cancelled,
            path: path,
            because: "the task was cancelled before the events were known to be on the disk with \(path)"
        )
    }

    fileprivate static func noThread(_ path: String) -> EventLogError {
        EventLogError(.writeFailed, path: path, because: "cannot write to \(path): the system has no thread left")
    }
}
