// A thread for what blocks: the cooperative pool has one thread per core, and one that sleeps in poll(2), or waits for a
// disk or a slow reader, is missing there.

import NeuraphagePlatform

package enum DetachedThread {
    private final class Body: Sendable {
        let run: @Sendable () -> Void

        init(_ run: @escaping @Sendable () -> Void) {
            self.run = run
        }
    }

    /// Runs `body` on a thread of its own.
    ///
    /// - Returns: Whether the system had a thread left.
    package static func start(_ body: @escaping @Sendable () -> Void) -> Bool {
        let context = Unmanaged.passRetained(Body(body)).toOpaque()
        #if canImport(Darwin)
        var thread: pthread_t?
        #else
        var thread = pthread_t()
        #endif
        let result = pthread_create(&thread, nil, main, context)
        if result != 0 { Unmanaged<Body>.fromOpaque(context).release() }
        return result == 0
    }

    /// Runs `body`, which blocks, on a thread of its own, and suspends the caller until it returns. If the system has no
    /// thread left, it runs on the caller's.
    package static func run<Value: Sendable, Failure: Error>(
        _ body: @escaping @Sendable () throws(Failure) -> Value
    ) async throws(Failure) -> Value {
        let outcome: Result<Value, Failure> = await withCheckedContinuation { continuation in
            let work: @Sendable () -> Void = { continuation.resume(returning: Result(catching: body)) }
            if !start(work) { work() }
        }
        return try outcome.get()
    }

    private static let main: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        pthread_detach(pthread_self())
        if let context { Unmanaged<Body>.fromOpaque(context).takeRetainedValue().run() }
        return nil
    }
}
