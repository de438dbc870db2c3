// In which order tasks are listed: what your silence costs most comes first.

package import NeuraphageEvents
import NeuraphageProjections

extension TaskStatus {
    /// How long a wait is quiet: most questions of that age answer themselves, because their user sits there.
    package static let quietWait = Duration.seconds(60)

    /// Whether the task goes on only when you say a word.
    package var waitsForYou: Bool { phase == .asks || phase == .asked }

    /// Whether it waits for you, and has just begun to.
    package func waitsQuietly(at now: Timestamp) -> Bool {
        guard waitsForYou, let since else { return false }
        return now - since < Self.quietWait
    }

    /// Whether something went wrong, and nothing has put it right since.
    package var wentWrong: Bool {
        switch phase {
        case .checkFailed, .failed, .conflict, .exited: true
        default: false
        }
    }

    /// When it was over; `nil` if it isn't, or that is not known.
    package var ended: Timestamp? { isOver ? logged.end?.mark.time ?? since : nil }

    /// Whether it belongs before another one: by what your silence costs, then the one that is so for longest. Of those
    /// that are over, the latest comes first.
    package func precedes(_ other: TaskStatus) -> Bool {
        guard rank == other.rank else { return rank < other.rank }
        let (left, right) = (sortTime, other.sortTime)
        guard left == right else { return isSettled ? left > right : left < right }
        return task.description < other.task.description
    }

    /// `done`, `merged`, or `cancelled`: it needs nothing of anybody.
    private var isSettled: Bool { rank == Self.ranks[.done] }

    /// What has gone on for an unknown time may have for longest.
    private var sortTime: Int64 { since?.microsecondsSinceEpoch ?? .min }

    private var rank: Int { Self.ranks[phase] ?? 0 }

    /// The order of the phases is theirs, but a question is a question, and an end an end.
    private static let ranks: [Phase: Int] = {
        var ranks: [Phase: Int] = [:]
        for (rank, phase) in Phase.allCases.enumerated() { ranks[phase] = rank }
        ranks[.asked] = ranks[.asks]
        ranks[.merged] = ranks[.done]
        ranks[.cancelled] = ranks[.done]
        return ranks
    }()
}
