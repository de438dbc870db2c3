// Which task a process works for: the one answer, for a command of np, for an agent's hook, and for a watcher that looks at
// a repository from outside. They differ only in what they can see; what they see is weighed here.

public import NeuraphageEvents
package import NeuraphageGit
import NeuraphagePlatform
public import NeuraphagePresentation
public import NeuraphageSystem

/// What says which task a process works for, as far as it is known. Of several the first one in this order counts.
package struct TaskEvidence {
    /// The task to which the agent's session is bound.
    package var ofSession: TaskID?
    /// The task that the environment of the process names, if that still means this process.
    package var named: TaskID?
    /// The task to which an agent's session is bound that began in the place and goes on.
    package var ofAgent: TaskID?
    /// The task that something runs as in the place.
    package var running: TaskID?
    /// The task that the branch names.
    package var ofBranch: TaskID?
    /// The task that an agent began in the place.
    package var begun: TaskID?
    /// The task that something ran as in the place last.
    package var ranLast: TaskID?
    /// The name that np has chosen for the worktree.
    package var ofPlace: TaskID?

    package init() {}

    /// The task.
    package var task: TaskID? {
        ofSession ?? named ?? ofAgent ?? running ?? ofBranch ?? begun ?? ranLast ?? ofPlace
    }
}

/// Finds the task of a place.
public enum TaskOfPlace {
    /// The environment variable that names the task, set by `np run` for its command.
    public static let variable = "NP_TASK"

    /// The task that this process works for: the one that `NP_TASK` names, or else the task of the worktree that a directory
    /// lies in.
    ///
    /// `NP_TASK` that comes with `NP_RUN`, as `np run` and `np lock` set them, counts only while that command runs.
    ///
    /// - Parameters:
    ///   - dataDirectory: Where it is remembered what runs, and what worktrees are called.
    ///   - environment: How to look up a variable: the process's own environment if you don't say otherwise.
    ///   - directory: The directory of the process: the working directory if you don't say otherwise.
    ///   - isRecorded: Whether a name that has to be chosen for the worktree is written down.
    ///   - unreadable: Called if there is something that could be a worktree and cannot be read. Then there is no task.
    /// - Returns: The task; `nil` if there is none.
    /// - Throws: ``OperationError`` if `NP_TASK` is set to something that cannot be a task's id.
    public static func current(
        in dataDirectory: DataDirectory,
        environment: ((String) -> String?)? = nil,
        directory: String = ".",
        recording isRecorded: Bool = true,
        unreadable: (OperationError) -> Void = { _ in }
    ) throws(OperationError) -> TaskID? {
        if let inherited = try InheritedTask(environment), inherited.counts(in: dataDirectory) { return inherited.task }
        do throws(OperationError) {
            return try worktree(at: directory, in: dataDirectory, recording: isRecorded)
        } catch {
            unreadable(error)
            return nil
        }
    }

    /// The task of the worktree that a directory lies in.
    ///
    /// It is the one named by the branch that is checked out (or being rebased) there, if that is a task's branch; else the
    /// name that np has chosen for the worktree: that of its directory if no other worktree has it. Reads a few small files
    /// and starts no process.
    ///
    /// - Parameters:
    ///   - directory: A path, absolute or relative to the working directory.
    ///   - dataDirectory: Where it is remembered what worktrees are called.
    ///   - isRecorded: Whether a name that has to be chosen is written down. If not, it may be another one later.
    /// - Returns: The task; `nil` outside of a repository.
    /// - Throws: ``OperationError`` if there is something that could be a worktree and cannot be read.
    public static func worktree(
        at directory: String,
        in dataDirectory: DataDirectory,
        recording isRecorded: Bool = true
    ) throws(OperationError) -> TaskID? {
        guard let path = try dataDirectory.files.resolvedText(directory),
            let worktree = try GitWorktree.find(containing: path, in: dataDirectory.files)
        else { return nil }
        var evidence = TaskEvidence()
        var names = PlaceNames(in: dataDirectory)
        evidence.add(worktree, onBranch: worktree.branch, &names, recording: isRecorded)
        return evidence.task
    }
}

extension TaskEvidence {
    /// Adds what a worktree says: a task's branch, and the name of the worktree.
    package mutating func add(
        _ worktree: GitWorktree,
        onBranch branch: String?,
        _ names: inout PlaceNames,
        recording isRecorded: Bool
    ) {
        ofBranch = TaskID(ofBranch: branch)
        ofPlace = names.name(of: worktree, given: ofBranch, recording: isRecorded)
    }
}
