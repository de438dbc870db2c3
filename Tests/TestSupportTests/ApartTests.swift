import Foundation
import NeuraphageEvents
import TestSupport
import Testing

@Suite("A suite that runs apart", .apart)
struct ApartTests {
    @Test("has its tests on threads that the cooperative pool does not need")
    func thread() {
        #expect(TestThreads.isCurrent)
    }

    @Test("keeps them there whatever they wait for, with their child tasks, but not with tasks that they start")
    func threadAfterSuspension() async {
        #expect(TestThreads.isCurrent)
        let isTestThread = await Task { TestThreads.isCurrent }.value
        #expect(!isTestThread)
        #expect(TestThreads.isCurrent)
        async let child = TestThreads.isCurrent
        #expect(await child)
        let inGroup = await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<4 { group.addTask { TestThreads.isCurrent } }
            return await group.reduce(true) { $0 && $1 }
        }
        #expect(inGroup)
    }

    @Test("has a thread for every job, so that the pool goes on though 64 of them are blocked")
    func blockedJobs() async throws {
        let blocked = Lock(0)
        let changed = Condition()
        try await withThrowingTaskGroup(of: Void.self) { group in
            for _ in 0..<64 {
                group.addTask {
                    blocked.withLock { $0 += 1 }
                    changed.broadcast()
                    _ = try wait(for: "the pool to do something", on: blocked, changed) { $0 > 64 ? true : nil }
                }
            }
            _ = try wait(for: "64 blocked jobs", on: blocked, changed) { $0 == 64 ? true : nil }
            await Task { blocked.withLock { $0 += 1 } }.value
            changed.broadcast()
            try await group.waitForAll()
        }
    }

    @Test("has a test that takes too long cancelled, which fails it")
    func limit() async throws {
        let failure = await Task {
            let watch = TestWatch("a test", limit: .milliseconds(1))
            watch.begin()
            defer { watch.end() }
            return await #expect(throws: WaitFailure.self) {
                try await watch.run {
                    try await within("what never comes") { for await _ in AsyncStream<Void>.makeStream().stream {} }
                }
            }
        }
        .value
        #expect(failure?.description == "the test took longer than 0.001 s, was cancelled")
    }

    @Test("has the run end with a test that does not, and says what that waits for")
    func hang() async throws {
        let result = await #expect(processExitsWith: .failure, observing: [\.standardErrorContent]) {
            let watch = TestWatch("a test", limit: .milliseconds(1), grace: .milliseconds(1))
            let child = try Child("/bin/sh", ["-c", "echo ready; exec sleep 1000"])
            _ = try await blocking { try child.line() }
            watch.begin()
            try await withTaskExecutorPreference(TestThreads.shared) {
                try await watch.run {
                    let wait = try OngoingWait("what never comes")
                    takeTime(.seconds(60))
                    wait.end()
                }
            }
            _ = child
        }
        let said = String(decoding: result?.standardErrorContent ?? [], as: UTF8.self)
        #expect(said.contains("a test has taken longer than 0.001 s and is cancelled."))
        #expect(said.contains("it waits for what never comes"))
        #expect(said.contains("sleep 1000"))
    }
}

@Suite("A wait", .apart)
struct WaitingTests {
    @Test("has a limit, and says what it waited for")
    func limit() async throws {
        let sync = #expect(throws: WaitFailure.self) {
            try wait(for: "the moon", limit: .milliseconds(1), until: { false })
        }
        #expect(sync?.description == "waited 0.001 s for the moon")
        let lock = Lock(0)
        let locked = #expect(throws: WaitFailure.self) {
            try wait(for: "a value", limit: .milliseconds(1), on: lock, Condition()) { $0 == 1 ? true : nil }
        }
        #expect(locked?.description == "waited 0.001 s for a value")
        let cancelled = await Task {
            await #expect(throws: WaitFailure.self) {
                try await within("a message", limit: .milliseconds(1)) {
                    for await _ in AsyncStream<Void>.makeStream().stream {}
                }
            }
        }
        .value
        #expect(cancelled?.description == "waited 0.001 s for a message")
    }

    @Test("returns at once if there is nothing to wait for")
    func noWait() async throws {
        try wait(for: "nothing", limit: .zero) { true }
        #expect(try await within("nothing", limit: .seconds(60)) { 1 } == 1)
    }

    @Test("refuses to block a thread of the cooperative pool")
    func cooperativeThread() async {
        let failure = await Task {
            #expect(throws: WaitFailure.self) { try wait(for: "something", until: { true }) }
        }
        .value
        #expect(failure?.description.contains("put .apart at the suite") == true)
    }

    @Test("for a child's line and for its end is over when they are there")
    func child() async throws {
        let child = try Child("/bin/sh", ["-c", "echo one; printf two; exit 3"])
        #expect(try child.line() == "one")
        #expect(try child.line() == "two")
        #expect(try child.line() == nil)
        #expect(try await child.ending() == .exited(3))
        #expect(try child.waitForEnd() == .exited(3))
    }
}

@Suite("An alarm", .apart)
struct AlarmTests {
    @Test("rings once its time has come, in the order of the times, and not after it was turned off")
    func order() throws {
        let rung = Lock<[Int]>([])
        let changed = Condition()
        let alarms = [30, 1, 60_000, 15].map { time in
            Alarm(after: .milliseconds(time)) {
                rung.withLock { $0.append(time) }
                changed.broadcast()
            }
        }
        #expect(!alarms[2].turnOff())
        let order = try wait(for: "three alarms", on: rung, changed) { $0.count == 3 ? $0 : nil }
        #expect(order == [1, 15, 30])
        #expect(alarms[0].turnOff())
    }
}
