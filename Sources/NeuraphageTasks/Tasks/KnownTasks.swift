// Whether there is a task of a name that a person typed: a message to a name that no task has would reach nobody.

package import NeuraphageEvents
import NeuraphageGit
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

/// The tasks that a data directory and its log know.
package struct KnownTasks {
    /// How many of the log's latest events are looked through for names that are like the one that was typed.
    private static let latest = 2_000
    /// How much of the log is read to see whether a task has ended, in bytes.
    private static let mostBytes = 16 << 20
    /// How much of the log is folded beyond the checkpoint to see whether it has a task, in bytes.
    private static let mostNews = 1 << 20

    /// Those that have begun and not ended, and those to which sessions are bound.
    private let open: Set<TaskID>
    private let names: Set<TaskID>
    private let facts: LoggedFacts
    private let store: ProjectionStore
    private let directory: DataDirectory
    private let isRecorded: Bool

    /// The tasks as they are now.
    ///
    /// - Parameter isRecorded: Whether the names of worktrees that are new may be written down.
    package init(in directory: DataDirectory, logPath: String, recording isRecorded: Bool = true) {
        self.directory = directory
        self.isRecorded = isRecorded
        let own = try? InheritedTask()
        open = Ledger(in: directory).tasks
        names = PlaceNames(in: directory).all.union(open).union(own.map { [$0.task] } ?? [])
        facts = LoggedFacts(inLogAt: logPath, directory.files)
        store = ProjectionStore(ofLogAt: logPath, in: directory)
    }

    /// Whether there is neither a worktree that has a name, nor an event.
    package var isEmpty: Bool {
        get throws { try names.isEmpty && facts.latest(EventFilter()) == nil }
    }

    /// The end of a task that has ended and not begun again, as far as the log's last 16 MiB tell.
    package func end(of task: TaskID) throws -> Event? {
        guard !open.contains(task) else { return nil }
        var end: Event?
        try facts.visit(EventFilter(tasks: [task]), readingAtMost: Self.mostBytes) { event in
            guard event.source == task, event.kind.endsTask || event.kind == .taskStarted else { return true }
            if event.kind.endsTask { end = event }
            return false
        }
        return end
    }

    /// Whether a task has begun, is a worktree's, or is in the log. Costs a look at all worktrees for a name that is new; and
    /// for one that is nowhere else, a look into the checkpoint, or if there is none a pass over the log up to the first event
    /// that has it.
    package func contains(_ task: TaskID) throws -> Bool {
        try names.contains(task) || newNames.contains(task) || isInLog(task)
    }

    private func isInLog(_ task: TaskID) throws -> Bool {
        let folded: Folded<TaskLog>? = try store.folded(
            of: TaskLog.keys(of: [task]),
            readingAtMost: Self.mostNews,
            writing: false
        )
        return try folded.map { $0.parts.task(task) != nil } ?? (facts.latest(EventFilter(tasks: [task])) != nil)
    }

    /// The tasks of worktrees that are new, or have a branch of another task, since their repositories were looked at.
    private var newNames: Set<TaskID> {
        var places = PlaceNames(in: directory)
        return places.tasksOfNewWorktrees(recording: isRecorded)
    }

    /// The task of a worktree that is called so, if its branch names that; `nil` if a task of this name goes on.
    private func taskOnBranch(inWorktreeOf name: TaskID) -> TaskID? {
        guard !open.contains(name),
            let place = PlaceNames(in: directory).named.first(where: { $0.name == name }),
            let worktree = GitWorktree(containing: place.directory, in: directory.files)
        else { return nil }
        let given = TaskID(ofBranch: worktree.branch)
        return given == name ? nil : given
    }

    /// Refuses the name of a worktree whose branch names another task: a message to it would reach no agent.
    ///
    /// - Parameter anyway: What to type if it is meant all the same.
    package func checkReceiver(_ task: TaskID, anyway: String) throws {
        try check(task, anyway: anyway)
        guard let actual = taskOnBranch(inWorktreeOf: task) else { return }
        throw OperationError(
            .usage,
            "the task of the worktree '\(task)' is '\(actual)', as its branch says",
            hint: "name that task. \(anyway)"
        )
    }

    /// Refuses a task that there is not: see ``contains(_:)``.
    ///
    /// - Parameter anyway: What to type if it is meant all the same.
    package func check(_ task: TaskID, anyway: String? = nil) throws {
        guard try !contains(task) else { return }
        var words = Set(names.union(newNames).map(\.description))
        try facts.visit(atMost: Self.latest) { event in
            words.formUnion([event.source, event.target].compactMap { $0?.description })
            return true
        }
        let suggestion = Suggestion.nearest(to: task.description, in: words.sorted()).map { "did you mean '\($0)'?" }
        let hints = [suggestion, anyway].compactMap(\.self)
        let hint = hints.isEmpty ? "np --all shows which tasks there are" : hints.joined(separator: " ")
        throw OperationError(.usage, "there is no task '\(task)'", hint: hint)
    }
}
