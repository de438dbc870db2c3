import NeuraphagePlatform

/// An open file of the log. It is closed when nobody uses it any more, so that it can be synchronized while it is
/// appended to, and after another file has taken its place.
final class OpenSegment: Sendable {
    let descriptor: Int32
    let identity: FileStatus.Identity
    private let path: String
    private let fileSystem: any FileSystem
    private let synchronization: Lock<Synchronization>

    private struct Synchronization {
        /// The directories in which a name may not be on the disk yet: without it, a file that is there cannot be found.
        var unsafeDirectories: [String]
        /// Why what was written may be lost.
        var failure: EventLogError?
    }

    /// Takes over the descriptor.
    ///
    /// - Parameter directories: The directories that were made for it.
    init(
        _ descriptor: Int32,
        _ identity: FileStatus.Identity,
        path: String,
        made directories: [String],
        _ fileSystem: any FileSystem
    ) {
        self.descriptor = descriptor
        self.identity = identity
        self.path = path
        self.fileSystem = fileSystem
        let unsafeDirectories = [path.parentDirectory] + directories.map(\.parentDirectory)
        synchronization = Lock(Synchronization(unsafeDirectories: unsafeDirectories))
    }

    deinit {
        fileSystem.close(descriptor)
    }

    /// Waits until what has been written, and the file's name, are on the disk.
    ///
    /// Of several threads that ask at the same time, the system would tell one of a failure, and the others, and whoever
    /// asks later, that all is well. So they ask one after the other, and once it has failed it fails for ever.
    func synchronize() throws(EventLogError) {
        try synchronization.withLock { state throws(EventLogError) in
            if let failure = state.failure { throw failure }
            do throws(SystemError) {
                try repeatingInterrupted { () throws(SystemError) in try fileSystem.synchronize(descriptor) }
                for directory in state.unsafeDirectories { try synchronize(directory) }
                state.unsafeDirectories = []
            } catch {
                let failure = EventLogError(.writeFailed, path: path, "cannot synchronize", error)
                state.failure = failure
                throw failure
            }
        }
    }

    private func synchronize(_ directory: String) throws(SystemError) {
        let descriptor = try repeatingInterrupted { () throws(SystemError) in
            try fileSystem.open(directory, flags: O_RDONLY | O_DIRECTORY | O_CLOEXEC, permissions: 0)
        }
        defer { fileSystem.close(descriptor) }
        try repeatingInterrupted { () throws(SystemError) in try fileSystem.synchronize(descriptor) }
    }
}
