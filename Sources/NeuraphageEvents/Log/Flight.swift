// One write to the file, and what came of it. Nothing here needs the lock: the file belongs to whoever has it.

/// A file has ended because it could not be synchronized. The next one begins with a line that says so, and with what
/// may not be on the disk; readers pass over what they find in both.
struct PendingSeam: Hashable, Sendable {
    /// The name of the file that has ended, if it has and can be found.
    var previous: String?
    var hasEnded = false

    /// The line that the next file begins with.
    func line(repeating count: Int, from id: String?) -> [UInt8] {
        let payload: Payload = [
            "previous": previous.map { .string($0) } ?? .null,
            "from": id.map { .string($0) } ?? .null,
            "repeated": .integer(count),
        ]
        return Array("\(Event(.logResumed, payload: payload))\n".utf8)
    }
}

/// Lines on their way into the file.
struct Flight: Sendable {
    struct Landing: Sendable {
        /// How many of the lines are in the file.
        var written = 0
        var error: EventLogError?
        /// Whether they are on the disk.
        var isSynchronized = false
        /// Whether they are all in the file, and it is this that failed: to put them on the disk.
        var hasFailedToSynchronize = false
        /// Whether there was a seam to make, and the one that is still to be made.
        var hadSeam = false
        var seam: PendingSeam?
        /// What has been noticed on the way.
        var notice: ActiveSegment.Notice?
        /// The file that is open now.
        var file: OpenSegment?
    }

    /// The lines, and how many they are.
    let lines: [UInt8]
    let count: Int
    /// The seam to make first, and what to repeat behind it: these lines, and so many of the lines above.
    let seam: PendingSeam?
    let keptLines: [UInt8]
    let repeats: Int
    let firstRepeated: String?
    /// Whether to wait until they are on the disk.
    let synchronizes: Bool

    func fly(with file: inout ActiveSegment, patience: UInt64) -> Landing {
        var landing = Landing(hadSeam: seam != nil, seam: seam)
        var prefix: [UInt8] = []
        var prefixCount = 0
        if var seam {
            if !seam.hasEnded {
                do throws(EventLogError) {
                    seam.previous = try file.end(patience: patience)
                } catch {
                    landing.error = error
                    landing.file = file.current
                    return landing
                }
                seam.hasEnded = true
                landing.seam = seam
            }
            let keptCount = keptLines.lineCount
            prefix = seam.line(repeating: keptCount + repeats, from: firstRepeated) + keptLines
            prefixCount = 1 + keptCount
        }
        let outcome = file.append(
            prefix.isEmpty ? lines : prefix + lines,
            count: prefixCount + count,
            patience: patience,
            allOrNone: seam != nil,
            notice: &landing.notice
        )
        landing.file = file.current
        landing.written = max(0, outcome.written - prefixCount)
        landing.error = outcome.error
        guard outcome.error == nil else { return landing }
        landing.seam = nil
        guard synchronizes else { return landing }
        do throws(EventLogError) {
            try file.current?.synchronize()
            landing.isSynchronized = true
        } catch {
            landing.error = error
            landing.hasFailedToSynchronize = true
            landing.seam = PendingSeam()
        }
        return landing
    }
}
