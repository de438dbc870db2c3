import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A log in trouble", .apart)
struct TroubleTests {
    private let directory: TemporaryDirectory
    private let recorder = RecordingLogger()
    private let gate = Gate()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func log(
        _ fileSystem: any FileSystem,
        timing: (inout LogWriter.Timing) -> Void = { _ in },
        configure: (inout EventLogConfig) -> Void = { _ in }
    ) throws -> EventLog {
        try EventLog(
            hastyIn: directory,
            logger: recorder.logger,
            fileSystem: fileSystem,
            timing: timing,
            configure: configure
        )
    }

    private func events(_ count: Int) -> [Event] {
        (0..<count).map { Event(.taskCompleted, from: "a", payload: ["n": .integer($0)]) }
    }

    @Test("whose writer hangs holds nobody else; all events are delivered, and written in the order of delivery")
    func hangingWrite() throws {
        let fileSystem = InterposedFileSystem { [gate] call in
            if call == .write { gate.pass() }
            return nil
        }
        let log = try log(fileSystem) { $0.publishing = 1_000_000 }
        let bus = EventBus(log: log, historySize: 100)
        let events = events(5)
        gate.close()
        let held = Shared<EventReceipt?>(nil)
        Thread { held.value = bus.publish(events[0]) }.start()
        try wait(for: "the write to begin") { gate.waiting == 1 }
        #expect(events[1...].map { bus.publish($0) } == [.buffered, .buffered, .buffered, .buffered])
        #expect(bus.recentEvents() == events)
        #expect(log.status.buffered == 5)
        #expect(log.status.trouble?.description == "writing to \(log.config.path) takes longer than 1 ms")
        gate.open()
        try wait(for: "the first publisher to return") { held.value != nil }
        #expect(held.value == .written)
        try log.waitForRecovery()
        #expect(try directory.events() == events)
        #expect(bus.recentEvents() == events)
        #expect(recorder.warnings.count == 1)
    }

    @Test("because each write is slow holds one publisher, not the ones after it")
    func slowWrites() throws {
        let isSlow = Shared(true)
        let fileSystem = InterposedFileSystem { call in
            if call == .write, isSlow.value { takeTime(.milliseconds(5)) }
            return nil
        }
        let log = try log(fileSystem) {
            $0.publishing = 2_000_000
            $0.slow = 2_000_000
            $0.recovery = 1_000_000_000_000
        }
        let bus = EventBus(log: log)
        #expect(bus.taskStarted("a") == .written)
        for _ in 0..<20 { #expect(bus.taskStarted("a") == .buffered) }
        isSlow.value = false
        try wait(for: "the buffer to be written") { log.status.buffered == 0 }
        #expect(try directory.events() == bus.recentEvents())
        #expect(log.status.trouble != nil)
        bus.close()
    }

    @Test("because somebody keeps the file locked goes on when they let go of it")
    func lockedFile() throws {
        let log = try log(RealFileSystem()) { $0.publishing = 1_000_000 }
        let bus = EventBus(log: log)
        let other = open(log.config.path, O_RDWR | O_CLOEXEC)
        defer { close(other) }
        #expect(flock(other, LOCK_EX) == 0)
        let events = events(3)
        #expect(events.map { bus.publish($0) } == [.buffered, .buffered, .buffered])
        #expect(
            log.status.trouble?.description == "cannot write to \(log.config.path): another process keeps it locked"
        )
        #expect(try directory.bytes().isEmpty)
        #expect(flock(other, LOCK_UN) == 0)
        try log.waitForRecovery()
        #expect(try directory.events() == events)
        #expect(bus.taskStarted("a") == .written)
        #expect(recorder.warnings.count == 1)
    }

    @Test("tells whoever appends that nothing was written, and does not write it later")
    func patientAppend() throws {
        let log = try log(RealFileSystem()) { $0.appending = 1_000_000 }
        let other = open(log.config.path, O_RDWR | O_CLOEXEC)
        defer { close(other) }
        #expect(flock(other, LOCK_EX) == 0)
        let event = Event(.taskStarted, from: "a")
        let error = try #require(throws: EventLogError.self) { try log.append(event) }
        #expect(error.description.hasSuffix("another process keeps it locked"))
        #expect(flock(other, LOCK_UN) == 0)
        try log.append(event)
        #expect(try directory.events() == [event])
        #expect(log.status.lost == 0)
    }

    @Test("keeps the oldest events, counts the others exactly, and says in the log where they are missing")
    func gap() throws {
        let fileSystem = FaultyFileSystem()
        let events = events(12)
        let size = events[0].description.utf8.count + 1
        let log = try log(fileSystem, configure: { $0.bufferBytes = size * 3 + 10 })
        let bus = EventBus(log: log)
        let subscription = bus.subscribe()
        fileSystem.isDiskFull = true
        let receipts = events[..<5].map { bus.publish($0) }
        #expect(receipts == [.buffered, .buffered, .buffered, .lost, .lost])
        #expect(bus.publish(contentsOf: Array(events[5..<8])) == [.lost, .lost, .lost])
        #expect(log.status.lost == 5)
        fileSystem.isDiskFull = false
        try log.waitForRecovery()
        fileSystem.isDiskFull = true
        #expect(bus.publish(contentsOf: Array(events[8...])) == [.buffered, .buffered, .buffered, .lost])
        fileSystem.isDiskFull = false
        try log.waitForRecovery()

        #expect(subscription.drain().compactMap(\.event) == events)
        let logged = try directory.events()
        #expect(logged.filter { $0.kind == .taskCompleted } == Array(events[..<3] + events[8..<11]))
        #expect(logged.indices.filter { logged[$0].kind == .custom("LogGap") } == [3, 7])
        #expect(logged[3].payload == ["lost": 5, "from": .string("\(events[3].id)"), "to": .string("\(events[7].id)")])
        #expect(logged[7].payload["lost"]?.text == "1")
        #expect(log.status == EventLogStatus(trouble: nil, written: 6, buffered: 0, lost: 6))
    }

    @Test("says in one line what was lost in one place, also if it was just about to say so")
    func gapInFlight() {
        var backlog = Backlog(limit: 0)
        let items = events(2).map {
            Submission(.publishing, PendingLines([$0], EventLogConfig(path: "/log")), deadline: .max)
        }
        var flight: [Submission] = []
        var admitted = backlog.admit(items[0])
        backlog.takeFirst(bytes: 1, into: &flight)
        admitted += backlog.admit(items[1])
        backlog.putBack(flight)
        flight = []
        backlog.takeFirst(bytes: 1, into: &flight)
        #expect(admitted == 0)
        let expected = PendingLines.Gap(lost: 2, from: items[0].lines.firstID, to: items[1].lines.firstID)
        #expect(flight.first?.lines.gap == expected)
        #expect(backlog.isEmpty)
    }

    @Test("with room for nothing loses everything and says so when it can")
    func noBuffer() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem, configure: { $0.bufferBytes = 0 })
        let bus = EventBus(log: log)
        fileSystem.isDiskFull = true
        let events = events(3)
        #expect(events.map { bus.publish($0) } == [.lost, .lost, .lost])
        fileSystem.isDiskFull = false
        try log.waitForRecovery()
        let gaps = try directory.events()
        #expect(gaps.allSatisfy { $0.kind == .custom("LogGap") })
        #expect(gaps.compactMap { Int($0.payload["lost"]?.text ?? "") }.reduce(0, +) == 3)
    }

    @Test("that cannot be opened at first is opened when it can be, and nothing is missing")
    func openedLater() throws {
        let fileSystem = FaultyFileSystem()
        fileSystem.openError = EACCES
        let log = try log(fileSystem)
        let bus = EventBus(log: log)
        #expect(log.status.trouble?.code == .openFailed)
        let events = events(3)
        #expect(events.map { bus.publish($0) } == [.buffered, .buffered, .buffered])
        fileSystem.openError = nil
        try log.waitForRecovery()
        #expect(try directory.events() == events)
        #expect(recorder.warnings.count == 1)
    }

    @Test("because its file was made read-only waits until that is over", .enabled(if: geteuid() == 0))
    func readOnly() throws {
        let log = try log(RealFileSystem())
        let bus = EventBus(log: log)
        let events = events(3)
        #expect(bus.publish(events[0]) == .written)
        #expect(chmod(log.config.path, 0o400) == 0)
        #expect(bus.publish(events[1]) == .buffered)
        let path = log.config.path
        #expect(
            log.status.trouble?.description == "cannot log to \(path): it is read-only; say chmod u+w, or move it away"
        )
        #expect(chmod(log.config.path, 0o600) == 0)
        try log.waitForRecovery()
        #expect(bus.publish(events[2]) == .written)
        #expect(try directory.events() == events)
    }

    @Test("and closed writes what it can and counts the rest as lost")
    func closing() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem)
        let bus = EventBus(log: log)
        fileSystem.isDiskFull = true
        for event in events(3) { bus.publish(event) }
        bus.close()
        #expect(log.status.lost == 3)
        #expect(log.status.buffered == 0)
        #expect(recorder.warnings.last == "3 events that waited are lost to the log, 3 in all")
        // The log's thread may be in the middle of an attempt, and closes the file after it.
        try wait(for: "the file to be closed") { fileSystem.openDescriptors == 0 }
    }

    @Test("and closed while somebody's write hangs waits for nobody, and everybody gets their answer")
    func closingWhileWriting() throws {
        let fileSystem = InterposedFileSystem { [gate] call in
            if call == .write { gate.pass() }
            return nil
        }
        let log = try log(fileSystem) { $0.closing = 1_000_000 }
        let (first, second) = (Event(.taskStarted, from: "first"), Event(.taskStarted, from: "second"))
        let answers = Shared<[String: EventLogError?]>([:])
        func append(_ event: Event, _ name: String) {
            Thread {
                let (_, error) = log.append(contentsOf: [event])
                answers.update { $0[name] = error }
            }
            .start()
        }
        gate.close()
        append(first, "first")
        try wait(for: "the write to begin") { gate.waiting == 1 }
        append(second, "second")
        try wait(for: "the second event to be handed in") { log.waitingLines == 1 }
        log.close()
        try wait(for: "the second answer") { answers.value.count == 1 }
        #expect(answers.value["second"]??.code == .closed)
        gate.open()
        try wait(for: "the first answer") { answers.value.count == 2 }
        #expect(answers.value["first"] == .some(nil))
        #expect(try directory.events() == [first])
        #expect(log.status.lost == 0)
    }

    @Test("and closed when the disk works again has lost nothing")
    func closingAfterRecovery() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem) {
            $0.retry = 3_600_000_000_000
            $0.longestRetry = 3_600_000_000_000
        }
        let bus = EventBus(log: log)
        fileSystem.isDiskFull = true
        let events = events(3)
        for event in events { bus.publish(event) }
        fileSystem.isDiskFull = false
        #expect(log.status.buffered == 3)
        bus.close()
        #expect(log.status == EventLogStatus(trouble: log.status.trouble, written: 3, buffered: 0, lost: 0))
        #expect(try directory.events() == events)
    }

    @Test("doesn't flicker: the trouble is over only when the disk has worked for a while")
    func recovery() throws {
        let fileSystem = FaultyFileSystem()
        let log = try log(fileSystem) { $0.recovery = 3_600_000_000_000 }
        let bus = EventBus(log: log)
        for _ in 0..<3 {
            fileSystem.isDiskFull = true
            #expect(bus.taskStarted("a") == .buffered)
            fileSystem.isDiskFull = false
            try wait(for: "the buffer to be written") { log.status.buffered == 0 }
            #expect(log.status.trouble != nil)
        }
        #expect(try directory.events() == bus.recentEvents())
        #expect(recorder.warnings.count == 1)
        #expect(recorder.notices.isEmpty)
    }
}
