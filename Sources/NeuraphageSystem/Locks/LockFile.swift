// The lock itself: flock on a file that is there for nothing else. The kernel releases it when the process ends, however it
// ends, so nothing that is in the file decides who holds it.
//
// The descriptor closes on exec. If a command inherited it, a program that the command leaves in the background would keep
// the lock for as long as it runs.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation

/// A lock that is held, until this is dropped or the process ends.
package struct LockFile: ~Copyable, Sendable {
    private let descriptor: Int32
    private let files: any FileSystem

    /// Takes the lock as soon as it is free. Makes the file, and the directories above it, if they don't exist.
    ///
    /// - Parameters:
    ///   - path: The lock's file.
    ///   - isShared: Whether others may hold the lock at the same time if they share it, too.
    ///   - deadline: Until when to wait, in ns of the clock `MonotonicClock`; 0: not at all, `.max`: as long as it takes.
    ///   - moment: When to call `notice` if the lock is still waited for then, without giving up the place in the queue.
    /// - Returns: `nil` if the lock was not free by then.
    package static func take(
        _ path: String,
        sharing isShared: Bool = false,
        until deadline: UInt64,
        at moment: UInt64 = .max,
        in files: any FileSystem,
        _ notice: () -> Void = {}
    ) throws(OperationError) -> LockFile? {
        do throws(SystemError) {
            try files.makeDirectories(path.parentDirectory)
        } catch {
            throw .cannot("make the directory", path.parentDirectory, error)
        }
        return try takeExisting(path, sharing: isShared, until: deadline, at: moment, in: files, notice)
    }

    /// The same where the directory is there.
    private static func takeExisting(
        _ path: String,
        sharing isShared: Bool = false,
        until deadline: UInt64,
        at moment: UInt64 = .max,
        in files: any FileSystem,
        _ notice: () -> Void = {}
    ) throws(OperationError) -> LockFile? {
        do throws(SystemError) {
            while true {
                let descriptor = try files.open(
                    path,
                    flags: O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    permissions: 0o600
                )
                guard try lock(descriptor, isShared, until: deadline, at: moment, in: files, notice) else { return nil }
                let lock = LockFile(descriptor: descriptor, files: files)
                if files.isStill(descriptor, at: path) { return lock }
                // Another process removed the file before it was locked.
            }
        } catch {
            throw .cannot("lock", path, error)
        }
    }

    /// The same, waiting at most this long, in ns.
    package static func take(
        _ path: String,
        patience: UInt64,
        in files: any FileSystem
    ) throws(OperationError) -> LockFile? {
        try take(path, until: MonotonicClock.now + patience, in: files)
    }

    /// The same for work that covers all that was there when it began: one process does it, and at most one waits to do it
    /// next. A process that finds that one waiting need do nothing, and relies on it: it waits for as long as it takes.
    ///
    /// - Returns: `nil` if another process does the work after this call.
    package static func takeInTurn(_ path: String, in files: any FileSystem) throws(OperationError) -> LockFile? {
        guard let queue = try take(path + ".next", until: 0, in: files) else { return nil }
        let lock = try take(path, until: .max, in: files)
        _ = consume queue
        return lock
    }

    /// The same for code on Swift's cooperative threads, none of which may wait for another process: it tries at intervals.
    ///
    /// - Parameter waiting: Called once if the lock is not free.
    package static func take(
        _ path: String,
        every interval: Duration,
        in files: any FileSystem,
        waiting: () -> Void = {}
    ) async throws -> LockFile {
        if let lock = try take(path, until: 0, in: files) { return lock }
        waiting()
        while true {
            try await Task.sleep(for: interval)
            // If the directory is gone meanwhile, whoever holds the lock holds another one than this would be.
            if let lock = try takeExisting(path, until: 0, in: files) { return lock }
        }
    }

    /// Whether another process, or this one, holds the lock. A lock that was never taken is free. Changes nothing.
    ///
    /// - Throws: `SystemError` if that cannot be seen.
    package static func isHeld(_ path: String, in files: any FileSystem) throws(SystemError) -> Bool {
        let descriptor: Int32
        do throws(SystemError) {
            let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
            descriptor = try files.open(path, flags: flags, permissions: 0)
        } catch {
            if error.isNoSuchFile { return false }
            throw error
        }
        defer { files.close(descriptor) }
        return try !files.tryLock(descriptor, sharing: true)
    }

    /// What the file holds. Reading it needs no lock.
    package func text(atMost limit: Int) throws(SystemError) -> String {
        String(decoding: try files.bytes(of: descriptor, atMost: limit), as: UTF8.self)
    }

    /// Replaces what the file holds. Who reads it meanwhile may find it empty.
    package func store(_ text: String) throws(SystemError) {
        try files.truncate(descriptor, to: 0)
        try files.writeAll(text.utf8, to: descriptor)
    }

    private init(descriptor: Int32, files: any FileSystem) {
        self.descriptor = descriptor
        self.files = files
    }

    deinit {
        files.close(descriptor)
    }

    /// Locks a file. Closes it if that fails.
    private static func lock(
        _ descriptor: Int32,
        _ isShared: Bool,
        until deadline: UInt64,
        at moment: UInt64,
        in files: any FileSystem,
        _ notice: () -> Void
    ) throws(SystemError) -> Bool {
        do throws(SystemError) {
            if try files.tryLock(descriptor, sharing: isShared) { return true }
        } catch {
            files.close(descriptor)
            throw error
        }
        guard MonotonicClock.now < deadline else {
            files.close(descriptor)
            return false
        }
        return try LockWait(descriptor, isShared, files).finish(by: deadline, at: moment, notice)
    }
}

/// Waits among those whom the kernel wakes when a lock is free, instead of asking at intervals, and always coming too late
/// where many want it. The kernel lets processes that can share the lock overtake the others; `Turnstile` is for where that
/// matters. The kernel knows no time-out, so a thread waits, and is left behind if the time has come.
private final class LockWait: Sendable {
    private struct State {
        /// What the call returned: `nil` in it means success.
        var result: SystemError??
        var isAbandoned = false
    }

    private let descriptor: Int32
    private let isShared: Bool
    private let files: any FileSystem
    private let state = Lock(State())
    private let isOver = Condition()

    init(_ descriptor: Int32, _ isShared: Bool, _ files: any FileSystem) {
        self.descriptor = descriptor
        self.isShared = isShared
        self.files = files
    }

    /// Returns whether the file is locked now. It is closed if it isn't.
    func finish(by deadline: UInt64, at moment: UInt64, _ notice: () -> Void) throws(SystemError) -> Bool {
        guard min(deadline, moment) < .max, DetachedThread.start({ self.wait() }) else {
            // Without an end to the waiting, or without a thread left.
            return try outcome(of: lock())
        }
        var result: SystemError?? = nil
        if moment < deadline {
            result = state.wait(for: isOver, until: moment) { $0.result }
            if result == nil { notice() }
        }
        if result == nil { result = state.wait(for: isOver, until: deadline) { $0.result } }
        if let result { return try outcome(of: result) }
        let late: SystemError?? = state.withLock { state in
            state.isAbandoned = state.result == nil
            return state.result
        }
        return try late.map { result throws(SystemError) in try outcome(of: result) } ?? false
    }

    private func outcome(of result: SystemError?) throws(SystemError) -> Bool {
        guard let result else { return true }
        files.close(descriptor)
        throw result
    }

    private func wait() {
        // Signals are for the thread that waits for this one.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        let result = lock()
        let isAbandoned = state.withLock { state in
            state.result = .some(result)
            return state.isAbandoned
        }
        if isAbandoned { files.close(descriptor) } else { isOver.broadcast() }
    }

    private func lock() -> SystemError? {
        do throws(SystemError) {
            try repeatingInterrupted { () throws(SystemError) in try files.lock(descriptor, sharing: isShared) }
            return nil
        } catch {
            return error
        }
    }
}
