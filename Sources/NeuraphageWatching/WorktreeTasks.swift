// Which task a worktree is, for whoever looks at it from outside. Whoever works in it must be told what it finds in its own
// inbox: an agent looks there by the task to which its session is bound (see TaskOfPlace), a run says its task itself.

import NeuraphageEvents
import NeuraphageGit
import NeuraphageSystem
import NeuraphageTasks

/// The tasks of the worktrees of a repository.
struct WorktreeTasks {
    private let worktrees: [GitWorktree]
    private let runs: [TaskRecords.Running]
    private let begun: [TaskRecords.OpenTask]
    private let sessions: [AgentSessions.Open]
    /// The names that np has chosen, by git's names for the worktrees.
    private let names: [String: TaskID]
    /// All names that np has chosen.
    let chosen: PlaceNames
    private let repository: RepositoryID?

    /// As they are now.
    ///
    /// - Parameters:
    ///   - worktrees: The worktrees, and which branches are checked out in them.
    ///   - begun: The tasks that hooks began in the repository.
    init(
        of worktrees: [(worktree: GitWorktree, branch: String?)],
        in repository: GitRepository,
        begun: [TaskRecords.OpenTask],
        _ directory: DataDirectory
    ) {
        self.init(
            of: worktrees,
            in: repository.id,
            begun: begun,
            runs: TaskRecords(in: directory).runs,
            sessions: AgentSessions(in: directory).open,
            names: PlaceNames(in: directory),
            recording: true
        )
    }

    /// The same, from what is known already.
    ///
    /// - Parameter isRecorded: Whether names that have to be chosen are written down. If not, they may be others later.
    init(
        of worktrees: [(worktree: GitWorktree, branch: String?)],
        in repository: RepositoryID?,
        begun: [TaskRecords.OpenTask],
        runs: [TaskRecords.Running],
        sessions: [AgentSessions.Open],
        names known: PlaceNames,
        recording isRecorded: Bool
    ) {
        var chosen = known
        names = Dictionary(
            worktrees.compactMap { worktree, branch in
                let given = TaskID(ofBranch: branch)
                // A repository that is being removed must not get a new file.
                let name = chosen.name(
                    of: worktree,
                    in: repository,
                    given: given,
                    recording: isRecorded,
                    identifying: false
                )
                return name.map { (worktree.name, $0) }
            }
        ) { first, _ in first }
        self.chosen = chosen
        self.worktrees = worktrees.map(\.worktree)
        self.repository = repository
        (self.runs, self.begun, self.sessions) = (runs, begun, sessions)
    }

    /// The task of a worktree: the one of an agent's session that began there, of a run there, of its branch; the one that
    /// an agent began there, or that ran there last; or else the name that np has chosen for it.
    ///
    /// - Parameter named: The task that ran in it last, if one did.
    func task(of worktree: GitWorktree, onBranch branch: String?, named: TaskID?) -> TaskID? {
        var evidence = TaskEvidence()
        evidence.ofAgent = sessions.last { isHere($0.place, worktree) }?.task
        evidence.running = running(in: worktree)
        evidence.ofBranch = TaskID(ofBranch: branch)
        if evidence.ofBranch == nil, worktree.isLinked {
            evidence.begun =
                begun.last { $0.worktree == worktree.name && ($0.place == nil || isHere($0.place, worktree)) }?.task
            evidence.ranLast = named
        }
        evidence.ofPlace = names[worktree.name]
        return evidence.task
    }

    /// Whether a place that a record names is a worktree of this repository.
    private func isHere(_ place: Place?, _ worktree: GitWorktree) -> Bool {
        guard let place else { return false }
        return place.repository == repository && place.entry == worktree.name && place.made == worktree.made ?? ""
    }

    /// The task that runs in a worktree, the oldest one if there are several.
    func running(in worktree: GitWorktree) -> TaskID? {
        runs.first { run in run.place.map { isHere($0, worktree) } ?? (place(of: run) == worktree.name) }?.task
    }

    /// The worktree that a run was started in: the innermost one, because a worktree may lie in another one.
    private func place(of run: TaskRecords.Running) -> String? {
        worktrees.filter { run.directory == $0.directory || run.directory.hasPrefix($0.directory + "/") }
            .max { $0.directory.utf8.count < $1.directory.utf8.count }?.name
    }
}
