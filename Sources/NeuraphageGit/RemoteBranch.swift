// Main at the remote. Fetching asks for one branch and nothing else, however many the remote has, and leaves alone what
// belongs to the user: no remote-tracking branch (a fetch of the user's that has begun would fail), no tags, no FETCH_HEAD,
// no submodules, no maintenance, no hooks, and no question for a password.

package import NeuraphagePresentation
import NeuraphageSystem

/// Fetches the main branch from a repository's remote.
package struct RemoteBranch: Sendable {
    private static let patience = Duration.seconds(120)

    private let repository: GitRepository
    /// The remote of a main branch that follows none: the one that is called `origin`, or the only one.
    private let usual: String?

    /// - Returns: `nil` if there is no remote, or if the repository is a mirror, which has no branches of its own.
    package init?(of repository: GitRepository) async throws(OperationError) {
        let remotes = try await repository.git.read("remote").split(separator: "\n").map(String.init)
        guard !remotes.isEmpty else { return nil }
        usual = remotes.contains("origin") ? "origin" : remotes.count == 1 ? remotes[0] : nil
        self.repository = repository
        let mirror = try await repository.git.run(["config", "--bool", "--get", "remote.\(usual ?? "origin").mirror"])
        if mirror.line == "true" { return nil }
    }

    /// What came of fetching.
    package enum Outcome: Hashable, Sendable {
        /// The branch of this name, which is main, is here as it is there.
        case fetched(String)
        /// What went wrong, in git's words.
        case failed(String)
        /// There is nowhere to fetch main from.
        case noRemote

        package var error: String? { if case .failed(let error) = self { error } else { nil } }
    }

    /// Fetches main. A remote that has renamed it is asked for its new name.
    ///
    /// - Parameter name: Its name, as far as it is known.
    package func fetch(_ name: String?) async throws -> Outcome {
        let upstream = if let name { try await upstream(of: name) } else { Upstream?.none }
        guard let remote = upstream?.remote ?? usual else { return .noRemote }
        if let name {
            let answer = try await fetch(upstream?.branch ?? name, from: remote, trackedAs: upstream?.tracking)
            if answer.succeeded { return .fetched(name) }
            guard answer.error.contains("couldn't find remote ref") else { return .failed(answer.complaint) }
        }
        let answer = try await run(["ls-remote", "--symref", "--", remote, "HEAD"])
        guard answer.succeeded else { return .failed(answer.complaint) }
        let prefix = "ref: refs/heads/"
        guard let line = answer.output.split(separator: "\n").first(where: { $0.hasPrefix(prefix) }),
            let found = line.dropFirst(prefix.count).split(separator: "\t").first.map(String.init), found != name
        else { return .failed("the remote \(remote) does not say which branch is its main one") }
        let second = try await fetch(found, from: remote, trackedAs: nil)
        return second.succeeded ? .fetched(found) : .failed(second.complaint)
    }

    /// The remote and its branch that a branch follows, as `git branch --set-upstream-to` says it.
    private struct Upstream {
        let remote: String
        let branch: String
        /// The reference into which the user's git fetches it.
        let tracking: String?
    }

    private func upstream(of name: String) async throws(OperationError) -> Upstream? {
        let format = "--format=%(upstream:remotename)%00%(upstream:remoteref)%00%(upstream)"
        let answer = try await repository.git.run(["for-each-ref", format, "refs/heads/\(name)"])
        let parts = answer.line.split(separator: "\0", omittingEmptySubsequences: false).map(String.init)
        let prefix = "refs/heads/"
        guard parts.count == 3, !parts[0].isEmpty, parts[0] != ".", parts[1].hasPrefix(prefix) else { return nil }
        return Upstream(
            remote: parts[0],
            branch: String(parts[1].dropFirst(prefix.count)),
            tracking: parts[2].hasPrefix("refs/remotes/") ? parts[2] : nil
        )
    }

    private func fetch(_ branch: String, from remote: String, trackedAs tracking: String?) async throws -> ProgramAnswer
    {
        let target = MainBranch.ownReference(for: tracking ?? "refs/remotes/\(remote)/\(branch)")
        return try await run([
            "-c", "gc.auto=0", "-c", "maintenance.auto=false", "-c", "fetch.writeCommitGraph=false",
            "-c", "core.hooksPath=/dev/null", "fetch", "--quiet", "--no-tags", "--no-write-fetch-head", "--no-prune",
            "--no-recurse-submodules", "--no-show-forced-updates", "--refmap=", "--", remote,
            "+refs/heads/\(branch):\(target)",
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
