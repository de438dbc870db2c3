// Main at the remote. Fetching asks for one branch and nothing else, however many the remote has, and leaves alone what
// belongs to the user: no tags, no FETCH_HEAD, no submodules, no maintenance, nobody is asked for a password.

import NeuraphageEvents

/// Fetches the main branch of a repository's remote.
struct RemoteBranch: Sendable {
    private static let patience = Duration.seconds(120)

    private let repository: GitRepository
    /// The remote's name.
    private let remote: String

    /// The remote that is called `origin`, or the only one; `nil` if there is none, or nobody can tell which.
    init?(of repository: GitRepository) async throws(GitError) {
        let remotes = try await repository.git.read("remote").split(separator: "\n").map(String.init)
        guard let remote = remotes.contains("origin") ? "origin" : remotes.count == 1 ? remotes[0] : nil else {
            return nil
        }
        self.repository = repository
        self.remote = remote
    }

    /// Fetches main.
    ///
    /// - Parameter name: Its name, as far as it is known.
    /// - Returns: What went wrong, in git's words; `nil` if nothing did.
    func fetch(_ name: String?) async throws -> String? {
        let known = if let name { name } else { try await defaultName() }
        guard let known else { return "the remote \(remote) does not say which branch is its main one" }
        let answer = try await fetch(known)
        if answer.succeeded { return nil }
        // The remote may have renamed it.
        guard answer.error.contains("couldn't find remote ref"), let name = try await defaultName(), name != known
        else {
            return answer.complaint
        }
        let second = try await fetch(name)
        guard second.succeeded else { return second.complaint }
        // From now on that one is main: what was known of the other is out of date.
        _ = try await repository.git.run(["update-ref", "-d", "refs/remotes/\(remote)/\(known)"])
        return nil
    }

    private func fetch(_ name: String) async throws -> Git.Answer {
        try await run([
            "-c", "gc.auto=0", "-c", "maintenance.auto=false", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            "--no-recurse-submodules", "--", remote, "+refs/heads/\(name):refs/remotes/\(remote)/\(name)",
        ])
    }

    /// The name of the branch that the remote says is its main one.
    private func defaultName() async throws -> String? {
        let answer = try await run(["ls-remote", "--symref", "--", remote, "HEAD"])
        let prefix = "ref: refs/heads/"
        guard let line = answer.output.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }) else { return nil }
        return line.dropFirst(prefix.count).split(separator: "\t").first.map(String.init)
    }

    /// Runs a command that needs the network, and ends it if it takes too long.
    private func run(_ arguments: [String]) async throws -> Git.Answer {
        try await withThrowingTaskGroup(of: Git.Answer?.self) { group in
            group.addTask { try await repository.git.run(arguments) }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                return Git.Answer(code: 1, output: "", error: "error: no answer within \(Self.patience)")
            }
            return answer
        }
    }
}
