// Names as a person types them: one place that says what they mean, for all commands.

import ArgumentParser
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageTasks

enum TypedName {
    /// The task that was typed; `.` is the task of this worktree.
    static func task(_ text: String) throws(ValidationError) -> TaskID {
        if text == "." { return try taskHere() }
        return try valid { () throws(OperationError) in try TaskID(typed: text) }
    }

    /// The task whose events are looked for: the log may have any name.
    static func taskInLog(_ text: String) throws(ValidationError) -> TaskID {
        if text == "." { return try taskHere() }
        guard !text.isEmpty else { throw ValidationError("--task is empty; name a task.") }
        return TaskID(asWritten: text)
    }

    /// The lock that was typed.
    static func lock(_ text: String) throws(ValidationError) -> LockName {
        try valid { () throws(OperationError) in
            try Name.typed(text, "the name of the lock") { text throws(NameError) in try LockName(text) }
        }
    }

    /// The task that this process works for, if it is one.
    static func currentTask() throws(ValidationError) -> TaskID? {
        try valid { () throws(OperationError) in try TaskOfPlace.current() }
    }

    private static func taskHere() throws(ValidationError) -> TaskID {
        guard let task = try currentTask() else {
            throw ValidationError("'.' means the task of the worktree you are in, and this is none; name the task.")
        }
        return task
    }

    /// What a text means, as the argument parser reports that it means nothing.
    static func valid<Result>(_ meaning: () throws(OperationError) -> Result) throws(ValidationError) -> Result {
        do throws(OperationError) {
            return try meaning()
        } catch {
            throw ValidationError(error.description)
        }
    }
}
