// What the log says about a run. Pure: how a command ended goes in, an event comes out.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

extension TaskRun {
    /// The event that says that the run begins.
    ///
    /// - Parameter isPart: Whether its task has begun already.
    func startEvent(isPart: Bool) -> Event {
        let title = title.map { [("title", JSONValue.string($0))] } ?? []
        let members = title + [("command", .string(LoggedCommand.line(words)))]
        return Event(isPart ? .runStarted : .taskStarted, from: task, payload: Payload(.object(members)))
    }

    /// The event that says how a run ended.
    ///
    /// - Parameters:
    ///   - cancellation: The signal by which somebody asked for the end while the command ran, if somebody did.
    ///   - duration: How long the command ran.
    ///   - isPart: Whether its task has begun before it, and so doesn't end with it.
    static func endEvent(
        _ task: TaskID,
        _ ending: ProcessEnding,
        cancelledBy cancellation: Int32?,
        after duration: Duration,
        isPart: Bool = false
    ) -> Event {
        let duration = ("duration_ms", JSONValue.integer(duration.milliseconds))
        func event(_ kind: EventKind, _ members: (String, JSONValue)...) -> Event {
            Event(isPart ? .runEnded : kind, from: task, payload: Payload(.object(members + [duration])))
        }
        switch ending {
        case .exited(let code) where code == 0:
            return event(.taskCompleted, ("exit_code", 0))
        case .exited(let code):
            if let cancellation {
                let reason = SignalName.name(of: cancellation)
                return event(.taskCancelled, ("reason", .string(reason)), ("exit_code", .integer(code)))
            }
            return event(.taskFailed, ("error", .string("exit code \(code)")), ("exit_code", .integer(code)))
        case .killed(let signal):
            let name = SignalName.name(of: signal)
            if SignalName.cancelling.contains(signal) {
                return event(.taskCancelled, ("reason", .string(name)), ("signal", .integer(signal)))
            }
            return event(.taskFailed, ("error", .string("killed by \(name)")), ("signal", .integer(signal)))
        case .notStarted(let failure):
            let error = failure.sentence
            return event(.taskFailed, ("error", .string(error)), ("exit_code", .integer(failure.shellExitCode)))
        }
    }
}

extension TaskRun {
    /// The end of a run whose process was killed. How the command ended, or whether it has, nobody knows.
    static func endByDeath(of run: OpenNote) -> Event {
        let process = run.pid.map { " (process \($0))" } ?? ""
        let error = "np run was killed\(process); how its command ended is not known"
        let kind = run.begin.kind == .runStarted ? EventKind.runEnded : .taskFailed
        return Event(
            kind,
            from: run.begin.source,
            payload: ["error": .string(error), "begin": .string(run.begin.id.description), "inferred": true]
        )
    }
}
