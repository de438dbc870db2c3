// A program that is asked something and answers: git, systemctl, launchctl. No shell, no input, and a fixed locale, so that
// its words are the same everywhere.

import Subprocess
import SystemPackage

/// What a program printed, and how it ended.
struct ProgramAnswer: Sendable {
    /// The exit code; 128 and the signal's number if a signal ended it.
    let code: Int32
    let output: String
    let error: String

    var succeeded: Bool { code == 0 }
    /// The first line of the output.
    var line: String { String(output.prefix { $0 != "\n" }) }
    /// The output without its last newline: a path may hold others.
    var text: String {
        String(
            decoding: output.utf8.last == UInt8(ascii: "\n") ? output.utf8.dropLast() : output.utf8[...],
            as: UTF8.self
        )
    }
    /// What the program said that was wrong, in one line.
    var complaint: String {
        let lines = error.split(separator: "\n").filter { !$0.hasPrefix("hint:") }
        let line = lines.first { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? lines.last ?? ""
        return line.isEmpty ? "exit code \(code)" : String(line.prefix(300))
    }
}

extension ProgramAnswer {
    private static let mostOutput = 64 << 20

    /// Runs a program and waits for its end. If the task is cancelled, the program is ended.
    ///
    /// - Parameters:
    ///   - program: A name that is looked up in `PATH`.
    ///   - directory: Where it runs, if not in the working directory.
    ///   - variables: What differs from the environment of this process; `nil` takes a variable away.
    /// - Throws: ``ProgramError`` if it cannot be started, or prints more than anybody can want.
    init(
        of program: String,
        _ arguments: [String],
        in directory: String? = nil,
        variables: [Environment.Key: String?] = [:]
    ) async throws(ProgramError) {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .name(program),
                arguments: Arguments(arguments),
                environment: .inherit.updating(["LC_ALL": "C"]).updating(variables),
                workingDirectory: directory.map { FilePath($0) },
                platformOptions: options,
                output: .string(limit: Self.mostOutput),
                error: .string(limit: Self.mostOutput)
            )
            let code: Int32
            switch result.terminationStatus {
            case .exited(let exitCode): code = exitCode
            case .signaled(let signal): code = 128 + signal
            }
            self.init(code: code, output: result.standardOutput, error: result.standardError)
        } catch let error as SubprocessError where error.code == .executableNotFound {
            throw ProgramError("there is no program \(program) in PATH, so install it")
        } catch {
            throw ProgramError("\(error)")
        }
    }
}

/// Why a program gave no answer.
struct ProgramError: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) {
        self.description = description
    }
}
