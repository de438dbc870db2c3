import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("Whoever waits for the log", .apart)
struct WaitingTests {
    private let directory: TemporaryDirectory
    private let recorder = RecordingLogger()
    private let gate = Gate()

    /// Runs each job where it is enqueued: a subscriber on it runs wherever it is woken.
    private final class InlineExecutor: TaskExecutor {
        func enqueue(_ job: consuming ExecutorJob) {
            UnownedJob(job).runSynchronously(on: asUnownedTaskExecutor())
        }
    }

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func log(
        _ fileSystem: any FileSystem,
        _ durability: Durability = .os,
        timing: (inout LogWriter.Timing) -> Void = { _ in }
    ) throws -> EventLog {
        try EventLog(
            hastyIn: directory,
            logger: recorder.logger,
            fileSystem: fileSystem,
            timing: timing,
            configure: { $0.durability = durability }
        )
    }

    @Test("as a subscriber runs under no lock of the log, on whatever executor", arguments: [Durability.os, .always])
    func inlineSubscriber(durability: Durability) async throws {
        let bus = EventBus(log: try log(RealFileSystem(), durability))
        let subscription = bus.subscribe()
        let written = Shared<[Int]>([])
        let reader = Task(executorPreference: InlineExecutor()) {
            try await within("two events") {
                for await delivery in subscription where delivery.event != nil {
                    written.update { [status = bus.log?.status] in $0.append(status?.written ?? -1) }
                    if written.value.count == 1 { bus.taskStarted("b") }
                    if written.value.count == 2 { break }
                }
            }
        }
        try bus.untilWaiting(1)
        let receipt = Shared<EventReceipt?>(nil)
        Thread { receipt.value = bus.taskStarted("a") }.start()
        try wait(for: "the publisher to return") { receipt.value != nil }
        #expect(receipt.value == .written)
        try await reader.value
        #expect(written.value == [1, 2])
    }

    @Test("as a task has no work done on its own thread", arguments: [Durability.os, .always])
    func durablyElsewhere(durability: Durability) async throws {
        let callers = Shared<[InterposedFileSystem.Call]>([])
        let fileSystem = InterposedFileSystem { call in
            if TestThreads.isCurrent { callers.update { $0.append(call) } }
            return nil
        }
        let bus = EventBus(log: try log(fileSystem, durability))
        callers.value = []
        for _ in 0..<20 { try await bus.publishDurably(contentsOf: [Event(.taskStarted, from: "a")]) }
        #expect(callers.value.isEmpty)
        #expect(try directory.events() == bus.recentEvents())
    }

    @Test("as a task that is cancelled goes on at once, and what it published stays published")
    func cancelled() async throws {
        let fileSystem = InterposedFileSystem { [gate] call in
            if call == .synchronize { gate.pass() }
            return nil
        }
        let bus = EventBus(log: try log(fileSystem))
        gate.close()
        let task = Task { try await bus.publishDurably(Event(.taskStarted, from: "a")) }
        try wait(for: "the synchronization to begin") { gate.waiting == 1 }
        task.cancel()
        let error = await #expect(throws: EventLogError.self) { try await task.value }
        #expect(error?.code == .cancelled)
        // A task that is cancelled already publishes, and doesn't wait.
        let second = Task {
            withUnsafeCurrentTask { $0?.cancel() }
            try await bus.publishDurably(Event(.taskStarted, from: "b"))
        }
        let secondError = await #expect(throws: EventLogError.self) { try await second.value }
        #expect(secondError?.code == .cancelled)
        gate.open()
        bus.close()
        #expect(bus.recentEvents().map(\.source?.description) == ["a", "b"])
        #expect(try directory.events() == bus.recentEvents())
    }

    @Test("as an appender has its own time, however little a publisher before it had")
    func patientAppender() throws {
        let fileSystem = InterposedFileSystem { [gate] call in
            if call == .lock { gate.pass() }
            return nil
        }
        let log = try log(fileSystem) { $0.publishing = 1_000_000 }
        let bus = EventBus(log: log)
        let other = open(log.config.path, O_RDWR | O_CLOEXEC)
        defer { close(other) }
        #expect(flock(other, LOCK_EX) == 0)
        gate.close()
        let receipt = Shared<EventReceipt?>(nil)
        Thread { receipt.value = bus.taskStarted("publisher") }.start()
        try wait(for: "the publisher to try the lock") { gate.waiting == 1 }
        let answer = Shared<EventLogError??>(nil)
        Thread { answer.value = .some(log.append(contentsOf: [Event(.taskStarted, from: "appender")]).error) }.start()
        try wait(for: "the appender to hand in") { log.waitingLines == 1 }
        gate.open()
        try wait(for: "the publisher to give up") { receipt.value != nil }
        #expect(receipt.value == .buffered)
        #expect(answer.value == nil)
        #expect(flock(other, LOCK_UN) == 0)
        try wait(for: "the appender's answer") { answer.value != nil }
        #expect(answer.value == .some(.some(nil)))
        try log.waitForRecovery()
        #expect(try directory.events().map(\.source?.description) == ["publisher", "appender"])
    }

    @Test("on a disk that synchronizes nothing gets one warning and no copies, and the log goes on when it does again")
    func failingSynchronization() throws {
        let isBroken = Shared(true)
        let attempts = Shared(0)
        let fileSystem = InterposedFileSystem { call in
            guard call == .synchronize, isBroken.value else { return nil }
            attempts.update { $0 += 1 }
            return .failure(EIO)
        }
        let log = try log(fileSystem, .interval(.milliseconds(1)))
        let bus = EventBus(log: log, historySize: 10_000)
        for round in 1...20 {
            for _ in 0..<5 { bus.taskStarted("a") }
            try wait(for: "attempt \(round)") { attempts.value >= round }
        }
        #expect(recorder.warnings.count == 1)
        #expect(recorder.notices.isEmpty)
        #expect(!directory.exists("event_log.000001.jsonl"))
        isBroken.value = false
        try log.waitForRecovery()
        bus.close()
        let events = bus.recentEvents()
        #expect(events.count == 100)
        let first = try directory.events("event_log.000001.jsonl")
        let next = try directory.events()
        #expect(!directory.exists("event_log.000002.jsonl"))
        #expect(next.first?.payload["repeated"]?.text == "\(first.count)")
        #expect(next.dropFirst() == events[...])
        #expect(recorder.warnings.count == 1)
    }
}
