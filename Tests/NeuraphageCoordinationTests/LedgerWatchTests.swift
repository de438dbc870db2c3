// Watching what has begun, beside a daemon that answers requests.

import Foundation
import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageSystem
@testable import NeuraphageTasks

/// The real file system, in which reading a directory takes until it is allowed to end.
private final class SlowDirectories: ForwardingFileSystem {
    private let state = Lock((isAllowed: false, waiting: 0))
    private let changed = NeuraphageEvents.Condition()

    func names(in directory: String) throws(SystemError) -> [String] {
        state.withLock { $0.waiting += 1 }
        changed.broadcast()
        let limit = MonotonicClock.moment(after: patience * 2)
        let _: Void? = state.wait(for: changed, until: limit) { $0.isAllowed ? () : nil }
        return try real.names(in: directory)
    }

    func waitForReaders(_ count: Int) throws {
        try wait(for: "\(count) directories to be read", on: state, changed) { $0.waiting >= count ? () : nil }
    }

    func allow() {
        state.withLock { $0.isAllowed = true }
        changed.broadcast()
    }
}

@Suite("Watching the ledger", .apart)
struct LedgerWatchTests {
    @Test("takes no thread from what answers requests, however long a look takes")
    func ownThread() async throws {
        let files = SlowDirectories()
        defer { files.allow() }
        let count = ProcessInfo.processInfo.activeProcessorCount
        let directories = try (0..<count).map { _ in try TemporaryDirectory() }
        // One more for each thread of the pool than it has.
        let watches = directories.map { directory in
            let ledger = Ledger(in: DataDirectory(directory.path, files: files))
            return Task { try await ledger.watch(publishingTo: EventBus()) }
        }
        try files.waitForReaders(count)
        let hasRun = Lock(false)
        let changed = NeuraphageEvents.Condition()
        Task {
            hasRun.withLock { $0 = true }
            changed.broadcast()
        }
        try wait(for: "a task of another part of the daemon", on: hasRun, changed) { $0 ? () : nil }
        files.allow()
        for watch in watches {
            watch.cancel()
            _ = try await within("the watch to end") { await watch.result }
        }
    }
}
