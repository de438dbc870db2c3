import Foundation
import InMemoryLogging
import Logging
import TestSupport
import Testing

@testable import NeuraphageEvents

/// A value that threads share.
final class Shared<Value: Sendable>: Sendable {
    private let lock: Lock<Value>

    init(_ value: Value) {
        lock = Lock(value)
    }

    var value: Value {
        get { lock.withLock { $0 } }
        set { lock.withLock { $0 = newValue } }
    }

    @discardableResult
    func update<Result: Sendable>(_ body: @Sendable (inout Value) -> Result) -> Result {
        lock.withLock { body(&$0) }
    }
}

/// SplitMix64: the same numbers from the same seed, so that a random test that fails, fails again.
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) {
        state = seed
    }

    mutating func next() -> UInt64 {
        state &+= 0x9e37_79b9_7f4a_7c15
        var mixed = state
        mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
        return mixed ^ mixed >> 31
    }
}

/// A logger, and what it was told.
struct RecordingLogger {
    private let handler = InMemoryLogHandler()

    var logger: Logger {
        Logger(label: "test") { [handler] _ in handler }
    }

    var warnings: [String] { messages(at: .warning) }
    var notices: [String] { messages(at: .notice) }

    private func messages(at level: Logger.Level) -> [String] {
        handler.entries.filter { $0.level == level }.map { "\($0.message)" }
    }
}

extension EventLog {
    /// A log in a directory of a test, with warnings that go nowhere unless a logger is given.
    convenience init(
        in directory: TemporaryDirectory,
        logger: Logger = RecordingLogger().logger,
        fileSystem: any FileSystem = RealFileSystem(),
        configure: (inout EventLogConfig) -> Void = { _ in }
    ) throws {
        var config = EventLogConfig(dataDirectory: directory.path)
        configure(&config)
        try self.init(opening: config, logger: logger, fileSystem: fileSystem)
    }

    /// A log that loses no time when the disk is in trouble, and has all the time in the world while it is not: how busy
    /// the machine is decides nothing.
    convenience init(
        hastyIn directory: TemporaryDirectory,
        logger: Logger = RecordingLogger().logger,
        fileSystem: any FileSystem = RealFileSystem(),
        timing adjust: (inout LogWriter.Timing) -> Void = { _ in },
        configure: (inout EventLogConfig) -> Void = { _ in }
    ) throws {
        var config = EventLogConfig(dataDirectory: directory.path)
        configure(&config)
        var timing = LogWriter.Timing()
        let hour: UInt64 = 3_600_000_000_000
        (timing.publishing, timing.appending, timing.slow) = (hour, hour, hour)
        timing.retry = 1_000_000
        timing.longestRetry = 2_000_000
        timing.drain = 1_000_000
        timing.recovery = 0
        timing.closing = 100_000_000
        adjust(&timing)
        try self.init(openingWhenPossible: config, logger: logger, fileSystem: fileSystem, timing: timing)
    }
}

extension EventLog {
    /// Waits until it is not in trouble any more.
    func waitForRecovery() throws {
        try wait(for: "the log to be out of trouble") { status.trouble == nil }
    }
}

/// The event in these bytes, as a reader of a file finds it.
func event(inLine bytes: [UInt8]) throws -> Event {
    try EventLine(bytes.span).event(bytes.span)
}
