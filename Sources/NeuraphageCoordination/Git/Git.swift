// git as a process: a fixed locale, no shell, no pager, no editor, nobody who is asked for a password, and none of the
// variables by which git tells a hook in which repository it runs. Reading leaves everything as it is, the index included.

import Subprocess
import SystemPackage

/// Runs git in one place.
struct Git: Sendable {
    /// What a command printed, and whether it succeeded.
    struct Answer: Sendable {
        /// The exit code; 128 and the signal's number if a signal ended it.
        let code: Int32
        let output: String
        let error: String

        var succeeded: Bool { code == 0 }
        /// The first line of the output.
        var line: String { String(output.prefix { $0 != "\n" }) }
        /// What git said that was wrong, in one line.
        var complaint: String {
            let lines = error.split(separator: "\n").filter { !$0.hasPrefix("hint:") }
            let line = lines.first { $0.hasPrefix("fatal:") || $0.hasPrefix("error:") } ?? lines.last ?? ""
            return line.isEmpty ? "exit code \(code)" : String(line.prefix(300))
        }
    }

    private static let mostOutput = 64 << 20

    /// The directory in which it runs.
    let directory: String
    /// The repository, if it isn't the one that the directory lies in.
    var gitDirectory: String?

    /// Runs a command and waits for its end. If the task is cancelled, the command is ended.
    ///
    /// - Throws: ``GitError`` if git cannot be started, or prints more than anybody can want.
    func run(_ arguments: [String]) async throws(GitError) -> Answer {
        var options = PlatformOptions()
        options.teardownSequence = [.gracefulShutDown(allowedDurationToNextStep: .seconds(2))]
        do {
            let result = try await Subprocess.run(
                .name("git"),
                arguments: Arguments(arguments),
                environment: .inherit.updating(environment),
                workingDirectory: FilePath(directory),
                platformOptions: options,
                output: .string(limit: Self.mostOutput),
                error: .string(limit: Self.mostOutput)
            )
            let code: Int32
            switch result.terminationStatus {
            case .exited(let exitCode): code = exitCode
            case .signaled(let signal): code = 128 + signal
            }
            return Answer(code: code, output: result.standardOutput, error: result.standardError)
        } catch {
            throw GitError("cannot run git in \(directory): \(error); np needs git to watch a repository")
        }
    }

    /// The same for a command that has to succeed.
    func read(_ arguments: String...) async throws(GitError) -> String {
        let answer = try await run(arguments)
        guard answer.succeeded else {
            throw GitError("git \(arguments.joined(separator: " ")) failed in \(directory): \(answer.complaint)")
        }
        return answer.output
    }

    private var environment: [Environment.Key: String?] {
        var variables: [Environment.Key: String?] = [
            "LC_ALL": "C", "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_EDITOR": "true",
            "GIT_SEQUENCE_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "false",
            "SSH_ASKPASS_REQUIRE": "force", "GCM_INTERACTIVE": "never",
        ]
        for name in Self.repositoryVariables { variables[name] = .some(nil) }
        if let gitDirectory { variables["GIT_DIR"] = gitDirectory }
        return variables
    }

    /// `git rev-parse --local-env-vars`, and what else a hook is told.
    private static let repositoryVariables: [Environment.Key] = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
        "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_REFLOG_ACTION",
    ]
}

/// Why git could not be asked, or what it refused.
public struct GitError: Error, Hashable, Sendable, CustomStringConvertible {
    /// A sentence that says what was wrong, with git's own words.
    public let description: String

    init(_ description: String) {
        self.description = description
    }
}
