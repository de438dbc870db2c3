import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// A thousand events a second while the disk is in real trouble for some time: `NP_PROOF_SECONDS`, 1 by default. Prints
/// how long publishers waited.
@Suite("While a thousand events a second are published", .serialized, .apart(minutes: 20))
struct LongTroubleTests {
    private static let seconds = ProcessInfo.processInfo.environment["NP_PROOF_SECONDS"].flatMap(Double.init) ?? 1

    private let recorder = RecordingLogger()

    /// Publishes before, during and after the trouble, and checks what came of it.
    ///
    /// - Parameter mayHold: How many calls may take as long as they like, because they hang in a system call of their own.
    private func publish(
        _ name: String,
        in directory: String,
        bufferBytes: Int,
        fileSystem: any FileSystem = RealFileSystem(),
        begin: () throws -> Void,
        end: () throws -> Void
    ) throws {
        var config = EventLogConfig(dataDirectory: directory)
        config.bufferBytes = bufferBytes
        let log = try EventLog(openingWhenPossible: config, logger: recorder.logger, fileSystem: fileSystem)
        let bus = EventBus(log: log, historySize: 1 << 18)
        var waits: [UInt64] = []
        var next = MonotonicClock.now
        func publish(seconds: Double) {
            for _ in 0..<Int(seconds * 1_000) {
                let start = MonotonicClock.now
                bus.publish(
                    Event(.taskCompleted, from: "eg-abc123", payload: ["summary": "a line of the usual length"])
                )
                waits.append(MonotonicClock.now - start)
                next += 1_000_000
                let now = MonotonicClock.now
                if next > now { takeTime(.nanoseconds(Int64(next - now))) } else { next = now }
            }
        }
        publish(seconds: Self.seconds / 4)
        try begin()
        publish(seconds: Self.seconds)
        // Asked before: what waits may be written before this thread goes on.
        let written = log.status.written
        try end()
        let freed = MonotonicClock.now
        try wait(for: "writing to go on") { log.status.written > written }
        let resumed = MonotonicClock.now - freed
        next = MonotonicClock.now
        publish(seconds: Self.seconds / 4)
        try log.waitForRecovery()

        let published = bus.recentEvents().map(\.id)
        #expect(published.count == waits.count)
        let logged = try log.readAll().events
        let ids = logged.filter { $0.kind == .taskCompleted }.map(\.id)
        let present = Set(ids)
        #expect(ids == published.filter(present.contains))
        let gaps = logged.filter { $0.kind == .custom("LogGap") }
        let lost = gaps.compactMap { Int($0.payload["lost"]?.text ?? "") }.reduce(0, +)
        #expect(lost == published.count - present.count)
        #expect(lost == log.status.lost)
        #expect(recorder.warnings.count <= 2, "\(recorder.warnings)")
        bus.close()

        let sorted = waits.sorted()
        func milliseconds(_ time: UInt64) -> String { String(format: "%.2f", Double(time) / 1e6) }
        print(
            "\(name), \(Self.seconds) s: \(published.count) events, p99 \(milliseconds(sorted[sorted.count * 99 / 100])) ms, "
                + "longest \(sorted.suffix(3).reversed().map(milliseconds)) ms, lost and counted \(lost), "
                + "\(recorder.warnings.count) warnings, writing resumed after \(milliseconds(resumed)) ms"
        )
    }

    @Test(
        "a disk that is full costs nobody time, and what does not fit in the buffer is counted",
        arguments: SmallFileSystem.Kind.allCases
    )
    func diskFull(kind: SmallFileSystem.Kind) throws {
        guard let disk = try SmallFileSystem(kind) else {
            try Test.cancel("mounting \(kind) is not possible here")
        }
        try publish("full \(kind)", in: disk.path, bufferBytes: Int(Self.seconds * 100_000)) {
            try disk.fill()
        } end: {
            disk.free()
        }
    }

    @Test("a process that is stopped while it has the file's lock costs one publisher 100 ms")
    func stoppedLockHolder() throws {
        let directory = try TemporaryDirectory()
        try directory.write("", to: EventLogConfig.fileName)
        let path = directory[EventLogConfig.fileName]
        var holder: Child?
        try publish("stopped lock holder", in: directory.path, bufferBytes: 64 << 20) {
            // One process, so that no other has the descriptor of the lock, too.
            let script = #"exec 9<>"$0" && flock 9 && echo locked && exec sleep 1000"#
            let process = try Child("/bin/sh", ["-c", script, path])
            let line = try process.line()
            #expect(line == "locked")
            process.signal(SIGSTOP)
            holder = process
        } end: {
            holder?.signal(SIGKILL)
            let ending = try holder?.waitForEnd()
            #expect(ending == .signalled(SIGKILL))
        }
    }

    @Test("writes that each take very long hold one publisher, the first")
    func slowWrites() throws {
        let directory = try TemporaryDirectory()
        let delay = Shared<UInt32>(0)
        let fileSystem = InterposedFileSystem { call in
            if call == .write { takeTime(.microseconds(Int64(delay.value))) }
            return nil
        }
        try publish("slow writes", in: directory.path, bufferBytes: 64 << 20, fileSystem: fileSystem) {
            delay.value = UInt32(max(1.2, Self.seconds / 12) * 1e6)
        } end: {
            delay.value = 0
        }
    }
}
