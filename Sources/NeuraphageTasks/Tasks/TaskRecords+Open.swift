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
    package struct OpenTask: Sendable {
        package let task: TaskID
        package let since: Timestamp
        /// The agent and its session that began it. Text from the agent.
        package let agent: String
        package let session: String
        /// The top directory of its worktree, or where the agent was if that was elsewhere.
        package let directory: String
        /// The directory that git keeps for all worktrees of the repository; empty if the task has none.
        package let git: String
        /// The name by which git knows the worktree; empty for a main one, and for a task without a repository.
        package let worktree: String
        /// Which worktree it is; `nil` for a task without a repository, or of a record of an older version.
        package let place: Place?
        /// Among which mounts the directories are; `nil` if that is not known.
        let view: String?
        let path: String
        fileprivate let note: OpenNote
        /// The event by which the log knows that it has begun.
        package var begin: EventID { note.begin.id }
    }

    /// The tasks that hooks began and nobody has ended, the oldest first.
    package var openTasks: [OpenTask] {
        ledger.paths(Self.openPrefix).compactMap(openTask).sorted { $0.since < $1.since }
    }

    /// The record of a task that a hook began; `nil` if there is none.
    package func open(task: TaskID) -> OpenTask? {
        openTask(at: recordPath(of: task)).flatMap { $0.task == task ? $0 : nil }
    }

    /// The event with which the life of a task began that has not ended; `nil` if no record tells it.
    package func begin(of task: TaskID) -> EventID? {
        if let open = open(task: task) { return open.begin }
        return paths(ofRunsOf: task).lazy.compactMap { OpenRecord.note(at: $0, files) }
            .first { $0.begin.kind == .taskStarted && !$0.isOrphaned(in: files) }?.begin.id
    }

    /// Whether a task has begun and not ended: it runs, or a hook began it, perhaps one of a newer version.
    package func isOpen(_ task: TaskID) -> Bool { isOpen(task, runs: paths(ofRunsOf: task)) }

    /// The same, for somebody who knows the records of its runs.
    func isOpen(_ task: TaskID, runs: [String]) -> Bool {
        open(task: task) != nil || isAnyRunning(runs)
            || OpenRecord.refusal(at: recordPath(of: task), files) != nil
    }

    /// Whether the life of a task that has begun and not ended is that of a worktree which git has forgotten since, and
    /// whose name in git another one has now.
    package func isOfPastWorktree(_ task: TaskID, at place: Place?) -> Bool {
        guard let place, let past = open(task: task)?.place else { return false }
        return past.repository == place.repository && past.entry == place.entry && past.made != place.made
    }

    /// Writes down that a task begins, unless it has begun already. Of many who do so at once one succeeds.
    ///
    /// - Parameters:
    ///   - started: The event by which the log will know. Not made unless it is needed.
    ///   - session: The session that begins it.
    ///   - place: The worktree to which the session is bound.
    ///   - directory: Where the agent works.
    /// - Returns: The record, to be kept until the log has the event; `nil` if the task had begun, or that could not be
    ///   found out. If the log never gets it, whoever settles the record says it.
    package func begin(
        _ task: TaskID,
        with started: () -> Event,
        by session: AgentSession,
        at place: Place?,
        in directory: String
    ) -> OpenRecord? {
        guard !isOpen(task) else { return nil }  // which needs no lock, and is what nearly all turns find
        do {
            guard let lock = try ledger.lock(.tasks), !isOpen(task) else { return nil }
            // The agent may have gone elsewhere since its session began.
            let here = GitWorktree(containing: directory, in: files)
            let worktree = here.flatMap { Place(of: $0, in: files) == place ? $0 : nil }
            let members: [(String, JSONValue)] = [
                ("agent", .string(session.agent.rawValue)), ("session", .string(session.id)),
                ("directory", .string(worktree?.directory ?? directory)),
                ("git", .string(worktree?.commonDirectory ?? "")),
                ("view", .string(orNull: MountView.here(files))),
            ]
            let placeMembers = place?.members ?? [("worktree", .string(worktree?.name ?? ""))]
            let note = OpenNote(about: Payload(.object(members + placeMembers)), begin: started())
            let record = try ledger.create(note, Self.openPrefix, StableHash.name(of: task.description))
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
    @discardableResult
    package func end(
        _ open: OpenTask,
        publishingTo bus: EventBus,
        with ended: @autoclosure @escaping () -> Event
    ) -> Bool {
        var rule = SettlingRule.task
        rule.inferredEnd = { _ in ended() }
        return ledger.end(open.path, of: open.note, by: rule, publishingTo: bus)
    }

    /// Notes that a task goes on in the worktree of another session.
    ///
    /// - Returns: Whether that is done.
    func move(_ open: OpenTask, to other: AgentSessions.Open) -> Bool {
        let deadline = directory.patienceEnd
        guard case .free(let record) = OpenRecord.take(open.path, files, until: { _ in deadline }),
            record.note?.begin.id == open.begin
        else { return false }
        let directory: [(String, JSONValue)] = [("directory", .string("")), ("git", .string(""))]
        let about = Payload(.object(other.session.members + directory + (other.place?.members ?? [])))
        let note = OpenNote(about: about, begin: open.note.begin)
        return (try? WholeFile.replace(open.path, with: note.text, in: files)) != nil
    }

    /// Forgets tasks that the log says have ended, so that they can begin anew.
    package func forgetEnded(_ tasks: Set<TaskID>, publishingTo bus: EventBus) {
        ledger.settle(tasks.compactMap { open(task: $0)?.path }, by: .task, publishingTo: bus)
    }

    func recordPath(of task: TaskID) -> String {
        ledger.path(Self.openPrefix, StableHash.name(of: task.description))
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
            place: Place(note.about),
            view: note.about.string("view"),
            path: path,
            note: note
        )
    }
}
