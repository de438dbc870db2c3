// Opening a log whose files may end at any moment: the active one is opened first, and then the others are listed. If it
// ends meanwhile, it is open all the same, and is taken for one of them only once.

/// The files of a log as they stood at one moment.
struct OpenLog: ~Copyable {
    let files: LogSegments
    /// The files that have ended, oldest first; they stand before the active one.
    let ended: [LogSegments.Ended]
    /// The file that was appended to at that moment, open; `nil` if there was none.
    var active: LineInput?
    /// The number that the active file will get when it ends, as far as one can know.
    var activeNumber: Int { (ended.last?.number ?? 0) + 1 }

    init(path: String, _ fileSystem: any FileSystem) throws(EventLogError) {
        files = LogSegments(activePath: path)
        active = try LineInput(opening: .log(path), fileSystem)
        var ended = try files.list(fileSystem)
        if let identity = active?.status?.identity, fileSystem.identity(at: path) != identity {
            // It may have ended meanwhile, and others behind it.
            ended = try files.list(fileSystem)
            if let own = ended.lastIndex(where: { fileSystem.identity(at: $0.path) == identity }) {
                ended.removeSubrange(own...)
            }
        }
        self.ended = ended
    }
}

extension LogSegments {
    /// The ended segment that is this one; `nil` if it has not ended as a file of the log.
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
