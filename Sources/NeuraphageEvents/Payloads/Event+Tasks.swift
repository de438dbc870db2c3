// Builders: tasks, and the commands that are parts of them.

extension Event {
    /// A task began.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - title: What it is about, in a few words.
    ///   - session: The agent's session that began it.
    ///   - checkout: The worktree that it works in.
    public static func taskStarted(
        _ task: TaskID,
        title: String? = nil,
        by session: SessionName? = nil,
        at checkout: Checkout? = nil
    ) -> Event {
        let members = [text("title", title)] + self.session(session) + branch(checkout)
        return Event(.taskStarted, from: task, saying: members)
    }

    /// A command began that is a task, or a part of one.
    package static func commandStarted(
        _ task: TaskID,
        isPart: Bool,
        title: String?,
        command: String,
        by session: SessionName?,
        at checkout: Checkout?
    ) -> Event {
        let members = [text("title", title), text("command", command)] + self.session(session) + branch(checkout)
        return Event(isPart ? .runStarted : .taskStarted, from: task, saying: members)
    }

    /// A task ended well.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - begin: The event that began it, by which readers tell its lives apart.
    ///   - summary: What came of it.
    public static func taskCompleted(_ task: TaskID, begin: EventID? = nil, summary: String) -> Event {
        ended(task, .completed(summary: summary), begin: begin)
    }

    /// A task ended with an error.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - begin: The event that began it, by which readers tell its lives apart.
    ///   - error: What went wrong.
    public static func taskFailed(_ task: TaskID, begin: EventID? = nil, error: String) -> Event {
        ended(task, .failed(error: error), begin: begin)
    }

    /// A task was ended from outside before it was done.
    ///
    /// - Parameters:
    ///   - task: The task.
    ///   - begin: The event that began it, by which readers tell its lives apart.
    ///   - reason: Why.
    public static func taskCancelled(_ task: TaskID, begin: EventID? = nil, reason: String? = nil) -> Event {
        ended(task, .cancelled(reason: reason), begin: begin)
    }

    /// How a task, or a command that is a part of one, ended.
    package enum Outcome: Hashable, Sendable {
        case completed(summary: String?)
        case failed(error: String)
        case cancelled(reason: String?)
    }

    /// How the process of a command ended.
    package struct CommandEnd: Hashable, Sendable {
        let exitCode: Int32?
        let signal: Int32?
        let duration: Duration

        package init(exitCode: Int32? = nil, signal: Int32? = nil, after duration: Duration) {
            self.exitCode = exitCode
            self.signal = signal
            self.duration = duration
        }
    }

    /// A task, or a command that is a part of one, ended.
    package static func ended(
        _ task: TaskID?,
        isPart: Bool = false,
        _ outcome: Outcome,
        of command: CommandEnd? = nil,
        begin: EventID?,
        inferred isInferred: Bool = false,
        at checkout: Checkout? = nil
    ) -> Event {
        let (kind, word): (EventKind, Member) =
            switch outcome {
            case .completed(let summary): (.taskCompleted, text("summary", summary))
            case .failed(let error): (.taskFailed, text("error", error))
            case .cancelled(let reason): (.taskCancelled, text("reason", reason))
            }
        let process: [Member] = [
            ("exit_code", command?.exitCode.map { .integer($0) }), ("signal", command?.signal.map { .integer($0) }),
            milliseconds("duration_ms", command?.duration),
        ]
        let members = [word].filter { $0.value != nil } + process.filter { $0.value != nil }
        let ending = [event("begin", begin), inferred(isInferred)]
        return Event(
            isPart ? .runEnded : kind,
            from: task,
            saying: members + ending + (checkout == nil ? [] : branch(checkout))
        )
    }

    /// A task ended because main has its work.
    ///
    /// - Parameters:
    ///   - commit: The commit of main by which it has.
    ///   - how: How main has it, if that was not by a merge.
    package static func taskCompleted(
        _ task: TaskID,
        begin: EventID,
        asOf commit: String,
        how: String?,
        at checkout: Checkout
    ) -> Event {
        let members = [
            text("summary", "\(how ?? "merged") as \(commit.prefix(7))"), text("commit", commit), text("how", how),
            event("begin", begin), inferred(true),
        ]
        return Event(.taskCompleted, from: task, saying: members + branch(checkout))
    }

    /// A task was paused. It is told so.
    public static func taskPaused(_ task: TaskID, reason: String? = nil) -> Event {
        Event(.taskPaused, to: task, saying: [text("reason", reason)])
    }

    /// A task waits for an answer from a person. Ephemeral.
    public static func taskWaitingForUser(_ task: TaskID?, prompt: String, in session: SessionName? = nil) -> Event {
        Event(.taskWaitingForUser, from: task, saying: self.session(session) + [text("prompt", prompt)])
    }

    /// A task learned something.
    public static func learningExtracted(_ task: TaskID, title: String, kind: String = "Fact") -> Event {
        Event(.learningExtracted, from: task, saying: [text("title", title), text("kind", kind)])
    }

    /// A task changed a file. Ephemeral.
    public static func fileModified(_ task: TaskID?, path: String, in session: SessionName? = nil) -> Event {
        Event(.fileModified, from: task, saying: self.session(session) + [text("path", path)])
    }
}
