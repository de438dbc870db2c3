// What the writers share, under one lock. Nothing here waits for anything.

import Logging

struct LogWriterState: ~Copyable, Sendable {
    struct Message: Sendable {
        var level: Logger.Level
        var text: String
    }

    /// What became of lines that were handed in.
    enum Entry: Sendable {
        case settled(EventLog.Outcome)
        case waiting(ticket: UInt64)
    }

    enum Job: ~Copyable, Sendable {
        case write(ActiveSegment)
        case synchronize(Unsynchronized.Batch)
        /// Nothing yet, but earlier than was known.
        case later
        case end
    }

    private static let flightSize = 1 << 20

    private let config: EventLogConfig
    private let timing: LogWriter.Timing

    /// The file, while nobody has it: whoever takes it is the writer.
    var file: ActiveSegment?
    private var currentFile: OpenSegment?
    private var backlog: Backlog
    private var inFlight: [PendingLines] = []
    private var unsynchronized: Unsynchronized
    private var seam: PendingSeam?

    /// Why the log doesn't take events at once, if it doesn't.
    private(set) var trouble: EventLogError?
    private var lastTrouble: UInt64 = 0
    private var failedSynchronizations = 0
    /// When to try again, in ns.
    private(set) var nextAttempt: UInt64 = 0

    private var lastTicket: UInt64 = 0
    /// All lines with tickets up to this one are written, but for those in `exceptions`.
    private var settled: UInt64 = 0
    private var exceptions: [UInt64: EventLog.Outcome] = [:]

    private var written = 0
    private var lostAtEnd = 0
    /// How many of these were being written when the log was closed, and may be written all the same.
    private var lostInFlight = 0
    private var messages: [Message] = []
    private var isClosing = false
    private var isClosed = false
    var hasThread = false

    init(_ config: EventLogConfig, _ file: consuming ActiveSegment, _ timing: LogWriter.Timing) {
        self.config = config
        self.timing = timing
        self.file = consume file
        backlog = Backlog(limit: config.bufferBytes)
        unsynchronized = Unsynchronized(limit: config.bufferBytes)
    }

    var status: EventLogStatus {
        EventLogStatus(
            trouble: trouble,
            written: written,
            buffered: trouble == nil || isClosed ? 0 : backlog.eventCount + inFlight.reduce(0) { $0 + $1.eventCount },
            lost: backlog.lost + lostAtEnd
        )
    }

    /// How many events wait to be written, also if nothing is wrong.
    var waitingLines: Int { backlog.eventCount }

    // MARK: - Handing in

    /// Lets lines in.
    mutating func take(in item: PendingLines) -> Entry {
        var item = item
        if isClosing {
            item.deliver()
            return .settled(.init(written: 0, error: closedError))
        }
        if let trouble, item.isKept {
            item.deliver()
            item.isAwaited = false
            item.synchronization = nil
            return .settled(.init(written: 0, buffered: backlog.admit(item, besides: inFlightSize), error: trouble))
        }
        lastTicket += 1
        item.ticket = lastTicket
        backlog.append(item)
        return .waiting(ticket: lastTicket)
    }

    /// The answer to whoever handed in so many lines, if there is one. Asking takes it.
    mutating func outcome(of ticket: UInt64, _ count: Int) -> EventLog.Outcome? {
        if let outcome = exceptions.removeValue(forKey: ticket) { return outcome }
        return ticket <= settled ? .init(written: count) : nil
    }

    /// The file, if what waits may be written without waiting for the disk.
    mutating func takeFileForUnsynchronized() -> ActiveSegment? {
        config.durability == .always && backlog.hasOthersThanSynchronizations ? nil : file.take()
    }

    private var inFlightSize: Int { inFlight.reduce(0) { $0 + $1.size } }

    // MARK: - Writing

    /// The next lines to write, for whoever has the file; `nil` if there is nothing to do.
    mutating func takeOff(synchronizing: Bool) -> Flight? {
        inFlight = backlog.takeFirst(bytes: Self.flightSize)
        for index in inFlight.indices { inFlight[index].encodeGap() }
        guard !inFlight.isEmpty || seam != nil else { return nil }
        let repeats = inFlight.prefix { $0.isRepeat }
        let firstKept = unsynchronized.lines.isEmpty ? nil : PendingLines.id(in: unsynchronized.lines[...])
        return Flight(
            lines: Self.joined(inFlight),
            count: inFlight.reduce(0) { $0 + $1.count },
            seam: seam,
            keptLines: seam == nil ? [] : unsynchronized.lines,
            repeats: repeats.reduce(0) { $0 + $1.count },
            firstRepeated: seam == nil ? nil : firstKept ?? repeats.first?.firstID,
            synchronizes: synchronizing && config.durability == .always
        )
    }

    private static func joined(_ items: [PendingLines]) -> [UInt8] {
        if items.count == 1 { return items[0].bytes }
        var lines: [UInt8] = []
        lines.reserveCapacity(items.reduce(0) { $0 + $1.bytes.count })
        for item in items { lines += item.bytes }
        return lines
    }

    /// What came of the last flight.
    mutating func land(_ landing: Flight.Landing, after duration: UInt64) {
        let now = MonotonicClock.now
        // Without a seam on board, one may have become necessary meanwhile.
        if landing.hadSeam || landing.seam != nil { seam = landing.seam }
        if landing.hadSeam, landing.seam == nil, config.durability != .os { unsynchronized.forgetFiles() }
        currentFile = landing.file
        if let notice = landing.notice { add(notice) }
        let items = inFlight
        inFlight = []
        lostAtEnd -= lostInFlight
        lostInFlight = 0
        if let error = landing.error {
            putBack(items, landing)
            fail(error)
            if isClosed { loseBacklog() }
            return
        }
        for item in items { settle(item, isOnDisk: landing.isSynchronized) }
        if landing.isSynchronized { unsynchronized.forgetAll() }
        if config.durability != .os, !landing.isSynchronized, !items.isEmpty || !unsynchronized.lines.isEmpty {
            unsynchronized.add(landing.file, at: now)
        } else if !unsynchronized.waiting.isEmpty {
            unsynchronized.add(landing.file, at: now)
        }
        failedSynchronizations = landing.isSynchronized ? 0 : failedSynchronizations
        if trouble == nil, duration > timing.slow, items.contains(where: \.isKept) {
            fail(.slow(config.path, nanoseconds: timing.slow))
        }
        recover(after: duration, at: now)
    }

    private mutating func settle(_ item: PendingLines, isOnDisk: Bool) {
        var item = item
        if item.ticket > 0 {
            settled = max(settled, item.ticket)
            exceptions[item.ticket] = nil
        }
        written += item.eventCount
        item.deliver()
        if config.durability != .os, !isOnDisk { unsynchronized.keep(item.bytes) }
        guard let synchronization = item.synchronization else { return }
        if isOnDisk { synchronization.resume(nil) } else { unsynchronized.await(synchronization) }
    }

    /// Keeps what is not in the file. What is in it but perhaps not on the disk is written again.
    private mutating func putBack(_ items: [PendingLines], _ landing: Flight.Landing) {
        var lines = landing.hasFailedToSynchronize ? 0 : landing.written
        var returned: [PendingLines] = []
        for var item in items {
            if lines >= item.count {
                lines -= item.count
                settle(item, isOnDisk: false)
                continue
            }
            if lines > 0 {
                written += lines
                if config.durability != .os { unsynchronized.keep(item.firstLines(lines)) }
                item.dropFirst(lines)
                lines = 0
            }
            item.isRepeat = item.isRepeat || landing.hasFailedToSynchronize
            returned.append(item)
        }
        backlog.putBack(returned)
    }

    /// Gives the file back.
    mutating func giveBack(_ file: consuming ActiveSegment?) {
        if !isClosed { self.file = file }
    }

    // MARK: - Trouble

    /// Nobody waits for the disk from now on.
    mutating func fail(_ error: EventLogError) {
        let now = MonotonicClock.now
        lastTrouble = now
        if seam != nil { failedSynchronizations += 1 }
        let doublings = min(failedSynchronizations, 16)
        nextAttempt = now + min(timing.retry << doublings, timing.longestRetry)
        if trouble == nil { messages.append(Message(level: .warning, text: "Failed to log event: \(error)")) }
        trouble = error
        answerInFlight(error)
        var answered: [(ticket: UInt64, outcome: EventLog.Outcome)] = []
        backlog.settleDown(besides: inFlightSize) { item, kept in
            item.deliver()
            if item.isAwaited {
                answered.append((item.ticket, .init(written: item.written, buffered: kept, error: error)))
                item.isAwaited = false
            }
            item.synchronization?.resume(error)
            item.synchronization = nil
        }
        for (ticket, outcome) in answered { exceptions[ticket] = outcome }
    }

    /// Answers whoever's lines are being written at this moment; who isn't content with a place in the buffer waits on.
    private mutating func answerInFlight(_ error: EventLogError) {
        for index in inFlight.indices {
            inFlight[index].deliver()
            let item = inFlight[index]
            guard item.isAwaited, item.isKept else { continue }
            exceptions[item.ticket] = .init(written: item.written, buffered: item.count, error: error)
            inFlight[index].isAwaited = false
        }
    }

    /// Ends the trouble when the disk has worked for some time.
    private mutating func recover(after duration: UInt64, at now: UInt64) {
        guard trouble != nil else { return }
        if duration > timing.publishing { lastTrouble = now }
        nextAttempt = now + timing.drain
        guard isDrained, now - lastTrouble >= timing.recovery else { return }
        trouble = nil
        failedSynchronizations = 0
        messages.append(Message(level: .notice, text: "Logging events again to \(config.path)"))
    }

    private mutating func add(_ notice: ActiveSegment.Notice) {
        let path = config.path
        switch notice {
        case .deleted:
            let text = "The event log \(path) was deleted; logging goes on in a new file there"
            messages.append(Message(level: .warning, text: text))
        case .replaced:
            let text = "The event log \(path) was moved; logging goes on in the file there now"
            messages.append(Message(level: .warning, text: text))
        case .ended: break
        }
    }

    mutating func takeMessages() -> [Message] {
        guard !messages.isEmpty else { return [] }
        defer { messages = [] }
        return messages
    }

    // MARK: - The thread

    /// Whether there is, or will be, something to do that nobody waits for, and no thread to do it.
    var lacksThread: Bool {
        if hasThread || isClosing { return false }
        if trouble != nil, !backlog.isEmpty || seam != nil { return true }
        return unsynchronized.since != nil || backlog.hasSynchronization
    }

    /// When there will be something to do, if nothing happens before, in ns.
    var nextWork: UInt64 {
        let attempt = trouble == nil ? .max : nextAttempt
        guard let interval = config.durability.interval, let since = unsynchronized.since else { return attempt }
        return min(attempt, since + interval.nanoseconds)
    }

    /// What there is to do now for the thread, which sleeps until then otherwise.
    mutating func takeJob(waitingUntil time: UInt64) -> Job? {
        if isClosing {
            hasThread = false
            return .end
        }
        if isTimeToSynchronize { return .synchronize(unsynchronized.take(and: nil)) }
        let mustWrite = trouble == nil ? backlog.hasSynchronization : isTimeToTry
        if mustWrite, let file = file.take() { return .write(file) }
        return nextWork < time ? .later : nil
    }

    private var isTimeToSynchronize: Bool {
        guard let since = unsynchronized.since, seam == nil else { return false }
        if !unsynchronized.waiting.isEmpty || unsynchronized.isMuch { return true }
        guard let interval = config.durability.interval else { return config.durability == .always }
        return MonotonicClock.now >= since + interval.nanoseconds
    }

    /// Whether what failed may be tried again.
    var isTimeToTry: Bool { trouble == nil || MonotonicClock.now >= nextAttempt }

    // MARK: - Synchronizing and ending

    var isDrained: Bool { backlog.isEmpty && inFlight.isEmpty && seam == nil }

    /// Everything that may not be on the disk.
    mutating func everythingUnsynchronized() -> Unsynchronized.Batch {
        if let open = file?.current { currentFile = open }
        return unsynchronized.take(and: currentFile)
    }

    /// What came of a synchronization. If it failed, nothing more is acknowledged on that file: asking again would prove
    /// nothing.
    mutating func finish(_ batch: Unsynchronized.Batch, _ error: EventLogError?) {
        for waiting in batch.waiting { waiting.resume(error) }
        guard let error else {
            unsynchronized.forget(batch)
            failedSynchronizations = 0
            return
        }
        seam = seam ?? PendingSeam()
        if config.durability != .os { fail(error) }
    }

    /// Lets nothing in from now on.
    ///
    /// - Returns: Whether that is new.
    mutating func beginClosing() -> Bool {
        defer { isClosing = true }
        return !isClosing
    }

    /// Whoever still waits gets an answer; only those whose lines are being written at this moment wait on for it.
    mutating func close() {
        isClosed = true
        file = nil
        currentFile = nil
        if !backlog.isEmpty || !inFlight.isEmpty { fail(trouble ?? closedError) }
        lostInFlight = inFlight.reduce(0) { $1.isKept ? $0 + $1.eventCount : $0 }
        let left = backlog.eventCount + lostInFlight
        lostAtEnd += lostInFlight
        loseBacklog()
        let lost = backlog.lost + lostAtEnd
        if left > 0 {
            let events = left == 1 ? "1 event that waited is" : "\(left) events that waited are"
            messages.append(Message(level: .warning, text: "\(events) lost to the log, \(lost) in all"))
        }
        for waiting in unsynchronized.take(and: nil).waiting { waiting.resume(closedError) }
    }

    private mutating func loseBacklog() {
        lostAtEnd += backlog.eventCount
        backlog.removeAll()
    }

    private var closedError: EventLogError {
        EventLogError(.closed, path: config.path, because: "the event log \(config.path) is closed")
    }
}
