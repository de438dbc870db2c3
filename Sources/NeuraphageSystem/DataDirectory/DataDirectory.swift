// The directory that holds the log and everything that belongs to it. What the files are called and where they are is
// decided here, and in which version of its format each is, so that a file of a newer np is left alone. Rooms that own a
// whole directory in it (a lock's, the inbox, its index) name what is in there themselves.
//
//     event_log.jsonl          the log; segments that have ended are beside it
//     daemon.lock              held by the daemon as long as it lives; holds its session's id while it serves
//     daemon.log, daemon.log.1 what a daemon in the background has to say
//     neuraphage.sock          the daemon's socket
//     tasks/                   lock; run-ID, task-HASH: records of runs and tasks that have begun and not ended
//     agents/                  lock; session-HASH: records of agents' sessions; turn-HASH, ended-HASH: what was told last
//     locks/NAME/              lock, gate; holder-ID: records of holders
//     inbox/                   NUMBER.lock; index/: catalogue, lock, HASH.VERSION
//     repositories/HASH/       state.jsonl, lock, next.lock, watch.lock
//     watched, watched.lock    the repositories that the daemon watches
//     setup.jsonl, setup.lock  what np init has changed

package import NeuraphageEvents

/// The directory that holds the log of a user and everything that belongs to it.
public struct DataDirectory: Sendable {
    /// The directory's path.
    public let path: String
    /// The door through which everything in it is read and written.
    package let files: any FileSystem

    /// The data directory at a path. It need not exist.
    public init(_ path: String) {
        self.init(path, files: RealFileSystem())
    }

    package init(_ path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// The path of an entry of this directory.
    private func entry(_ name: String) -> String { path.appendingPathComponent(name) }

    // MARK: - The daemon

    package var daemonLock: String { entry("daemon.lock") }
    package var daemonLog: String { entry("daemon.log") }
    /// Where a daemon answers, if the configuration says nothing else.
    package static let socketName = "neuraphage.sock"

    // MARK: - What has begun and not ended

    /// What the names of records begin with, by what has begun.
    package enum RecordPrefix {
        package static let run = "run-"
        package static let task = "task-"
        package static let session = "session-"
        package static let holder = "holder-"
        /// What agents' sessions leave behind; these are no records of something open.
        package static let turn = "turn-"
        package static let ended = "ended-"
        package static let all = [run, task, session, holder]
    }

    /// Records of runs and tasks, with the lock under which they are made.
    package var tasks: String { entry("tasks") }
    /// Records of agents' sessions, with the lock under which they are made.
    package var agents: String { entry("agents") }
    /// A directory for each lock.
    package var locks: String { entry("locks") }

    // MARK: - What was told, and what was seen

    package var inbox: String { entry("inbox") }
    package var notificationIndex: String { entry("inbox/index") }

    /// The files that belong to a repository.
    package struct RepositoryFiles: Sendable {
        fileprivate let directory: String

        /// What is remembered of it.
        package var state: String { directory + "/state.jsonl" }
        /// Held by who looks at it and changes the state.
        package var lock: String { directory + "/lock" }
        /// Held by who looks next.
        package var nextLock: String { directory + "/next.lock" }
        /// Held by who watches it.
        package var watchLock: String { directory + "/watch.lock" }
    }

    /// The files that belong to a repository.
    ///
    /// - Parameter commonDirectory: What all worktrees of the repository share, without symbolic links in its path.
    package func repository(_ commonDirectory: String) -> RepositoryFiles {
        RepositoryFiles(directory: entry("repositories/\(StableHash.name(of: commonDirectory))"))
    }

    // MARK: - Setting up

    package var watchList: String { entry("watched") }
    package var watchListLock: String { entry("watched.lock") }
    package var setupManifest: String { entry("setup.jsonl") }
    package var setupLock: String { entry("setup.lock") }
}

/// The format of one sort of file in a data directory.
///
/// A file says in its first line in which version it was written. One that doesn't say is of version 1, before which there
/// was none.
package struct FileFormat: Sendable {
    /// What people call such a file, with its article.
    package let name: String
    /// The newest version that this np reads, and the one that it writes.
    package let version: Int

    /// A record of something that has begun and not ended: a run, a task, a session, a holder of a lock.
    package static let record = FileFormat(name: "a record", version: 1)
    package static let repositoryState = FileFormat(name: "a state of a repository", version: 1)
    package static let watchList = FileFormat(name: "a list of watched repositories", version: 1)
    package static let setupManifest = FileFormat(name: "a record of np init", version: 1)
    /// Version 1 had no checksums.
    package static let notificationIndex = FileFormat(name: "an index of notifications", version: 2)
}
