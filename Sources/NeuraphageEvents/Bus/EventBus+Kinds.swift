// A method for each of the common kinds: it publishes what the builder of that kind makes.

extension EventBus {
    /// A task began.
    @discardableResult
    public func taskStarted(_ task: TaskID, title: String? = nil) -> EventReceipt {
        publish(.taskStarted(task, title: title))
    }

    /// A task ended well.
    @discardableResult
    public func taskCompleted(_ task: TaskID, begin: EventID? = nil, summary: String) -> EventReceipt {
        publish(.taskCompleted(task, begin: begin, summary: summary))
    }

    /// A task ended with an error.
    @discardableResult
    public func taskFailed(_ task: TaskID, begin: EventID? = nil, error: String) -> EventReceipt {
        publish(.taskFailed(task, begin: begin, error: error))
    }

    /// A task was ended from outside before it was done.
    @discardableResult
    public func taskCancelled(_ task: TaskID, begin: EventID? = nil, reason: String? = nil) -> EventReceipt {
        publish(.taskCancelled(task, begin: begin, reason: reason))
    }

    /// A task waits for an answer from a person. Ephemeral.
    @discardableResult
    public func taskWaitingForUser(_ task: TaskID, prompt: String) -> EventReceipt {
        publish(.taskWaitingForUser(task, prompt: prompt))
    }

    /// A task changed a file. Ephemeral.
    @discardableResult
    public func fileModified(_ task: TaskID, path: String) -> EventReceipt {
        publish(.fileModified(task, path: path))
    }

    /// The main branch moved.
    @discardableResult
    public func mainUpdated(repo: String, branch: String, previous: String?, commit: String) -> EventReceipt {
        publish(.mainUpdated(Checkout(repo: repo, branch: branch), previous: previous, commit: commit))
    }

    /// A task's branch is behind the main branch.
    @discardableResult
    public func rebaseRequired(_ task: TaskID, commitsBehind: Int, newCommits: [String] = []) -> EventReceipt {
        publish(.rebaseRequired(task, commitsBehind: commitsBehind, newCommits: newCommits))
    }

    /// A task's branch has caught up with the main branch.
    @discardableResult
    public func rebaseCompleted(_ task: TaskID, previous: String, new: String) -> EventReceipt {
        publish(.rebaseCompleted(task, previous: previous, new: new))
    }

    /// Rebasing a task's branch stopped on a conflict in these files.
    @discardableResult
    public func rebaseConflict(_ task: TaskID, files: [String], details: String = "") -> EventReceipt {
        publish(.rebaseConflict(task, files: files, details: details))
    }

    /// A task was given a hint, by another task or by a person.
    @discardableResult
    public func nudgeSent(
        to target: TaskID,
        from source: TaskID? = nil,
        message: String,
        severity: String = "Hint"
    ) -> EventReceipt {
        publish(.nudgeSent(to: target, from: source, message: message, severity: severity))
    }

    /// Something that one task learned was passed on to another.
    @discardableResult
    public func syncRelayed(
        from source: TaskID,
        to target: TaskID,
        learning: String,
        urgency: String = "Fyi"
    ) -> EventReceipt {
        publish(.syncRelayed(from: source, to: target, learning: learning, urgency: urgency))
    }

    /// A task learned something.
    @discardableResult
    public func learningExtracted(_ task: TaskID, title: String, kind: String = "Fact") -> EventReceipt {
        publish(.learningExtracted(task, title: title, kind: kind))
    }
}
