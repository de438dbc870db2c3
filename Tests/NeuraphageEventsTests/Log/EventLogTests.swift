import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("An event log", .apart)
struct EventLogTests {
    private let directory: TemporaryDirectory

    init() throws {
        directory = try TemporaryDirectory()
    }

    @Test("makes its directories for the owner alone and its file as well")
    func permissions() throws {
        let path = directory["a/b/neuraphage"]
        let log = try EventLog(opening: EventLogConfig(dataDirectory: path))
        try log.append(Event(.taskStarted, from: "a"))
        #expect(try directory.permissions("a") == 0o700)
        #expect(try directory.permissions("a/b") == 0o700)
        #expect(try directory.permissions("a/b/neuraphage") == 0o700)
        #expect(try directory.permissions("a/b/neuraphage/event_log.jsonl") == 0o600)
    }

    @Test("has one canonical line per event, in the order of the appends")
    func lines() throws {
        let log = try EventLog(in: directory)
        let events = (0..<20).map { Event(.taskCompleted, from: "a", payload: ["n": .integer($0), "s": "é\n"]) }
        for event in events[..<5] { try log.append(event) }
        let (written, error) = log.append(contentsOf: Array(events[5...]))
        #expect(written == 15)
        #expect(error == nil)
        #expect(try directory.text() == events.map { $0.description + "\n" }.joined())
        #expect(try directory.events() == events)
    }

    @Test("takes any kind, whatever the bus would do with it")
    func anyKind() throws {
        let log = try EventLog(in: directory)
        let events = [Event(.fileModified, from: "a"), Event(.custom("x")), Event(.unknown("y"))]
        for event in events { try log.append(event) }
        #expect(try directory.events() == events)
    }

    @Test("goes on where an earlier one ended")
    func reopened() throws {
        let events = (0..<3).map { _ in Event(.taskStarted, from: "a") }
        for event in events { try EventLog(in: directory).append(event) }
        #expect(try directory.events() == events)
    }

    @Test("doesn't write an empty batch")
    func emptyBatch() throws {
        let log = try EventLog(in: directory)
        let (written, error) = log.append(contentsOf: [])
        #expect(written == 0)
        #expect(error == nil)
        #expect(try directory.bytes().isEmpty)
    }

    @Test("shared by threads and by another log on the same file never mixes lines, and batches stay together")
    func twoLogs() throws {
        let logs = try [EventLog(hastyIn: directory), EventLog(hastyIn: directory)]
        let filler = String(repeating: "x", count: 300)
        _ = try onThreads(6) { thread in
            for batch in 0..<40 {
                let task = TaskID(asWritten: "task-\(thread)")
                let events = (0..<5).map { part in
                    Event(
                        .taskCompleted,
                        from: task,
                        payload: ["n": .integer(batch * 5 + part), "filler": .string(filler)]
                    )
                }
                #expect(logs[thread % 2].append(contentsOf: events).written == 5)
            }
        }
        let events = try directory.events()
        #expect(events.count == 6 * 40 * 5)
        let batchStarts = stride(from: 0, to: events.count, by: 5)
        #expect(batchStarts.allSatisfy { start in Set(events[start..<start + 5].map(\.source)).count == 1 })
        for thread in 0..<6 {
            let numbers = events.filter { $0.source?.description == "task-\(thread)" }.map { $0.payload["n"]?.text }
            #expect(numbers == (0..<200).map { String($0) })
        }
    }

    @Test("holds the file's lock from before its first byte until behind its last, and no longer")
    func lock() throws {
        let fileSystem = FaultyFileSystem()
        let log = try EventLog(in: directory, fileSystem: fileSystem)
        let other = open(log.config.path, O_RDWR | O_CLOEXEC)
        defer { close(other) }
        let isLocked = Shared<[Bool]>([])
        let tryToLock: @Sendable () -> Void = { isLocked.value.append(flock(other, LOCK_EX | LOCK_NB) != 0) }
        fileSystem.add(.failureAfter(EINTR, tryToLock), .short(20), .failureAfter(EINTR, tryToLock))
        try log.append(Event(.taskStarted, from: "a"))
        #expect(isLocked.value == [true, true])
        #expect(flock(other, LOCK_EX | LOCK_NB) == 0)
    }

    @Test("closes off a fragment that a crash has left, and never changes it")
    func fragment() throws {
        let fragment = #"{"id":"1","kind":"TaskSt"#
        try directory.append(fragment)
        let log = try EventLog(in: directory)
        let first = Event(.taskStarted, from: "a")
        let second = Event(.taskStarted, from: "b")
        try log.append(first)
        #expect(try directory.text() == "\(fragment)\n\(first)\n")
        try directory.append("another")
        try log.append(second)
        #expect(try directory.text() == "\(fragment)\n\(first)\nanother\n\(second)\n")
    }

    @Test("adds no empty line behind what another program ended with a newline")
    func foreignLine() throws {
        let log = try EventLog(in: directory)
        let first = Event(.taskStarted, from: "a")
        let second = Event(.taskStarted, from: "b")
        try log.append(first)
        try directory.append("{}\n")
        try log.append(second)
        #expect(try directory.text() == "\(first)\n{}\n\(second)\n")
    }

    @Test("cuts a payload over the limit, in its own copy only")
    func payloadLimit() throws {
        let log = try EventLog(in: directory) { $0.maxPayloadBytes = 200 }
        let small = Event(.taskCompleted, from: "a", payload: ["summary": "short"])
        let large = Event(.taskCompleted, from: "a", payload: ["summary": .string(String(repeating: "s", count: 500))])
        let original = large.payload
        try log.append(small)
        try log.append(large)
        let logged = try directory.events()
        #expect(logged[0] == small)
        #expect(logged[1].id == large.id)
        #expect(logged[1].payload == original.limited(to: 200))
        #expect(logged[1].payload != original)
        #expect(large.payload == original)
    }

    @Test("cuts payloads at 10,240 bytes unless told otherwise, and cannot be told less than 128")
    func limits() throws {
        #expect(EventLogConfig(path: "x").maxPayloadBytes == 10_240)
        let error = try #require(throws: EventLogError.self) {
            try EventLog(in: directory) { $0.maxPayloadBytes = 127 }
        }
        #expect(error.code == .invalidConfiguration)
        #expect(error.description == "maxPayloadBytes is 127; it must be at least 128")
    }

    @Test("that is switched off writes nothing, makes no file and says so")
    func disabled() throws {
        let log = try EventLog(in: directory) {
            $0.path = directory["sub/event_log.jsonl"]
            $0.isEnabled = false
        }
        let error = try #require(throws: EventLogError.self) { try log.append(Event(.taskStarted, from: "a")) }
        #expect(error.code == .disabled)
        let (written, batchError) = log.append(contentsOf: [Event(.taskStarted, from: "a")])
        #expect(written == 0)
        #expect(batchError?.code == .disabled)
        try log.flush()
        log.close()
        #expect(!directory.exists("sub"))
    }

    @Test("that is closed writes no more, says so, and has given its descriptor back")
    func closed() throws {
        let fileSystem = FaultyFileSystem()
        let log = try EventLog(in: directory, fileSystem: fileSystem)
        let event = Event(.taskStarted, from: "a")
        try log.append(event)
        #expect(fileSystem.openDescriptors == 1)
        log.close()
        log.close()
        #expect(fileSystem.openDescriptors == 0)
        let error = try #require(throws: EventLogError.self) { try log.append(event) }
        #expect(error.code == .closed)
        try log.flush()
        #expect(try directory.events() == [event])
        #expect(fileSystem.openDescriptors == 0)
    }

    @Test("gives its descriptor back when it is dropped")
    func dropped() throws {
        let fileSystem = FaultyFileSystem()
        var log: EventLog? = try EventLog(in: directory, fileSystem: fileSystem)
        try log?.append(Event(.taskStarted, from: "a"))
        log = nil
        #expect(fileSystem.openDescriptors == 0)
    }

    @Test("lies at event_log.jsonl in its data directory")
    func path() {
        #expect(EventLogConfig(dataDirectory: "/data").path == "/data/event_log.jsonl")
        #expect(EventLogConfig(dataDirectory: "/data/").path == "/data/event_log.jsonl")
    }

    @Test("logs the custom kinds that its configuration lists, and no others")
    func durableCustom() {
        var config = EventLogConfig(path: "x")
        #expect(!config.isDurable(.custom("deploy")))
        config.durableCustom = ["deploy", "ci.*"]
        #expect(config.isDurable(.custom("deploy")))
        #expect(config.isDurable(.custom("Deploy")))
        #expect(config.isDurable(.custom("ci.build")))
        #expect(config.isDurable(.custom("LogGap")))
        #expect(!config.isDurable(.custom("deployed")))
        #expect(!config.isDurable(.custom("ci")))
        #expect(!config.isDurable(.fileModified))
        config.durableCustom = ["*"]
        #expect(!config.isDurable(.fileModified))
        #expect(config.isDurable(.taskStarted))
    }
}
