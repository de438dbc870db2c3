// Who writes, and what happens when that fails.
//
// Whoever hands in lines puts them into the backlog. Whoever then gets hold of the file is the writer: it writes what
// has come together, its own lines and those of others, and gives the file back. So many threads share one system call,
// and one synchronization if there is one, without a thread for it.
//
// A publisher waits 100 ms at most. If its lines have not been written by then, or writing has failed, the log is in
// trouble: what is handed in goes to the backlog without waiting, as long as there is room, and a thread tries to write
// it until the disk has done its work for a while. Only the one whose own system call hangs is held.
//
// Everything that decides about an event's place – the backlog, the bus's ring, the file – happens in one order: events
// are delivered when they are written or when the trouble begins, in the order in which they were handed in.

import Logging

/// Whoever wants to know of events when their place in the order is settled.
package protocol EventSink: AnyObject, Sendable {
    /// Must return soon, and must not call the log.
    func deliver(_ events: [Event])
}

/// The writing half of an ``EventLog``.
final class LogWriter: Sendable {
    /// How long things may take, in ns.
    struct Timing: Sendable {
        /// How long somebody who publishes waits.
        var publishing: UInt64 = 100_000_000
        /// How long somebody waits who wants to know whether it has been written.
        var appending: UInt64 = 2_000_000_000
        /// Writing that takes longer is trouble, though it succeeds.
        var slow: UInt64 = 1_000_000_000
        /// The time between two attempts while there is trouble.
        var retry: UInt64 = 250_000_000
        /// The longest time between two attempts if each of them ends a file.
        var longestRetry: UInt64 = 60_000_000_000
        /// The time between two attempts while the disk works again.
        var drain: UInt64 = 5_000_000
        /// How long the disk must have worked before the trouble is over.
        var recovery: UInt64 = 1_000_000_000
        /// How long closing may take.
        var closing: UInt64 = 2_000_000_000
    }

    private enum Step: ~Copyable {
        case done(EventLog.Outcome)
        case write(ActiveSegment)

        /// To write, if the file is free.
        static func writing(_ file: consuming ActiveSegment?) -> Step? {
            if let file { .write(file) } else { nil }
        }
    }

    let config: EventLogConfig
    private let timing: Timing
    private let logger: Logger
    private let state: Lock<LogWriterState>
    /// Something has been written, or has failed, or the file is free.
    private let progress = Condition()
    /// There may be something to do for the thread.
    private let work = Condition()

    init(_ config: EventLogConfig, logger: Logger, fileSystem: any FileSystem, timing: Timing) {
        self.config = config
        self.timing = timing
        self.logger = logger
        state = Lock(LogWriterState(config, ActiveSegment(path: config.path, fileSystem: fileSystem), timing))
    }

    /// Opens the file.
    func open() throws(EventLogError) {
        try state.withLock { state throws(EventLogError) in _ = try state.file?.openIfNeeded() }
    }

    /// Opens the file; if that fails, the log is in trouble from the beginning.
    func openOrFail() {
        do throws(EventLogError) {
            try open()
        } catch {
            let trouble = error
            state.withLock { $0.fail(trouble) }
            report()
        }
    }

    var status: EventLogStatus { state.withLock { $0.status } }

    var waitingLines: Int { state.withLock { $0.waitingLines } }

    // MARK: - Handing in

    /// Hands in events that somebody publishes. They are delivered in any case; those that cannot be written in time
    /// wait in the buffer.
    ///
    /// - Parameters:
    ///   - logged: The events to write.
    ///   - delivery: The events to deliver.
    func publish(_ logged: [Event], _ delivery: PendingLines.Recipients) -> EventLog.Outcome {
        var item = PendingLines(logged, config)
        item.delivery = delivery
        switch hand(in: item) {
        case .settled(let outcome):
            ensureThread()
            return outcome
        case .waiting(let ticket): return outcome(of: ticket, count: logged.count, patience: timing.publishing)
        }
    }

    /// Hands in events for somebody who wants to know whether they have been written. What cannot be written is not
    /// kept.
    func append(_ events: [Event]) -> EventLog.Outcome {
        var item = PendingLines(events, config)
        item.isKept = false
        switch hand(in: item) {
        case .settled(let outcome): return outcome
        case .waiting(let ticket): return outcome(of: ticket, count: events.count, patience: timing.appending)
        }
    }

    /// Hands in events and returns when they are on the disk. Holds no thread meanwhile.
    func publishDurably(_ logged: [Event], _ delivery: PendingLines.Recipients) async throws(EventLogError) {
        let result = await withCheckedContinuation { continuation in
            var item = PendingLines(logged, config)
            item.delivery = delivery
            item.isAwaited = false
            item.synchronization = Synchronization(continuation)
            switch hand(in: item) {
            case .settled(let outcome): continuation.resume(returning: outcome.error)
            case .waiting: break
            }
            ensureThread()
            if let file = state.withLock({ $0.takeFileForUnsynchronized() }) {
                write(with: file, patience: timing.publishing, synchronizing: false)
            }
        }
        if let result { throw result }
    }

    private func hand(in item: PendingLines) -> LogWriterState.Entry {
        state.withLock { $0.take(in: item) }
    }

    /// Waits for the answer, and writes if nobody else does.
    private func outcome(of ticket: UInt64, count: Int, patience: UInt64) -> EventLog.Outcome {
        let deadline = MonotonicClock.now + patience
        while true {
            let step: Step? = state.wait(for: progress, until: deadline) { state in
                if let outcome = state.outcome(of: ticket, count) { return .done(outcome) }
                return .writing(state.file.take())
            }
            switch consume step {
            case .done(let outcome): return outcome
            case .write(let file):
                write(with: file, patience: patience)
            case nil:
                if let outcome = giveUp(ticket, count, patience: patience) { return outcome }
            }
        }
    }

    /// The time is over and nothing has come of it.
    private func giveUp(_ ticket: UInt64, _ count: Int, patience: UInt64) -> EventLog.Outcome? {
        let outcome = state.withLock { state in
            state.fail(.slow(config.path, nanoseconds: patience))
            return state.outcome(of: ticket, count)
        }
        progress.broadcast()
        report()
        ensureThread()
        guard outcome == nil else { return outcome }
        // It is being written at this moment, and its owner must know what comes of it.
        return state.wait(for: progress) { $0.outcome(of: ticket, count) }
    }

    // MARK: - Writing

    /// Writes some of what waits and gives the file back.
    private func write(with file: consuming ActiveSegment, patience: UInt64, synchronizing: Bool = true) {
        var file = file
        let flight = state.withLock { $0.takeOff(synchronizing: synchronizing) }
        let start = MonotonicClock.now
        let landing = flight.map { $0.fly(with: &file, patience: patience) } ?? Flight.Landing()
        let duration = MonotonicClock.now - start
        var returned = Optional(consume file)
        let lacksThread = state.withLock { state in
            state.land(landing, after: duration)
            state.giveBack(returned.take())
            return state.lacksThread
        }
        progress.broadcast()
        work.broadcast()
        report()
        if lacksThread { ensureThread() }
    }

    // MARK: - The thread

    /// Starts the thread if there is something for it to do.
    private func ensureThread() {
        let isNeeded = state.withLock { state in
            guard state.lacksThread else { return false }
            state.hasThread = true
            return true
        }
        guard isNeeded, !DetachedThread.start({ self.runThread() }) else { return work.broadcast() }
        state.withLock { $0.hasThread = false }
    }

    /// Does what nobody shall wait for: writes the backlog when the disk works again, and synchronizes.
    private func runThread() {
        while true {
            let time = state.withLock { $0.nextWork }
            let job: LogWriterState.Job? = state.wait(for: work, until: time) { $0.takeJob(waitingUntil: time) }
            switch consume job {
            case .write(let file): write(with: file, patience: timing.publishing)
            case .synchronize(let batch):
                let error = batch.run()
                state.withLock { $0.finish(batch, error) }
                progress.broadcast()
                report()
            case .end:
                return
            case .later: break
            case nil: break
            }
        }
    }

    // MARK: - Ending

    /// Waits until everything that was handed in is on the disk.
    func flush() throws(EventLogError) {
        try drain(until: MonotonicClock.now + timing.appending)
        let error = synchronizeEverything()
        report()
        if let error { throw error }
    }

    private func synchronizeEverything() -> EventLogError? {
        let batch = state.withLock { $0.everythingUnsynchronized() }
        let error = batch.run()
        state.withLock { $0.finish(batch, error) }
        return error
    }

    /// Writes the backlog, as far as that is possible until then.
    private func drain(until deadline: UInt64) throws(EventLogError) {
        var hasTried = false
        while true {
            let pause = state.withLock { $0.trouble == nil ? deadline : $0.nextAttempt }
            let step: Step? = state.wait(for: progress, until: min(pause, deadline)) { state in
                if state.isDrained { return .done(.init(written: 0)) }
                return !hasTried || state.isTimeToTry ? .writing(state.file.take()) : nil
            }
            hasTried = true
            switch consume step {
            case .done: return
            case .write(let file): write(with: file, patience: timing.publishing)
            case nil: break
            }
            guard MonotonicClock.now >= deadline else { continue }
            let slow = EventLogError.slow(config.path, nanoseconds: timing.appending)
            if let trouble = state.withLock({ $0.isDrained ? nil : $0.trouble ?? slow }) { throw trouble }
        }
    }

    /// Writes what can be written in a short time, and closes the file.
    ///
    /// - Parameter synchronizing: Whether to wait until it is on the disk.
    /// - Returns: Why it could not be synchronized.
    func close(synchronizing: Bool) -> EventLogError? {
        guard state.withLock({ $0.beginClosing() }) else { return nil }
        try? drain(until: MonotonicClock.now + timing.closing)
        var error: EventLogError?
        if synchronizing || config.durability != .os {
            error = synchronizeEverything()
            // The file has ended then, and what may be missing goes into the next one, which is as good.
            if error != nil, config.durability != .os, (try? drain(until: MonotonicClock.now + timing.closing)) != nil {
                error = synchronizeEverything()
            }
        }
        state.withLock { $0.close() }
        work.broadcast()
        progress.broadcast()
        report()
        return error
    }

    // MARK: - Reporting

    /// Tells what has changed, outside of the lock.
    private func report() {
        for message in state.withLock({ $0.takeMessages() }) {
            logger.log(level: message.level, "\(message.text)")
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
}
