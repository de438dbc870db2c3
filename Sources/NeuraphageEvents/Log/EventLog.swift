// The write side: an append-only log of events, one line each.

public import Logging

/// An append-only log of events in a file, one JSON object a line (spec, "EventLog").
///
/// Any number of threads may use one log, and any number of processes may log to the same file. An append returns when
/// its lines are whole in the file: a crash of the program, `kill -9` included, loses nothing that was appended. What a
/// power cut may take is a matter of the ``Durability``.
///
/// A log file that is deleted, renamed or replaced while it is open is noticed – deletion by the next append, the rest
/// within 100 ms – and logging goes on in a new file at the configured path, with a warning. A file that could not be
/// synchronized ends: it gets a number (`event_log.000001.jsonl`), and a new one is begun.
public final class EventLog: Sendable {
    /// What became of a batch: the first events are in the file, the next ones wait in the buffer, the others are lost to
    /// the log.
    package struct Outcome: Sendable {
        package var written: Int
        package var buffered = 0
        package var error: EventLogError?
    }

    /// What this log was opened with.
    public let config: EventLogConfig
    let fileSystem: any FileSystem
    private let logger: Logger
    private let writer: LogWriter
    /// How long to wait for another process that works with the reserve, in ns.
    let reservePatience: UInt64

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
        try self.init(config, logger: logger, fileSystem: fileSystem, timing: .init())
        if config.isEnabled { try writer.open() }
    }

    /// A log for a process that must not be held up: it waits at most this long for another one that keeps the file or the
    /// reserve locked.
    package convenience init(
        opening config: EventLogConfig,
        logger: Logger,
        waitingAtMost patience: UInt64
    ) throws(EventLogError) {
        var timing = LogWriter.Timing()
        (timing.publishing, timing.appending, timing.closing) = (patience, patience, patience)
        timing.leaving = min(patience, timing.leaving)
        try self.init(config, logger: logger, fileSystem: RealFileSystem(), timing: timing)
        if config.isEnabled { try writer.open() }
    }

    /// A log that is in trouble from the beginning if its file cannot be opened, and opens it as soon as it can.
    package convenience init(
        openingWhenPossible config: EventLogConfig,
        logger: Logger,
        fileSystem: any FileSystem = RealFileSystem()
    ) throws(EventLogError) {
        try self.init(openingWhenPossible: config, logger: logger, fileSystem: fileSystem, timing: .init())
    }

    convenience init(
        openingWhenPossible config: EventLogConfig,
        logger: Logger,
        fileSystem: any FileSystem,
        timing: LogWriter.Timing
    ) throws(EventLogError) {
        try self.init(config, logger: logger, fileSystem: fileSystem, timing: timing)
        if config.isEnabled { writer.openOrFail() }
    }

    private init(
        _ config: EventLogConfig,
        logger: Logger,
        fileSystem: any FileSystem,
        timing: LogWriter.Timing
    ) throws(EventLogError) {
        if let problem = config.problem {
            throw EventLogError(.invalidConfiguration, path: config.path, because: problem)
        }
        self.config = config
        self.logger = logger
        self.fileSystem = fileSystem
        reservePatience = min(timing.appending, 500_000_000)
        writer = LogWriter(config, logger: logger, fileSystem: fileSystem, timing: timing)
    }

    deinit {
        _ = writer.close(synchronizing: false)
    }

    /// How the log is, and what has become of the events. Doesn't wait for the disk.
    public var status: EventLogStatus { writer.status }

    /// Appends one event, whatever its kind. Returns when its line is whole in the file, and on the disk with
    /// ``Durability/always``.
    ///
    /// Waits for the disk, and up to 2 s for another process that keeps the file locked, whatever other callers wait for.
    ///
    /// - Throws: ``EventLogError`` if the line could not be written; then nothing of it is in the file. (With
    ///   ``Durability/always`` it may be in the file all the same, if it is only not known to be on the disk.)
    public func append(_ event: Event) throws(EventLogError) {
        let (_, error) = append(contentsOf: [event])
        if let error { throw error }
    }

    /// Appends events, whatever their kinds, as one batch: they stand in the file one behind the other.
    ///
    /// - Returns: How many of the events, from the first, are in the file, and the error that kept out the rest.
    public func append(contentsOf events: [Event]) -> (written: Int, error: EventLogError?) {
        append(events, waitingAtMost: nil)
    }

    /// The same; `patience` is how long to wait, in ns, if that is not as long as appenders usually do.
    func append(_ events: [Event], waitingAtMost patience: UInt64?) -> (written: Int, error: EventLogError?) {
        guard config.isEnabled else { return (0, switchedOff) }
        guard !events.isEmpty else { return (0, nil) }
        let outcome = writer.append(events, waitingAtMost: patience)
        return (outcome.written, outcome.error)
    }

    /// Appends events that somebody publishes, within 100 ms or later, and delivers them in the order of the file: when
    /// they are written, or when it turns out that they have to wait.
    ///
    /// - Parameters:
    ///   - logged: The events to log.
    ///   - all: The events to deliver.
    ///   - sink: Whom to deliver them to.
    package func publish(_ logged: [Event], delivering all: [Event], to sink: any EventSink) -> Outcome {
        writer.publish(logged, .init(events: all, sink: sink))
    }

    /// The same, but returns when they are on the disk, and holds no thread meanwhile: the log's own thread writes.
    package func publishDurably(
        _ logged: [Event],
        delivering all: [Event],
        to sink: any EventSink
    ) async throws(EventLogError) {
        try await writer.publishDurably(logged, .init(events: all, sink: sink))
    }

    /// How many events have been handed in and are not being written yet.
    var waitingLines: Int { writer.waitingLines }

    private var switchedOff: EventLogError {
        EventLogError(.disabled, path: config.path, because: "the event log is switched off")
    }

    /// Waits until everything appended so far is on the disk, safe from a power cut (`fdatasync`, also of the directory; a
    /// full flush of the drive on macOS). Does nothing if the log is switched off or closed.
    ///
    /// - Throws: ``EventLogError`` if events still wait to be written, or if the system cannot promise that they are on
    ///   the disk. The file has ended then: asking again would prove nothing, so a new one is begun.
    public func flush() throws(EventLogError) {
        guard config.isEnabled else { return }
        try writer.flush()
    }

    /// Writes what waits, for at most 2 s, and closes the file, which is synchronized unless the durability is
    /// ``Durability/os``. Appending throws from now on; reading still works.
    public func close() {
        warn(writer.close(synchronizing: false))
    }

    /// Delivers at once what still waits to be written.
    func deliver() { writer.deliver() }

    /// ``flush()`` and ``close()``, with a warning if the flush failed.
    func flushAndClose() {
        guard config.isEnabled else { return }
        warn(writer.close(synchronizing: true))
    }

    /// ``close()``, which hands over what could not be written in a moment.
    ///
    /// - Parameters:
    ///   - isSynchronized: Whether what is written is synchronized as by ``flush()``.
    ///   - leave: Takes whole lines, without their newlines, and returns whether they are kept for the log.
    package func close(synchronizing isSynchronized: Bool, leavingRest leave: ([[UInt8]]) -> Bool) {
        guard config.isEnabled else { return }
        warn(writer.close(synchronizing: isSynchronized, leavingRest: { leave($0.flatMap(\.lines)) }))
    }

    /// The lines of events as this log has them, without their newlines.
    package func lines(of events: some Sequence<Event>) -> [[UInt8]] { PendingLines(Array(events), config).lines }

    private func warn(_ error: EventLogError?) {
        if let error { logger.warning("Failed to synchronize the event log: \(error)") }
    }
}
