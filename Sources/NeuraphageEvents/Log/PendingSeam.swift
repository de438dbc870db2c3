/// A segment has ended because it could not be synchronized, or is about to. The next one begins with a line that says so,
/// and with what may not be on the disk; readers pass over what they find in both.
struct PendingSeam: Hashable, Sendable {
    /// The name of the segment that has ended, if it has and can be found.
    var previous: String?
    var hasEnded = false

    /// The line that the next segment begins with.
    func line(repeating count: Int, from id: String?) -> [UInt8] {
        let resumed = Event.logResumed(after: previous, from: id, repeating: count)
        return Array("\(resumed)\n".utf8)
    }
}
