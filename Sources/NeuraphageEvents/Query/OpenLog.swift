// Opening a log whose files may end at any moment: the active one is opened first, and then the others are listed. If it
// ends meanwhile, it is open all the same, and is taken for one of them only once.

/// The files of a log as they stood at one moment.
struct OpenLog: ~Copyable {
    let files: LogFiles
    /// The files that have ended, oldest first; they stand before the active one.
    let closed: [LogFiles.Closed]
    /// The file that was appended to at that moment, open; `nil` if there was none.
    var active: LineInput?
    /// The number that the active file will get when it ends, as far as one can know.
    var activeNumber: Int { (closed.last?.number ?? 0) + 1 }

    init(path: String, _ fileSystem: any FileSystem) throws(EventLogError) {
        files = LogFiles(activePath: path)
        active = try LineInput(opening: .log(path), fileSystem)
        var closed = try files.list(fileSystem)
        if let identity = active?.status?.identity, fileSystem.identity(at: path) != identity {
            // It may have ended meanwhile, and others behind it.
            closed = try files.list(fileSystem)
            if let own = closed.lastIndex(where: { fileSystem.identity(at: $0.path) == identity }) {
                closed.removeSubrange(own...)
            }
        }
        self.closed = closed
    }
}

extension LogFiles {
    /// The closed file that is this one; `nil` if it has not ended as a file of the log.
    func closed(
        _ identity: FileStatus.Identity,
        _ fileSystem: any FileSystem
    ) throws(EventLogError) -> Closed? {
        try list(fileSystem).last { fileSystem.identity(at: $0.path) == identity }
    }

    /// The closed files there are, in their order.
    func list(_ fileSystem: any FileSystem) throws(EventLogError) -> [Closed] {
        do throws(SystemError) {
            return try closed(in: fileSystem)
        } catch {
            throw EventLogError(.readFailed, path: activePath, "cannot list the files of", error)
        }
    }
}

extension FileSystem {
    /// Which file stands at a path; `nil` if none does.
    func identity(at path: String) -> FileStatus.Identity? {
        try? status(at: path, followingLinks: false).identity
    }
}
