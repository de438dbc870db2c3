// The executable np-daemon: where it is, how it is started and stopped.
//
// In the background it is a session of its own, so that closing the terminal doesn't end it. Its standard output is a
// pipe to us until it says "serving": that line, or the end of the pipe, is what `start` waits for.

import NeuraphageConfiguration
import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The daemon as a program to start.
struct DaemonProgram {
    /// The size from which the daemon's own log is put aside when a new daemon starts.
    private static let largestLog: Int64 = 1 << 20

    /// `POSIX_SPAWN_SETSID`, which Swift's Glibc module doesn't import.
    #if os(Linux)
    private static let spawnInNewSession: Int16 = 0x80
    #else
    private static let spawnInNewSession = Int16(POSIX_SPAWN_SETSID)
    #endif

    private let path: String
    private let arguments: [String]

    init(_ global: GlobalOptions) throws {
        path = try Self.find()
        var arguments = ["np-daemon"]
        if let directory = global.dataDir { arguments += ["--data-dir", directory] }
        if let config = global.config { arguments += ["--config", config] }
        self.arguments = arguments
    }

    /// np-daemon beside this np, else on the path.
    private static func find() throws -> String {
        let beside = OwnExecutable.path.parentDirectory + "/np-daemon"
        let places = [beside] + (environment("PATH") ?? "").split(separator: ":").map { "\($0)/np-daemon" }
        guard let found = places.first(where: { access($0, X_OK) == 0 }) else {
            throw Failure("np-daemon is neither beside np (\(beside)) nor on the PATH; install it there")
        }
        return found
    }

    /// Becomes the daemon. Returns only if that fails, with the reason.
    func replaceThisProcess() -> String {
        _ = withArguments { execv(path, $0) }
        return "cannot run \(path): \(SystemError(code: errno))"
    }

    /// What a daemon that was started in the background left behind.
    struct Started {
        /// The end of its log, in case it did not come to serve.
        let lastWords: String
    }

    /// Starts the daemon, and returns when it serves or has ended.
    func startInBackground(_ configuration: Configuration) throws -> Started {
        let log = try openLog(configuration)
        defer { close(log) }
        let begin = lseek(log, 0, SEEK_END)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw Failure("cannot make a pipe: \(SystemError(code: errno))") }
        defer { close(ends[0]) }
        do {
            defer { close(ends[1]) }
            try spawn(output: ends[1], errors: log, closing: ends[0], logFile: configuration.daemonLogPath)
        }
        waitForWord(from: ends[0])
        return Started(lastWords: Self.text(of: log, from: begin))
    }

    private func openLog(_ configuration: Configuration) throws -> Int32 {
        let path = configuration.daemonLogPath
        // The daemon itself refuses a directory that isn't ours alone; here it only needs to be there.
        _ = try? RealFileSystem().makeDirectories(configuration.dataDirectory)
        if let status = try? RealFileSystem().status(at: path, followingLinks: false), status.size > Self.largestLog {
            rename(path, path + ".1")
        }
        let log = open(path, O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o600)
        guard log >= 0 else { throw Failure("cannot open the daemon's log \(path): \(SystemError(code: errno))") }
        return log
    }

    private func spawn(output: Int32, errors: Int32, closing unused: Int32, logFile: String) throws {
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, output, STDOUT_FILENO)
        posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO)
        posix_spawn_file_actions_addclose(&actions, unused)
        posix_spawn_file_actions_addclose(&actions, output)

        var attributes = posix_spawnattr_t()
        posix_spawnattr_init(&attributes)
        defer { posix_spawnattr_destroy(&attributes) }
        posix_spawnattr_setflags(&attributes, Self.spawnInNewSession)

        var process = pid_t()
        let code = withArguments(and: ["--log-file", logFile]) {
            posix_spawn(&process, path, &actions, &attributes, $0, environ)
        }
        guard code == 0 else { throw Failure("cannot run \(path): \(SystemError(code: code))") }
    }

    private func withArguments<Result>(
        and more: [String] = [],
        _ body: ([UnsafeMutablePointer<CChar>?]) -> Result
    ) -> Result {
        let words: [UnsafeMutablePointer<CChar>?] = (arguments + more).map { (word: String) in strdup(word) }
        defer { for word in words { free(word) } }
        return body(words + [nil])
    }

    /// Waits for the first bytes, or for the end.
    private func waitForWord(from descriptor: Int32) {
        var byte: UInt8 = 0
        while read(descriptor, &byte, 1) < 0, errno == EINTR {}
    }

    private static func text(of log: Int32, from begin: off_t) -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = pread(log, &bytes, bytes.count, begin)
        let lines = String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n").suffix(5)
        return lines.map { "  " + String($0).visible }.joined(separator: "\n")
    }

    /// Whether a daemon lives in the data directory, answering or not.
    static func isLocked(_ configuration: Configuration) -> Bool {
        let lock = open(configuration.dataDirectory + "/daemon.lock", O_RDWR | O_CLOEXEC)
        guard lock >= 0 else { return false }
        defer { close(lock) }
        return flock(lock, LOCK_SH | LOCK_NB) != 0
    }

    /// The session of the daemon that lives in the data directory, answering or not; `nil` if none does.
    static func livingSession(_ configuration: Configuration) -> String? {
        let lock = open(configuration.dataDirectory + "/daemon.lock", O_RDONLY | O_CLOEXEC)
        guard lock >= 0 else { return nil }
        defer { close(lock) }
        var bytes = [UInt8](repeating: 0, count: 256)
        let count = pread(lock, &bytes, bytes.count, 0)
        // The file is empty when a daemon has ended in order; only otherwise is the lock worth a try.
        guard count > 0, flock(lock, LOCK_SH | LOCK_NB) != 0 else { return nil }
        return String(decoding: bytes[..<count].prefix { $0 != 0x0a }, as: UTF8.self)
    }

    /// Ends a daemon with SIGTERM and waits, for at most ten seconds, until it has let go of its lock.
    static func stop(pid: Int32, _ configuration: Configuration) throws {
        guard pid > 1, kill(pid, SIGTERM) == 0 else {
            throw Failure("cannot end the daemon, pid \(pid): \(SystemError(code: errno))")
        }
        for _ in 0..<1_000 {
            if !isLocked(configuration) { return }
            usleep(10_000)
        }
        throw Failure("the daemon, pid \(pid), was told to end and has not ended after 10 s")
    }
}
