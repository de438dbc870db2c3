// The task that a branch names: it is given, and np never changes it.

package import NeuraphageEvents

extension TaskID {
    /// The branches of tasks: `neuraphage/eg-abc123` is the branch of the task `eg-abc123`.
    package static let branchPrefix = "neuraphage/"

    /// The task that a branch names; `nil` if it is no task's, or the name cannot be one.
    package init?(ofBranch branch: String?) {
        guard let branch, branch.hasPrefix(Self.branchPrefix) else { return nil }
        guard let task = try? TaskID(String(branch.dropFirst(Self.branchPrefix.count))) else { return nil }
        self = task
    }
}
