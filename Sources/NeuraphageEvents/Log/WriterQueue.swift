// Whose lines wait, whose are being written, and who writes. Pure: it wakes nothing, it says what to wake.
//
// The file has one writer at a time. A caller that comes while nothing is being written becomes the writer at once and
// takes along everything that waits, its own lines last, so that many callers share one system call. Callers that come
// meanwhile wait. When the writer has landed and callers still wait, the first of them is called to write; if another
// caller gets there before it has woken up, that one writes for both, and no time is lost.

struct WriterQueue: Sendable {
    private struct Writer: Sendable {
        let id: UInt64
        let deadline: UInt64
        let thread: WaitingThread?
    }

    private(set) var backlog: Backlog
    /// The lines that are being written.
    private(set) var inFlight: [Submission] = []
    /// Whether the file has a writer.
    private(set) var isWriting = false
    /// The caller that writes; `nil` if the log's own thread does.
    private var writer: Writer?
    /// What became of the writer's own lines, once that is known.
    private var writerOutcome: EventLog.Outcome?
    /// The caller that was called to write and has not come yet.
    private var called: UInt64?
    private var lastID: UInt64 = 0

    init(limit: Int) {
        backlog = Backlog(limit: limit)
    }

    /// Whether nothing is left to write.
    var isEmpty: Bool { backlog.isEmpty && inFlight.isEmpty }

    /// How many bytes are being written.
    private var inFlightSize: Int { inFlight.reduce(0) { $0 + $1.lines.size } }

    // MARK: - Handing in

    /// Lets lines in, and gives them their number. If there is a writer, a thread that hands in has to wait.
    mutating func add(_ submission: Submission) -> (id: UInt64, thread: WaitingThread?) {
        var submission = submission
        lastID += 1
        submission.id = lastID
        if isWriting, case .writer = submission.caller { submission.caller = .thread(WaitingThread()) }
        backlog.append(submission)
        return (lastID, submission.waitingThread)
    }

    /// Lets in what finds room in the buffer, and counts the rest.
    ///
    /// - Returns: How many of the lines are in.
    mutating func buffer(_ submission: Submission) -> Int {
        backlog.admit(submission, besides: inFlightSize)
    }

    /// Whether a caller has no answer yet.
    func isAwaited(_ id: UInt64) -> Bool {
        guard let item = backlog.item(id) ?? inFlight.first(where: { $0.id == id }) else { return false }
        return item.waitingThread != nil
    }

    /// Takes out the lines of a caller that waits no longer, unless they are being written.
    mutating func withdraw(_ id: UInt64) -> Submission? { backlog.remove(id) }

    // MARK: - Writing

    /// Makes a caller the writer if there is none, and its lines wait.
    ///
    /// - Returns: Whether it is the writer now.
    mutating func begin(_ id: UInt64) -> Bool {
        if called == id { called = nil }
        guard !isWriting, let item = backlog.item(id) else { return false }
        isWriting = true
        writer = Writer(id: id, deadline: item.deadline, thread: item.waitingThread)
        return true
    }

    /// Makes the log's own thread the writer if there is none.
    ///
    /// - Returns: Whether it is the writer now.
    mutating func beginOnThread() -> Bool {
        defer { isWriting = true }
        return !isWriting
    }

    /// When the caller that writes stops waiting, in ns; `nil` if the log's own thread writes.
    var writerDeadline: UInt64? { writer?.deadline }

    /// Takes the first lines out of the backlog, to be written.
    mutating func load(bytes limit: Int) {
        backlog.takeFirst(bytes: limit, into: &inFlight)
        for index in inFlight.indices where inFlight[index].lines.gap != nil { inFlight[index].lines.encodeGap() }
    }

    /// Takes out what has been written, or has not.
    mutating func unload() -> [Submission] {
        defer { inFlight = [] }
        return inFlight
    }

    mutating func putBack(_ returned: [Submission]) {
        backlog.putBack(returned)
    }

    /// Whether the writer must write on, because there was too much before its own lines, and it has no outcome yet.
    var writerHasLines: Bool {
        guard let writer, writerOutcome == nil else { return false }
        return backlog.item(writer.id) != nil
    }

    /// Takes out the writer's own lines if they still wait and are not kept.
    mutating func withdrawWriter() -> Submission? {
        guard let writer, backlog.item(writer.id)?.purpose == .appending else { return nil }
        return backlog.remove(writer.id)
    }

    func isWriter(_ id: UInt64) -> Bool { writer?.id == id }

    /// Lets the writer go.
    ///
    /// - Returns: What it is to do next: it has its outcome, or waits on for it.
    mutating func end() -> LogWriterState.Turn {
        defer { (isWriting, writer, writerOutcome) = (false, nil, nil) }
        if let writerOutcome { return .settled(writerOutcome) }
        guard let writer, let thread = writer.thread else { return .nothing }
        return .wait(thread, id: writer.id)
    }

    /// The thread to call to write, if there is no writer and none has been called already.
    ///
    /// - Parameter inTrouble: Whether writing has just failed: to drain the backlog is then tried again later.
    mutating func nextToCall(inTrouble: Bool) -> WaitingThread? {
        if isWriting { return nil }
        if let called, backlog.item(called)?.waitingThread != nil { return nil }
        called = nil
        let next = backlog.first { item -> (id: UInt64, thread: WaitingThread)? in
            guard let thread = item.waitingThread, !inTrouble || item.purpose != .draining else { return nil }
            return (item.id, thread)
        }
        called = next?.id
        return next?.thread
    }

    /// Whether a task waits for lines that are not in the file yet.
    mutating func hasWaitingTask() -> Bool { backlog.first(\.waitingTask) != nil }

    /// Takes out what is to be delivered, in its order.
    mutating func takeRecipients() -> [Submission.Recipients] {
        inFlight.indices.compactMap { inFlight[$0].recipients.take() } + backlog.takeRecipients()
    }

    // MARK: - Answering

    /// Gives a caller its answer. Afterwards it has none to wait for.
    mutating func answer(_ item: inout Submission, _ outcome: EventLog.Outcome) -> WriterAction? {
        defer { item.caller = .none }
        if isWriter(item.id) {
            writerOutcome = outcome
            return nil
        }
        switch item.caller {
        case .none, .writer: return nil
        case .thread(let thread): return .settle(thread, outcome)
        case .task(let task): return .resume(task, outcome.error)
        }
    }

    /// Settles what publishers have handed in, as the disk is in trouble now: it is delivered, and waits in the buffer as far
    /// as there is room.
    ///
    /// Lines that are being written at this moment stay where they are. Their publishers have their answer, except the
    /// writer, which will see, and a task, which waits for the disk.
    mutating func settleDown(_ error: EventLogError) -> [WriterAction] {
        var actions: [WriterAction] = []
        for index in inFlight.indices where inFlight[index].isKept {
            if let recipients = inFlight[index].recipients.take() { actions.append(.deliver(recipients)) }
            guard !isWriter(inFlight[index].id), let thread = inFlight[index].waitingThread else { continue }
            let lines = inFlight[index].lines
            actions.append(.settle(thread, .init(written: lines.written, buffered: lines.count, error: error)))
            inFlight[index].caller = .none
        }
        var settled: [(item: Submission, kept: Int)] = []
        backlog.settleDown(besides: inFlightSize) { item, kept in
            settled.append((item, kept))
            item.recipients = nil
            item.caller = .none
        }
        for (item, kept) in settled {
            var item = item
            if let recipients = item.recipients { actions.append(.deliver(recipients)) }
            let outcome = EventLog.Outcome(written: item.lines.written, buffered: kept, error: error)
            if let action = answer(&item, outcome) { actions.append(action) }
        }
        return actions
    }

    /// Takes out everything that waits. Callers that have no answer yet get this one.
    mutating func close(_ error: EventLogError) -> [WriterAction] {
        let items = backlog.items
        backlog.removeAll()
        return items.compactMap { item in
            var item = item
            return answer(&item, .init(written: item.lines.written, error: error))
        }
    }
}
