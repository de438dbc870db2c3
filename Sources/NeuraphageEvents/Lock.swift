// The one lock of this package: a value that one thread at a time can touch.
//
// It is a pthread mutex, not Synchronization.Mutex: the latter spins for long under contention on Linux, which is wrong
// for a lock that is held across a write to a file, and thread sanitizer reports false races on it there.

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A value protected by a mutex.
///
/// `@unchecked Sendable` holds because `value` and `mutex` are private, `value` is touched only between
/// `pthread_mutex_lock` and `pthread_mutex_unlock` of `mutex`, and both `init` and `withLock` move values across the
/// boundary only as `sending`, so that nothing inside stays reachable from outside.
package final class Lock<Value: ~Copyable>: @unchecked Sendable {
    private let mutex: UnsafeMutablePointer<pthread_mutex_t>
    private var value: Value

    package init(_ value: consuming sending Value) {
        self.value = value
        mutex = .allocate(capacity: 1)
        mutex.initialize(to: pthread_mutex_t())
        let result = pthread_mutex_init(mutex, nil)
        precondition(result == 0, "pthread_mutex_init failed with error \(result)")
    }

    deinit {
        pthread_mutex_destroy(mutex)
        mutex.deinitialize(count: 1)
        mutex.deallocate()
    }

    /// Runs `body` with exclusive access to the value. Not recursive: `body` must not lock the same lock again.
    package func withLock<Result: ~Copyable, Failure: Error>(
        _ body: (inout sending Value) throws(Failure) -> sending Result
    ) throws(Failure) -> sending Result {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        return try body(&value)
    }
}
