import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A bus with a log", .apart)
struct EventBusLogTests {
    private let directory: TemporaryDirectory
    private let recorder = RecordingLogger()

    init() throws {
        directory = try TemporaryDirectory()
    }

    private func bus(
        historySize: Int = 1_000,
        fileSystem: any FileSystem = RealFileSystem(),
        configure: (inout EventLogConfig) -> Void = { _ in }
    ) throws -> EventBus {
        let log = try EventLog(
            in: directory,
            logger: recorder.logger,
            fileSystem: fileSystem,
            configure: configure
        )
        return EventBus(log: log, historySize: historySize)
    }

    @Test("writes what is durable and delivers everything, with a receipt for each")
    func receipts() throws {
        let bus = try bus()
        let subscription = bus.subscribe()
        let durable = Event(.taskStarted, from: "a")
        let ephemeral = Event(.fileModified, from: "a")
        let custom = Event(.custom("deploy"))
        let reserved = Event(.custom("AgentSessionStarted"))
        #expect(bus.publish(durable) == .written)
        #expect(bus.publish(ephemeral) == .notLogged)
        #expect(bus.publish(custom) == .notLogged)
        #expect(bus.publish(reserved) == .written)
        #expect(
            bus.publish(contentsOf: [ephemeral, durable, custom, reserved])
                == [.notLogged, .written, .notLogged, .written]
        )
        #expect(bus.publish(contentsOf: []).isEmpty)
        #expect(try directory.events() == [durable, reserved, durable, reserved])
        #expect(
            subscription.drain().compactMap(\.event)
                == [durable, ephemeral, custom, reserved, ephemeral, durable, custom, reserved]
        )
    }

    @Test("opens its log by configuration")
    func opening() throws {
        let bus = try EventBus(logging: EventLogConfig(dataDirectory: directory["data"]), logger: recorder.logger)
        #expect(bus.taskStarted("a") == .written)
        #expect(try directory.events("data/event_log.jsonl") == bus.recentEvents())
        #expect(throws: EventLogError.self) {
            var config = EventLogConfig(dataDirectory: directory.path)
            config.bufferBytes = -1
            _ = try EventBus(logging: config)
        }
    }

    @Test("logs the custom kinds that the configuration lists by name or glob")
    func durableCustom() throws {
        let bus = try bus { $0.durableCustom = ["deploy", "ci.*"] }
        #expect(bus.publish(Event(.custom("deploy"))) == .written)
        #expect(bus.publish(Event(.custom("ci.build"))) == .written)
        #expect(bus.publish(Event(.custom("other"))) == .notLogged)
        #expect(try directory.events().map(\.kind) == [.custom("deploy"), .custom("ci.build")])
    }

    @Test("has nothing to write to when the log is switched off, and delivers")
    func disabled() throws {
        let bus = try bus { $0.isEnabled = false }
        #expect(bus.taskStarted("a") == .notLogged)
        #expect(bus.publish(contentsOf: [Event(.taskStarted, from: "a")]) == [.notLogged])
        #expect(bus.recentEvents().count == 2)
        #expect(!directory.exists())
        bus.close()
        #expect(recorder.warnings.isEmpty)
    }

    @Test("without one has receipts that say so")
    func noLog() {
        #expect(EventBus().taskStarted("a") == .notLogged)
        #expect(EventBus().log == nil)
    }

    @Test("cuts what it logs and never what it delivers")
    func payloadLimit() throws {
        let bus = try bus { $0.maxPayloadBytes = 128 }
        let subscription = bus.subscribe()
        let event = Event(.taskCompleted, from: "a", payload: ["summary": .string(String(repeating: "s", count: 999))])
        bus.publish(event)
        #expect(subscription.drain() == [.event(event)])
        #expect(try directory.events().first?.payload == event.payload.limited(to: 128))
    }

    @Test("that fails delivers all the same, keeps what it cannot write, and writes it when it can")
    func failing() throws {
        let fileSystem = FaultyFileSystem()
        let log = try EventLog(hastyIn: directory, logger: recorder.logger, fileSystem: fileSystem)
        let bus = EventBus(log: log)
        let subscription = bus.subscribe()
        let events = (0..<5).map { _ in Event(.taskStarted, from: "a") }
        #expect(bus.publish(events[0]) == .written)
        fileSystem.isDiskFull = true
        #expect(bus.publish(events[1]) == .buffered)
        #expect(bus.publish(Event(.fileModified, from: "a")) == .notLogged)
        #expect(
            bus.publish(contentsOf: [events[2], Event(.fileModified), events[3]]) == [.buffered, .notLogged, .buffered]
        )
        #expect(log.status.trouble?.errorNumber == ENOSPC)
        #expect(log.status.buffered == 3)
        fileSystem.isDiskFull = false
        try log.waitForRecovery()
        #expect(bus.publish(events[4]) == .written)
        #expect(subscription.drain().count == 7)
        #expect(try directory.events() == events)
        #expect(log.status == EventLogStatus(trouble: nil, written: 5, buffered: 0, lost: 0))
        #expect(recorder.warnings.count == 1)
        // The thread that ended the trouble says so after it has ended it.
        try wait(for: "the log to say that it works again") { recorder.notices.count == 1 }
    }

    @Test("that fails in the middle of a batch says of each event whether it is written")
    func partialBatch() throws {
        let fileSystem = FaultyFileSystem()
        let bus = try bus(fileSystem: fileSystem)
        let events = (0..<4).map { Event($0 == 1 ? .fileModified : .taskStarted, from: "a") }
        fileSystem.add(.short(events[0].description.utf8.count + 10), .failure(ENOSPC))
        #expect(bus.publish(contentsOf: events) == [.written, .notLogged, .buffered, .buffered])
        #expect(bus.recentEvents() == events)
        bus.close()
        #expect(try directory.events() == [events[0], events[2], events[3]])
    }

    @Test("synchronizes and closes it when it is closed, with a warning if that fails")
    func close() throws {
        let fileSystem = FaultyFileSystem(synchronizations: [EIO])
        let bus = try bus(fileSystem: fileSystem)
        bus.taskStarted("a")
        bus.close()
        #expect(fileSystem.isExhausted)
        #expect(fileSystem.openDescriptors == 0)
        #expect(recorder.warnings.count == 1)
        #expect(recorder.warnings.first?.hasPrefix("Failed to synchronize the event log: ") == true)
        bus.close()
        #expect(recorder.warnings.count == 1)
    }

    @Test("has one order in the log, in the history and for every subscriber; nothing is lost, nothing comes twice")
    func oneOrder() async throws {
        let (publishers, count) = (8, 3_000)
        let bus = try bus(historySize: publishers * count)
        let readers = (0..<4).map { _ in
            let subscription = bus.subscribe()
            return Task { try await subscription.collect() }
        }
        _ = try onThreads(publishers) { publisher in
            let source = TaskID(asWritten: "task-\(publisher)")
            // Half of the events are durable, half are not; a third of them come in batches.
            var number = 0
            while number < count {
                let batch = number % 3 == 0 ? min(4, count - number) : 1
                let events = (number..<number + batch).map { number in
                    Event(
                        number % 2 == 0 ? .taskStarted : .fileModified,
                        from: source,
                        payload: ["n": .integer(number)]
                    )
                }
                if batch == 1 { bus.publish(events[0]) } else { bus.publish(contentsOf: events) }
                number += batch
            }
        }
        let history = bus.recentEvents()
        bus.close()
        for reader in readers {
            #expect(try await reader.value == history.map { .event($0) }, "delivery is not history")
        }
        #expect(history.count == publishers * count)
        #expect(Set(history.map(\.id)).count == publishers * count)
        #expect(try directory.events().map(\.id) == history.filter(\.kind.isDurable).map(\.id))
        for publisher in 0..<publishers {
            let own = history.filter { $0.source?.description == "task-\(publisher)" }.map { $0.payload["n"]?.text }
            #expect(own == (0..<count).map { String($0) })
        }
    }
}
