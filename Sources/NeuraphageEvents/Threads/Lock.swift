// The one lock of this package: a value that one thread at a time can touch, and waiting until it has changed.
//
// It is a pthread mutex, not Synchronization.Mutex: the latter spins for long under contention on Linux, which is wrong
// for a lock that is held across a write to a file, and thread sanitizer reports false races on it there.

import NeuraphagePlatform

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

    /// Waits until `body`, which is called with exclusive access to the value, returns something. It is called at once,
    /// whenever the condition is signalled, now and then without a reason, and when the time has come.
    ///
    /// - Parameter deadline: When to stop waiting, in ns of the clock ``MonotonicClock``.
    /// - Returns: What `body` returned; `nil` if the time had come and it still returned `nil`.
    package func wait<Result: ~Copyable>(
        for condition: Condition,
        until deadline: UInt64 = .max,
        _ body: (inout sending Value) -> sending Result?
    ) -> sending Result? {
        pthread_mutex_lock(mutex)
        defer { pthread_mutex_unlock(mutex) }
        while true {
            if let result = body(&value) { return result }
            if !condition.wait(mutex, until: deadline) { return body(&value) }
        }
    }
}

/// Something that threads wait for under a lock.
///
/// `@unchecked Sendable` holds because `condition` never changes, and the functions that are called with it are
/// thread-safe.
package final class Condition: @unchecked Sendable {
    private let condition: UnsafeMutablePointer<pthread_cond_t>

    package init() {
        condition = .allocate(capacity: 1)
        condition.initialize(to: pthread_cond_t())
        #if canImport(Darwin)
        let result = pthread_cond_init(condition, nil)
        #else
        var attributes = pthread_condattr_t()
        pthread_condattr_init(&attributes)
        pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
        let result = pthread_cond_init(condition, &attributes)
        pthread_condattr_destroy(&attributes)
        #endif
        precondition(result == 0, "pthread_cond_init failed with error \(result)")
    }

    deinit {
        pthread_cond_destroy(condition)
        condition.deinitialize(count: 1)
        condition.deallocate()
    }

    /// Wakes everybody who waits.
    package func broadcast() {
        pthread_cond_broadcast(condition)
    }

    /// Lets go of the mutex and sleeps until somebody signals, or the time has come.
    ///
    /// - Returns: Whether there is time left.
    fileprivate func wait(_ mutex: UnsafeMutablePointer<pthread_mutex_t>, until deadline: UInt64) -> Bool {
        guard deadline < .max else {
            pthread_cond_wait(condition, mutex)
            return true
        }
        #if canImport(Darwin)
        let now = MonotonicClock.now
        guard now < deadline else { return false }
        var left = timespec(nanoseconds: deadline - now)
        pthread_cond_timedwait_relative_np(condition, mutex, &left)
        #else
        var end = timespec(nanoseconds: deadline)
        pthread_cond_timedwait(condition, mutex, &end)
        #endif
        return MonotonicClock.now < deadline
    }
}

/// The time since some moment in the past, which nobody sets.
package enum MonotonicClock {
    /// In ns.
    package static var now: UInt64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return UInt64(clamping: time.tv_sec).saturatingTimes(1_000_000_000)
            .saturatingPlus(UInt64(clamping: time.tv_nsec))
    }

    /// The moment when a duration will have passed, in ns: `.max`, which is never, if it is too long to be counted.
    package static func moment(after duration: Duration) -> UInt64 {
        let nanoseconds = duration.nanoseconds
        return nanoseconds == Int64.max ? .max : now.saturatingPlus(nanoseconds)
    }
}

extension timespec {
    init(nanoseconds: UInt64) {
        self.init(tv_sec: time_t(nanoseconds / 1_000_000_000), tv_nsec: Int(nanoseconds % 1_000_000_000))
    }
}
