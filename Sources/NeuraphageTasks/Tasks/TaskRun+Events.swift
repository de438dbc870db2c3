// What the log says about a run. Pure: how a command ended goes in, an event comes out.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem

extension TaskRun {
    /// The event that says how a run ended.
    ///
    /// - Parameters:
    ///   - begin: The event that said that it began.
    ///   - cancellation: The signal by which the end was asked for while the command ran, if it was.
    ///   - duration: How long the command ran.
    ///   - isPart: Whether its task has begun before it, and so doesn't end with it.
    static func endEvent(
        _ task: TaskID,
        _ ending: ProcessEnding,
        begin: EventID,
        cancelledBy cancellation: Int32?,
        after duration: Duration,
        isPart: Bool = false
    ) -> Event {
        let (outcome, exitCode, signal): (Event.Outcome, Int32?, Int32?) =
            switch ending {
            case .exited(let code) where code == 0: (.completed(summary: nil), 0, nil)
            case .exited(let code):
                if let cancellation {
                    (.cancelled(reason: SignalName.name(of: cancellation)), code, nil)
                } else {
                    (.failed(error: "exit code \(code)"), code, nil)
                }
            case .killed(let signal):
                if SignalName.cancelling.contains(signal) {
                    (.cancelled(reason: SignalName.name(of: signal)), nil, signal)
                } else {
                    (.failed(error: "killed by \(SignalName.name(of: signal))"), nil, signal)
                }
            case .notStarted(let failure): (.failed(error: failure.sentence), failure.shellExitCode, nil)
            }
        let command = Event.CommandEnd(exitCode: exitCode, signal: signal, after: duration)
        return .ended(task, isPart: isPart, outcome, of: command, begin: begin)
    }

    /// The end of a run whose process was killed. How the command ended, or whether it has, is not known.
    static func endByDeath(of run: OpenNote) -> Event {
        let process = run.pid.map { " (process \($0))" } ?? ""
        let error = "np run was killed\(process); how its command ended is not known"
        let isPart = run.begin.kind == .runStarted
        return .ended(run.begin.source, isPart: isPart, .failed(error: error), begin: run.begin.id, inferred: true)
    }
}
