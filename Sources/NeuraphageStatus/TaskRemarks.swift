// What is abnormal with a task. Pure. A flag says that a person should look; so what happens to every task every day is none.

import NeuraphageEvents
import NeuraphageProjections

struct TaskRemarks {
    /// How often the same tool must fail the same way.
    static let leastRepeats = 3
    /// How many tools must fail in a turn, which must be at least half of them.
    static let leastErrors = 5
    /// How long an order to rebase is left before that is worth saying.
    static let patience = Duration.seconds(3_600)

    private let logged: LoggedTask
    private let places: [TaskStatus.Place]
    private let now: Timestamp

    init(_ logged: LoggedTask, places: [TaskStatus.Place], at now: Timestamp) {
        (self.logged, self.places, self.now) = (logged, places, now)
    }

    var all: [TaskStatus.Remark] {
        guard logged.end == nil else { return [] }
        return [loop, errors, denied, stale, outside].compactMap(\.self)
    }

    private func remark(_ flag: TaskStatus.Flag, _ words: String) -> TaskStatus.Remark {
        TaskStatus.Remark(flag: flag, words: words)
    }

    private var loop: TaskStatus.Remark? {
        if let check = logged.checks.filter({ $0.result == "failed" && $0.failedCount >= Self.leastRepeats })
            .max(by: { $0.failedCount < $1.failedCount })
        {
            return remark(.loop, "\(check.name) failed \(check.failedCount) times, no file changed between")
        }
        guard let failure = logged.failures.max(by: { $0.count < $1.count }), failure.count >= Self.leastRepeats else {
            return nil
        }
        return remark(.loop, "\(failure.tool) failed \(failure.count) times the same way, no file changed between")
    }

    private var turn: LoggedTask.Turn? { logged.sessions.last?.turn }

    private var errors: TaskStatus.Remark? {
        guard let turn, turn.failedCount >= Self.leastErrors, turn.failedCount.saturatingTimes(2) >= turn.toolCount
        else { return nil }
        return remark(.errors, "\(turn.failedCount) of \(turn.toolCount) tools failed in its last turn")
    }

    private var denied: TaskStatus.Remark? {
        guard let turn, turn.deniedCount > 0 else { return nil }
        return remark(.denied, turn.deniedCount == 1 ? "1 tool was denied" : "\(turn.deniedCount) tools were denied")
    }

    private var stale: TaskStatus.Remark? {
        guard let order = logged.order, let change = logged.firstChange, change.place < order.place,
            now - order.time >= Self.patience
        else { return nil }
        let behind = places.compactMap(\.behind).max() ?? logged.commitsBehind ?? 0
        guard behind > 0 else { return nil }
        let commits = behind == 1 ? "1 commit" : "\(behind) commits"
        return remark(.stale, "told to rebase \((now - order.time).about) ago, \(commits) behind")
    }

    private var outside: TaskStatus.Remark? {
        // Files in a worktree are told by their paths in it.
        let files = logged.files.filter { $0.hasPrefix("/") }
        guard let first = files.first, logged.checkout?.worktree != nil || !places.isEmpty else { return nil }
        let more = files.count > 1 ? " and \(files.count - 1) more" : ""
        return remark(.outside, "changed \(first)\(more) outside of its worktree")
    }
}

extension TaskStatus {
    /// Adds that tasks of one repository have changed the same file since main had all that each of them has.
    ///
    /// Costs a pass over the files of all tasks.
    static func markCollisions(_ tasks: inout [TaskStatus]) {
        struct Path: Hashable {
            let repository: String
            let file: String
        }
        var changers: [Path: [Int]] = [:]
        for (index, status) in tasks.enumerated() where !status.isOver {
            guard let repository = status.places.first?.repository else { continue }
            for file in Set(status.logged.files) where !file.hasPrefix("/") {
                changers[Path(repository: repository, file: file), default: []].append(index)
            }
        }
        var met: [Int: (file: String, others: Set<Int>)] = [:]
        for (path, indices) in changers.sorted(by: { $0.key.file < $1.key.file }) where indices.count > 1 {
            for index in indices {
                var known = met[index] ?? (path.file, [])
                known.others.formUnion(indices.filter { $0 != index })
                met[index] = known
            }
        }
        for (index, meeting) in met {
            guard let other = meeting.others.min().map({ tasks[$0].task }) else { continue }
            let more = meeting.others.count > 1 ? " and \(meeting.others.count - 1) more" : ""
            let words = "\(meeting.file), also changed by \(other)\(more)"
            tasks[index].remarks.append(Remark(flag: .collides, words: words))
        }
    }
}
