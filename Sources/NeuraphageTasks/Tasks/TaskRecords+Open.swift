// Tasks that an agent's hook began. Nobody's process is the task, so nobody has the record locked, and it stays when the
// agent goes: a task is over when its work is merged, or its worktree removed, whatever its agents do; or when somebody
// says that it is.

package import NeuraphageEvents
import NeuraphageGit
import NeuraphagePlatform
import NeuraphageSystem

extension TaskRecords {
    private static let openPrefix = DataDirectory.RecordPrefix.task

    /// A task that an agent's hook began.
    package struct OpenTask: Hashable, Sendable {
        package let task: TaskID
        package let since: Timestamp
        /// The agent and its session that began it. Text from the agent.
        package let agent: String
        package let session: String
        /// The top directory of its worktree.
        package let directory: String
        /// The directory that git keeps for all worktrees of the repository; empty if the task has none.
        package let git: String
        /// The name by which git knows the worktree; empty for a main one, and for a task without a repository.
        package let worktree: String
        fileprivate let path: String
    }

    /// The tasks that hooks began and nobody has ended, the oldest first.
    package var openTasks: [OpenTask] {
        OpenRecord.paths(in: path, prefix: Self.openPrefix, files).compactMap(openTask).sorted { $0.since < $1.since }
    }

    /// The record of a task that a hook began; `nil` if there is none.
    package func open(task: TaskID) -> OpenTask? {
        openTask(at: recordPath(of: task)).flatMap { $0.task == task ? $0 : nil }
    }

    /// Whether a task has begun and not ended: it runs, or a hook began it, perhaps one of a newer version.
    package func isOpen(_ task: TaskID) -> Bool {
        open(task: task) != nil || runs.contains { $0.task == task }
            || OpenRecord.refusal(at: recordPath(of: task), files) != nil
    }

    /// Writes down that a task begins, unless it has begun already. Of many who do so at once one succeeds.
    ///
    /// - Parameters:
    ///   - started: The event by which the log will know. Not made unless it is needed.
    ///   - session: The session that begins it.
    ///   - directory: Where the agent works.
    /// - Returns: The record, to be kept until the log has the event; `nil` if the task had begun, or that could not be
    ///   found out. If the log never gets it, whoever settles the record says it.
    package func begin(
        _ task: TaskID,
        with started: () -> Event,
        by session: AgentSession,
        in directory: String
    ) -> OpenRecord? {
        guard !isOpen(task) else { return nil }  // which needs no lock, and is what nearly all turns find
        do {
            guard let lock = try lock(), !isOpen(task) else { return nil }
            let worktree = GitWorktree(containing: directory, in: files)
            let about: Payload = [
                "agent": .string(session.agent.rawValue), "session": .string(session.id),
                "directory": .string(worktree?.directory ?? directory), "git": .string(worktree?.commonDirectory ?? ""),
                "worktree": .string(worktree?.name ?? ""),
            ]
            let record = try OpenRecord.create(
                OpenNote(about: about, begin: started()),
                at: recordPath(of: task),
                files
            )
            _ = consume lock
            return record
        } catch {
            return nil
        }
    }

    /// Publishes the end of a task that a hook began, unless the log has one already, and removes its record. Costs a
    /// pass over the log back to the task's beginning.
    ///
    /// - Parameters:
    ///   - open: The task.
    ///   - bus: Where to publish. Without a log nothing is published, and the record stays.
    ///   - ended: The event that tells the end.
    package func end(_ open: OpenTask, publishingTo bus: EventBus, with ended: @autoclosure @escaping () -> Event) {
        let deadline = MonotonicClock.now + Self.patience
        guard case .free(let record) = OpenRecord.take(open.path, files, until: { _ in deadline }) else { return }
        guard record.note?.begin.timestamp == open.since else { return }  // another beginning of the same task
        record.settle(by: Self.rule { _ in ended() }, publishingTo: bus)
    }

    /// Brings the records of tasks that hooks began and the log together: says that a task has begun if its hook could
    /// not, and forgets one that somebody has ended, so that it can begin anew.
    ///
    /// Costs a pass over the log back to the task's beginning for each.
    ///
    /// - Parameter bus: Where to publish. Without a log nothing is published, and the records stay.
    package func settleTasks(publishingTo bus: EventBus) {
        OpenRecord.settle(
            OpenRecord.paths(in: path, prefix: Self.openPrefix, files),
            by: Self.rule { _ in nil },
            publishingTo: bus,
            files
        )
    }

    private static func rule(inferring inferredEnd: @escaping (OpenNote) -> Event?) -> SettlingRule {
        SettlingRule(publishesBegin: true, isEnd: { event, _ in isEnd(event) }, inferredEnd: inferredEnd)
    }

    private func recordPath(of task: TaskID) -> String {
        "\(path)/\(Self.openPrefix)\(StableHash.name(of: task.description))"
    }

    private func openTask(at path: String) -> OpenTask? {
        guard let note = OpenRecord.note(at: path, files), let task = note.begin.source else { return nil }
        func about(_ key: String) -> String { note.about[key]?.text ?? "" }
        return OpenTask(
            task: task,
            since: note.begin.timestamp,
            agent: about("agent"),
            session: about("session"),
            directory: about("directory"),
            git: about("git"),
            worktree: about("worktree"),
            path: path
        )
    }
}
