// A command that runs while a lock is held. The process that waits for the command holds the lock, not the command: so
// what the command leaves in the background cannot keep it.

public import NeuraphageEvents
import NeuraphagePlatform
public import NeuraphagePresentation
public import NeuraphageSystem

/// Runs a command while holding a lock, and publishes when the lock was taken and given back.
///
/// ```swift
/// var run = LockedRun(try LockName("build"), words: [Array("make".utf8)])
/// run.patience = .seconds(30)
/// let result = try run.perform(in: LockDirectory(in: directory), publishingTo: bus)
/// ```
public struct LockedRun: Sendable {
    /// How it went.
    public enum Result: Sendable {
        /// The lock was not free in time. These held it at the end, as far as one can know.
        case timedOut(holders: [LockHolder])
        /// The lock would have been waited for without an end: this process was started by what its holder runs.
        case heldAround(by: LockHolder)
        /// The lock was taken and given back.
        case ended(ProcessEnding)
    }

    /// The lock to hold.
    public let name: LockName
    /// Whether others may hold the lock at the same time if they share it, too.
    public var isShared = false
    /// The task that holds the lock. The command sees it as `NP_TASK`, which means it while the command runs.
    public var task: TaskID?
    /// How long to wait for the lock; `nil`: as long as it takes, zero: not at all.
    public var patience: Duration?
    /// Environment variables that the command gets in addition to this process's, or instead of them.
    public var environment: [String: String] = [:]
    /// Signals that this process ignores but whoever started it did not. The command gets their default back.
    public var signalsToReset: [Int32] = []
    private let words: [[UInt8]]

    /// A command to run.
    ///
    /// - Parameters:
    ///   - name: The lock to hold meanwhile.
    ///   - words: The program, looked up in `PATH` if its name has no slash, and its arguments, which need not be UTF-8.
    public init(_ name: LockName, words: [[UInt8]]) {
        self.name = name
        self.words = words
    }

    /// Waits for the lock, runs the command, gives the lock back, and publishes both.
    ///
    /// While the command runs, signals are treated as by ``TaskRun/perform(publishingTo:recordedIn:)``, and the same holds for the
    /// thread that calls this. While the lock is waited for, they do what they always do. A log that fails stops
    /// nothing. If this process is killed, the lock is free at once, and whoever calls ``Ledger/settle(publishingTo:)`` next
    /// publishes the release.
    ///
    /// Whoever waits gets the lock before those who come later, also before those who could share it with its holders. A
    /// process that such a holder has started shares it all the same: the holder may wait for it.
    ///
    /// - Parameters:
    ///   - locks: Where the lock is.
    ///   - bus: Where the events go.
    ///   - meanwhile: Called once, as soon as the command runs or has turned out not to. It may start another process and
    ///     return its id; this process then reaps that one, too, if it ends before the command.
    ///   - waiting: Called with those who hold the lock when it has to be waited for.
    /// - Throws: ``OperationError`` if the file system doesn't let us; then the command has not been run.
    public func perform(
        in locks: LockDirectory,
        publishingTo bus: EventBus,
        meanwhile: () -> Int32? = { nil },
        waiting: ([LockHolder]) -> Void = { _ in }
    ) throws(OperationError) -> Result {
        let beginning = ContinuousClock.now
        let deadline = patience.map(MonotonicClock.moment(after:)) ?? .max
        let moment = MonotonicClock.moment(after: LongWait.least)
        let turnstile = locks.turnstile(of: name, sharing: isShared)
        let directory = locks.dataDirectory
        let session = AgentSessions(in: directory).ofThisProcess(for: task)
        let request = Event.LockRequest(name.description, for: task, sharing: isShared, in: session?.name)
        let wait = LongWait(in: directory, publishingTo: bus)
        var awaited: EventID?
        func run(_ lock: consuming HeldLock) throws(OperationError) -> Result {
            let acquired = Event.lockAcquired(
                request,
                after: ContinuousClock.now - beginning,
                begin: wait.begin,
                for: awaited
            )
            return try self.run(holding: lock, request, acquired, after: wait, in: locks, publishingTo: bus, meanwhile)
        }
        if let lock = try turnstile.passAtOnce() { return try run(lock) }
        let holders = try locks.holders(of: name)
        awaited = holders.first?.acquired
        func tell() {
            wait.tell {
                let now = (try? locks.holders(of: name)) ?? holders
                let waited = ContinuousClock.now - beginning
                return .lockWaiting(request, after: waited, for: awaited, holder: LockDirectory.hold(now.first))
            }
        }
        let ancestors = ProcessIdentity.ancestors(in: locks.files)
        let around = holders.first { $0.process?.isAmong(ancestors, in: locks.files) ?? false }
        if let around, isShared, !around.isExclusive {
            if let lock = try turnstile.passAlongside(until: deadline, at: moment, tell) { return try run(lock) }
        } else if let around, patience == nil {
            return .heldAround(by: around)
        } else if MonotonicClock.now < deadline {
            waiting(holders)
            if let lock = try turnstile.pass(until: deadline, at: moment, tell) { return try run(lock) }
        }
        let last = try locks.holders(of: name)
        // A process that was told not to wait has not given up anything.
        if patience != .zero {
            let timedOut = Event.lockTimedOut(
                request,
                after: ContinuousClock.now - beginning,
                begin: wait.begin,
                for: awaited,
                holder: LockDirectory.hold(last.first)
            )
            wait.end(with: timedOut)
        }
        return .timedOut(holders: last)
    }

    private func run(
        holding lock: consuming HeldLock,
        _ request: Event.LockRequest,
        _ acquired: Event,
        after wait: LongWait,
        in locks: LockDirectory,
        publishingTo bus: EventBus,
        _ meanwhile: () -> Int32?
    ) throws(OperationError) -> Result {
        let clock = ContinuousClock()
        let signals = SignalReceiver()
        defer { signals.restore() }
        let place = PlaceNames.place(containing: ".", in: locks.dataDirectory)
        let note = HolderNote(
            .current(in: locks.files),
            command: LoggedCommand.line(words),
            at: place,
            acquired: acquired
        )
        let ledger = Ledger(in: locks.dataDirectory)
        // Not being able to write it down is no reason not to run the command. The lock is the kernel's.
        let prefix = DataDirectory.RecordPrefix.holder
        let record = try? ledger.create(note.note, prefix, acquired.id.description)
        let run = record == nil ? nil : acquired.id
        let start = clock.now
        bus.publish(acquired)
        wait.forget()
        // What the command has inherited already need not be said again.
        let inherited = try? InheritedTask()
        let isInherited = inherited.map { $0.task == task && $0.counts(in: locks.dataDirectory) } ?? false
        let variables = task.flatMap { isInherited ? nil : InheritedTask(task: $0, run: run).variables } ?? [:]
        let (ending, _) = ChildProcess.run(
            words,
            environment: environment.merging(variables) { _, inherited in inherited },
            signals: signals,
            resetting: signalsToReset,
            meanwhile: meanwhile
        )
        let held = clock.now - start
        let released = Event.lockReleased(request, after: held, begin: acquired.id)
        if let record { record.end(with: released, publishingTo: bus) } else { bus.publish(released) }
        _ = consume lock
        return .ended(ending)
    }
}
