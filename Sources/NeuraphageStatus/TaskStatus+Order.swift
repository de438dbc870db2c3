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

    /// Where a task belongs in a list: by what your silence costs, then the one that is so for longest. Of those that need
    /// nothing of anybody, the latest comes first. Small, unlike a status, which a sort would copy at each comparison.
    package struct Order: Comparable, Sendable {
        private let rank: Int
        private let time: Int64
        private let name: String

        fileprivate init(_ status: TaskStatus) {
            rank = TaskStatus.ranks[status.phase] ?? 0
            // What has gone on for an unknown time may have for longest.
            let since = status.since?.microsecondsSinceEpoch ?? .min
            // The complement turns the order around, and has no overflow.
            time = rank == TaskStatus.ranks[.done] ? ~since : since
            name = status.task.description
        }

        package static func < (left: Order, right: Order) -> Bool {
            (left.rank, left.time, left.name) < (right.rank, right.time, right.name)
        }
    }

    package var order: Order { Order(self) }

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
