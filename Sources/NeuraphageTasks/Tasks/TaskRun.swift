// A command run as a task: its beginning and its end become events, and nothing else changes. If the task has begun
// already – an outer run is it, or an agent's hook began it –, the command is a part of it: then what begins and ends is
// a run, and the task goes on.
//
// Whoever started the command – a person at a terminal, a script, a supervisor – must not notice that anybody stands in
// between. So the child inherits descriptors, process group, signal mask and ignored signals; signals sent to this
// process go on to the child; and the caller ends as the child ended. swift-subprocess cannot do this: it resets every
// signal to its default in the child, which breaks `nohup`.

public import NeuraphageEvents
import NeuraphageGit
import NeuraphagePlatform
import NeuraphagePresentation
public import NeuraphageSystem

/// Runs a command as a task, or as a part of one that has begun already, and publishes its beginning and its end.
///
/// ```swift
/// let run = TaskRun("eg-abc123", command: ["make", "test"])
/// let result = run.perform(publishingTo: bus, recordedIn: TaskRecords(in: directory))
/// bus.close()
/// endProcess(like: result.ending)
/// ```
public struct TaskRun: Sendable {
    /// How a run went.
    public struct Result: Hashable, Sendable {
        /// How the command ended.
        public let ending: ProcessEnding
        /// What became of the event that told the beginning.
        public let start: EventReceipt
        /// What became of the event that told the end.
        public let end: EventReceipt
    }

    /// The task that the command is. The command sees it as `NP_TASK`, which means it while the command runs: `NP_RUN`,
    /// which comes with it, names the run.
    public let task: TaskID
    /// What the task is about, in a few words.
    public var title: String?
    /// Environment variables that the command gets in addition to this process's, or instead of them.
    public var environment: [String: String] = [:]
    /// Signals that this process ignores but whoever started it did not. The command gets their default back.
    public var signalsToReset: [Int32] = []
    /// The command's words as bytes, without the closing NUL.
    let words: [[UInt8]]

    /// A command to run.
    ///
    /// - Parameters:
    ///   - task: The task that it is.
    ///   - command: The program, looked up in `PATH` if its name has no slash, and its arguments.
    public init(_ task: TaskID, command: [String]) {
        self.init(task, words: command.map { Array($0.utf8) })
    }

    /// A command whose words need not be UTF-8, such as file names of another encoding.
    public init(_ task: TaskID, words: [[UInt8]]) {
        self.task = task
        self.words = words
    }

    /// Starts the command, waits until it has ended, and publishes both. A log that fails never stops the command.
    ///
    /// What is published is `TaskStarted`, and `TaskCompleted`, `TaskFailed` or `TaskCancelled`. If the task has begun
    /// already and not ended, it is `RunStarted` and `RunEnded` of that task, with the same payloads. Of many that run the
    /// same task at once, one is the task, and the others are parts of it.
    ///
    /// Only the process that was started is waited for, not what it leaves behind in the background.
    ///
    /// Meanwhile this process takes no signal itself: those sent to it by another process are passed on to the command;
    /// those from the terminal have reached the command already. If the command stops, this process stops too, and who
    /// continues it continues the command. For that, call this from the only thread that takes signals: the main thread,
    /// before any other is started. On return the calling thread's signal mask is what it was.
    ///
    /// If this process is killed, whoever calls ``Ledger/settle(publishingTo:)`` next publishes the end.
    ///
    /// - Parameters:
    ///   - bus: Where the events go.
    ///   - records: Where to write down that the task runs. Not being able to is no reason not to run it.
    ///   - meanwhile: Called once, as soon as the command runs or has turned out not to. It may start another process and
    ///     return its id; this process then reaps that one, too, if it ends before the command.
    /// - Returns: How the command ended, and whether the log knows.
    public func perform(
        publishingTo bus: EventBus,
        recordedIn records: TaskRecords,
        meanwhile: () -> Int32? = { nil }
    ) -> Result {
        let signals = SignalReceiver()
        defer { signals.restore() }
        // Others wait for the lock, so what takes time comes before it.
        let workingDirectory = Self.workingDirectory
        let place = PlaceNames.place(containing: workingDirectory, in: records.directory)
        let session = AgentSessions(in: records.directory).ofThisProcess(for: task)
        let checkout = GitWorktree(containing: workingDirectory, in: records.files)?.checkout
        // A process that finds the task begun finds it in the log, too.
        let lock = try? records.ledger.lock(.tasks)
        let runs = records.paths(ofRunsOf: task)
        records.endDead(runs, publishingTo: bus)
        let isPart = records.isOpen(task, runs: runs)
        let started = Event.commandStarted(
            task,
            isPart: isPart,
            title: title,
            command: LoggedCommand.line(words),
            by: session?.name,
            at: checkout
        )
        var inherited = InheritedTask(task: task, run: nil)
        let record: OpenRecord?
        do throws(OperationError) {
            record = try records.record(started, of: task, in: workingDirectory, at: place)
            // Without a record nobody could tell that the run has ended.
            inherited.run = started.id.description
        } catch {
            record = nil
        }
        let start = bus.publish(started)
        _ = consume lock
        let clock = ContinuousClock()
        let beginning = clock.now
        let variables = environment.merging(inherited.variables) { _, inherited in inherited }
        let (ending, cancellation) = ChildProcess.run(
            words,
            environment: variables,
            signals: signals,
            resetting: signalsToReset,
            meanwhile: meanwhile
        )
        let duration = clock.now - beginning
        let ended = Self.endEvent(
            task,
            ending,
            begin: started.id,
            cancelledBy: cancellation,
            after: duration,
            isPart: isPart
        )
        let end =
            if let record { record.end(with: ended, publishingTo: bus) } else { bus.publish(ended) }
        return Result(ending: ending, start: start, end: end)
    }

    private static var workingDirectory: String {
        guard let directory = getcwd(nil, 0) else { return "/" }
        defer { free(directory) }
        return String(cString: directory)
    }
}
