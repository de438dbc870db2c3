// The task that a process has inherited with its environment. An environment outlives what it was made for: a terminal
// multiplexer or an agent's background service hands it on to whatever it starts later, for whichever task.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphagePresentation
package import NeuraphageSystem

/// What `NP_TASK` and `NP_RUN` say.
package struct InheritedTask: Equatable, Sendable {
    /// The environment variable that names the run, or the lock's holder, for whose command `NP_TASK` was set.
    package static let runVariable = "NP_RUN"

    package let task: TaskID
    /// The id of the event with which that began; `nil` if the task is the statement of a program that isn't np.
    package var run: String?

    package init(task: TaskID, run: EventID?) {
        self.task = task
        self.run = run?.description
    }

    /// What the environment says.
    ///
    /// - Parameter environment: How to look up a variable: the process's own environment if you don't say otherwise.
    /// - Returns: `nil` if it names no task.
    /// - Throws: ``OperationError`` if it names something that cannot be a task.
    package init?(_ environment: ((String) -> String?)? = nil) throws(OperationError) {
        let lookUp = environment ?? { name in getenv(name).map { String(cString: $0) } }
        guard let name = lookUp(TaskOfPlace.variable), !name.isEmpty else { return nil }
        do throws(NameError) {
            task = try TaskID(name)
        } catch {
            throw OperationError(
                .usage,
                "the environment variable \(TaskOfPlace.variable) names no task: \(error)",
                hint: "unset it or correct it"
            )
        }
        run = lookUp(Self.runVariable).flatMap { $0.isEmpty ? nil : $0 }
    }

    /// The variables as a command gets them.
    var variables: [String: String] {
        [TaskOfPlace.variable: task.description, Self.runVariable: run ?? ""]
    }

    /// Whether it is the task of a process: the run that set it goes on, or a program that isn't np has set it.
    package func counts(in directory: DataDirectory) -> Bool {
        guard let run else { return true }
        return records(of: run, in: directory).contains { path in
            if case .inUse(_?) = OpenRecord.look(path, directory.files) { true } else { false }
        }
    }

    /// Whether it is the task of a process that a hook serves: then the run must also be one of those that have started the
    /// process, or have begun in the same worktree.
    ///
    /// - Parameters:
    ///   - place: The worktree in which the agent works.
    ///   - ancestors: The processes from which this one comes.
    package func counts(at place: Place?, among ancestors: @autoclosure () -> [Int32], in directory: DataDirectory)
        -> Bool
    {
        guard let run else { return true }
        return records(of: run, in: directory).contains { path in
            guard case .inUse(let note?) = OpenRecord.look(path, directory.files) else { return false }
            let isSamePlace = place != nil && Place(note.about) == place
            return isSamePlace || ProcessIdentity(note.about)?.isAmong(ancestors(), in: directory.files) ?? false
        }
    }

    /// The paths at which the record of a command may be that began with an event: a run's or a lock's holder's.
    private func records(of event: String, in directory: DataDirectory) -> [String] {
        // The text comes from outside and must not lead anywhere else.
        guard event.allSatisfy({ $0.isHexDigit || $0 == "-" }) else { return [] }
        let ledger = Ledger(in: directory)
        let run = DataDirectory.RecordPrefix.run
        // The second one is of an older version.
        return [ledger.path(run, TaskRecords.nameOfRun(event, of: task)), ledger.path(run, event)]
            + [ledger.path(DataDirectory.RecordPrefix.holder, event)]
    }
}
