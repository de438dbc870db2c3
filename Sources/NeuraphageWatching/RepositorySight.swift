// A repository as git's files and the last look show it: for a reader that wants to know how it is, at once. No process is
// started, nothing is published, and nothing is written. What only a look can tell – how far a branch is behind main – is as
// old as the last look, and says so.

package import NeuraphageEvents
package import NeuraphageGit
import NeuraphagePresentation
package import NeuraphageSystem
package import NeuraphageTasks

/// What is seen of a repository.
package struct RepositorySight: Sendable {
    /// What is seen of one of its worktrees.
    package struct Worktree: Sendable {
        package let place: Place
        package let directory: String
        package let branch: String?
        /// The task that it is; `nil` if it has no name yet.
        package let task: TaskID?
        /// Whether its directory is not there.
        package let isAway: Bool
        /// The command of git's that has begun in it and not ended, and since when.
        package let command: (name: String, since: Timestamp?)?
        /// How many commits its branch lacked of main at the last look, and whether main had taken it in.
        package let behind: Int?
        package let isMerged: Bool
    }

    /// The repository as people know it: the directory of its main checkout, or the bare repository.
    package let path: String
    package let id: RepositoryID
    /// The name of its main branch, and where main was at the last look.
    package let main: String?
    package let commit: String?
    /// When it was looked at last; now, if a process watches it.
    package let seen: Timestamp?
    package let isWatched: Bool
    package let worktrees: [Worktree]

    /// Looks at a repository's files.
    ///
    /// - Parameters:
    ///   - commonDirectory: What all its worktrees share, without symbolic links in its path.
    ///   - work: What has begun and not ended.
    ///   - names: The names of worktrees.
    /// - Returns: `nil` if there is no repository.
    package init?(
        of commonDirectory: String,
        _ work: OpenWork,
        _ names: PlaceNames,
        in directory: DataDirectory,
        at now: Timestamp
    ) {
        let files = directory.files
        guard files.isRegularFile(commonDirectory + "/HEAD"),
            let id = RepositoryID(of: commonDirectory, making: false, in: files)
        else { return nil }
        let hasMain = commonDirectory.hasSuffix("/.git")
        path = hasMain ? commonDirectory.parentDirectory : commonDirectory
        self.id = id
        let memory = RepositoryMemory(of: id, in: directory)
        let state = try? memory.state
        isWatched = memory.isWatched
        seen = state == nil ? nil : isWatched ? now : memory.written
        (main, commit) = (state?.branch, state?.commit)
        var found = (try? GitWorktree.linked(to: commonDirectory, in: files)) ?? []
        if hasMain {
            found.insert(GitWorktree(name: "", directory: path, gitDirectory: commonDirectory, in: files), at: 0)
        }
        let branches = found.map { (worktree: $0, branch: $0.branch) }
        let tasks = WorktreeTasks(
            of: branches,
            in: id,
            begun: work.tasks.filter { $0.place?.repository == id || $0.place == nil && $0.git == commonDirectory },
            runs: work.runningTasks,
            sessions: work.sessions,
            names: names,
            recording: false
        )
        worktrees = branches.map { worktree, branch in
            let known = state?.memory(of: worktree)
            return Worktree(
                place: Place(repository: id, entry: worktree.name, made: worktree.made ?? ""),
                directory: worktree.directory,
                branch: branch,
                task: tasks.task(of: worktree, onBranch: branch, named: known?.named),
                isAway: worktree.isLinked && worktree.isAway,
                command: worktree.begunCommand,
                behind: state?.standing(of: worktree.name, made: worktree.made ?? "")?.commitsBehind,
                isMerged: known.map { $0.isMerged && $0.branch == branch } ?? false
            )
        }
    }
}
