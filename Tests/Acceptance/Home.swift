// A home of a test's own, gone when the test is: np finds nothing in it but what the test has put there, and nothing of
// the user's environment.

import NeuraphagePlatform
import Subprocess
import SystemPackage
import TestSupport

/// How a process ended, and what it said.
struct Finished: Sendable {
    let bytes: [UInt8]
    let errorBytes: [UInt8]
    /// The exit code, or 128 and the number of the signal.
    let status: Int32

    var out: String { String(decoding: bytes, as: UTF8.self) }
    var err: String { String(decoding: errorBytes, as: UTF8.self) }
    /// The lines of standard output. A last line without a newline counts.
    var lines: [String] { out.wholeLines }
    var errorLines: [String] { err.wholeLines }
}

final class Home: Sendable {
    struct Failure: Error {
        var description: String
    }

    /// The np that was built along with these tests.
    static let np: String = {
        let real = realpath(CommandLine.arguments[0], nil)
        defer { free(real) }
        let bundle = real.map { String(cString: $0) } ?? CommandLine.arguments[0]
        return (bundle.lastIndex(of: "/").map { String(bundle[...$0]) } ?? "./") + "np"
    }()

    private let directory: TemporaryDirectory
    /// Without symbolic links, as np sees it.
    let path: String

    init() throws {
        directory = try TemporaryDirectory(endingProcesses: true)
        guard let real = realpath(directory.path, nil) else { throw Failure(description: "realpath") }
        defer { free(real) }
        path = String(cString: real)
    }

    /// The path of a file in it.
    func callAsFunction(_ name: String) -> String { path + "/" + name }

    var dataDirectory: String { self(".local/share/neuraphage") }
    /// Where np logs, with nothing set.
    var log: String { dataDirectory + "/event_log.jsonl" }

    // MARK: - Files

    func makeDirectory(_ path: String) throws {
        var position = path.startIndex
        while let slash = path[path.index(after: position)...].firstIndex(of: "/") {
            mkdir(String(path[..<slash]), 0o700)
            position = slash
        }
        guard mkdir(path, 0o700) == 0 || errno == EEXIST else { throw Failure(description: "mkdir \(path)") }
    }

    /// Writes a file, the directories above it included.
    func write(_ bytes: some Sequence<UInt8>, to path: String, appending: Bool = false) throws {
        if let slash = path.lastIndex(of: "/"), slash > path.startIndex { try makeDirectory(String(path[..<slash])) }
        let flags = O_WRONLY | O_CREAT | O_CLOEXEC | (appending ? O_APPEND : O_TRUNC)
        let file = try FileDescriptor(rawValue: check(open(path, flags, 0o600), "open \(path)"))
        try file.closeAfter { _ = try file.writeAll(bytes) }
    }

    func write(_ text: String, to path: String, appending: Bool = false) throws {
        try write(text.utf8, to: path, appending: appending)
    }

    func write(log lines: [String]) throws {
        try write(lines.map { $0 + "\n" }.joined(), to: log)
    }

    func append(log lines: String...) throws {
        try write(lines.map { $0 + "\n" }.joined(), to: log, appending: true)
    }

    func read(_ path: String) throws -> [UInt8] {
        let file = try FileDescriptor(rawValue: check(open(path, O_RDONLY | O_CLOEXEC), "open \(path)"))
        return try file.closeAfter {
            var bytes: [UInt8] = []
            var chunk = [UInt8](repeating: 0, count: 1 << 16)
            while case let count = try chunk.withUnsafeMutableBytes({ try file.read(into: $0) }), count > 0 {
                bytes += chunk[..<count]
            }
            return bytes
        }
    }

    /// A file without a name that holds these bytes, to be read from its beginning: unlike a pipe, it can be given to a
    /// process that doesn't read it.
    private func file(of bytes: [UInt8]) throws -> FileDescriptor {
        var template = Array(self("input-XXXXXX").utf8CString)
        let file = try FileDescriptor(rawValue: check(mkstemp(&template), "mkstemp"))
        unlink(template)
        do {
            try file.writeAll(bytes)
            try file.seek(offset: 0, from: .start)
        } catch {
            try file.close()
            throw error
        }
        return file
    }

    /// The lines of the log.
    var logged: [String] {
        get throws { String(decoding: try read(log), as: UTF8.self).wholeLines }
    }

    private func check(_ result: Int32, _ call: String) throws -> Int32 {
        guard result >= 0 else { throw Failure(description: "\(call): error \(errno)") }
        return result
    }

    // MARK: - Processes

    /// Runs np to its end.
    @discardableResult
    func np(
        _ arguments: String...,
        input: String = "",
        environment: [String: String] = [:],
        in directory: String? = nil
    ) async throws -> Finished {
        try await run(Self.np, arguments, input: Array(input.utf8), environment: environment, in: directory)
    }

    /// Runs a bash script to its end; `$NP` is np, and `sh -c "$UNTIL" CONDITION` waits for something.
    @discardableResult
    func shell(
        _ script: String,
        input: String = "",
        environment: [String: String] = [:],
        in directory: String? = nil
    ) async throws -> Finished {
        try await run("/bin/bash", ["-c", script], input: Array(input.utf8), environment: environment, in: directory)
    }

    /// Runs np on a terminal; what comes out is what the terminal got.
    func npOnTerminal(
        _ arguments: String,
        environment: [String: String] = [:]
    ) async throws -> Finished {
        try await shell(
            #"script -qec "'$NP' $ARGUMENTS" /dev/null"#,
            environment: environment.merging(["ARGUMENTS": arguments]) { $1 }
        )
    }

    func run(
        _ executable: String,
        _ arguments: [String],
        input: [UInt8] = [],
        environment: [String: String] = [:],
        in directory: String? = nil
    ) async throws -> Finished {
        let result = try await within("\(executable) \(arguments.joined(separator: " ")) to end") {
            try await Subprocess.run(
                .path(FilePath(executable)),
                arguments: Arguments(arguments),
                environment: self.environment(with: environment),
                workingDirectory: FilePath(directory ?? path),
                input: .fileDescriptor(try file(of: input), closeAfterSpawningProcess: true),
                output: .bytes(limit: 1 << 26),
                error: .bytes(limit: 1 << 26)
            )
        }
        return Finished(
            bytes: result.standardOutput,
            errorBytes: result.standardError,
            status: result.terminationStatus.number
        )
    }

    /// Runs np and talks with it while it runs; when `conversation` is over, its input and output are closed.
    ///
    /// - Returns: How it ended.
    @discardableResult
    func np(
        _ arguments: [String],
        conversation: (inout Conversation) async throws -> Void
    ) async throws -> Int32 {
        let result = try await within("np \(arguments.joined(separator: " ")) to end", limit: .seconds(240)) {
            try await Subprocess.run(
                .path(FilePath(Self.np)),
                arguments: Arguments(arguments),
                environment: environment(with: [:]),
                workingDirectory: FilePath(path),
                input: .inputWriter,
                output: .sequence,
                error: .sequence
            ) { execution in
                var running = Conversation(
                    input: execution.standardInputWriter,
                    output: execution.standardOutput.strings().makeAsyncIterator(),
                    errors: execution.standardError.strings().makeAsyncIterator()
                )
                try await conversation(&running)
            }
        }
        return result.terminationStatus.number
    }

    /// What a process is given: nothing of NP_…, GIT_…, NO_COLOR and PAGER, unless the test says so.
    private func environment(with more: [String: String]) -> Environment {
        let variables = [
            "HOME": path,
            "XDG_DATA_HOME": path + "/.local/share",
            "PATH": getenv("PATH").map { String(cString: $0) } ?? "/usr/local/bin:/usr/bin:/bin",
            "TERM": "xterm",
            "TMPDIR": path,
            "NP": Self.np,
            "UNTIL": Script.until,
        ]
        return .custom(variables.merging(more) { $1 }.map { Array("\($0)=\($1)\0".utf8) })
    }
}

/// The input and output of a process that runs.
struct Conversation {
    let input: StandardInputWriter
    fileprivate var output: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator
    fileprivate var errors: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator

    init(
        input: StandardInputWriter,
        output: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator,
        errors: SubprocessOutputSequence.StringSequence<UTF8>.AsyncIterator
    ) {
        self.input = input
        self.output = output
        self.errors = errors
    }

    func say(_ text: String) async throws { _ = try await input.write(text) }

    /// The next line of standard output, as soon as it is there; `nil` at the end.
    mutating func nextLine() async throws -> String? {
        try await within("a line on np's standard output") { try await output.next() }
    }

    /// So many of the next lines, or what comes before the end.
    mutating func nextLines(_ count: Int) async throws -> [String] {
        var lines: [String] = []
        while lines.count < count, let line = try await nextLine() { lines.append(line) }
        return lines
    }

    /// The next line of standard error, as soon as it is there; `nil` at the end.
    mutating func nextErrorLine() async throws -> String? {
        try await within("a line on np's standard error") { try await errors.next() }
    }
}

extension TerminationStatus {
    fileprivate var number: Int32 {
        switch self {
        case .exited(let code): code
        case .signaled(let number): 128 + number
        }
    }
}

extension String {
    /// The lines, which `\n` ends and nothing else.
    var wholeLines: [String] {
        var lines = utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        if lines.last?.isEmpty == true { lines.removeLast() }
        return lines.map { String($0) ?? "" }
    }
}
