// Where the state of a repository lies, and who may change it: whoever has the lock. So a watcher, a git hook and
// np rebase, all looking at the same time, say one thing once.
//
// Losing the files loses no fact: where main was last is in the log as well, and a task may be told again what it knows.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The files beside the log that belong to one repository.
struct RepositoryMemory: Sendable {
    private static let mostBytes = 16 << 20

    private let directory: String

    /// - Parameters:
    ///   - commonDirectory: What all worktrees of the repository share, without symbolic links in its path.
    ///   - dataDirectory: Where the files lie.
    init(of commonDirectory: String, dataDirectory: String) {
        directory = dataDirectory.appendingPathComponent("repositories/\(StableHash.name(of: commonDirectory))")
    }

    /// The right to look and to change the state, while it lives.
    ///
    /// - Throws: ``LockError`` if the file system doesn't let us, `CancellationError` if the task is cancelled.
    func lock() async throws -> LockFile {
        try LockFile.makeDirectory(directory)
        // Whoever waits looks later than now, so that nobody else needs to be asked to.
        let next = try LockFile(path: directory + "/next.lock", isShared: false, until: 0)
        let lock = try await lock("lock", every: .milliseconds(10), orElse: {})
        _ = consume next
        return lock
    }

    /// Whether somebody waits for the right to look, and so will look later than now.
    var isAwaited: Bool { isLocked("next.lock") }

    /// The right to be the one that watches, while it lives.
    ///
    /// - Parameter somebodyElse: Called once if somebody else watches.
    func watch(orElse somebodyElse: () -> Void) async throws -> LockFile {
        try await lock("watch.lock", every: .seconds(2), orElse: somebodyElse)
    }

    /// Whether somebody watches.
    var isWatched: Bool { isLocked("watch.lock") }

    private func isLocked(_ name: String) -> Bool {
        // Free, or never made: nobody has it.
        guard access("\(directory)/\(name)", F_OK) == 0 else { return false }
        let lock = try? LockFile(path: "\(directory)/\(name)", isShared: true, until: 0)
        return lock == nil
    }

    /// Asks now and then, because no thread of Swift's pool may wait for another process.
    private func lock(
        _ name: String,
        every interval: Duration,
        orElse notice: () -> Void
    ) async throws -> LockFile {
        try LockFile.makeDirectory(directory)
        var isFirst = true
        while true {
            if let lock = try LockFile(path: "\(directory)/\(name)", isShared: false, until: 0) { return lock }
            if isFirst { notice() }
            isFirst = false
            try await Task.sleep(for: interval)
        }
    }

    // MARK: - The state

    private var path: String { directory + "/state.jsonl" }

    /// The state as it was written last; `nil` if there is none that can be read.
    var state: RepositoryState? {
        (try? RealFileSystem().contents(of: path, atMost: Self.mostBytes)).flatMap(RepositoryState.init)
    }

    /// Replaces the state as a whole.
    func store(_ state: RepositoryState) throws(LockError) {
        do throws(SystemError) {
            try SmallFile.replace(path, with: state.text)
        } catch {
            throw LockError(cannot: "write", path, error)
        }
    }
}
