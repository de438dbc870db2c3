import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A log file that is no longer at its path", .apart)
struct ActiveSegmentIdentityTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    private let first = Event(.taskStarted, from: "first")
    private let second = Event(.taskStarted, from: "second")
    private let third = Event(.taskStarted, from: "third")

    @Test("because it was deleted is made anew by the next append, with one warning")
    func deleted() throws {
        let recorder = RecordingLogger()
        let log = try EventLog(in: directory, logger: recorder.logger)
        try log.append(first)
        try directory.unlink()
        try log.append(second)
        try log.append(third)
        #expect(try directory.events() == [second, third])
        #expect(try directory.permissions(EventLogConfig.fileName) == 0o600)
        let path = log.config.path
        #expect(recorder.warnings == ["The event log \(path) was deleted; logging goes on in a new file there"])
    }

    @Test("because its whole directory was deleted is made anew together with it")
    func deletedDirectory() throws {
        let recorder = RecordingLogger()
        let log = try EventLog(in: directory, logger: recorder.logger) { $0.path = directory["sub/events.jsonl"] }
        try log.append(first)
        try FileManager.default.removeItem(atPath: directory["sub"])
        try log.append(second)
        #expect(try directory.events("sub/events.jsonl") == [second])
        #expect(try directory.permissions("sub") == 0o700)
        #expect(recorder.warnings.count == 1)
    }

    @Test("because it was deleted twice is made anew twice, with a warning each time")
    func deletedTwice() throws {
        let recorder = RecordingLogger()
        let log = try EventLog(in: directory, logger: recorder.logger)
        for event in [first, second, third] {
            try log.append(event)
            #expect(try directory.events() == [event])
            try directory.unlink()
        }
        #expect(recorder.warnings.count == 2)
    }

    /// Appends one event and returns what was noticed.
    private func append(_ event: Event, to file: inout ActiveSegment) -> ActiveSegment.Notice? {
        var notice: ActiveSegment.Notice?
        let line = Array("\(event)\n".utf8)
        let outcome = file.append(line, count: 1, patience: 0, notice: &notice)
        #expect(outcome.written == 1)
        #expect(outcome.error == nil)
        return notice
    }

    @Test("because it was renamed is noticed after 100 ms, and what came before is in the renamed one")
    func renamed() throws {
        let clock = Shared<UInt64>(1_000_000_000)
        var file = ActiveSegment(path: directory["log"], fileSystem: RealFileSystem(), monotonicNow: { clock.value })
        #expect(append(first, to: &file) == nil)
        try directory.rename("log", to: "old")
        clock.value += 99_999_999
        #expect(append(second, to: &file) == nil)
        clock.value += 1
        #expect(append(third, to: &file) == .replaced)
        #expect(try directory.events("old") == [first, second])
        #expect(try directory.events("log") == [third])
        clock.value += 100_000_000
        #expect(append(third, to: &file) == nil)
    }

    @Test("because another one took its place is left, and the other one is appended to")
    func replaced() throws {
        let clock = Shared<UInt64>(0)
        let fileSystem = FaultyFileSystem()
        var file = ActiveSegment(path: directory["log"], fileSystem: fileSystem, monotonicNow: { clock.value })
        #expect(append(first, to: &file) == nil)
        try directory.append("a fragment", to: "new")
        try directory.rename("log", to: "old")
        try directory.rename("new", to: "log")
        clock.value += 100_000_000
        #expect(append(second, to: &file) == .replaced)
        #expect(try directory.events("old") == [first])
        #expect(try directory.text("log") == "a fragment\n\(second)\n")
        #expect(fileSystem.openDescriptors == 1)
    }

    @Test("but can be reached there again in time was never away")
    func backInTime() throws {
        let clock = Shared<UInt64>(0)
        var file = ActiveSegment(path: directory["log"], fileSystem: RealFileSystem(), monotonicNow: { clock.value })
        #expect(append(first, to: &file) == nil)
        try directory.rename("log", to: "old")
        try directory.rename("old", to: "log")
        clock.value += 100_000_000
        #expect(append(second, to: &file) == nil)
        #expect(try directory.events("log") == [first, second])
    }

    @Test("but cut short by somebody is appended to at its new end")
    func truncated() throws {
        let log = try EventLog(in: directory)
        try log.append(first)
        #expect(truncate(log.config.path, 0) == 0)
        try log.append(second)
        #expect(try directory.events() == [second])
        #expect(truncate(log.config.path, 10) == 0)
        try log.append(third)
        #expect(try directory.text() == "\(second.description.prefix(10))\n\(third)\n")
    }
}
