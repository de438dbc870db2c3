// The repositories that are watched, in one file of the data directory, an absolute path a line. The daemon follows that
// file, so it is replaced as a whole; whoever changes it holds a lock, so that two changes at once both count.

import NeuraphageEvents

/// Why the watch list cannot be read or changed.
package struct WatchListError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what is wrong.
    package let description: String
}

/// The list of watched repositories of a data directory.
package struct WatchList: Sendable {
    /// The file. It need not exist.
    package let path: String
    private let lockPath: String

    /// The list of a data directory.
    package init(dataDirectory: String) {
        path = dataDirectory + "/watched"
        lockPath = dataDirectory + "/watched.lock"
    }

    /// The repositories: each one's main worktree, or the bare repository itself.
    package var paths: [String] {
        get throws(WatchListError) {
            do throws(SetupError) {
                let text = String(decoding: try FileOnDisk.read(path)?.bytes ?? [], as: UTF8.self)
                return text.split(separator: "\n").map(String.init)
            } catch {
                throw WatchListError(description: error.description)
            }
        }
    }

    /// Adds a repository.
    ///
    /// - Parameter repository: Its absolute path.
    /// - Returns: Whether it was not in the list before.
    @discardableResult
    package func add(_ repository: String) throws(WatchListError) -> Bool {
        guard repository.hasPrefix("/"), !repository.utf8.contains(UInt8(ascii: "\n")) else {
            throw WatchListError(
                description: "'\(repository)' cannot be watched: the path must be absolute and without line breaks"
            )
        }
        return try change { paths in
            guard !paths.contains(repository) else { return false }
            paths.append(repository)
            return true
        }
    }

    /// Removes a repository.
    ///
    /// - Returns: Whether it was in the list.
    @discardableResult
    package func remove(_ repository: String) throws(WatchListError) -> Bool {
        try change { paths in
            let count = paths.count
            paths.removeAll { $0 == repository }
            return paths.count < count
        }
    }

    private func change(_ body: (inout [String]) -> Bool) throws(WatchListError) -> Bool {
        do {
            try RealFileSystem().makeDirectories(path.parentDirectory)
            let deadline = MonotonicClock.now + 10_000_000_000
            guard let lock = try LockFile(path: lockPath, isShared: false, until: deadline) else {
                throw WatchListError(description: "\(lockPath) is locked by another process for 10 s; end that one")
            }
            let isChanged = try rewrite(body)
            _ = consume lock
            return isChanged
        } catch let error as WatchListError {
            throw error
        } catch {
            throw WatchListError(description: "cannot change the list of watched repositories \(path): \(error)")
        }
    }

    private func rewrite(_ body: (inout [String]) -> Bool) throws -> Bool {
        var paths = try paths
        guard body(&paths) else { return false }
        guard !paths.isEmpty else {
            try FileOnDisk.remove(path)
            return true
        }
        let text = paths.map { $0 + "\n" }.joined()
        try FileOnDisk.replace(path, with: FileContents(bytes: Array(text.utf8), permissions: 0o600))
        return true
    }
}
