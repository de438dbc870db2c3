// Names as a person types them: one place that says what they mean, for all commands.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageSystem
import NeuraphageTasks

enum TypedName {
    /// Refuses what can be the name of no task, before anything is read.
    static func check(_ text: String) throws(ValidationError) {
        guard text != "." else { return }
        _ = try valid { () throws(OperationError) in try TaskID(typed: text) }
    }

    /// The task that was typed; `.` is the task of this worktree.
    static func task(_ text: String, in directory: DataDirectory) throws(OperationError) -> TaskID {
        text == "." ? try taskHere(directory) : try TaskID(typed: text)
    }

    /// The same for a name that some task must have, or a number of the list that `np` has shown last in this terminal.
    static func existingTask(
        _ text: String,
        in configuration: Configuration,
        check: (KnownTasks, TaskID) throws -> Void = { try $0.check($1) }
    ) throws -> TaskID {
        if let task = try numberedTask(text, in: configuration.dataDirectory) { return task }
        let text = literal(text)
        let task = try task(text, in: configuration.dataDirectory)
        guard text != "." else { return task }
        do {
            try check(KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path), task)
        } catch let error as OperationError where error.code == .usage && UInt(text) != nil {
            // A number was meant, if no task has that name.
            guard ShownListFile(in: configuration.dataDirectory)?.list == nil else { throw error }
            throw OperationError(
                .usage,
                "there is no task '\(text)', and no tasks were numbered in this terminal yet",
                hint: "np numbers them"
            )
        }
        return task
    }

    /// The same for a task that is to be told something.
    ///
    /// - Parameter anyway: What to type if it is meant all the same.
    static func receiver(_ text: String, in configuration: Configuration, anyway: String) throws -> TaskID {
        try existingTask(text, in: configuration) { try $0.checkReceiver($1, anyway: anyway) }
    }

    /// The task whose events are looked for: the log may have any name.
    static func taskInLog(_ text: String, in directory: DataDirectory) throws(OperationError) -> TaskID {
        if text == "." { return try taskHere(directory, recording: false) }
        let numbered = try ShownList.task(text, in: ShownListFile(in: directory)?.list)
        return numbered ?? TaskID(asWritten: literal(text))
    }

    /// The task that a number of the list means which this terminal has shown last; `nil` if the text is no such number. Says
    /// which task that is, because the list may be old.
    static func numberedTask(_ text: String, in directory: DataDirectory) throws(OperationError) -> TaskID? {
        let list = ShownListFile(in: directory)?.list
        guard let task = try ShownList.task(text, in: list), let list else { return nil }
        complain("\(text) is \(task), in the list of \((Timestamp.now - list.time).rough) ago")
        return task
    }

    /// The name that is meant: `task:1` is the task that is called `1`, whatever was numbered.
    static func literal(_ text: String) -> String {
        text.hasPrefix(ShownList.literalPrefix) ? String(text.dropFirst(ShownList.literalPrefix.count)) : text
    }

    /// The lock that was typed.
    static func lock(_ text: String) throws(ValidationError) -> LockName {
        try valid { () throws(OperationError) in
            try Name.typed(text, "the name of the lock") { text throws(NameError) in try LockName(text) }
        }
    }

    /// The task that this process works for, if it is one.
    static func currentTask(in directory: DataDirectory) throws(OperationError) -> TaskID? {
        let task = try TaskOfPlace.current(
            in: directory,
            unreadable: { complain("note: this belongs to no worktree's task: \($0.sentence)") }
        )
        sayRemarks(directory)
        return task
    }

    private static func taskHere(
        _ directory: DataDirectory,
        recording isRecorded: Bool = true
    ) throws(OperationError) -> TaskID {
        guard let task = try TaskOfPlace.worktree(at: ".", in: directory, recording: isRecorded) else {
            throw OperationError(
                .usage,
                "'.' means the task of the worktree you are in, and this is none",
                hint: "name the task"
            )
        }
        sayRemarks(directory)
        return task
    }

    private static func sayRemarks(_ directory: DataDirectory) {
        var names = PlaceNames(in: directory)
        for remark in names.takeRemarks() { complain("note: \(remark)") }
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
