// The demo's repository: git runs as a process, in a fixed locale, without the user's configuration.

import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import Subprocess
import SystemPackage

/// A git repository with a worktree for each of three tasks, and np beside it.
struct DemoRepository {
    let directory: String

    var path: String { directory + "/repo" }

    func worktree(_ task: String) -> String { directory + "/" + task }

    func create() async throws {
        guard mkdir(path, 0o700) == 0 else { throw OperationError(.failed, "cannot make \(path)") }
        try await git("init", "-q", "-b", "main")
        try await git("commit", "-q", "--allow-empty", "-m", "Begin")
        for task in ["add-login", "fix-cache", "new-parser"] {
            try await git("worktree", "add", "-q", "-b", "neuraphage/\(task)", worktree(task))
        }
    }

    /// Says what is missing if there is no git.
    static func requireGit() async throws {
        do {
            _ = try await Subprocess.run(
                .name("git"),
                arguments: ["--version"],
                output: .discarded,
                error: .discarded
            )
        } catch let error as SubprocessError {
            throw OperationError(
                .failed,
                "cannot run git, which np demo needs (\(error))",
                hint: "install git and try again"
            )
        }
    }

    /// Runs git and returns what it printed, without the last newline.
    @discardableResult
    func git(_ arguments: String..., in worktree: String? = nil) async throws -> String {
        let result = try await Subprocess.run(
            .name("git"),
            arguments: Arguments(arguments),
            environment: environment,
            workingDirectory: FilePath(worktree ?? path),
            output: .string(limit: 1 << 20),
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw OperationError(.failed, "git \(arguments.joined(separator: " ")) failed: \(result.standardError)")
        }
        return result.standardOutput.hasSuffix("\n") ? String(result.standardOutput.dropLast()) : result.standardOutput
    }

    /// Runs a shell script as a task in its worktree, by `np run`, and waits for its end. However it ends is as it
    /// should be: that is what the demo shows.
    func runTask(_ task: String, title: String, _ script: String) async throws {
        _ = try await Subprocess.run(
            .path(FilePath(OwnExecutable.path)),
            arguments: ["run", "--task", task, "--title", title, "--", "sh", "-c", script],
            environment: environment,
            workingDirectory: FilePath(worktree(task)),
            output: .discarded
        )
    }

    /// The same, and each line that the script prints is handed over, with a way to end the task.
    func runTask(
        _ task: String,
        title: String,
        _ script: String,
        onLine: (_ line: String, _ cancel: () -> Void) async throws -> Void
    ) async throws {
        _ = try await Subprocess.run(
            .path(FilePath(OwnExecutable.path)),
            arguments: ["run", "--task", task, "--title", title, "--", "sh", "-c", script],
            environment: environment,
            workingDirectory: FilePath(worktree(task)),
            input: .none,
            output: .sequence,
            error: .discarded
        ) { execution in
            for try await line in execution.standardOutput.strings() {
                try await onLine(line) { try? execution.send(signal: .terminate) }
            }
        }
    }

    /// Runs np in the repository.
    func runNP(_ arguments: String...) async throws {
        let result = try await Subprocess.run(
            .path(FilePath(OwnExecutable.path)),
            arguments: Arguments(arguments),
            environment: environment,
            workingDirectory: FilePath(path),
            output: .discarded,
            error: .string(limit: 1 << 20)
        )
        guard result.terminationStatus.isSuccess else {
            throw OperationError(.failed, "np \(arguments.joined(separator: " ")) failed: \(result.standardError)")
        }
    }

    private var environment: Environment {
        .custom([
            "PATH": np.environment("PATH") ?? "/usr/local/bin:/usr/bin:/bin",
            "HOME": directory,
            "LC_ALL": "C",
            "NP": OwnExecutable.path,
            "NP_DATA_DIR": directory + "/data",
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_AUTHOR_NAME": "np demo",
            "GIT_AUTHOR_EMAIL": "demo@localhost",
            "GIT_COMMITTER_NAME": "np demo",
            "GIT_COMMITTER_EMAIL": "demo@localhost",
            "LD_LIBRARY_PATH": np.environment("LD_LIBRARY_PATH") ?? "",
        ])
    }
}
