// git as a process: no pager, no editor, nobody who is asked for a password, and none of the variables by which git tells a
// hook in which repository it runs. Reading leaves everything as it is, the index included.

package import NeuraphagePresentation
package import NeuraphageSystem

/// Runs git in one place.
package struct Git: Sendable {
    /// The directory in which it runs.
    package let directory: String
    /// The repository, if it isn't the one that the directory lies in.
    package var gitDirectory: String?
    /// Where objects are written that a question needs, instead of into the repository's directory of objects.
    package var scratch: (directory: String, objects: String)?
    /// The index, if it isn't the worktree's own.
    package var index: String?

    package init(directory: String, gitDirectory: String? = nil) {
        self.directory = directory
        self.gitDirectory = gitDirectory
    }

    /// Runs a command and waits for its end. If the task is cancelled, the command is ended.
    ///
    /// - Throws: ``OperationError`` if git cannot be started, or prints more than anybody can want.
    package func run(_ arguments: [String]) async throws(OperationError) -> ProgramAnswer {
        do throws(OperationError) {
            return try await Program.ask("git", arguments, in: directory, variables: variables)
        } catch {
            throw OperationError(.git, "cannot run git in \(directory): \(error.sentence)", hint: error.hint)
        }
    }

    /// The same for a command that has to succeed.
    package func read(
        _ words: String...,
        arguments: [String] = []
    ) async throws(OperationError) -> String {
        let arguments = words + arguments
        let answer = try await run(arguments)
        guard answer.succeeded else {
            throw OperationError(
                .git,
                "git \(words.joined(separator: " ")) failed in \(directory): \(answer.complaint)"
            )
        }
        return answer.output
    }

    private var variables: [String: String?] {
        var variables: [String: String?] = [
            "GIT_OPTIONAL_LOCKS": "0", "GIT_PAGER": "cat", "GIT_EDITOR": "true",
            "GIT_SEQUENCE_EDITOR": "true", "GIT_TERMINAL_PROMPT": "0", "GIT_ASKPASS": "", "SSH_ASKPASS": "false",
            "SSH_ASKPASS_REQUIRE": "force", "GCM_INTERACTIVE": "never",
        ]
        for name in Self.repositoryVariables { variables[name] = .some(nil) }
        if let gitDirectory { variables["GIT_DIR"] = gitDirectory }
        if let index { variables["GIT_INDEX_FILE"] = index }
        if let scratch {
            variables["GIT_OBJECT_DIRECTORY"] = scratch.directory
            variables["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = scratch.objects
        }
        return variables
    }

    /// `git rev-parse --local-env-vars`, and what else a hook is told.
    private static let repositoryVariables: [String] = [
        "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_CONFIG", "GIT_CONFIG_PARAMETERS", "GIT_CONFIG_COUNT",
        "GIT_OBJECT_DIRECTORY", "GIT_DIR", "GIT_WORK_TREE", "GIT_IMPLICIT_WORK_TREE", "GIT_GRAFT_FILE",
        "GIT_INDEX_FILE", "GIT_NO_REPLACE_OBJECTS", "GIT_REPLACE_REF_BASE", "GIT_PREFIX", "GIT_SHALLOW_FILE",
        "GIT_COMMON_DIR", "GIT_INTERNAL_SUPER_PREFIX", "GIT_NAMESPACE", "GIT_QUARANTINE_PATH", "GIT_REFLOG_ACTION",
    ]
}
