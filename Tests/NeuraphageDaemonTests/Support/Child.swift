// A program that runs beside the test.

import NeuraphageEvents
import TestSupport

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// A child process with its standard output in a pipe and its standard error in a file. Dropping it kills it.
final class Child: Sendable {
    enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    struct CannotStart: Error {}

    let pid: pid_t
    private let output: Int32
    private let errorFile: TemporaryDirectory
    private let ended = Lock<Ending?>(nil)

    /// Starts a program with this text as its input.
    init(_ program: String, _ arguments: [String], input: String = "") throws {
        errorFile = try TemporaryDirectory()
        try errorFile.write(input, to: "in")
        let (child, output) = try Self.spawn(program, arguments, errorFile)
        pid = child
        self.output = output
    }

    /// One at a time, so that no child inherits the pipe of another one.
    private static let spawning = Lock(())

    private static func spawn(
        _ program: String,
        _ arguments: [String],
        _ files: TemporaryDirectory
    ) throws -> (pid: pid_t, output: Int32) {
        try spawning.withLock { _ in
            var ends: [Int32] = [-1, -1]
            guard pipe(&ends) == 0 else { throw CannotStart() }
            defer { close(ends[1]) }
            for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
            var actions = posix_spawn_file_actions_t()
            posix_spawn_file_actions_init(&actions)
            defer { posix_spawn_file_actions_destroy(&actions) }
            posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files("in"), O_RDONLY, 0)
            posix_spawn_file_actions_adddup2(&actions, ends[1], STDOUT_FILENO)
            posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files("err"), O_WRONLY | O_CREAT, 0o600)
            var words = ([program] + arguments).map { strdup($0) } + [nil]
            defer { for word in words { free(word) } }
            var child: pid_t = 0
            guard posix_spawnp(&child, program, &actions, nil, &words, environ) == 0 else {
                close(ends[0])
                throw CannotStart()
            }
            return (child, ends[0])
        }
    }

    deinit {
        if ended.withLock({ $0 }) == nil {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            waitpid(pid, &status, 0)
        }
        close(output)
    }

    /// The path of a program that was built with the tests.
    static func built(_ name: String) -> String {
        let resolved = realpath(CommandLine.arguments[0], nil)
        defer { free(resolved) }
        let bundle = resolved.map { String(cString: $0) } ?? CommandLine.arguments[0]
        return bundle.parentDirectory + "/" + name
    }

    /// What it has said on standard error.
    var error: String { errorFile.read("err") ?? "" }

    /// The next line of its output, waiting for it; `nil` when it has ended.
    func line() -> String? {
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while read(output, &byte, 1) == 1 {
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Waits for its end.
    func ending() async throws -> Ending {
        try await blocking { [pid, ended] in
            if let ending = ended.withLock({ $0 }) { return ending }
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
            let ending = status & 0x7f == 0 ? Ending.exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
            ended.withLock { $0 = ending }
            return ending
        }
    }
}
