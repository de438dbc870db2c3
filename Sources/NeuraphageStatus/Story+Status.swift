// A story that goes on ends with how its task is now. The log alone would have an agent at work that has died.

package import NeuraphageEvents
package import NeuraphageProjections
package import NeuraphageSystem

extension Story {
    /// Takes what is seen of the task, where that says more than the log: the log's own end of the story stands where it is
    /// what decides.
    package mutating func take(_ status: TaskStatus) {
        guard !isOver, !status.isOver, status.evidence.source != .log || status.phase == .unknown else { return }
        let (words, tone) = status.phase.told
        let evidence = status.evidence.words
        let reason = status.detail.isEmpty ? evidence : "\(status.detail) (\(evidence))"
        state = State(words: words, tone: tone, since: status.since, reason: reason, event: status.evidence.event)
    }

    /// The story of the latest life of a task, told to its end or as it goes on now.
    ///
    /// - Parameter moment: The time in the past of which it is told, of which only the log tells; `nil`: now.
    /// - Throws: `EventLogError` if the log cannot be read.
    package init(
        ofLife life: StoryEvents,
        of task: TaskID,
        at moment: Timestamp?,
        in directory: DataDirectory,
        logPath: String
    ) throws {
        self.init(life, at: moment ?? .now)
        guard moment == nil, !isOver else { return }
        take(try TaskStatus.look(at: task, in: directory, logPath: logPath))
    }
}

extension TaskStatus.Phase {
    /// What a story calls it, and what it means to the reader.
    fileprivate var told: (words: String, tone: Story.Tone) {
        switch self {
        case .asks: ("WAITS FOR YOU", .waiting)
        case .asked: ("ASKED YOU and stopped", .waiting)
        case .checkFailed: ("has a check that FAILED", .trouble)
        case .failed: ("FAILED", .trouble)
        case .conflict: ("has a CONFLICT", .trouble)
        case .exited: ("exited without a word", .trouble)
        case .limited: ("has reached a limit", .waiting)
        case .stopped: ("stopped", .plain)
        case .paused: ("is paused", .plain)
        case .rebasing: ("rebases", .plain)
        case .working: ("works", .plain)
        case .unknown: ("is in an unknown state", .plain)
        case .notRecorded: ("is not recorded", .plain)
        case .done: ("completed", .good)
        case .merged: ("is in main", .good)
        case .cancelled: ("was cancelled", .plain)
        }
    }
}
