// git as a process: no pager, no editor, nobody who is asked for a password, and none of the variables by which git tells a
// hook in which repository it runs. Reading leaves everything as it is, the index included.

import Subprocess

/// Runs git in one place.
struct Git: Sendable {
    /// The directory in which it runs.
    let directory: String
    /// The repository, if it isn't the one that the directory lies in.
    var gitDirectory: String?

    /// Runs a command and waits for its end. If the task is cancelled, the command is ended.
    ///
    /// - Throws: ``GitError`` if git cannot be started, or prints more than anybody can want.
    func run(_ arguments: [String]) async throws(GitError) -> ProgramAnswer {
        do throws(ProgramError) {
            return try await ProgramAnswer(of: "git", arguments, in: directory, variables: variables)
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

    private var variables: [Environment.Key: String?] {
        var variables: [Environment.Key: String?] = [
            "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_EDITOR": "true",
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
