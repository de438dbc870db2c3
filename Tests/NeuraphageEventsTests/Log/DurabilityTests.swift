import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("Durability", .apart)
struct DurabilityTests {
    private let directory: TemporaryDirectory
    private let recorder = RecordingLogger()
    /// What happened to the file, in its order.
    private let calls = Shared<[InterposedFileSystem.Call]>([])
    /// What the next synchronizations come to.
    private let synchronizationFaults = Shared<[Int32]>([])

    init() throws {
        directory = try TemporaryDirectory()
    }

    private var fileSystem: InterposedFileSystem {
        InterposedFileSystem { [calls, synchronizationFaults] call in
            guard call == .write || call == .synchronize else { return nil }
            calls.update { $0.append(call) }
            guard call == .synchronize else { return nil }
            return synchronizationFaults.update { $0.isEmpty ? nil : .failure($0.removeFirst()) }
        }
    }

    private func log(_ durability: Durability, _ fileSystem: (any FileSystem)? = nil) throws -> EventLog {
        try EventLog(
            hastyIn: directory,
            logger: recorder.logger,
            fileSystem: fileSystem ?? self.fileSystem,
            configure: { $0.durability = durability }
        )
    }

    /// The events of a file, without the log's own lines.
    private func events(_ name: String = EventLogConfig.fileName) throws -> [Event] {
        try directory.events(name).filter { $0.kind == .taskStarted }
    }

    @Test("os synchronizes nothing unless asked to, and then the directory as well")
    func os() throws {
        let log = try log(.os)
        let bus = EventBus(log: log)
        bus.taskStarted("a")
        #expect(calls.value == [.write])
        try log.flush()
        #expect(calls.value == [.write, .synchronize, .synchronize])
        bus.taskStarted("a")
        try log.flush()
        #expect(calls.value.suffix(2) == [.write, .synchronize])
    }

    @Test("always synchronizes before it acknowledges, for the first event also the directory")
    func always() throws {
        let bus = EventBus(log: try log(.always))
        #expect(bus.taskStarted("a") == .written)
        #expect(calls.value == [.write, .synchronize, .synchronize])
        #expect(bus.taskStarted("a") == .written)
        #expect(calls.value.suffix(2) == [.write, .synchronize])
    }

    @Test("always synchronizes every directory that it has made the name of a directory in")
    func directories() throws {
        var config = EventLogConfig(path: directory["a/b/events.jsonl"])
        config.durability = .always
        let log = try EventLog(opening: config, logger: recorder.logger, fileSystem: fileSystem)
        try log.append(Event(.taskStarted))
        // The file, a/b with the file's name, a with b's, and the directory with a's.
        #expect(calls.value == [.write] + Array(repeating: .synchronize, count: 4))
    }

    @Test("always has publishers that wait at the same time share one synchronization")
    func groupCommit() throws {
        let gate = Gate()
        gate.close()
        let calls = calls
        let fileSystem = InterposedFileSystem { call in
            calls.update { $0.append(call) }
            if call == .synchronize { gate.pass() }
            return nil
        }
        let log = try EventLog(hastyIn: directory, fileSystem: fileSystem, configure: { $0.durability = .always })
        let bus = EventBus(log: log)
        let receipts = Shared<[EventReceipt]>([])
        func publish() {
            Thread { receipts.update { [receipt = bus.taskStarted("a")] in $0.append(receipt) } }.start()
        }
        publish()
        try wait(for: "a publisher to synchronize") { gate.waiting == 1 }
        for _ in 0..<16 { publish() }
        try wait(for: "16 publishers to wait") { log.waitingLines == 16 }
        gate.open()
        try wait(for: "17 receipts") { receipts.value.count == 17 }
        #expect(receipts.value.allSatisfy { $0 == .written })
        // The first one's, that of the directory, and one for the sixteen.
        #expect(calls.value.count { $0 == .synchronize } == 3)
        #expect(try events().count == 17)
    }

    @Test("an interval synchronizes by itself, so long after the first event that isn't on the disk")
    func interval() throws {
        let log = try log(.interval(.milliseconds(1)))
        let bus = EventBus(log: log)
        for round in 1...3 {
            #expect(bus.taskStarted("a") == .written)
            try wait(for: "synchronization \(round)") { calls.value.count { $0 == .synchronize } > round }
        }
        #expect(calls.value.filter { $0 == .write }.count == 3)
    }

    @Test("an interval synchronizes when the log is closed or dropped", arguments: [true, false])
    func intervalAtEnd(isClosed: Bool) throws {
        var log: EventLog? = try log(.interval(.seconds(3_600)))
        try log?.append(Event(.taskStarted))
        #expect(calls.value == [.write])
        if isClosed { log?.close() }
        log = nil
        #expect(calls.value == [.write, .synchronize, .synchronize])
    }

    @Test(
        "publishing durably returns when it is on the disk, whatever the durability",
        arguments: [
            Durability.os, .interval(.seconds(3_600)), .always,
        ]
    )
    func durably(durability: Durability) async throws {
        let bus = EventBus(log: try log(durability))
        let event = Event(.taskStarted, from: "a")
        try await bus.publishDurably(event, Event(.fileModified, from: "a"))
        #expect(calls.value == [.write, .synchronize, .synchronize])
        #expect(try events() == [event])
        #expect(bus.recentEvents().count == 2)
        try await bus.publishDurably(Event(.fileModified))
        #expect(calls.value.count == 3)
    }

    @Test("publishing durably at the same time shares synchronizations, and everybody gets an answer")
    func durablyTogether() async throws {
        let bus = EventBus(log: try log(.always))
        try await withThrowingTaskGroup { group in
            for _ in 0..<200 { group.addTask { try await bus.publishDurably(Event(.taskStarted, from: "a")) } }
            try await group.waitForAll()
        }
        #expect(try events().count == 200)
        #expect(try events() == bus.recentEvents())
        #expect(calls.value.count { $0 == .synchronize } <= 201)
    }

    @Test("publishing durably throws when the disk cannot promise it, and everybody still gets the event")
    func durablyFailing() async throws {
        synchronizationFaults.value = [EIO]
        let log = try log(.os)
        let bus = EventBus(log: log)
        await #expect(throws: EventLogError.self) { try await bus.publishDurably(Event(.taskStarted, from: "a")) }
        #expect(bus.recentEvents().count == 1)
        // The file has ended; what comes next is safe in a new one.
        try await bus.publishDurably(Event(.taskStarted, from: "b"))
        #expect(try events("event_log.000001.jsonl").count == 1)
        #expect(try events().map(\.source?.description) == ["b"])
    }

    @Test("of a file that could not be synchronized ends with that file: what may be missing is written to the next")
    func failedSynchronization() throws {
        let log = try log(.always)
        let bus = EventBus(log: log)
        let events = (0..<3).map { _ in Event(.taskStarted, from: "a") }
        #expect(bus.publish(events[0]) == .written)
        synchronizationFaults.value = [EIO]
        #expect(bus.publish(events[1]) == .buffered)
        try log.waitForRecovery()
        #expect(bus.publish(events[2]) == .written)

        #expect(try directory.events("event_log.000001.jsonl") == Array(events[..<2]))
        #expect(try directory.permissions("event_log.000001.jsonl") == 0o400)
        let next = try directory.events()
        #expect(next.map(\.kind) == [.custom("LogResumed"), .taskStarted, .taskStarted])
        #expect(
            next[0].payload
                == ["previous": "event_log.000001.jsonl", "from": .string("\(events[1].id)"), "repeated": 1]
        )
        #expect(Array(next[1...]) == Array(events[1...]))
        #expect(log.status == EventLogStatus(trouble: nil, written: 3, buffered: 0, lost: 0))
    }

    @Test("of a file that could not be synchronized is taken up in the next one as a whole or not at all")
    func failedResumption() throws {
        let writes = Shared(0)
        let synchronizations = Shared(0)
        let fileSystem = InterposedFileSystem { call in
            switch call {
            // The second event cannot be synchronized.
            case .synchronize:
                synchronizations.update {
                    $0 += 1; return $0
                } == 3 ? .failure(EIO) : nil
            // The rehearsal succeeds; what is repeated in the next file is cut in the middle, and then the disk is full.
            case .write:
                switch writes.update({
                    $0 += 1; return $0
                }) {
                case 4: .half
                case 5: .failure(ENOSPC)
                default: nil
                }
            default: nil
            }
        }
        let log = try log(.always, fileSystem)
        let bus = EventBus(log: log)
        let first = Event(.taskStarted, from: "a")
        let others = (0..<5).map { _ in Event(.taskStarted, from: "b") }
        #expect(bus.publish(first) == .written)
        #expect(bus.publish(contentsOf: others) == Array(repeating: .buffered, count: 5))
        try log.waitForRecovery()
        #expect(writes.value == 7)
        #expect(try directory.events().map(\.kind) == [.custom("LogResumed")] + others.map(\.kind))
        #expect(try events() == others)
        #expect(try directory.events().first?.payload["previous"]?.text == "event_log.000001.jsonl")
    }

    @Test("of an interval repeats in the next file everything that was not synchronized")
    func failedInterval() throws {
        synchronizationFaults.value = [EIO]
        let log = try log(.interval(.milliseconds(50)))
        let events = (0..<3).map { _ in Event(.taskStarted, from: "a") }
        _ = log.append(contentsOf: events)
        try wait(for: "the next file") { directory.exists("event_log.000001.jsonl") && log.status.trouble == nil }
        #expect(try directory.events("event_log.000001.jsonl") == events)
        let next = try directory.events()
        #expect(next.first?.payload["repeated"]?.text == "3")
        #expect(Array(next.dropFirst()) == events)
        try wait(for: "the next file to be synchronized") { calls.value.count { $0 == .synchronize } >= 3 }
    }

    @Test("of an interval isn't confused by somebody who writes while the synchronization fails")
    func failedIntervalMeanwhile() throws {
        let (synchronizing, writing) = (Gate(), Gate())
        let hasFailed = Shared(false)
        let fileSystem = InterposedFileSystem { call in
            if call == .write { writing.pass() }
            guard call == .synchronize, !hasFailed.value else { return nil }
            synchronizing.pass()
            hasFailed.value = true
            return .failure(EIO)
        }
        let log = try log(.interval(.milliseconds(1)), fileSystem)
        let bus = EventBus(log: log)
        let events = (0..<3).map { _ in Event(.taskStarted, from: "a") }
        synchronizing.close()
        #expect(bus.publish(events[0]) == .written)
        try wait(for: "the synchronization to begin") { synchronizing.waiting == 1 }
        writing.close()
        Thread { bus.publish(events[1]) }.start()
        try wait(for: "the second event to be written") { writing.waiting == 1 }
        synchronizing.open()
        try wait(for: "the synchronization to fail") { log.status.trouble?.errorNumber == EIO }
        writing.open()
        try wait(for: "the next file") { log.status.trouble == nil && directory.exists("event_log.000001.jsonl") }
        bus.publish(events[2])
        #expect(try self.events("event_log.000001.jsonl") == Array(events[..<2]))
        #expect(try self.events() == events)
    }

    @Test("of a file that cannot be synchronized time and again loses nothing, and ends one file")
    func failingRepeatedly() throws {
        let log = try log(.always)
        let bus = EventBus(log: log)
        synchronizationFaults.value = [EIO, EIO, ENOSPC]
        let event = Event(.taskStarted, from: "a")
        #expect(bus.publish(event) == .buffered)
        try log.waitForRecovery()
        for name in ["event_log.000001.jsonl", "event_log.jsonl"] { #expect(try events(name) == [event]) }
        #expect(try directory.events().first?.payload["previous"]?.text == "event_log.000001.jsonl")
        #expect(!directory.exists("event_log.000002.jsonl"))
        #expect(!directory.exists("event_log.jsonl.rehearsal"))
        #expect(recorder.warnings.count == 1)
    }

    @Test("of a file that could not be synchronized once is never promised again, whoever asks")
    func failedForEver() throws {
        synchronizationFaults.value = [EIO]
        var file = ActiveSegment(path: directory[EventLogConfig.fileName], fileSystem: fileSystem)
        let opened = try file.openIfNeeded()
        #expect(throws: EventLogError.self) { try opened.synchronize() }
        #expect(throws: EventLogError.self) { try opened.synchronize() }
        #expect(calls.value == [.synchronize])
    }

    @Test("synchronizes a file for one thread at a time, since the system tells only one of them of a failure")
    func oneAtATime() throws {
        let (running, most) = (Shared(0), Shared(0))
        let fileSystem = InterposedFileSystem { call in
            guard call == .synchronize else { return nil }
            let now = running.update { running in
                running += 1
                return running
            }
            most.update { $0 = max($0, now) }
            takeTime(.microseconds(500))
            running.update { $0 -= 1 }
            return nil
        }
        var file = ActiveSegment(path: directory[EventLogConfig.fileName], fileSystem: fileSystem)
        let opened = try file.openIfNeeded()
        let failures = try onThreads(8) { _ in (try? opened.synchronize()) == nil }
        #expect(failures == Array(repeating: false, count: 8))
        #expect(most.value == 1)
    }

    @Test("of an interval writes to the next file also what could not be synchronized at the end")
    func failedAtEnd() throws {
        synchronizationFaults.value = [EIO]
        let log = try log(.interval(.seconds(3_600)))
        let events = (0..<3).map { _ in Event(.taskStarted, from: "a") }
        _ = log.append(contentsOf: events)
        log.close()
        #expect(try directory.events("event_log.000001.jsonl") == events)
        #expect(try self.events() == events)
        // The file and its directory, and the file once more at the end.
        #expect(calls.value.suffix(4) == [.write, .synchronize, .synchronize, .synchronize])
    }

    @Test("of a file that another process has ended: its writers go on in the next file, with what may be missing")
    func endedByOther() throws {
        let (mine, other) = (try log(.always), try log(.always))
        let first = Event(.taskStarted, from: "mine")
        let second = Event(.taskStarted, from: "other")
        try mine.append(first)
        synchronizationFaults.value = [EIO]
        #expect(throws: EventLogError.self) { try other.append(second) }
        try other.append(second)
        try mine.append(first)
        #expect(try events("event_log.000001.jsonl") == [first, second])
        #expect(try events() == [second, first])
        #expect(recorder.warnings.count == 1)
    }

    /// The real file system, which notes what is synchronized, and fails to do so with the first file.
    private final class SynchronizedFiles: ForwardingFileSystem {
        let identities = Shared<[FileStatus.Identity]>([])
        private let first = Shared<FileStatus.Identity?>(nil)
        private let failsWithFirst: Bool

        init(failingWithFirst: Bool) {
            failsWithFirst = failingWithFirst
        }

        func synchronize(_ descriptor: Int32) throws(SystemError) {
            let status = try real.status(of: descriptor)
            let isFirst =
                status.isRegularFile
                && first.update { known in
                    known = known ?? status.identity
                    return known == status.identity
                }
            if isFirst, failsWithFirst { throw SystemError(code: EIO) }
            try real.synchronize(descriptor)
            identities.update { $0.append(status.identity) }
        }
    }

    @Test("os promises by a flush also what is in a file that another process has ended", arguments: [false, true])
    func flushOfEndedFile(isFailing: Bool) throws {
        let files = SynchronizedFiles(failingWithFirst: isFailing)
        let (mine, other) = (try log(.os, files), try log(.always))
        try mine.append(Event(.taskStarted, from: "first"))
        synchronizationFaults.value = [EIO]
        #expect(throws: EventLogError.self) { try other.append(Event(.taskStarted)) }
        try other.append(Event(.taskStarted))
        try mine.append(Event(.taskStarted, from: "second"))
        #expect(directory.exists("event_log.000001.jsonl"))
        if isFailing {
            #expect(throws: EventLogError.self) { try mine.flush() }
        } else {
            try mine.flush()
            for name in ["event_log.000001.jsonl", "event_log.jsonl"] {
                let identity = try RealFileSystem().status(at: directory[name], followingLinks: false).identity
                #expect(files.identities.value.contains(identity), "\(name)")
            }
        }
    }

    @Test("cannot be an interval of nothing or of days")
    func limits() throws {
        for interval in [Duration.zero, .microseconds(999), .seconds(3_601)] {
            #expect(throws: EventLogError.self) { try log(.interval(interval)) }
        }
        #expect("\(Durability.interval(.seconds(2)))" == "2000ms")
    }
}
