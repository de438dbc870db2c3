// The threads that tests run on. A test may block its thread: the cooperative pool, on which a daemon or a log in the
// same process depends, has one thread per core, and a test must not take one of them.
//
// A job never waits for a thread: if none is idle, it gets a new one. Tests/Support/Apart.swift bounds how many tests run
// at once, so that the threads are few.

import NeuraphageEvents
import NeuraphagePlatform

/// Runs each job at once, on an idle thread of its own or on a new one.
package final class TestThreads: TaskExecutor {
    /// A thread that waits for its next job.
    private final class Worker: Sendable {
        let job = Lock<UnownedJob?>(nil)
        let hasJob = Condition()
    }

    package static let shared = TestThreads()

    /// How long an idle thread stays, in ns.
    private static let idleTime: UInt64 = 5_000_000_000

    /// Set on the threads of this executor, and on no others.
    private static let mark: pthread_key_t = {
        var key = pthread_key_t()
        pthread_key_create(&key, nil)
        return key
    }()

    /// Whether the current thread is one of these.
    package static var isCurrent: Bool { pthread_getspecific(mark) != nil }

    private let idle = Lock<[Worker]>([])

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        if let worker = idle.withLock({ $0.popLast() }) {
            worker.job.withLock { $0 = job }
            worker.hasJob.broadcast()
        } else {
            precondition(DetachedThread.start { self.run(job) }, "there is no thread left to run a test on")
        }
    }

    private func run(_ first: UnownedJob) {
        pthread_setspecific(Self.mark, UnsafeRawPointer(Unmanaged.passUnretained(self).toOpaque()))
        let worker = Worker()
        var next: UnownedJob? = first
        while let job = next {
            job.runSynchronously(on: asUnownedTaskExecutor())
            idle.withLock { $0.append(worker) }
            next = nextJob(of: worker)
        }
    }

    /// `nil` when the thread has been idle for long enough.
    private func nextJob(of worker: Worker) -> UnownedJob? {
        let deadline = MonotonicClock.now + Self.idleTime
        if let job = worker.job.wait(for: worker.hasJob, until: deadline, { $0.take() }) { return job }
        let isIdle = idle.withLock { workers in
            guard let index = workers.firstIndex(where: { $0 === worker }) else { return false }
            workers.remove(at: index)
            return true
        }
        // If it isn't in the list any more, a job has been assigned to it and comes in a moment.
        return isIdle ? nil : worker.job.wait(for: worker.hasJob) { $0.take() }
    }
}

/// Runs what blocks on a thread that nothing else waits for, wherever it is called.
package func blocking<Result: Sendable>(_ body: @Sendable () throws -> Result) async throws -> Result {
    try await withTaskExecutorPreference(TestThreads.shared) { try body() }
}

/// Runs `body` on as many threads at once, and returns what each of them returned, in the threads' order.
package func onThreads<Result: Sendable>(
    _ count: Int,
    _ body: @escaping @Sendable (Int) -> Result
) throws -> [Result] {
    let results = Lock<[Int: Result]>([:])
    let hasEnded = Condition()
    for index in 0..<count {
        let hasStarted = DetachedThread.start {
            let result = body(index)
            results.withLock { $0[index] = result }
            hasEnded.broadcast()
        }
        precondition(hasStarted, "there is no thread left")
    }
    return try wait(for: "\(count) threads to end", on: results, hasEnded) { results in
        results.count == count ? results.sorted { $0.key < $1.key }.map(\.value) : nil
    }
}
