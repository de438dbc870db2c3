// The end of tasks that an agent's hook began. A hook doesn't know when the task is over: it is when its branch is merged,
// or when its worktree is removed.

package import NeuraphageEvents
package import NeuraphageGit
import NeuraphageSystem

/// That the tasks of a worktree are over, because nothing will be done there any more.
package struct TaskEnding: Equatable, Sendable {
    /// The worktree, by git's name for it.
    package let worktree: String
    /// When git made that worktree, as far as it is known: another one may have its name by now.
    package let made: String?
    /// Which task, if not every one that began there.
    package var task: TaskID?
    /// The commit by which the branch came into main; `nil` if it or the worktree was removed without that.
    package let merge: String?
    /// How the branch came into main, if that was not by a merge: `squashed`, `rebased`.
    package let how: String?
    /// The branch, if there was one.
    package let branch: String?

    package init(
        worktree: String,
        made: String? = nil,
        task: TaskID? = nil,
        merge: String?,
        how: String? = nil,
        branch: String? = nil
    ) {
        self.branch = branch
        self.worktree = worktree
        self.made = made
        self.task = task
        self.merge = merge
        self.how = how
    }
}

extension TaskRecords {
    /// The tasks that hooks began in a repository, wherever it was then.
    package func openTasks(of repository: GitRepository) -> [OpenTask] {
        let id = repository.id
        return openTasks.filter { open in
            open.place.map { $0.repository == id } ?? (open.git == repository.commonDirectory)
        }
    }

    /// Publishes the end of tasks that began in a worktree, if nobody else has told one.
    ///
    /// - Returns: Whether that is done; otherwise it has to be tried again.
    package func end(_ ending: TaskEnding, of repository: GitRepository, publishingTo bus: EventBus) -> Bool {
        var isDone = true
        for open in openTasks(of: repository) where open.worktree == ending.worktree {
            guard ending.task == nil || ending.task == open.task else { continue }
            if let made = ending.made, let place = open.place, place.made != made { continue }
            // A task may have several worktrees, and goes on in another one as long as an agent is there.
            if let session = elsewhere(open) {
                if !move(open, to: session) { isDone = false }
            } else if !end(open, publishingTo: bus, with: Self.end(of: open, ending, in: repository)) {
                isDone = false
            }
        }
        return isDone
    }

    /// Publishes the end of tasks that began in a repository which is nowhere to be seen, and where this one is now.
    ///
    /// A task goes on as long as an agent may work in its worktree, or something is there that git could repair. Nothing is
    /// concluded of one that began in another container, where the same path may be another repository.
    package func endReplaced(by repository: GitRepository, publishingTo bus: EventBus) {
        let (id, view) = (repository.id, MountView.here(files))
        let others = openTasks.filter { $0.view != nil && $0.view == view && $0.place?.repository != id }
        guard !others.isEmpty else { return }
        let names = PlaceNames(in: directory)
        for open in others {
            guard let place = open.place else { continue }
            let known = names.named.filter { $0.place == place }.map(\.commonDirectory) + [open.git]
            guard known.contains(repository.commonDirectory),
                names.home(of: place.repository, besides: [open.git]) == nil, !isLeft(open), !isWorkedIn(place)
            else { continue }
            if let session = elsewhere(open) {
                _ = move(open, to: session)
            } else {
                end(open, publishingTo: bus, with: Self.end(of: open, replacedBy: repository))
            }
        }
    }

    /// Whether the directory of a linked worktree is still there and belongs to no repository any more.
    private func isLeft(_ open: OpenTask) -> Bool {
        guard !open.worktree.isEmpty, files.exists(open.directory + "/.git") else { return false }
        return GitWorktree(containing: open.directory, in: files) == nil
    }

    /// Whether an agent is, or may be, at work in a worktree.
    private func isWorkedIn(_ place: Place) -> Bool {
        AgentSessions(in: directory).open.contains { session in
            session.place == place && session.process?.presence(in: files) != .gone
        }
    }

    private static func end(of open: OpenTask, replacedBy repository: GitRepository) -> Event {
        let reason = "its repository is gone, and another one is in its place"
        return .ended(
            open.task,
            .cancelled(reason: reason),
            begin: open.begin,
            inferred: true,
            at: repository.checkout(worktree: open.knownDirectory)
        )
    }

    /// An agent's session of the same task that is bound to another worktree.
    private func elsewhere(_ open: OpenTask) -> AgentSessions.Open? {
        AgentSessions(in: directory).open.first { session in
            guard session.task == open.task, let place = session.place else { return false }
            // One that git made later in the same place is another life.
            return place.repository != open.place?.repository || place.entry != open.place?.entry
        }
    }

    private static func end(of open: OpenTask, _ ending: TaskEnding, in repository: GitRepository) -> Event {
        let checkout = repository.checkout(branch: ending.branch, worktree: open.knownDirectory)
        guard let merge = ending.merge else {
            let reason = ending.task == nil ? "its worktree was removed" : "its branch was deleted"
            return .ended(open.task, .cancelled(reason: reason), begin: open.begin, inferred: true, at: checkout)
        }
        return .taskCompleted(open.task, begin: open.begin, asOf: merge, how: ending.how, at: checkout)
    }
}

extension TaskRecords.OpenTask {
    /// The top directory of its worktree; `nil` if it is not known.
    fileprivate var knownDirectory: String? { directory.isEmpty ? nil : directory }
}
