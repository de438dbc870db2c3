// Which task a worktree is, for whoever looks at it from outside. Whoever works in it must be told what it finds in its own
// inbox: an agent looks there by the place it stands in (see TaskOfPlace), a run says its task itself.

import NeuraphageEvents
import NeuraphageGit
import NeuraphageSystem
import NeuraphageTasks

/// The tasks of the worktrees of a repository.
struct WorktreeTasks {
    private let worktrees: [GitWorktree]
    private let runs: [TaskRecords.Running]
    private let begun: [TaskRecords.OpenTask]
    private let withAgents: Set<TaskID>

    /// As they are now.
    init(of worktrees: [GitWorktree], in repository: GitRepository, _ directory: DataDirectory) {
        let records = TaskRecords(in: directory)
        self.worktrees = worktrees
        runs = records.runs
        begun = records.openTasks.filter { $0.git == repository.commonDirectory }
        withAgents = AgentSessions(in: directory).tasks
    }

    /// The task of a worktree: the one of its place if an agent is there; else what runs in it; else what its branch says,
    /// what an agent began in it, what ran in it last, its directory's name. The main worktree is a task's only if it has
    /// a task's branch.
    ///
    /// - Parameter named: The task that ran in it last, if one did.
    func task(of worktree: GitWorktree, onBranch branch: String?, named: TaskID?) -> TaskID? {
        var evidence = TaskEvidence()
        let isOfBranch = evidence.add(worktree, onBranch: branch)
        guard isOfBranch || worktree.isLinked else { return nil }
        if let place = evidence.task, withAgents.contains(place) { evidence.ofAgent = place }
        evidence.running = running(in: worktree)
        if !isOfBranch {
            evidence.begun = begun.last { $0.worktree == worktree.name }?.task
            evidence.ranLast = named
        }
        return evidence.task
    }

    /// The branches of the tasks that agents began in the main worktree, which may be the task of several by and by.
    var branchesOfMainWorktree: [(task: TaskID, branch: String)] {
        begun.filter { $0.worktree.isEmpty }.map { ($0.task, TaskOfPlace.branchPrefix + $0.task.description) }
    }

    /// The task that runs in a worktree, the oldest one if there are several.
    func running(in worktree: GitWorktree) -> TaskID? {
        runs.first { place(of: $0) == worktree.name }?.task
    }

    /// The worktree that a run was started in: the innermost one, because a worktree may lie in another one.
    private func place(of run: TaskRecords.Running) -> String? {
        worktrees.filter { run.directory == $0.directory || run.directory.hasPrefix($0.directory + "/") }
            .max { $0.directory.utf8.count < $1.directory.utf8.count }?.name
    }
}
