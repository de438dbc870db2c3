// The write side: an append-only file of events, one line each.
//
// Whoever holds the lock is the writer: it encodes its events, appends them as one batch and then, still being the
// writer, says so to its caller. So what callers do in that moment – the bus puts the events into its ring – happens in
// the order of the file.

public import Logging

/// An append-only log of events in a file, one JSON object a line (spec, "EventLog").
///
/// Any number of threads may use one log, and any number of processes may log to the same file. An append returns when
/// its lines are whole in the file, in the page cache: a crash of the program, `kill -9` included, loses nothing that
/// was appended; a power cut may, unless ``flush()`` returned after it.
///
/// A log file that is deleted, renamed or replaced while it is open is noticed – deletion by the next append, the rest
/// within 100 ms – and logging goes on in a new file at the configured path, with a warning.
public final class EventLog: Sendable {
    private struct Writer: ~Copyable {
        var file: LogFile
        var isClosed = false
        /// Why the last append could not write all of its events; `nil` if it could.
        var failure: EventLogError?
        /// Kept from one append to the next for their memory.
        var lines: [UInt8] = []
        var lineEnds: [Int] = []
    }

    /// What became of a batch: how many of its events, from the first, are in the file, and why not all of them.
    package struct Outcome: Sendable {
        package var written: Int
        package var error: EventLogError?
    }

    /// What this log was opened with.
    public let config: EventLogConfig
    let fileSystem: any FileSystem
    private let logger: Logger
    private let writer: Lock<Writer>

    /// Opens the log, making the file (mode 0600) and its directory (mode 0700) if they don't exist.
    ///
    /// If the configuration switches the log off, no file is touched and every append throws.
    ///
    /// - Parameters:
    ///   - config: Where and how to log.
    ///   - logger: Where warnings go.
    /// - Throws: ``EventLogError`` if the file cannot be opened, isn't a regular file (a symbolic link isn't followed),
    ///   or belongs to another user.
    public convenience init(
        opening config: EventLogConfig,
        logger: Logger = Logger(label: "neuraphage.events")
    ) throws(EventLogError) {
        try self.init(opening: config, logger: logger, fileSystem: RealFileSystem())
    }

    package convenience init(
        opening config: EventLogConfig,
        logger: Logger,
        fileSystem: any FileSystem
    ) throws(EventLogError) {
        try self.init(openingWhenNeeded: config, logger: logger, fileSystem: fileSystem)
        if config.isEnabled {
            try writer.withLock { writer throws(EventLogError) in _ = try writer.file.openIfNeeded() }
        }
    }

    /// A log whose file every append tries to open until that succeeds.
    package init(
        openingWhenNeeded config: EventLogConfig,
        logger: Logger,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws(EventLogError) {
        guard config.maxPayloadBytes >= Payload.leastLimit else {
            throw EventLogError(
                .invalidConfiguration,
                path: config.path,
                because: "maxPayloadBytes is \(config.maxPayloadBytes); it must be at least \(Payload.leastLimit)"
            )
        }
        self.config = config
        self.logger = logger
        self.fileSystem = fileSystem
        writer = Lock(Writer(file: LogFile(path: config.path, fileSystem: fileSystem)))
    }

    /// Why the last append could not write all of its events; `nil` if it could. Waits for an append that is under way.
    package var failure: EventLogError? {
        writer.withLock { $0.failure }
    }

    /// Appends one event, whatever its kind. Returns when its line is whole in the file.
    ///
    /// - Throws: ``EventLogError`` if the line could not be written; then nothing of it is in the file.
    public func append(_ event: Event) throws(EventLogError) {
        let outcome = append(CollectionOfOne(event)) { _ in }
        if let error = outcome.error { throw error }
    }

    /// Appends events, whatever their kinds, as one batch: they stand in the file one behind the other.
    ///
    /// - Returns: How many of the events, from the first, are in the file, and the error that kept out the rest.
    public func append(contentsOf events: [Event]) -> (written: Int, error: EventLogError?) {
        let outcome = append(events) { _ in }
        return (outcome.written, outcome.error)
    }

    /// Appends a batch and calls `inOrder` with the outcome before any other append begins.
    package func append(_ events: some Collection<Event>, inOrder: (Outcome) -> Void) -> Outcome {
        guard config.isEnabled else {
            let error = EventLogError(.disabled, path: config.path, because: "the event log is switched off")
            let outcome = Outcome(written: 0, error: error)
            inOrder(outcome)
            return outcome
        }
        var notice: LogFile.Notice?
        var wasFailing = false
        let outcome = writer.withLock { writer in
            wasFailing = writer.failure != nil
            let outcome = write(events, by: &writer, notice: &notice)
            writer.failure = outcome.error
            inOrder(outcome)
            return outcome
        }
        report(outcome, notice: notice, wasFailing: wasFailing)
        return outcome
    }

    private func write(
        _ events: some Collection<Event>,
        by writer: inout Writer,
        notice: inout LogFile.Notice?
    ) -> Outcome {
        guard !writer.isClosed else {
            return Outcome(
                written: 0,
                error: EventLogError(.closed, path: config.path, because: "the event log \(config.path) is closed")
            )
        }
        writer.lines.removeAll(keepingCapacity: true)
        writer.lineEnds.removeAll(keepingCapacity: true)
        for event in events {
            event.encode(
                payloadLimit: config.maxPayloadBytes,
                redactingCredentials: config.redactsCredentials,
                into: &writer.lines
            )
            writer.lines.append(UInt8(ascii: "\n"))
            writer.lineEnds.append(writer.lines.count)
        }
        guard !writer.lines.isEmpty else { return Outcome(written: 0, error: nil) }
        let outcome = writer.file.append(writer.lines, lineEnds: writer.lineEnds, notice: &notice)
        return Outcome(written: outcome.written, error: outcome.error)
    }

    /// One warning per change of state; a disk that stays full must not flood the program's other log.
    private func report(_ outcome: Outcome, notice: LogFile.Notice?, wasFailing: Bool) {
        if let error = outcome.error {
            if !wasFailing, error.code != .closed { logger.warning("Failed to log event: \(error)") }
            return
        }
        switch notice {
        case .deleted: logger.warning("The event log \(config.path) was deleted; logging goes on in a new file there")
        case .replaced: logger.warning("The event log \(config.path) was moved; logging goes on in the file there now")
        case nil: break
        }
        if wasFailing { logger.notice("Logging events again to \(config.path)") }
    }

    /// Waits until everything appended so far is on the disk, safe from a power cut (`fdatasync`; a full flush of the
    /// drive on macOS). Does nothing if the log is switched off or closed.
    ///
    /// - Throws: ``EventLogError`` if the system cannot promise that. Calling again proves nothing then.
    public func flush() throws(EventLogError) {
        guard config.isEnabled else { return }
        try writer.withLock { writer throws(EventLogError) in
            if !writer.isClosed { try writer.file.synchronize() }
        }
    }

    /// Closes the file. Appending throws from now on; reading still works.
    public func close() {
        writer.withLock { writer in
            writer.file.close()
            writer.isClosed = true
        }
    }
}

extension EventLog {
    /// ``flush()`` and ``close()``, with a warning if the flush failed.
    func flushAndClose() {
        do throws(EventLogError) {
            try flush()
        } catch {
            logger.warning("Failed to synchronize the event log: \(error)")
        }
        close()
    }
}
