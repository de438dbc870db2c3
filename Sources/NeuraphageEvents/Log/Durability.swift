/// What it takes for an event to count as written, and so what a power cut can take away (spec, "Persistence
/// Strategy").
///
/// Whatever the durability, a crash of the program – `kill -9` included – loses no event that was acknowledged.
public struct Durability: Hashable, Sendable, CustomStringConvertible {
    private enum Storage: Hashable, Sendable {
        case os, always
        case interval(Duration)
    }

    private let storage: Storage

    /// An event is written when the system has it in its page cache. A power cut may lose what the system has not put on
    /// the disk yet; on Linux that is usually the last half minute.
    public static let os = Durability(storage: .os)

    /// An event is written when it is on the disk. A power cut loses nothing that was acknowledged. Publishers that wait
    /// at the same time share one synchronization.
    public static let always = Durability(storage: .always)

    /// An event is written when the system has it in its page cache, and the log is synchronized this long after the first
    /// event that is not on the disk yet. A power cut loses at most what was written in this time and while one
    /// synchronization ran. A process that is killed no longer synchronizes; what it wrote in its last interval is then
    /// as safe as with ``os``.
    ///
    /// - Parameter duration: From 1 ms to one hour.
    public static func interval(_ duration: Duration) -> Durability { Durability(storage: .interval(duration)) }

    /// The time between two synchronizations, if the log is synchronized at intervals.
    public var interval: Duration? {
        if case .interval(let duration) = storage { duration } else { nil }
    }

    /// `os`, `always`, or the interval in milliseconds, such as `100ms`.
    public var description: String {
        switch storage {
        case .os: "os"
        case .always: "always"
        case .interval(let duration): "\(duration.nanoseconds / 1_000_000)ms"
        }
    }
}
