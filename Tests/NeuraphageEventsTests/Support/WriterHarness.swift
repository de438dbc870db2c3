import TestSupport

@testable import NeuraphageEvents

/// The writer's state machine with a clock that the test sets and a disk that does what the test says. It performs no
/// action, and remembers each in words.
final class WriterHarness {
    /// A file system that must not be asked for anything.
    private struct NoFileSystem: ForwardingFileSystem {
        func close(_ descriptor: Int32) {}
    }

    private(set) var state: LogWriterState
    /// In ms.
    var now: UInt64 = 1_000_000
    private let config: EventLogConfig
    private var names: [ObjectIdentifier: String] = [:]
    private var objects: [AnyObject] = []
    /// What was decided and not yet looked at.
    private var actions: [String] = []
    /// What the callers were told to do last.
    private var turns: [String: LogWriterState.Turn] = [:]

    init(_ durability: Durability = .os, bufferBytes: Int = 8 << 20) {
        config = EventLogConfig(path: "/log")
        var config = config
        config.durability = durability
        config.bufferBytes = bufferBytes
        state = LogWriterState(config, LogWriter.Timing())
    }

    private var nanoseconds: UInt64 { now * 1_000_000 }

    func segment(_ name: String) -> OpenSegment {
        let identity = FileStatus.Identity(device: 1, inode: UInt64(objects.count))
        let segment = OpenSegment(-1, identity, path: "/\(name)", made: [], NoFileSystem())
        remember(segment, name)
        return segment
    }

    private func remember(_ object: AnyObject, _ name: String) {
        objects.append(object)
        names[ObjectIdentifier(object)] = name
    }

    // MARK: - Callers

    /// A caller hands in a line. Returns what it is to do.
    @discardableResult
    func submit(_ purpose: Submission.Purpose, _ name: String, patience: UInt64 = 100) -> String {
        let lines = purpose == .draining ? PendingLines() : PendingLines([Event(.taskStarted, from: "a")], config)
        let caller = purpose == .draining ? Submission.Caller.thread(WaitingThread()) : .writer
        let deadline = (now + patience) * 1_000_000
        return take(state.submit(Submission(purpose, lines, caller: caller, deadline: deadline), at: nanoseconds), name)
    }

    /// A task hands in a line.
    @discardableResult
    func submitTask(_ name: String) -> String {
        let task = WaitingTask()
        remember(task, name)
        let lines = PendingLines([Event(.taskStarted, from: "a")], config)
        return take(
            state.submit(Submission(.publishing, lines, caller: .task(task), deadline: .max), at: nanoseconds),
            name
        )
    }

    /// A thread that was called to write comes.
    func come(_ name: String) -> String {
        guard case .wait(let thread, let id) = turns[name] else { return "does not wait" }
        return take(state.come(id, thread, at: nanoseconds), name)
    }

    /// A thread's time is over.
    func timeIsOver(_ purpose: Submission.Purpose, _ name: String) -> String {
        guard case .wait(let thread, let id) = turns[name] else { return "does not wait" }
        return take(state.timeIsOver(purpose, id, thread, at: nanoseconds), name)
    }

    /// What the log's own thread is to do.
    func job() -> String { take(state.nextJob(at: nanoseconds), "thread") }

    func flushed() -> String { take(state.synchronizeEverything(), "flush") }

    func opened(_ segment: OpenSegment) { _ = take(state.opened(segment), "open") }

    /// The system has no thread for the log.
    func lacksThread(_ error: EventLogError) { _ = take(state.lacksThread(error, at: nanoseconds), "thread") }

    func close() { _ = take(state.close(at: nanoseconds), "close") }

    /// A flight ends, with everything written unless the test says otherwise.
    func land(
        _ name: String,
        _ segment: OpenSegment?,
        after duration: UInt64 = 0,
        _ adjust: (inout Flight.Landing) -> Void = { _ in }
    ) -> String {
        guard case .write(let flight) = turns[name] else { return "does not write" }
        var landing = Flight.Landing(written: flight.count, hadSeam: flight.seam != nil, segment: segment)
        landing.isSynchronized = flight.synchronizes
        adjust(&landing)
        if landing.error != nil { landing.isSynchronized = false }
        now += duration
        return take(state.landed(landing, after: duration * 1_000_000, at: nanoseconds), name)
    }

    /// A synchronization ends.
    func synchronized(_ name: String, _ error: EventLogError? = nil) {
        guard case .synchronize(let batch) = turns[name] else { return }
        _ = take(state.synchronized(batch, error, at: nanoseconds), name)
    }

    /// The flight that a caller was told to make.
    func flight(_ name: String) -> Flight? {
        if case .write(let flight) = turns[name] { flight } else { nil }
    }

    /// What was decided since the test looked last.
    func takeActions() -> [String] {
        defer { actions = [] }
        return actions
    }

    // MARK: - In words

    private func take(_ decision: LogWriterState.Decision, _ name: String) -> String {
        turns[name] = decision.turn
        if case .wait(let thread, _) = decision.turn { remember(thread, name) }
        actions += decision.actions.map(describe)
        return describe(decision.turn)
    }

    private func describe(_ turn: LogWriterState.Turn) -> String {
        switch turn {
        case .nothing: "nothing"
        case .settled(let outcome): describe(outcome)
        case .write(let flight): "write \(flight.count)"
        case .wait: "wait"
        case .synchronize(let batch): "synchronize \(batch.segments.map(name).joined(separator: " "))"
        case .sleep(let time): time == .max ? "sleep" : "sleep \(Int(time / 1_000_000) - Int(now))"
        case .end: "end"
        }
    }

    private func describe(_ outcome: EventLog.Outcome) -> String {
        let error = outcome.error.map { ": \($0.code)" } ?? ""
        return outcome.buffered > 0 ? "buffered\(error)" : outcome.written > 0 ? "written\(error)" : "settled\(error)"
    }

    private func describe(_ action: WriterAction) -> String {
        switch action {
        case .deliver: "deliver"
        case .settle(let thread, let outcome): "\(name(thread)) \(describe(outcome))"
        case .callToWrite(let thread): "call \(name(thread))"
        case .resume(let task, let error): "\(name(task)) \(error.map { "fails: \($0.code)" } ?? "goes on")"
        case .startThread: "start thread"
        case .wakeThread: "wake thread"
        case .warn: "warn"
        case .note: "note"
        case .release(let segment): "release \(name(segment))"
        case .closeFile: "close file"
        }
    }

    private func name(_ object: AnyObject) -> String { names[ObjectIdentifier(object)] ?? "?" }
}
