// Which task a place is: the one answer, for a process that acts for a task, for an agent's hook, and for a watcher that
// looks at a repository from outside. They differ only in what they can see; what they see is weighed here.

public import NeuraphageEvents
package import NeuraphageGit
import NeuraphagePlatform
public import NeuraphagePresentation
import NeuraphageSystem

/// What says which task a place is, as far as it is known. Of several the first one in this order counts.
package struct TaskEvidence {
    /// The task that the environment of the process names.
    package var named: TaskID?
    /// The task by which agents know the place – its branch's, else its directory's – if an agent works there as that task.
    package var ofAgent: TaskID?
    /// The task that something runs as in the place.
    package var running: TaskID?
    /// The task that the branch names.
    package private(set) var ofBranch: TaskID?
    /// The task that an agent began in the place.
    package var begun: TaskID?
    /// The task that something ran as in the place last.
    package var ranLast: TaskID?
    /// The task that the directory names.
    package private(set) var ofDirectory: TaskID?
    /// The task with which the agent's session began.
    package var ofSession: TaskID?

    package init() {}

    /// The task.
    package var task: TaskID? {
        named ?? ofAgent ?? running ?? ofBranch ?? begun ?? ranLast ?? ofDirectory ?? ofSession
    }
}

/// Finds the task of a place.
public enum TaskOfPlace {
    /// The environment variable that names the task, set by `np run` for its command.
    public static let variable = "NP_TASK"
    /// The branches of tasks: `neuraphage/eg-abc123` is the branch of the task `eg-abc123`.
    public static let branchPrefix = "neuraphage/"

    /// The task that this process works for: the one that `NP_TASK` names, or else the task of the worktree that a directory
    /// lies in.
    ///
    /// - Parameters:
    ///   - environment: How to look up a variable: the process's own environment if you don't say otherwise.
    ///   - directory: The directory of the process: the working directory if you don't say otherwise.
    /// - Returns: The task; `nil` if there is none.
    /// - Throws: ``OperationError`` if `NP_TASK` is set to something that cannot be a task's id.
    public static func current(
        environment: ((String) -> String?)? = nil,
        directory: String = "."
    ) throws(OperationError) -> TaskID? {
        try current(environment: environment, directory: directory, in: RealFileSystem())
    }

    package static func current(
        environment: ((String) -> String?)? = nil,
        directory: String = ".",
        in files: any FileSystem
    ) throws(OperationError) -> TaskID? {
        TaskEvidence(ofProcessAt: directory, named: try named(by: environment), in: files).task
    }

    /// The task that `NP_TASK` names; `nil` if it isn't set.
    package static func named(by environment: ((String) -> String?)? = nil) throws(OperationError) -> TaskID? {
        let lookUp = environment ?? { name in getenv(name).map { String(cString: $0) } }
        guard let name = lookUp(variable), !name.isEmpty else { return nil }
        do throws(NameError) {
            return try TaskID(name)
        } catch {
            throw OperationError(
                .usage,
                "the environment variable \(variable) names no task: \(error)",
                hint: "unset it or correct it"
            )
        }
    }

    /// The task of the worktree that a directory lies in.
    ///
    /// It is the one named by the branch that is checked out (or being rebased) there, if that is a task's branch; else,
    /// in a linked worktree, the one named like the worktree's directory. Reads a few of git's files and starts no process.
    ///
    /// - Parameter directory: A path, absolute or relative to the working directory.
    /// - Returns: The task; `nil` outside of a repository, in a main checkout or a submodule without a task's branch,
    ///   and where the name is not a valid `TaskID`.
    public static func worktree(at directory: String) -> TaskID? {
        worktree(at: directory, in: RealFileSystem())
    }

    package static func worktree(at directory: String, in files: any FileSystem) -> TaskID? {
        var evidence = TaskEvidence()
        evidence.add(worktreeAt: directory, in: files)
        return evidence.task
    }
}

extension TaskEvidence {
    /// What a process knows that works in a directory: what its environment names, else what the worktree says.
    package init(ofProcessAt directory: String, named: TaskID?, in files: any FileSystem) {
        self.named = named
        if named == nil { add(worktreeAt: directory, in: files) }
    }

    /// Adds what the worktree says that a directory lies in.
    package mutating func add(worktreeAt directory: String, in files: any FileSystem) {
        guard let path = try? files.resolve(directory), let worktree = GitWorktree(containing: path, in: files) else {
            return
        }
        add(worktree, onBranch: worktree.branch)
    }

    /// Adds what a worktree says: a task's branch decides, else the directory of a linked worktree.
    ///
    /// - Returns: Whether its branch is a task's, or would be if the name could be one.
    @discardableResult
    package mutating func add(_ worktree: GitWorktree, onBranch branch: String?) -> Bool {
        if let branch, branch.hasPrefix(TaskOfPlace.branchPrefix) {
            ofBranch = try? TaskID(String(branch.dropFirst(TaskOfPlace.branchPrefix.count)))
            return true
        }
        if worktree.isLinked {
            ofDirectory = worktree.directory.split(separator: "/").last.flatMap { try? TaskID(String($0)) }
        }
        return false
    }
}
