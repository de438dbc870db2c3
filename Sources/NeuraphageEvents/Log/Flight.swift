// One write to the file, and what came of it. It needs no lock: the file belongs to the writer.

/// Lines on their way into the file.
struct Flight: Sendable {
    struct Landing: Sendable {
        /// How many of the lines are in the file.
        var written = 0
        var error: EventLogError?
        /// What has failed, if something has.
        var failure = TroublePolicy.Failure.writing
        /// Whether they are on the disk.
        var isSynchronized = false
        /// Whether they are all in the file, and it is this that failed: to put them on the disk.
        var hasFailedToSynchronize = false
        /// Whether there was a seam to make, and the one that is still to be made.
        var hadSeam = false
        var seam: PendingSeam?
        /// What has been noticed on the way.
        var notice: ActiveSegment.Notice?
        /// The segment that is open now.
        var segment: OpenSegment?

        /// Whether another process kept the file locked for all of the writer's time.
        var isLate: Bool { error?.isLockedByAnother ?? false }
    }

    /// The lines, and how many they are.
    let lines: [UInt8]
    let count: Int
    /// The seam to make first, and what to repeat after it: these lines, and so many of the lines above.
    let seam: PendingSeam?
    let keptLines: [UInt8]
    let repeats: Int
    let firstRepeated: String?
    /// Whether what is going to be written is first tried on a file beside the log, so that a disk that takes nothing
    /// gets no copy for each attempt.
    let rehearses: Bool
    /// Whether to wait until the lines are on the disk.
    let synchronizes: Bool
    /// How long to wait for the file's lock, in ns.
    let patience: UInt64

    func fly(with file: inout ActiveSegment) -> Landing {
        var landing = Landing(hadSeam: seam != nil, seam: seam)
        attempt(with: &file, &landing)
        landing.segment = file.current
        return landing
    }

    private func attempt(with file: inout ActiveSegment, _ landing: inout Landing) {
        var prefix: [UInt8] = []
        var prefixCount = 0
        if var seam {
            do throws(EventLogError) {
                if rehearses {
                    landing.failure = .synchronization
                    try file.rehearse(seam.line(repeating: 0, from: firstRepeated) + keptLines + lines)
                    landing.failure = .writing
                }
                if !seam.hasEnded { seam.previous = try file.end(patience: patience) }
            } catch {
                landing.error = error
                return
            }
            seam.hasEnded = true
            landing.seam = seam
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
        landing.written = max(0, outcome.written - prefixCount)
        landing.error = outcome.error
        guard outcome.error == nil else { return }
        landing.seam = nil
        guard synchronizes else { return }
        do throws(EventLogError) {
            try file.current?.synchronize()
            landing.isSynchronized = true
        } catch {
            landing.error = error
            landing.failure = seam == nil ? .synchronization : .resumption
            landing.hasFailedToSynchronize = true
            landing.seam = PendingSeam()
        }
    }
}
