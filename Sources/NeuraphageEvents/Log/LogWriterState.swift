// The writer as a state machine: what is handed in, what is being written, the trouble, and what is not on the disk yet.
//
// Pure: no I/O, no clock, no waiting, and nothing is resumed. Each step is told the time, and returns a decision: what the
// caller is to do next, and the actions to perform after the lock has been released. So every promise of the writer is a
// table in a test. ``WriterQueue`` says who writes what, ``TroublePolicy`` when to try again, ``SyncLedger`` what is not
// on the disk; this puts the three together.

struct LogWriterState: Sendable {
    /// What a caller, or the log's thread, is to do next.
    enum Turn: Sendable {
        case nothing
        case settled(EventLog.Outcome)
        case write(Flight)
        /// Wait to be called; `id` is what to say then.
        case wait(WaitingThread, id: UInt64)
        case synchronize(SyncLedger.Batch)
        /// For the log's thread: until then, in ns.
        case sleep(until: UInt64)
        case end
    }

    struct Decision: Sendable {
        var turn = Turn.nothing
        var actions: [WriterAction] = []
    }

    /// What the log's own thread does. It exists only while there is something that no caller does.
    enum ThreadState: Hashable, Sendable {
        case none, working
        case sleeping(until: UInt64)
    }

    let config: EventLogConfig
    let timing: LogWriter.Timing
    var queue: WriterQueue
    var trouble: TroublePolicy
    var ledger: SyncLedger
    var thread = ThreadState.none

    var written = 0
    var lostAtEnd = 0
    /// How many of these were being written when the log was closed, and may be written all the same.
    var lostInFlight = 0
    var isClosing = false
    var isClosed = false
    /// Whether what was not written when the log was closed has been left elsewhere for it.
    var isRestLeft = false

    init(_ config: EventLogConfig, _ timing: LogWriter.Timing) {
        self.config = config
        self.timing = timing
        queue = WriterQueue(limit: config.bufferBytes)
        trouble = TroublePolicy(timing)
        ledger = SyncLedger(durability: config.durability, limit: config.bufferBytes)
    }

    var status: EventLogStatus {
        let waiting = queue.backlog.eventCount + queue.inFlight.reduce(0) { $0 + $1.lines.eventCount }
        return EventLogStatus(
            trouble: trouble.error,
            written: written,
            buffered: trouble.error == nil || isClosed ? 0 : waiting,
            lost: queue.backlog.lost + lostAtEnd
        )
    }

    /// How many events wait to be written, also if nothing is wrong.
    var waitingLines: Int { queue.backlog.eventCount }

    /// Whether nothing is left to write.
    var isDrained: Bool { queue.isEmpty && ledger.seam == nil }

    // MARK: - Handing in

    /// Lets lines in. A task waits by itself; a thread does what the decision says.
    mutating func submit(_ submission: Submission, at now: UInt64) -> Decision {
        var submission = submission
        if isClosed || isClosing && submission.purpose != .draining { return refuse(&submission) }
        if let error = trouble.error, submission.isKept { return buffer(&submission, error, at: now) }
        let (id, waiting) = queue.add(submission)
        var decision = Decision()
        if submission.waitingTask == nil, queue.begin(id) {
            takeOff(&decision, at: now)
        } else if let waiting {
            decision.turn = .wait(waiting, id: id)
        }
        callThread(&decision, at: now)
        return decision
    }

    private func refuse(_ submission: inout Submission) -> Decision {
        var decision = Decision()
        if let recipients = submission.recipients { decision.actions.append(.deliver(recipients)) }
        let error = submission.purpose == .draining ? nil : closedError
        if let task = submission.waitingTask { decision.actions.append(.resume(task, error)) }
        decision.turn = .settled(.init(written: 0, error: error))
        return decision
    }

    private mutating func buffer(_ submission: inout Submission, _ error: EventLogError, at now: UInt64) -> Decision {
        var decision = Decision()
        if let recipients = submission.recipients.take() { decision.actions.append(.deliver(recipients)) }
        if let task = submission.waitingTask { decision.actions.append(.resume(task, error)) }
        submission.caller = .none
        decision.turn = .settled(.init(written: 0, buffered: queue.buffer(submission), error: error))
        callThread(&decision, at: now)
        return decision
    }

    /// A thread that waited has been called to write.
    mutating func come(_ id: UInt64, _ waiting: WaitingThread, at now: UInt64) -> Decision {
        var decision = Decision(turn: .wait(waiting, id: id))
        if queue.begin(id) { takeOff(&decision, at: now) }
        return decision
    }

    /// The time of a thread that waits is over. It gets an answer, unless its lines are being written at this moment and it
    /// must know what comes of them.
    mutating func timeIsOver(
        _ purpose: Submission.Purpose,
        _ id: UInt64,
        _ waiting: WaitingThread,
        at now: UInt64
    ) -> Decision {
        var decision = Decision(turn: .wait(waiting, id: id))
        guard queue.isAwaited(id) else { return decision }
        switch purpose {
        case .publishing:
            fail(.slow(config.path, nanoseconds: timing.publishing), .writing, &decision.actions, at: now)
        case .appending:
            guard let item = queue.withdraw(id) else { return decision }
            let error = EventLogError.slow(config.path, nanoseconds: timing.appending)
            fail(error, .writing, &decision.actions, at: now)
            decision.turn = .settled(.init(written: item.lines.written, error: error))
        case .draining:
            _ = queue.withdraw(id)
            let error = trouble.error ?? .slow(config.path, nanoseconds: timing.appending)
            decision.turn = .settled(.init(written: 0, error: error))
        }
        callNext(&decision, inTrouble: trouble.error != nil)
        callThread(&decision, at: now)
        return decision
    }

    // MARK: - Trouble

    /// The file could not be opened, and will be when that is possible.
    mutating func failedToOpen(_ error: EventLogError, at now: UInt64) -> Decision {
        var decision = Decision()
        fail(error, .writing, &decision.actions, at: now)
        return decision
    }

    mutating func opened(_ segment: OpenSegment) -> Decision {
        ledger.opened(segment)
        return Decision()
    }

    /// No publisher waits for the disk from now on.
    mutating func fail(
        _ error: EventLogError,
        _ failure: TroublePolicy.Failure,
        _ actions: inout [WriterAction],
        at now: UInt64
    ) {
        if trouble.failed(error, failure, at: now) {
            actions.append(.warn("Failed to log event: \(error)"))
        }
        actions += queue.settleDown(error)
    }

    mutating func recover(_ actions: inout [WriterAction], at now: UInt64) {
        guard isDrained, trouble.endIfRecovered(at: now) else { return }
        actions.append(.note("Logging events again to \(config.path)"))
    }

    var closedError: EventLogError {
        EventLogError(.closed, path: config.path, because: "the event log \(config.path) is closed")
    }
}
