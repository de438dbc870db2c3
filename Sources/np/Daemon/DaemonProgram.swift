// The executable np-daemon: where it is, how it is started and stopped.
//
// In the background it is a session of its own, so that closing the terminal doesn't end it. Its standard output is a
// pipe to us until it says "serving": that line, or the end of the pipe, is what `start` waits for.

import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem

/// The daemon as a program to start.
struct DaemonProgram {
    /// The size from which the daemon's own log is put aside when a new daemon starts.
    private static let largestLog: Int64 = 1 << 20

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
            throw OperationError(
                .failed,
                "np-daemon is neither beside np (\(beside)) nor on the PATH",
                hint: "install it there"
            )
        }
        return found
    }

    /// Becomes the daemon. Returns only if that fails, with the reason.
    func replaceThisProcess() -> String {
        let words: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) } + [nil]
        execv(path, words)
        return "cannot run \(path): \(SystemError(code: errno))"
    }

    /// What a daemon that was started in the background left behind.
    struct Started {
        /// The last line of its log, in case it did not come to serve.
        let lastWords: String
    }

    /// Starts the daemon, and returns when it serves or has ended.
    func startInBackground(_ configuration: Configuration) throws(OperationError) -> Started {
        let log = try openLog(configuration.dataDirectory)
        defer { close(log) }
        let begin = lseek(log, 0, SEEK_END)
        var ends: [Int32] = [-1, -1]
        guard pipe(&ends) == 0 else { throw OperationError(.failed, "cannot make a pipe: \(SystemError(code: errno))") }
        defer { close(ends[0]) }
        for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
        let pid = try start(configuration, output: ends[1], error: log)
        try waitForWord(from: ends[0], of: pid)
        return Started(lastWords: Self.text(of: log, from: begin))
    }

    /// Starts the daemon with nothing of this process but what it needs.
    private func start(
        _ configuration: Configuration,
        output: Int32,
        error: Int32
    ) throws(OperationError) -> pid_t {
        defer { close(output) }
        var program = Spawn(arguments + ["--log-file", configuration.dataDirectory.daemonLog])
        program.path = path
        (program.input, program.output, program.error) = (.null, .descriptor(output), .descriptor(error))
        program.isSessionLeader = true
        program.inheritsStandardDescriptorsOnly = true
        program.inheritsVariable = DaemonEnvironment.holds
        return try program.start()
    }

    private func openLog(_ directory: DataDirectory) throws(OperationError) -> Int32 {
        let (path, files) = (directory.daemonLog, directory.files)
        // The daemon itself refuses a directory that isn't its user's alone; here it only needs to be there.
        do throws(SystemError) {
            try files.makeDirectories(directory.path)
        } catch {
            throw .cannot("make the directory", directory.path, error)
        }
        if let status = try? files.status(at: path, followingLinks: false), status.size > Self.largestLog {
            try? files.rename(path, replacing: path + ".1")
        }
        do throws(SystemError) {
            let flags = O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC | O_NOFOLLOW
            return try files.open(path, flags: flags, permissions: 0o600)
        } catch {
            throw .cannot("open the daemon's log", path, error)
        }
    }

    /// Waits for the first bytes, or for the end.
    private func waitForWord(from descriptor: Int32, of pid: pid_t) throws(OperationError) {
        var waiting = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        let deadline = MonotonicClock.now + Self.start
        while case let now = MonotonicClock.now, now < deadline {
            let left = Int32(clamping: (deadline - now) / 1_000_000 + 1)
            if poll(&waiting, 1, left) > 0 { return }
        }
        throw OperationError(
            .timedOut,
            "the daemon, pid \(pid), has not begun to serve after 10 s",
            hint: "kill -9 \(pid) ends it; kill -CONT \(pid) lets one that was stopped go on"
        )
    }

    private static func text(of log: Int32, from begin: off_t) -> String {
        var bytes = [UInt8](repeating: 0, count: 4_096)
        let count = pread(log, &bytes, bytes.count, begin)
        let lines = String(decoding: bytes[..<max(0, count)], as: UTF8.self).split(separator: "\n")
        return lines.last.map(String.init) ?? "it said nothing"
    }

    /// How long a daemon may take until it serves.
    private static let start: UInt64 = 10_000_000_000  // ns

    /// Asks the daemon to end, over its socket, and waits, for at most ten seconds, until it has let go of its lock.
    ///
    /// No process is ended by a number that a file or an answer holds: it may be another process's, here or elsewhere.
    ///
    /// - Returns: The daemon's process id, as the daemon sees it; `nil` if none runs.
    static func stop(_ configuration: Configuration) throws -> Int32? {
        let pid: Int32
        do {
            pid = try askToEnd(configuration)
        } catch is DaemonConnection.NoDaemon {
            return nil
        }
        for _ in 0..<1_000 {
            if !DaemonLock.isHeld(in: configuration.dataDirectory) { return pid }
            usleep(10_000)
        }
        throw OperationError(.failed, "the daemon, pid \(pid), was asked to end and has not ended after 10 s")
    }

    private static func askToEnd(_ configuration: Configuration) throws -> Int32 {
        var answer = try DaemonConnection(socketPath: configuration.socketPath, "POST", "/v1/stop")
        if answer.status == 404 {
            // A daemon of a version that knew no other way than a signal. Who listens on the socket, the kernel knows.
            guard let pid = answer.listener, kill(pid, SIGTERM) == 0 else {
                throw OperationError(
                    .failed,
                    "the daemon is of an older version, and runs where it cannot be ended from here",
                    hint: "end np-daemon where it runs"
                )
            }
            return pid
        }
        let body = try Payload(json: try answer.body())
        guard answer.status == 202 else {
            let reason = body.string("error") ?? "status \(answer.status)"
            throw OperationError(.failed, "the daemon refuses to end: \(reason)")
        }
        return body["pid"].flatMap { Int32($0.text) } ?? 0
    }
}
