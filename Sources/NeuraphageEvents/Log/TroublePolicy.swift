// When the log is in trouble, how soon it tries again, and when the trouble is over. Pure: it is told what happened, and
// when.

/// Whether the log takes events at once, and if not, why and until when.
///
/// The trouble is over when the disk has worked for a while, so that a disk that is nearly full doesn't flicker. What
/// makes an attempt expensive makes the next one wait longer.
struct TroublePolicy: Sendable {
    /// What has failed.
    enum Failure: Hashable, Sendable {
        /// Nothing was written, or too slowly. To try again costs nothing.
        case writing
        /// What was written, here or as a rehearsal, may not be on the disk. To try again rehearses all that may be
        /// missing.
        case synchronization
        /// A segment that begins with what the one before may lack could not be synchronized either, though the rehearsal
        /// could. To try again ends one more segment, with one more copy.
        case resumption
    }

    private let timing: LogWriter.Timing

    /// Why the log doesn't take events at once, if it doesn't.
    private(set) var error: EventLogError?
    /// When to try again, in ns.
    private(set) var nextAttempt: UInt64 = 0
    /// When the disk first worked after the last failure, in ns.
    private var workingSince: UInt64?
    private var failedSynchronizations = 0

    init(_ timing: LogWriter.Timing) {
        self.timing = timing
    }

    /// Something has failed.
    ///
    /// - Returns: Whether the trouble is new.
    mutating func failed(_ error: EventLogError, _ failure: Failure, at now: UInt64) -> Bool {
        defer { self.error = error }
        workingSince = nil
        if failure == .writing {
            nextAttempt = now + timing.retry
        } else {
            failedSynchronizations += 1
            let longest = failure == .resumption ? timing.longestResumptionRetry : timing.longestRetry
            nextAttempt = now + min(timing.retry << min(failedSynchronizations, 16), longest)
        }
        return self.error == nil
    }

    /// Something has been written.
    mutating func wrote(after duration: UInt64, at now: UInt64) {
        guard error != nil else { return }
        if workingSince == nil || duration > timing.publishing { workingSince = now }
        nextAttempt = now + timing.drain
    }

    /// Something has been synchronized.
    mutating func synchronized() {
        failedSynchronizations = 0
    }

    /// When the trouble is over if nothing fails until then and nothing is left to write, in ns.
    var recovery: UInt64 { workingSince.map { $0 + timing.recovery } ?? .max }

    /// Ends the trouble if it is time for that. Nothing must be left to write.
    ///
    /// - Returns: Whether it has ended.
    mutating func endIfRecovered(at now: UInt64) -> Bool {
        guard error != nil, now >= recovery else { return false }
        error = nil
        failedSynchronizations = 0
        return true
    }
}
