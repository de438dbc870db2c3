// Whether a hook's call is recorded at all. Agents' hooks are installed for a user, because worktrees don't share untracked
// files, so they are called in every directory in which an agent works, also in one that is another's business. There np
// leaves no trace: nothing is opened, made, or written before this has been decided.

import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
package import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

/// Where agents are recorded.
package enum RecordingScope: Sendable {
    case everywhere
    /// In repositories that `np init` has set up, and in these.
    case initialized(besides: [String])

    /// Why a call is not recorded.
    static let refusal = OperationError(
        .failed,
        "not recorded: np init has not set up this repository",
        hint: "say np init, or set agents.record = \"all\""
    )

    /// Whether what happens in a directory is recorded, whichever session it happens in.
    package func includes(_ path: String, in directory: DataDirectory) -> Bool {
        guard case .initialized(let configured) = self else { return true }
        guard let path = try? directory.files.resolve(path) else { return false }
        return InitializedRepositories(configured: configured, in: directory).contain(path)
    }

    /// Whether a call is recorded.
    func includes(_ input: HookInput, in directory: DataDirectory) -> Bool {
        let files = directory.files
        let here = input.directory ?? "."
        let evidence = RecordingEvidence(
            isInitialized: { includes(here, in: directory) },
            isOfRecordedSession: {
                // Another process that takes the session up elsewhere begins there.
                let known = AgentSessions(in: directory).open(input.session)
                return known.map { $0.process?.isSame(as: .agent(in: files)) ?? true } ?? false
            },
            isOfNamedTask: {
                guard let inherited = try? InheritedTask() else { return false }
                let worktree = (try? files.resolve(here)).flatMap { GitWorktree(containing: $0, in: files) }
                let place = worktree.flatMap { Place(of: $0, in: files) }
                return inherited.counts(at: place, among: ProcessIdentity.ancestorsOfHook(in: files), in: directory)
            }
        )
        return evidence.suffices
    }
}

/// What speaks for recording a call, where agents are recorded only in initialized repositories. Asked in this order, the
/// cheapest and most frequent first.
struct RecordingEvidence {
    /// Whether the directory in which the agent works lies in an initialized repository.
    let isInitialized: () -> Bool
    /// Whether the session began where it is recorded, in this process. Wherever its directory drifts, its record would be
    /// incomplete without what it does there, and its end would be lost.
    let isOfRecordedSession: () -> Bool
    /// Whether `np run`, an orchestrator, or the user says for which task the agent works: that names what to record.
    let isOfNamedTask: () -> Bool

    var suffices: Bool { isInitialized() || isOfRecordedSession() || isOfNamedTask() }
}
