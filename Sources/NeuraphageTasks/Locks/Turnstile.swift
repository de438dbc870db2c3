// A lock that some share and others don't, and a gate before it, so that everybody comes to it some day. The kernel alone
// lets sharers in for as long as they overlap, and whoever wants the lock for himself waits for ever.
//
// Whoever has to wait takes the gate, waits for the lock with it, and lets go of it with the lock in his hands. So one
// waits for the lock at a time, the others for the gate; newcomers who find it taken wait behind it, also if they could
// have the lock. The gate is a file of its own that decides about nothing but the order: two that know nothing of it, or
// find another one, still exclude each other by the lock.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

/// The way to a lock.
struct Turnstile {
    private let gate: String
    private let lock: String
    private let isShared: Bool
    private let files: any FileSystem

    /// The way to the lock in a directory.
    init(directory: String, isShared: Bool, _ files: any FileSystem) {
        gate = directory + "/gate"
        lock = directory + "/lock"
        self.isShared = isShared
        self.files = files
    }

    /// Takes the lock if it is free and nobody waits for it; `nil` otherwise.
    func passAtOnce() throws(OperationError) -> LockFile? {
        // Whoever only looks shares the gate: it is closed by those who wait, and by nobody else.
        guard let gate = try LockFile.take(gate, sharing: true, until: 0, in: files) else { return nil }
        let lock = try passAlongside(until: 0)
        _ = consume gate
        return lock
    }

    /// Waits for the lock behind those who have come before; `nil` if it isn't ours by then.
    ///
    /// - Parameter deadline: In ns of the clock `MonotonicClock`.
    func pass(until deadline: UInt64) throws(OperationError) -> LockFile? {
        guard let gate = try LockFile.take(gate, until: deadline, in: files) else { return nil }
        let lock = try passAlongside(until: deadline)
        _ = consume gate
        return lock
    }

    /// Takes the lock without regard to those who wait: for somebody whom a holder waits for, and so they do.
    func passAlongside(until deadline: UInt64) throws(OperationError) -> LockFile? {
        try LockFile.take(lock, sharing: isShared, until: deadline, in: files)
    }
}
