// A lock that some share and others don't, and a gate before it, so that everybody comes to it some day. The kernel alone
// lets sharers in for as long as they overlap, and whoever wants the lock for himself waits for ever.
//
// Whoever has to wait takes the gate, waits for the lock with it, and lets go of it with the lock in his hands. So one
// waits for the lock at a time, the others for the gate; newcomers who find it taken wait behind it, also if they could
// have the lock. The gate is a file of its own that decides about nothing but the order: two that know nothing of it, or
// find another one, still exclude each other by the lock.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

/// The way to a lock.
struct Turnstile {
    private let directory: String
    private let spare: String
    private let isShared: Bool
    private let files: any FileSystem
    private var gate: String { directory + "/gate" }
    private var lock: String { directory + "/lock" }

    /// The way to the lock in a directory.
    ///
    /// - Parameter spare: The file to lock where there is no room for that directory.
    init(directory: String, spare: String, isShared: Bool, _ files: any FileSystem) {
        self.directory = directory
        self.spare = spare
        self.isShared = isShared
        self.files = files
    }

    /// Takes the lock if it is free and no process waits for it; `nil` otherwise.
    func passAtOnce() throws(OperationError) -> HeldLock? {
        guard !hasNoRoom else { return try passAlongside(until: 0) }
        // A process that only looks shares the gate: it is closed by those that wait.
        guard let gate = try LockFile.take(gate, sharing: true, until: 0, in: files) else { return nil }
        let lock = try passAlongside(until: 0)
        _ = consume gate
        return lock
    }

    /// Waits for the lock behind those who have come before; `nil` if it isn't ours by then.
    ///
    /// - Parameters:
    ///   - deadline: In ns of the clock `MonotonicClock`.
    ///   - moment: When to call `notice`, while it goes on waiting. It may be called several times.
    func pass(
        until deadline: UInt64,
        at moment: UInt64 = .max,
        _ notice: () -> Void = {}
    ) throws(OperationError) -> HeldLock? {
        guard !hasNoRoom else { return try passAlongside(until: deadline, at: moment, notice) }
        guard let gate = try LockFile.take(gate, until: deadline, at: moment, in: files, notice) else { return nil }
        let lock = try passAlongside(until: deadline, at: moment, notice)
        _ = consume gate
        return lock
    }

    /// Takes the lock without regard to those who wait: for a process that a holder waits for, and so they do.
    func passAlongside(
        until deadline: UInt64,
        at moment: UInt64 = .max,
        _ notice: () -> Void = {}
    ) throws(OperationError) -> HeldLock? {
        func take(_ path: String) throws(OperationError) -> LockFile? {
            try LockFile.take(path, sharing: isShared, until: deadline, at: moment, in: files, notice)
        }
        while true {
            let hasRoom = !hasNoRoom
            let main = hasRoom ? try take(lock) : nil
            if hasRoom, main == nil { return nil }
            // Two exclude each other by each of the two files that there is.
            let needsSpare = !hasRoom || files.exists(spare)
            let spare = needsSpare ? try take(self.spare) : nil
            if needsSpare, spare == nil { return nil }
            if needsSpare || !files.exists(self.spare), hasRoom || !files.exists(lock) {
                return HeldLock(main: main, spare: spare)
            }
            // Another process has made the other one meanwhile.
        }
    }

    /// Whether the disk has no block for the lock's directory. An empty file needs none.
    private var hasNoRoom: Bool {
        do throws(SystemError) {
            try files.makeDirectories(directory)
            return false
        } catch {
            return [ENOSPC, EDQUOT].contains(error.code)
        }
    }
}

/// A lock that is held, until this is dropped or the process ends.
struct HeldLock: ~Copyable {
    fileprivate let main: LockFile?
    fileprivate let spare: LockFile?
}
