// Where the state of a repository lies, and who may change it: whoever has the lock. So a watcher, a git hook and
// np rebase, all looking at the same time, say one thing once.
//
// Losing the files loses no fact: where main was last is in the log as well, and a task may be told again what it knows.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// The files beside the log that belong to one repository.
struct RepositoryMemory: Sendable {
    private static let mostBytes = 16 << 20

    private let paths: DataDirectory.RepositoryFiles
    private let files: any FileSystem

    /// - Parameters:
    ///   - commonDirectory: What all worktrees of the repository share, without symbolic links in its path.
    ///   - dataDirectory: The directory that holds the files.
    init(of commonDirectory: String, in dataDirectory: DataDirectory) {
        let id = RepositoryID(of: commonDirectory, making: false, in: dataDirectory.files)
        paths = dataDirectory.repository(id?.description ?? commonDirectory, at: commonDirectory)
        files = dataDirectory.files
    }

    /// Where git writes objects that a look needs.
    var scratch: String { paths.objects }

    /// The memory of a repository that is known by its id.
    init(of repository: RepositoryID, in dataDirectory: DataDirectory) {
        paths = dataDirectory.repository(repository.description, at: "")
        files = dataDirectory.files
    }

    /// How far the task of a place is behind main, as far as the last look has shown; `nil` if that isn't known. Reads one
    /// file.
    static func standing(of place: Place, in dataDirectory: DataDirectory) -> RebaseStanding? {
        let state = try? RepositoryMemory(of: place.repository, in: dataDirectory).state
        return state?.standing(of: place.entry, made: place.made)
    }

    /// The right to look and to change the state, while it lives.
    ///
    /// - Throws: ``OperationError`` if the file system does not allow it, `CancellationError` if the task is cancelled.
    func lock() async throws -> LockFile {
        // A process that waits looks later than now, so that no other one needs to be asked to.
        let next = try LockFile.take(paths.nextLock, until: 0, in: files)
        let lock = try await LockFile.take(paths.lock, every: .milliseconds(10), in: files)
        _ = consume next
        return lock
    }

    /// Whether a process waits for the right to look, and so will look later than now.
    var isAwaited: Bool { Self.isHeld(paths.nextLock, files) }

    /// The right to be the one that watches, while it lives.
    ///
    /// - Parameter waiting: Called once if another process watches.
    func watch(waiting: () -> Void) async throws -> LockFile {
        try await LockFile.take(paths.watchLock, every: .seconds(2), in: files, waiting: waiting)
    }

    /// Whether a process watches.
    var isWatched: Bool { Self.isHeld(paths.watchLock, files) }

    /// A lock that cannot be looked at counts as held: whoever could not take it would have nothing to say either.
    private static func isHeld(_ path: String, _ files: any FileSystem) -> Bool {
        (try? LockFile.isHeld(path, in: files)) ?? true
    }

    // MARK: - The state

    private var path: String { paths.state }

    /// The state as it was written last; `nil` if there is none that can be read.
    ///
    /// - Throws: ``OperationError`` if it was written by a newer version.
    var state: RepositoryState? {
        get throws(OperationError) {
            guard let text = try? files.contents(of: path, atMost: Self.mostBytes) else { return nil }
            try FileFormat.repositoryState.check(text, of: path)
            return RepositoryState(text)
        }
    }

    /// When the state was written last; `nil` if there is none.
    var written: Timestamp? {
        (try? files.modificationTime(at: path)).map { Timestamp($0) }
    }

    /// Whether git has noted a commit, a checkout, or a fetch since the state was written; not if there is no state.
    ///
    /// - Parameter gitDirectories: What git keeps for the worktrees that count.
    func isOutdated(in gitDirectories: [String]) -> Bool {
        guard let written = try? files.modificationTime(at: path) else { return false }
        return gitDirectories.contains { directory in
            ["logs/HEAD", "FETCH_HEAD"].contains { name in
                guard let time = try? files.modificationTime(at: "\(directory)/\(name)") else { return false }
                return (time.tv_sec, time.tv_nsec) > (written.tv_sec, written.tv_nsec)
            }
        }
    }

    /// Replaces the state as a whole.
    func store(_ state: RepositoryState) throws(OperationError) {
        do throws(SystemError) {
            try WholeFile.replace(path, with: state.text, in: files)
        } catch {
            throw .cannot("write", path, error)
        }
    }
}
