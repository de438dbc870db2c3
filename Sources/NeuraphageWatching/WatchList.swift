// The repositories that are watched, in one file of the data directory, an absolute path a line. The daemon follows that
// file, so it is replaced as a whole; whoever changes it holds a lock, so that two changes at once both count.

import NeuraphageEvents
package import NeuraphagePresentation
package import NeuraphageSystem
import NeuraphageTasks

/// The list of watched repositories of a data directory.
package struct WatchList: Sendable {
    private static let longest = 16 << 20

    /// How long to wait for another process that changes the list.
    private static let patience: UInt64 = 10_000_000_000  // ns

    private let directory: DataDirectory

    /// The list of a data directory.
    package init(in directory: DataDirectory) {
        self.directory = directory
    }

    /// The file. It need not exist.
    package var path: String { directory.watchList }
    private var files: any FileSystem { directory.files }

    /// The repositories: each one's main worktree, or the bare repository itself.
    package var paths: [String] {
        get throws(OperationError) {
            let text: String
            do throws(SystemError) {
                text = try files.contents(of: path, atMost: Self.longest)
            } catch {
                if error.isNoSuchFile { return [] }
                throw .cannot("read", path, error)
            }
            try FileFormat.watchList.check(text, of: path)
            return text.split(separator: "\n").map(String.init)
        }
    }

    /// Adds a repository.
    ///
    /// - Parameter repository: Its absolute path.
    /// - Returns: Whether it was not in the list before.
    @discardableResult
    package func add(_ repository: String) throws(OperationError) -> Bool {
        guard repository.hasPrefix("/"), !repository.utf8.contains(UInt8(ascii: "\n")) else {
            throw OperationError(
                .setup,
                "'\(repository)' cannot be watched: the path must be absolute and without line breaks"
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
    package func remove(_ repository: String) throws(OperationError) -> Bool {
        try change { paths in
            let count = paths.count
            paths.removeAll { $0 == repository }
            return paths.count < count
        }
    }

    private func change(_ body: (inout [String]) -> Bool) throws(OperationError) -> Bool {
        guard let lock = try LockFile.take(directory.watchListLock, patience: Self.patience, in: files) else {
            throw OperationError(
                .setup,
                "\(directory.watchListLock) is locked by another process for 10 s",
                hint: "end that one"
            )
        }
        let isChanged = try rewrite(body)
        _ = consume lock
        return isChanged
    }

    private func rewrite(_ body: (inout [String]) -> Bool) throws(OperationError) -> Bool {
        var paths = try paths
        guard body(&paths) else { return false }
        let text = paths.map { $0 + "\n" }.joined()
        do throws(SystemError) {
            if paths.isEmpty {
                try files.remove(path)
            } else {
                try WholeFile.replace(path, with: FileContents(bytes: Array(text.utf8)), .fromPowerCuts, in: files)
            }
        } catch {
            guard paths.isEmpty, error.isNoSuchFile else {
                throw .cannot("change the list of watched repositories", path, error)
            }
        }
        return true
    }
}
