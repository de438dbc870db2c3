// The lock itself: flock on a file that is there for nothing else. The kernel lets go of it when the process ends, however
// it ends, and nothing that stands in a file can make anybody believe otherwise.
//
// The descriptor closes on exec. If the command inherited it, a program that the command leaves in the background would
// keep the lock for as long as it runs.

import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A lock that is held, until this is dropped or the process ends.
struct LockFile: ~Copyable {
    private let descriptor: Int32

    /// Makes a directory for locks, and those above it.
    static func makeDirectory(_ path: String) throws(LockError) {
        do throws(SystemError) {
            try RealFileSystem().makeDirectories(path)
        } catch {
            throw LockError(cannot: "make the directory", path, error)
        }
    }

    /// Takes the lock when it is free; `nil` if it isn't by then.
    ///
    /// - Parameters:
    ///   - path: The lock's file, which is made if it doesn't exist.
    ///   - deadline: Until when to wait, in ns of the clock `MonotonicClock`.
    init?(path: String, isShared: Bool, until deadline: UInt64) throws(LockError) {
        let fileSystem = RealFileSystem()
        do throws(SystemError) {
            while true {
                let descriptor = try fileSystem.open(
                    path,
                    flags: O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK,
                    permissions: 0o600
                )
                guard try Self.lock(descriptor, isShared ? LOCK_SH : LOCK_EX, until: deadline) else { return nil }
                if fileSystem.isStill(descriptor, at: path) {
                    self.descriptor = descriptor
                    return
                }
                fileSystem.close(descriptor)  // somebody removed the file before it was locked
            }
        } catch {
            throw LockError(cannot: "lock", path, error)
        }
    }

    deinit {
        close(descriptor)
    }

    /// Locks a file. Closes it if that fails.
    private static func lock(
        _ descriptor: Int32,
        _ operation: Int32,
        until deadline: UInt64
    ) throws(SystemError) -> Bool {
        if flock(descriptor, operation | LOCK_NB) == 0 { return true }
        let error = errno
        guard error == EWOULDBLOCK else {
            close(descriptor)
            throw SystemError(code: error)
        }
        guard MonotonicClock.now < deadline else {
            close(descriptor)
            return false
        }
        return try LockWait(descriptor, operation).finish(by: deadline)
    }
}

/// Waits among those whom the kernel wakes when a lock is free, instead of asking now and then, and always coming too late
/// where many want it. The kernel lets whoever can share the lock overtake the others; `Turnstile` is for where that
/// matters. The kernel knows no time-out, so a thread waits, and is left behind if the time has come.
private final class LockWait: Sendable {
    private struct State {
        /// 0, or the error number, once the call has returned.
        var result: Int32?
        var isAbandoned = false
    }

    private let descriptor: Int32
    private let operation: Int32
    private let state = Lock(State())
    private let isOver = Condition()

    init(_ descriptor: Int32, _ operation: Int32) {
        self.descriptor = descriptor
        self.operation = operation
    }

    /// Returns whether the file is locked now. It is closed if it isn't.
    func finish(by deadline: UInt64) throws(SystemError) -> Bool {
        guard deadline < .max, DetachedThread.start({ self.wait() }) else {
            // Without an end to the waiting, or without a thread left.
            return try outcome(of: Self.lock(descriptor, operation))
        }
        let result: Int32? = state.wait(for: isOver, until: deadline) { $0.result }
        if let result { return try outcome(of: result) }
        let late: Int32? = state.withLock { state in
            state.isAbandoned = state.result == nil
            return state.result
        }
        return try late.map { result throws(SystemError) in try outcome(of: result) } ?? false
    }

    private func outcome(of result: Int32) throws(SystemError) -> Bool {
        guard result != 0 else { return true }
        close(descriptor)
        throw SystemError(code: result)
    }

    private func wait() {
        // Signals are for the thread that waits for us.
        var all = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_BLOCK, &all, nil)
        let result = Self.lock(descriptor, operation)
        let isAbandoned = state.withLock { state in
            state.result = result
            return state.isAbandoned
        }
        if isAbandoned { close(descriptor) } else { isOver.broadcast() }
    }

    private static func lock(_ descriptor: Int32, _ operation: Int32) -> Int32 {
        while flock(descriptor, operation) != 0 {
            if errno != EINTR { return errno }
        }
        return 0
    }
}

extension FileSystem {
    /// Whether an open file is the one that stands at a path.
    func isStill(_ descriptor: Int32, at path: String) -> Bool {
        guard let opened = try? status(of: descriptor), let found = try? status(at: path, followingLinks: false) else {
            return false
        }
        return opened.identity == found.identity
    }
}
