// Opening a log whose segments may end at any moment: the active one is opened first, and then the others are listed. If it
// ends meanwhile, it is open all the same, and is taken for one of them only once.

/// The segments of a log at one moment.
struct OpenLog: Sendable {
    let files: LogSegments
    /// The segments that have ended, oldest first; they come before the active one.
    let ended: [LogSegments.Ended]
    /// The segment that was appended to at that moment, open; `nil` if there was none.
    let active: LineInput?
    /// Why the active segment could not be opened, if it could not.
    let failure: EventLogError?
    /// The number that the active segment will get when it ends, as far as one can know.
    let activeNumber: Int
    private let fileSystem: any FileSystem

    /// - Parameter leastNumber: The smallest number that the active segment can have.
    init(path: String, leastNumber: Int = 1, _ fileSystem: any FileSystem) throws(EventLogError) {
        self.fileSystem = fileSystem
        files = LogSegments(activePath: path)
        do throws(EventLogError) {
            active = try LineInput.open(.log(path), fileSystem)
            failure = nil
        } catch {
            active = nil
            failure = error
        }
        var ended = try files.list(fileSystem)
        if let identity = active?.status?.identity, fileSystem.identity(at: path) != identity {
            // It may have ended meanwhile, and others after it.
            ended = try files.list(fileSystem)
            if let own = ended.lastIndex(where: { fileSystem.identity(at: $0.path) == identity }) {
                ended.removeSubrange(own...)
            }
        }
        self.ended = ended
        activeNumber = max((ended.last?.number ?? 0) + 1, leastNumber)
    }

    /// Everything that there is.
    var plan: ScanPlan {
        let hasActive = active != nil || failure != nil
        return ScanPlan(ended: ended, active: hasActive ? (files.activePath, activeNumber) : nil)
    }

    /// The place in this log that a position means; `nil` if what precedes the position is nowhere as it was.
    ///
    /// The segment with the position's number is asked first, then the active one, which may have had another number, then
    /// the others.
    func place(of position: LogPosition) throws(EventLogError) -> ScanPlan.Place? {
        let parts = plan.parts
        let likely = parts.filter { $0.number == position.segment } + parts.suffix(1) + parts.reversed()
        var asked: Set<Int> = []
        for part in likely where asked.insert(part.number).inserted {
            // Nothing precedes the beginning, so only the number can say which one it is.
            if position.offset == 0, part.number != position.segment { continue }
            guard let input = try open(part), try input.holds(position) else { continue }
            return ScanPlan.Place(segment: part.number, offset: position.offset)
        }
        return nil
    }

    /// Opens the segment that a part is of; `nil` if it is gone.
    func open(_ part: ScanPlan.Part) throws(EventLogError) -> LineInput? {
        guard case .log = part.source else { return try LineInput.open(part.source, fileSystem) }
        if let failure { throw failure }
        return active
    }
}

extension LineInput {
    /// Whether the bytes before a position are what they were.
    func holds(_ position: LogPosition) throws(EventLogError) -> Bool {
        guard try currentStatus().size >= position.offset else { return false }
        return try mark(before: position.offset) == position.mark
    }
}

extension LogSegments {
    /// The ended segment that is this file; `nil` if it has not ended as a segment of the log.
    func ended(
        _ identity: FileStatus.Identity,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> Ended? {
        try list(fileSystem).last { fileSystem.identity(at: $0.path) == identity }
    }

    /// The segments that have ended, in their order.
    func list(_ fileSystem: any FileSystem) throws(EventLogError) -> [Ended] {
        do throws(SystemError) {
            return try ended(in: fileSystem)
        } catch {
            throw EventLogError(.readFailed, path: activePath, "cannot list the files of", error)
        }
    }
}
