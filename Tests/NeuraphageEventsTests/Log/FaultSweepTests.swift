import Foundation
import TestSupport
import Testing

@testable import NeuraphageEvents

/// Every system call that the log makes fails once, and from then on for ever, with every error that it may well fail
/// with; after each, the log has kept its promises.
@Suite("Whichever system call fails", .apart(minutes: 20))
struct FaultSweepTests {
    private struct Case: CustomStringConvertible {
        var call: InterposedFileSystem.Call
        var number: Int
        var fault: InterposedFileSystem.Fault
        var isForEver: Bool

        var description: String { "\(call) number \(number): \(fault), \(isForEver ? "for ever" : "once")" }
    }

    private static func faults(_ call: InterposedFileSystem.Call) -> [InterposedFileSystem.Fault] {
        switch call {
        case .open: [EACCES, EMFILE, EINTR, ENOSPC].map { .failure($0) }
        case .write: [ENOSPC, EIO, EINTR, EDQUOT, EFBIG].map { .failure($0) } + [.half]
        case .read: [.failure(EIO), .failure(EINTR)]
        case .truncate: [.failure(EIO), .failure(EINTR)]
        case .synchronize: [EIO, ENOSPC, EINTR].map { .failure($0) }
        case .lock: [ENOLCK, EINTR].map { .failure($0) }
        case .status: [EIO, ESTALE].map { .failure($0) }
        case .makeDirectory: [EACCES, ENOSPC].map { .failure($0) }
        case .setPermissions: [.failure(EPERM)]
        case .rename: [EACCES, ENOSPC, EEXIST].map { .failure($0) }
        case .names: [EMFILE, EACCES].map { .failure($0) }
        }
    }

    /// What a run came to.
    private struct Run {
        var published: [Event] = []
        var receipts: [EventReceipt] = []
        var delivered: [Event] = []
        var status = EventLogStatus(trouble: nil, written: 0, buffered: 0, lost: 0)
        var calls: [InterposedFileSystem.Call: Int] = [:]
        var hasFired = false
    }

    /// Publishes single events and batches, ends a file by a failed synchronization if there is one, and closes.
    private func run(_ fault: Case?, _ durability: Durability, in directory: TemporaryDirectory) async throws -> Run {
        let calls = Shared<[InterposedFileSystem.Call: Int]>([:])
        let hasFired = Shared(false)
        let fileSystem = InterposedFileSystem { call in
            let number = calls.update { calls in
                calls[call, default: 0] += 1
                return calls[call, default: 0]
            }
            guard let fault, fault.call == call, fault.isForEver ? number >= fault.number : number == fault.number
            else { return nil }
            hasFired.value = true
            return fault.fault
        }
        var result = Run()
        do {
            var config = EventLogConfig(path: directory["sub/event_log.jsonl"])
            config.durability = durability
            var timing = LogWriter.Timing()
            (timing.retry, timing.longestRetry, timing.drain, timing.recovery) = (500_000, 1_000_000, 500_000, 0)
            if fault?.isForEver == true { (timing.closing, timing.appending) = (15_000_000, 15_000_000) }
            let log = try EventLog(
                openingWhenPossible: config,
                logger: RecordingLogger().logger,
                fileSystem: fileSystem,
                timing: timing
            )
            let bus = EventBus(log: log)
            let subscription = bus.subscribe()
            func publish(_ count: Int) {
                let events = (0..<count).map { Event(.taskStarted, from: "a", payload: ["n": .integer($0)]) }
                result.published += events
                result.receipts += count == 1 ? [bus.publish(events[0])] : bus.publish(contentsOf: events)
            }
            publish(1)
            publish(3)
            do { try log.flush() } catch {}
            // It may be that there is no directory.
            try? directory.append("a fragment", to: "sub/event_log.jsonl")
            publish(1)
            let durable = Event(.taskStarted, from: "a", payload: ["durably": true])
            result.published.append(durable)
            do throws(EventLogError) {
                try await bus.publishDurably(durable)
                result.receipts.append(.written)
            } catch {
                result.receipts.append(.buffered)
            }
            publish(2)
            bus.close()
            result.delivered = subscription.drain().compactMap(\.event)
            result.status = log.status
        }
        // The thread may just be letting go of a file.
        try wait(for: "the log to let go of its files") { fileSystem.openDescriptors == 0 }
        result.calls = calls.value
        result.hasFired = hasFired.value
        return result
    }

    /// The lines of all files, oldest first.
    private func lines(in directory: TemporaryDirectory) throws -> [Substring] {
        let path = directory["sub/event_log.jsonl"]
        let closed = try LogSegments(activePath: path).ended(in: RealFileSystem()).map(\.path)
        return (closed + [path]).flatMap { path -> [Substring] in
            guard let data = FileManager.default.contents(atPath: path) else { return [] }
            let text = String(decoding: data, as: UTF8.self)
            return text.split(separator: "\n", omittingEmptySubsequences: false)
        }
    }

    private func check(_ run: Run, _ fault: Case?, _ durability: Durability, in directory: TemporaryDirectory) throws {
        let comment = Comment(rawValue: "\(durability), \(fault.map { "\($0)" } ?? "no fault")")
        let lines = try lines(in: directory)
        let events = lines.compactMap { try? Event(line: String($0)) }
        let ids = events.filter { $0.kind == .taskStarted }.map(\.id)
        let present = Set(ids)

        // No false acknowledgement: what is said to be written is in the log.
        let acknowledged = zip(run.published, run.receipts).filter { $0.1 == .written }.map(\.0.id)
        #expect(acknowledged.allSatisfy(present.contains), comment)
        // Everybody who subscribed got everything, once and in order.
        #expect(run.delivered == run.published, comment)
        // Nothing is in the log twice, unless the log says so.
        let repeated = events.filter { $0.kind == .custom("LogResumed") }
            .reduce(0) { $0 + (Int($1.payload["repeated"]?.text ?? "") ?? 0) }
        #expect(ids.count <= present.count + repeated, comment)
        // The log has the order of the bus.
        let order = run.published.map(\.id).filter(present.contains)
        var seen: Set<EventID> = []
        #expect(ids.filter { seen.insert($0).inserted } == order, comment)
        // All is accounted for: what is missing was counted.
        let missing = run.published.count { !present.contains($0.id) }
        #expect(run.status.buffered == 0, comment)
        #expect(missing <= run.status.lost, comment)
        if durability == .os { #expect(missing == run.status.lost, comment) }
        // Once is no reason to lose anything.
        if fault?.isForEver != true { #expect(missing == 0, comment) }
    }

    @Test(
        "once or for ever: nothing is acknowledged falsely, nothing is lost uncounted, and subscribers get everything",
        arguments: [Durability.os, .interval(.milliseconds(1)), .always]
    )
    func sweep(durability: Durability) async throws {
        let directory = try TemporaryDirectory()
        let undisturbed = try await run(nil, durability, in: directory)
        try check(undisturbed, nil, durability, in: directory)
        #expect(undisturbed.receipts.allSatisfy { $0 == .written })
        var count = 0
        for call in InterposedFileSystem.Call.allCases {
            for fault in Self.faults(call) {
                for isForEver in [false, true]
                where !(isForEver && [.failure(EINTR), .failure(EEXIST)].contains(fault)) {
                    // Further and further, until the fault no longer happens.
                    for number in 1... {
                        let directory = try TemporaryDirectory()
                        let fault = Case(call: call, number: number, fault: fault, isForEver: isForEver)
                        let run = try await run(fault, durability, in: directory)
                        guard run.hasFired else { break }
                        count += 1
                        try check(run, fault, durability, in: directory)
                    }
                }
            }
        }
        #expect(count > 100, "\(count) faults")
        print("swept \(count) faults with durability \(durability)")
    }
}
