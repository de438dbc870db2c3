// A program that runs beside the test.

import NeuraphageEvents
package import NeuraphagePlatform

/// A child process with its standard output in a pipe and its standard error in a file. Dropping it kills it.
package final class Child: Sendable {
    package enum Ending: Sendable, Hashable {
        case exited(Int32)
        case signalled(Int32)
    }

    package struct CannotStart: Error {}

    package let pid: pid_t
    private let program: String
    private let output: Int32
    private let errorFile: TemporaryDirectory
    private let ended = Lock<Ending?>(nil)

    /// Starts a program with this text as its input.
    package init(_ program: String, _ arguments: [String], input: String = "") throws {
        errorFile = try TemporaryDirectory()
        try errorFile.write(input, to: "in")
        let (child, output) = try Self.spawn(program, arguments, errorFile)
        pid = child
        self.program = program
        self.output = output
    }

    private static func spawn(
        _ program: String,
        _ arguments: [String],
        _ files: TemporaryDirectory
    ) throws -> (pid: pid_t, output: Int32) {
        let ends = try Pipe.closedOnExec()
        defer { close(ends.writing) }
        var actions = posix_spawn_file_actions_t()
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, files("in"), O_RDONLY, 0)
        posix_spawn_file_actions_adddup2(&actions, ends.writing, STDOUT_FILENO)
        posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, files("err"), O_WRONLY | O_CREAT, 0o600)
        var words = ([program] + arguments).map { strdup($0) } + [nil]
        defer { for word in words { free(word) } }
        var child: pid_t = 0
        guard posix_spawnp(&child, program, &actions, nil, &words, environ) == 0 else {
            close(ends.reading)
            throw CannotStart()
        }
        return (child, ends.reading)
    }

    deinit {
        if ended.withLock({ $0 }) == nil {
            kill(pid, SIGKILL)
            var status: Int32 = 0
            while waitpid(pid, &status, 0) < 0, errno == EINTR {}
        }
        close(output)
    }

    /// The path of a program that was built with the tests.
    package static func built(_ name: String) -> String {
        let resolved = realpath(CommandLine.arguments[0], nil)
        defer { free(resolved) }
        let bundle = resolved.map { String(cString: $0) } ?? CommandLine.arguments[0]
        return bundle.parentDirectory + "/" + name
    }

    /// What it has said on standard error.
    package var error: String { errorFile.read("err") ?? "" }

    /// The next line of its output, waiting for it; `nil` when it has ended.
    package func line() throws -> String? {
        let wait = try OngoingWait("a line of \(program)")
        defer { wait.end() }
        var line: [UInt8] = []
        var byte: UInt8 = 0
        while true {
            var poll = pollfd(fd: output, events: Int16(POLLIN), revents: 0)
            let count = systemPoll(&poll, wait.millisecondsLeft)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw wait.failure }
            guard read(output, &byte, 1) == 1 else { break }
            if byte == UInt8(ascii: "\n") { return String(decoding: line, as: UTF8.self) }
            line.append(byte)
        }
        return line.isEmpty ? nil : String(decoding: line, as: UTF8.self)
    }

    package func signal(_ number: Int32) {
        kill(pid, number)
    }

    /// Waits for its end.
    package func ending() async throws -> Ending {
        try await blocking { try self.waitForEnd() }
    }

    /// Waits for its end, and blocks the thread meanwhile.
    @discardableResult
    package func waitForEnd() throws -> Ending {
        try wait(for: "\(program) to end", until: { hasEnded })
        return ended.withLock { $0 } ?? .exited(-1)
    }

    /// Only one thread takes its status from the system.
    private var hasEnded: Bool {
        ended.withLock { ended in
            var status: Int32 = 0
            guard ended == nil, waitpid(pid, &status, WNOHANG) == pid else { return ended != nil }
            ended = status & 0x7f == 0 ? .exited(status >> 8 & 0xff) : .signalled(status & 0x7f)
            return true
        }
    }
}

/// A pipe of which no other child process inherits an end.
package enum Pipe {
    package struct CannotBeMade: Error {}

    /// Not pipe(2): between that and fcntl(2), another thread may start a process that then keeps an end open.
    package static func closedOnExec() throws -> (reading: Int32, writing: Int32) {
        let directory = try TemporaryDirectory()
        let path = directory("pipe")
        guard mkfifo(path, 0o600) == 0 else { throw CannotBeMade() }
        let reading = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC)
        let writing = open(path, O_WRONLY | O_CLOEXEC)
        guard reading >= 0, writing >= 0, fcntl(reading, F_SETFL, 0) == 0 else {
            for end in [reading, writing] where end >= 0 { close(end) }
            throw CannotBeMade()
        }
        return (reading, writing)
    }
}

private func systemPoll(_ descriptor: UnsafeMutablePointer<pollfd>, _ milliseconds: Int32) -> Int32 {
    poll(descriptor, 1, milliseconds)
}
