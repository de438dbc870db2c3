// How a suite runs: apart from the threads that the code under test needs, not too many tests at once, and with a limit.
// Every suite has this trait; Tests/TestSupportTests/TestRulesTests.swift fails if one lacks it.
//
// The toolchain has no static Testing, so that a release build with --static-swift-stdlib goes without this file.

#if canImport(Testing)

import Foundation
import NeuraphageEvents
package import Testing

/// Has each test of a suite wait for one of a few places, run on a thread of its own, and end within a limit.
package struct Apart: SuiteTrait, TestTrait, TestScoping {
    /// The time for one test, once it has its place.
    fileprivate let limit: Duration

    package var isRecursive: Bool { true }

    package func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @Sendable () async throws -> Void
    ) async throws {
        // A suite in a suite: the test has its place.
        guard TestWatch.current == nil else { return try await function() }
        let place = "\(test.sourceLocation.fileID):\(test.sourceLocation.line)"
        let watch = TestWatch("\"\(test.displayName ?? test.name)\" at \(place)", limit: limit)
        await Places.shared.take(for: watch)
        defer { Places.shared.giveBack(from: watch) }
        try await withTaskExecutorPreference(TestThreads.shared) { try await watch.run(function) }
    }
}

extension Trait where Self == Apart {
    /// Tests that run on threads of their own and take ten minutes at most, once they have begun. This is for what hangs:
    /// under a sanitizer on a busy machine, tests that only compute take more than five.
    package static var apart: Self { apart(minutes: 10) }

    /// Tests that run on threads of their own and take so many minutes at most, once they have begun.
    package static func apart(minutes: Int) -> Self { Apart(limit: .seconds(60 * minutes)) }
}

/// The places of the tests that run at the same time.
private final class Places: Sendable {
    private struct State: Sendable {
        var free: Int
        var waiting: [(watch: TestWatch, continuation: CheckedContinuation<Void, Never>)] = []
    }

    /// Most tests wait for processes and disks, so that a core can serve several.
    static let shared = Places(max(4, 2 * ProcessInfo.processInfo.activeProcessorCount))

    private let state: Lock<State>

    private init(_ count: Int) {
        state = Lock(State(free: count))
    }

    /// Waits for a place without holding a thread. The test's time begins when it has the place, whether or not a thread
    /// is free to go on with it.
    func take(for watch: TestWatch) async {
        await withCheckedContinuation { continuation in
            let hasPlace = state.withLock { state in
                guard state.free > 0 else {
                    state.waiting.append((watch, continuation))
                    return false
                }
                state.free -= 1
                return true
            }
            guard hasPlace else { return }
            watch.begin()
            continuation.resume()
        }
    }

    func giveBack(from watch: TestWatch) {
        watch.end()
        let next = state.withLock { state in
            guard !state.waiting.isEmpty else {
                state.free += 1
                return nil as (watch: TestWatch, continuation: CheckedContinuation<Void, Never>)?
            }
            return state.waiting.removeFirst()
        }
        next?.watch.begin()
        next?.continuation.resume()
    }
}

#endif
