// A method for each of the common kinds, with the payload that the vocabulary gives it.

extension EventBus {
    /// A task began.
    @discardableResult
    public func taskStarted(_ task: TaskID, title: String? = nil) -> EventReceipt {
        publish(
            Event(.taskStarted, from: task, payload: Payload(.object(title.map { [("title", .string($0))] } ?? [])))
        )
    }

    /// A task ended well.
    @discardableResult
    public func taskCompleted(_ task: TaskID, summary: String) -> EventReceipt {
        publish(Event(.taskCompleted, from: task, payload: ["summary": .string(summary)]))
    }

    /// A task ended with an error.
    @discardableResult
    public func taskFailed(_ task: TaskID, error: String) -> EventReceipt {
        publish(Event(.taskFailed, from: task, payload: ["error": .string(error)]))
    }

    /// A task was ended by somebody before it was done.
    @discardableResult
    public func taskCancelled(_ task: TaskID, reason: String? = nil) -> EventReceipt {
        let members = reason.map { [("reason", JSONValue.string($0))] } ?? []
        return publish(Event(.taskCancelled, from: task, payload: Payload(.object(members))))
    }

    /// A task waits for an answer from a person. Ephemeral.
    @discardableResult
    public func taskWaitingForUser(_ task: TaskID, prompt: String) -> EventReceipt {
        publish(Event(.taskWaitingForUser, from: task, payload: ["prompt": .string(prompt)]))
    }

    /// A task changed a file. Ephemeral.
    @discardableResult
    public func fileModified(_ task: TaskID, path: String) -> EventReceipt {
        publish(Event(.fileModified, from: task, payload: ["path": .string(path)]))
    }

    /// The main branch moved.
    @discardableResult
    public func mainUpdated(repo: String, branch: String, previous: String?, commit: String) -> EventReceipt {
        publish(.mainUpdated(repo: repo, branch: branch, previous: previous, commit: commit))
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
        publish(.nudgeSent(to: target, from: source.map { .task($0) } ?? .other, message: message, severity: severity))
    }

    /// Something that one task learned was passed on to another.
    @discardableResult
    public func syncRelayed(
        from source: TaskID,
        to target: TaskID,
        learning: String,
        urgency: String = "Fyi"
    ) -> EventReceipt {
        publish(
            Event(
                .syncRelayed,
                from: source,
                to: target,
                payload: ["learning": .string(learning), "urgency": .string(urgency)]
            )
        )
    }

    /// A task learned something.
    @discardableResult
    public func learningExtracted(_ task: TaskID, title: String, kind: String = "Fact") -> EventReceipt {
        publish(Event(.learningExtracted, from: task, payload: ["title": .string(title), "kind": .string(kind)]))
    }
}
