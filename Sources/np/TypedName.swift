// Names as a person types them: one place that says what they mean, for all commands.

import ArgumentParser
import NeuraphageCoordination
import NeuraphageEvents

enum TypedName {
    /// The task that was typed; `.` is the task of this worktree.
    static func task(_ text: String) throws(ValidationError) -> TaskID {
        if text == "." { return try taskHere() }
        try refuseRepaired(text, "the task id")
        do {
            return try TaskID(text)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The task whose events are looked for: the log may have any name.
    static func taskInLog(_ text: String) throws(ValidationError) -> TaskID {
        if text == "." { return try taskHere() }
        guard !text.isEmpty else { throw ValidationError("--task is empty; name a task.") }
        return TaskID(asWritten: text)
    }

    /// The lock that was typed.
    static func lock(_ text: String) throws(ValidationError) -> LockName {
        try refuseRepaired(text, "the name of the lock")
        do {
            return try LockName(text)
        } catch {
            throw ValidationError("\(error)")
        }
    }

    /// The task that this process works for, if it is one.
    static func currentTask() throws(ValidationError) -> TaskID? {
        do {
            return try CurrentTask.find()
        } catch {
            throw ValidationError("\(error)")
        }
    }

    private static func taskHere() throws(ValidationError) -> TaskID {
        guard let task = try currentTask() else {
            throw ValidationError("'.' means the task of the worktree you stand in, and this is none; name the task.")
        }
        return task
    }

    /// Bytes that are no UTF-8 have all become the same character: two names would be one.
    private static func refuseRepaired(_ text: String, _ what: String) throws(ValidationError) {
        guard text.unicodeScalars.contains("\u{FFFD}") else { return }
        throw ValidationError(
            "\(what) is no UTF-8, or contains U+FFFD, which stands for what is none; use another name."
        )
    }
}
