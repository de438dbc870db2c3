// The directory that holds the log and everything that belongs to it. What the files are called and where they are is
// decided here, and in which version of its format each is, so that a file of a newer np is left alone. Rooms that own a
// whole directory in it (a lock's, the inbox) name what is in there themselves.
//
//     event_log.jsonl          the log; segments that have ended are beside it
//     daemon.lock              held by the daemon as long as it lives; holds its session's id while it serves
//     daemon.log, daemon.log.1 what a daemon in the background has to say
//     alerts                   the events of which the daemon has told the user
//     neuraphage.sock          the daemon's socket
//     ledger/                  lock, sessions.lock, settling.lock and .next; run-ID-HASH, task-HASH, session-HASH,
//                              holder-ID, wait-HASH-HASH, subagent-HASH-HASH: records of runs, tasks, agents' sessions, holders of
//                              locks, agents' waits and subagents that have begun and not ended; also, from older versions, in tasks/,
//                              agents/, locks/NAME/
//     agents/                  turn-HASH, ended-HASH: what was told last of agents' sessions; handover-HASH: what was
//                              printed for one, and it has not answered yet
//     secret                   with which texts are hashed that must not be kept
//     locks/NAME/              lock, gate; lock-NAME where there was no room for a directory
//     places, places.lock      the names that np has chosen for worktrees
//     inbox/                   NUMBER.lock
//     projections/             NAME, NAME.lock: what has been folded of the log, and up to where
//     repositories/HASH/       state.jsonl, lock, next.lock, watch.lock
//     looks/ID.watching        the process that watches a repository, for git hooks; ID.looking: the one that is about to look
//     shown/HASH               the tasks that np has numbered last in a terminal
//     watched, watched.lock    the repositories that the daemon watches
//     setup.jsonl, setup.lock  what np init has changed
//     setup.daemon             the session of the daemon that np init has started

package import NeuraphageEvents

/// The directory that holds the log of a user and everything that belongs to it.
public struct DataDirectory: Sendable {
    /// The directory's path.
    public let path: String
    /// The door through which everything in it is read and written.
    package let files: any FileSystem
    /// When this process must not wait any more for others that work with a file in it, in ns of the clock
    /// `MonotonicClock`.
    package var deadline: UInt64 = .max

    /// The data directory at a path. It need not exist.
    public init(_ path: String) {
        self.init(path, files: RealFileSystem())
    }

    package init(_ path: String, files: any FileSystem) {
        self.path = path
        self.files = files
    }

    /// Until when to wait for a process that works with a file in it: at most 3 s. That takes far less, unless the process is
    /// stopped.
    package var patienceEnd: UInt64 { min(MonotonicClock.now + 3_000_000_000, deadline) }

    /// The path of an entry of this directory.
    private func entry(_ name: String) -> String { path.appendingPathComponent(name) }

    // MARK: - The daemon

    package var daemonLock: String { entry("daemon.lock") }
    package var daemonLog: String { entry("daemon.log") }
    /// The events of which the daemon has told the user, an id a line, the oldest first.
    package var alerts: String { entry("alerts") }
    /// The environment variable that names the directory.
    package static let variable = "NP_DATA_DIR"
    /// Where a daemon answers, if the configuration says nothing else.
    package static let socketName = "neuraphage.sock"

    // MARK: - What has begun and not ended

    /// What the names of records begin with, by what has begun.
    package enum RecordPrefix {
        package static let run = "run-"
        package static let task = "task-"
        package static let session = "session-"
        package static let holder = "holder-"
        package static let wait = "wait-"
        package static let subagent = "subagent-"
        /// What agents' sessions leave behind; these are no records of something open.
        package static let turn = "turn-"
        package static let ended = "ended-"
        package static let handover = "handover-"
        package static let waker = "waker-"
        package static let woken = "woken-"
        package static let all = [run, task, session, holder, wait, subagent]
    }

    /// Records of all that has begun and not ended, with the lock under which they are made.
    package var ledger: String { entry("ledger") }
    /// Held by the process in the background that settles what processes have left that died.
    package var settlingLock: String { entry("ledger/settling.lock") }

    /// The directories in which records of one sort may be: the one in which they are made, and those where older versions
    /// made them.
    package func recordDirectories(_ prefix: String) -> [String] {
        switch prefix {
        case RecordPrefix.run, RecordPrefix.task: [ledger, entry("tasks")]
        case RecordPrefix.session: [ledger, agents]
        case RecordPrefix.holder: [ledger] + ((try? files.names(in: locks)) ?? []).sorted().map { "\(locks)/\($0)" }
        default: [ledger]
        }
    }

    /// What is remembered of agents' sessions.
    package var agents: String { entry("agents") }
    /// What makes hashes of this directory unlike those of any other.
    var secret: String { entry("secret") }
    /// A directory for each lock.
    package var locks: String { entry("locks") }
    /// The file of a lock that was made when the disk had no block for its directory. It stays.
    package func spareLock(_ name: String) -> String { entry("lock-\(name)") }

    /// The names that np has chosen for worktrees.
    package var places: String { entry("places") }
    package var placesLock: String { entry("places.lock") }

    // MARK: - What was told, and what was seen

    package var inbox: String { entry("inbox") }

    /// What has been folded of the log.
    ///
    /// - Parameter name: The projection's.
    package func projection(_ name: String) -> (checkpoint: String, lock: String) {
        (entry("projections/\(name)"), entry("projections/\(name).lock"))
    }

    /// The files that belong to a repository.
    package struct RepositoryFiles: Sendable {
        fileprivate let directory: String

        /// What is remembered of it.
        package var state: String { directory + "/state.jsonl" }
        /// Where git writes objects that a question needs, until it is answered.
        package var objects: String { directory + "/objects" }
        /// Held by who looks at it and changes the state.
        package var lock: String { directory + "/lock" }
        /// Held by who looks next.
        package var nextLock: String { directory + "/next.lock" }
        /// Held by who watches it.
        package var watchLock: String { directory + "/watch.lock" }
    }

    /// The files that belong to a repository.
    ///
    /// - Parameters:
    ///   - id: The repository's identity.
    ///   - commonDirectory: What all worktrees of the repository share, without symbolic links in its path. Older versions
    ///     named the directory after it, which is renamed.
    package func repository(_ id: String, at commonDirectory: String) -> RepositoryFiles {
        let path = entry("repositories/\(StableHash.name(of: id))")
        let former = entry("repositories/\(StableHash.name(of: commonDirectory))")
        if !files.exists(path), files.exists(former) { try? files.rename(former, withoutReplacing: path) }
        return RepositoryFiles(directory: path)
    }

    /// Where a process says of itself that it sees what happens in a repository from now on.
    ///
    /// - Parameters:
    ///   - id: The repository's identity, which a shell can read.
    ///   - kind: How it sees it.
    package func lookMarker(_ id: String, _ kind: String) -> String { entry("looks/\(id).\(kind)") }

    /// The tasks that were numbered last in a terminal.
    package func shownList(_ terminal: String) -> String { entry("shown/\(terminal)") }

    // MARK: - Setting up

    package var watchList: String { entry("watched") }
    package var watchListLock: String { entry("watched.lock") }
    package var setupManifest: String { entry("setup.jsonl") }
    /// The session of the daemon that np init has started.
    package var startedDaemon: String { entry("setup.daemon") }
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

    package init(name: String, version: Int) {
        self.name = name
        self.version = version
    }

    /// A record of something that has begun and not ended: a run, a task, a session, a holder of a lock.
    package static let record = FileFormat(name: "a record", version: 1)
    package static let places = FileFormat(name: "a list of the names of worktrees", version: 1)
    package static let repositoryState = FileFormat(name: "a state of a repository", version: 1)
    package static let watchList = FileFormat(name: "a list of watched repositories", version: 1)
    package static let setupManifest = FileFormat(name: "a record of np init", version: 1)
    /// What happened in an agent's turn.
    package static let turn = FileFormat(name: "a record of an agent's turn", version: 1)
    /// What messages were printed for a session.
    package static let handover = FileFormat(name: "a record of what was handed over", version: 1)
    /// How far a projection has folded the log, and what it has come to. The projection's own version is in it, too.
    package static let checkpoint = FileFormat(name: "a checkpoint of a projection", version: 1)
}
