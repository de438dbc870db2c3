import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("When a log in trouble tries again", .apart)
struct TroublePolicyTests {
    private static let second: UInt64 = 1_000_000_000
    private static let error = EventLogError(.writeFailed, path: "/log", because: "no")

    @Test(
        "depends on what an attempt costs: it is soon for a write, and 2 s at most for a disk that synchronizes nothing",
        arguments: [
            (.writing, [0.25, 0.25, 0.25, 0.25, 0.25]),
            (.synchronization, [0.5, 1, 1, 1, 1]),
            (.resumption, [0.5, 1, 2, 4, 8]),
        ] as [(TroublePolicy.Failure, [Double])]
    )
    func attempts(failure: TroublePolicy.Failure, pauses: [Double]) {
        var policy = TroublePolicy(.init())
        for (number, pause) in pauses.enumerated() {
            let now = UInt64(number) * 100 * Self.second
            let isNew = policy.failed(Self.error, failure, at: now)
            #expect(isNew == (number == 0))
            #expect(policy.nextAttempt == now + UInt64(pause * Double(Self.second)))
        }
    }

    @Test("never waits longer than a minute, however often it fails, and begins again after a success")
    func limit() {
        var policy = TroublePolicy(.init())
        for _ in 0..<100 { _ = policy.failed(Self.error, .resumption, at: Self.second) }
        #expect(policy.nextAttempt == 61 * Self.second)
        policy.synchronized()
        _ = policy.failed(Self.error, .synchronization, at: Self.second)
        #expect(policy.nextAttempt == Self.second * 3 / 2)
    }

    @Test("and is out of trouble when the disk has worked for a second, however long ago the last failure was")
    func recovery() {
        var policy = TroublePolicy(.init())
        _ = policy.failed(Self.error, .writing, at: 5 * Self.second)
        let withoutWriting = policy.endIfRecovered(at: 1_000 * Self.second)
        #expect(!withoutWriting)
        policy.wrote(after: 0, at: 10 * Self.second)
        #expect(policy.recovery == 11 * Self.second)
        let tooSoon = policy.endIfRecovered(at: 11 * Self.second - 1)
        #expect(!tooSoon)
        let inTime = policy.endIfRecovered(at: 11 * Self.second)
        #expect(inTime)
        #expect(policy.error == nil)
    }

    @Test("and is not out of trouble while each write takes as long as publishers wait")
    func slowDisk() {
        var policy = TroublePolicy(.init())
        _ = policy.failed(Self.error, .writing, at: Self.second)
        policy.wrote(after: 0, at: 2 * Self.second)
        policy.wrote(after: Self.second, at: 5 * Self.second)
        policy.wrote(after: 0, at: 5 * Self.second + 1)
        #expect(policy.recovery == 6 * Self.second)
    }
}
