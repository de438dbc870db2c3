// Main at the remote. Fetching asks for one branch and nothing else, however many the remote has, and leaves alone what
// belongs to the user: no tags, no FETCH_HEAD, no submodules, no maintenance, no branch that the remote's configuration
// says should follow, nobody is asked for a password.

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

    /// What came of fetching.
    enum Outcome: Hashable, Sendable {
        /// The branch of this name, which is main there, is here as it is there.
        case fetched(String)
        /// What went wrong, in git's words.
        case failed(String)

        var error: String? { if case .failed(let error) = self { error } else { nil } }
    }

    /// Fetches main. A remote that has renamed it is asked for its new name.
    ///
    /// - Parameter name: Its name, as far as it is known.
    func fetch(_ name: String?) async throws -> Outcome {
        if let name {
            let answer = try await fetch(name)
            if answer.succeeded { return .fetched(name) }
            guard answer.error.contains("couldn't find remote ref") else { return .failed(answer.complaint) }
        }
        let answer = try await run(["ls-remote", "--symref", "--", remote, "HEAD"])
        guard answer.succeeded else { return .failed(answer.complaint) }
        let prefix = "ref: refs/heads/"
        guard let line = answer.output.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }),
            let found = line.dropFirst(prefix.count).split(separator: "\t").first.map(String.init), found != name
        else { return .failed("the remote \(remote) does not say which branch is its main one") }
        let second = try await fetch(found)
        return second.succeeded ? .fetched(found) : .failed(second.complaint)
    }

    private func fetch(_ name: String) async throws -> ProgramAnswer {
        try await run([
            "-c", "gc.auto=0", "-c", "maintenance.auto=false", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head",
            "--no-recurse-submodules", "--refmap=", "--", remote, "+refs/heads/\(name):refs/remotes/\(remote)/\(name)",
        ])
    }

    /// Runs a command that needs the network, and ends it if it takes too long.
    private func run(_ arguments: [String]) async throws -> ProgramAnswer {
        try await withThrowingTaskGroup(of: ProgramAnswer?.self) { group in
            group.addTask { try await repository.git.run(arguments) }
            group.addTask {
                try await Task.sleep(for: Self.patience)
                return nil
            }
            defer { group.cancelAll() }
            guard let answer = try await group.next() ?? nil else {
                return ProgramAnswer(code: 1, output: "", error: "error: no answer within \(Self.patience)")
            }
            return answer
        }
    }
}
