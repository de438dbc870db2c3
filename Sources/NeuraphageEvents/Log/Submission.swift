// What a caller hands in, and how it learns what became of it.

/// Takes events when their place in the order is settled.
package protocol EventSink: AnyObject, Sendable {
    /// Takes events in. It is called under the writers' lock, because the order of the calls is the order of the log: it
    /// must return soon, must not call the log, and must resume nothing.
    ///
    /// - Returns: What waits for one of these events, to be resumed after the lock has been released.
    func insert(_ events: [Event]) -> [CheckedContinuation<Void, Never>]
}

/// Lines that a caller has handed in, together with what it waits for.
struct Submission: Sendable {
    /// The events to deliver when the lines have their place in the order, and where to.
    struct Recipients: Sendable {
        let events: [Event]
        let sink: any EventSink
    }

    /// What waits for the outcome.
    enum Caller: Sendable {
        case none
        /// The thread that writes, which learns it from its own write.
        case writer
        case thread(WaitingThread)
        /// A task, which waits until the lines are on the disk.
        case task(WaitingTask)
    }

    enum Purpose: Sendable {
        /// A publisher's lines: they wait in the buffer when they cannot be written in time.
        case publishing
        /// An appender's lines: what cannot be written in time is not written later.
        case appending
        /// No lines: it is settled when everything before it is in the file.
        case draining
    }

    let purpose: Purpose
    var lines: PendingLines
    var recipients: Recipients?
    var caller: Caller
    /// When the caller stops waiting, in ns of the monotonic clock.
    let deadline: UInt64
    /// The number that the queue gives it.
    var id: UInt64 = 0

    init(
        _ purpose: Purpose,
        _ lines: PendingLines,
        _ recipients: Recipients? = nil,
        caller: Caller = .writer,
        deadline: UInt64
    ) {
        self.purpose = purpose
        self.lines = lines
        self.recipients = recipients
        self.caller = caller
        self.deadline = deadline
    }

    /// The line that says what is lost.
    init(_ gap: PendingLines.Gap) {
        self.init(.publishing, PendingLines(gap: gap), caller: .none, deadline: .max)
    }

    /// Whether the lines wait in the buffer when they cannot be written in time.
    var isKept: Bool { purpose == .publishing }

    /// Whether a place in the buffer is not the whole answer for its caller, or it has not been delivered.
    var isUnsettled: Bool {
        if case .none = caller { return isKept && recipients != nil }
        return isKept
    }

    var waitingThread: WaitingThread? {
        if case .thread(let thread) = caller { thread } else { nil }
    }

    var waitingTask: WaitingTask? {
        if case .task(let task) = caller { task } else { nil }
    }
}
