// A program that is asked something and answers: git, systemctl, launchctl. No shell, no input, and a fixed locale, so that
// its words are the same everywhere.

import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
import Subprocess
import SystemPackage

/// What a program printed, and how it ended.
package struct ProgramAnswer: Sendable {
    /// The exit code; 128 and the signal's number if a signal ended it.
    package let code: Int32
    package let output: String
    package let error: String

    package init(code: Int32, output: String, error: String) {
        self.code = code
        self.output = output
        self.error = error
    }

    package var succeeded: Bool { code == 0 }
    /// The first line of the output.
    package var line: String { String(output.prefix { $0 != "\n" }) }
    /// The output without its last newline: a path may hold others.
    package var text: String {
        String(
            decoding: output.utf8.last == UInt8(ascii: "\n") ? output.utf8.dropLast() : output.utf8[...],
            as: UTF8.self
        )
    }
    /// What the program said that was wrong, in one line.
    package var complaint: String {
        let lines = error.split(separator: "\n").filter { !$0.hasPrefix("hint:") }
        let line = lines.first { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? lines.last ?? ""
        return line.isEmpty ? "exit code \(code)" : String(line.prefix(300))
    }
}

/// Programs that are asked something.
package enum Program {
    private static let mostOutput = 64 << 20

    /// Runs a program and waits for its end. If the task is cancelled, the program is ended.
    ///
    /// - Parameters:
    ///   - program: A name that is looked up in `PATH`.
    ///   - directory: Where it runs, if not in the working directory.
    ///   - variables: What differs from the environment of this process; `nil` takes a variable away.
    /// - Throws: ``OperationError`` if it cannot be started, or prints more than 64 MiB.
    package static func ask(
        _ program: String,
        _ arguments: [String],
        in directory: String? = nil,
        variables: [String: String?] = [:]
    ) async throws(OperationError) -> ProgramAnswer {
        var changes: [Environment.Key: String?] = ["LC_ALL": "C"]
        for (name, value) in variables {
            guard let key = Environment.Key(rawValue: name) else { continue }
            changes[key] = .some(value)
        }
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        let path = path(of: program)
        do {
            let result = try await Subprocess.run(
                path.map { .path(FilePath($0)) } ?? .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(changes),
                workingDirectory: directory.map { FilePath($0) },
                platformOptions: options,
                output: .string(limit: mostOutput),
                error: .string(limit: mostOutput)
            )
            let code: Int32
            switch result.terminationStatus {
            case .exited(let exitCode): code = exitCode
            case .signaled(let signal): code = 128 + signal
            }
            return ProgramAnswer(code: code, output: result.standardOutput, error: result.standardError)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            // It may have moved since it was found.
            if let path, !RealFileSystem().isExecutable(path) { found.withLock { $0 = [:] } }
            throw OperationError(.program, "there is no program \(program) in PATH", hint: "install it")
        } catch {
            throw OperationError(.program, "\(error)")
        }
    }

    /// Where programs were found, by `PATH` and name. A directory of `PATH` without the program costs a process that
    /// fails, each time.
    private static let found = Lock<[[String]: String]>([:])

    /// Where a program is; `nil` if no absolute directory of `PATH` has it.
    private static func path(of program: String) -> String? {
        let path = getenv("PATH").map { String(cString: $0) } ?? ""
        let key = [path, program]
        if let known = found.withLock({ $0[key] }) { return known }
        let files = RealFileSystem()
        let place = path.split(separator: ":").filter { $0.hasPrefix("/") }.map { "\($0)/\(program)" }
            .first { files.isExecutable($0) && !files.isDirectory($0) }
        if let place { found.withLock { $0[key] = place } }
        return place
    }
}
