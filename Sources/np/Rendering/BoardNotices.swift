// What is to be told of no task alone: one line each, and only if there is something to tell.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageStatus

struct BoardNotices {
    /// How many names a line lists.
    private static let most = 3
    /// How long it is told that a message reached no task.
    private static let day = Duration.seconds(86_400)

    let board: TaskBoard
    let listing: TaskBoard.Listing
    /// What commands that are named need besides: where np's files are, if that was typed.
    var options = ""

    var lines: [StyledLine] {
        var lines: [StyledLine] = []
        if !listing.isOfNamed {
            lines += unrecorded
            lines += idle
            lines += undelivered
            lines += locks
        }
        lines += losses
        lines += daemon
        lines += earlier
        return lines
    }

    private var unrecorded: [StyledLine] {
        let agents = board.unrecordedAgents
        guard !agents.isEmpty else { return [] }
        let names = agents.map { agent in
            let pid = agent.pid.map { " (pid \($0))" } ?? ""
            return "\(agent.agent)\(pid) in \(agent.directory)" + (agent.reason.map { ": \($0)" } ?? "")
        }
        let head = "\(agents.count) \(agents.count == 1 ? "agent is" : "agents are") not recorded: "
        return [StyledLine(head + list(names, separator: "; "), .caution)]
    }

    private var idle: [StyledLine] {
        let places = listing.idleWorktrees
        guard !places.isEmpty else { return [] }
        let names = places.map { $0.worktree?.split(separator: "/").last.map(String.init) ?? $0.branch ?? "?" }
        let head = "\(places.count) \(places.count == 1 ? "worktree has" : "worktrees have") no agent: "
        return [StyledLine(head + list(names))]
    }

    private var undelivered: [StyledLine] {
        let messages = board.undelivered.filter { board.time - $0.time < Self.day }
        let count = messages.count
        guard count > 0 else { return [] }
        var names: [String] = []
        for message in messages {
            let name = message.task + (message.suggestion.map { " (did you mean \($0)?)" } ?? "")
            if !names.contains(name) { names.append(name) }
        }
        let head = "\(count) \(count == 1 ? "message" : "messages") reached no task: "
        return [StyledLine(head + list(names), .caution)]
    }

    /// A line for each lock that is waited for, and one for all others.
    private var locks: [StyledLine] {
        var lines: [StyledLine] = []
        for lock in board.locks where !lock.waiters.isEmpty {
            let holders = lock.holders.isEmpty ? "no one" : list(lock.holders.map(party))
            let verb = lock.waiters.count == 1 ? "waits" : "wait"
            lines.append(
                StyledLine(
                    "lock \(lock.name): held by \(holders); \(list(lock.waiters.map(party))) \(verb) for it",
                    .caution
                )
            )
        }
        let others = board.locks.filter(\.waiters.isEmpty)
        if !others.isEmpty {
            let names = others.map { lock in
                "\(lock.name) by " + (lock.holders.first.map(party) ?? "?")
                    + (lock.holders.count > 1 ? " and \(lock.holders.count - 1) more" : "")
            }
            lines.append(StyledLine("\(others.count == 1 ? "lock" : "locks") held: \(list(names))"))
        }
        return lines
    }

    private func party(_ party: TaskBoard.Lock.Party) -> String {
        let name = party.task ?? party.pid.map { "pid \($0)" } ?? "?"
        return name + (party.since.map { " \((board.time - $0).rough)" } ?? "")
    }

    private var losses: [StyledLine] {
        var lines: [StyledLine] = []
        if board.lostEvents > 0 {
            let noun = board.lostEvents == 1 ? "event was" : "events were"
            lines.append(StyledLine("\(board.lostEvents) \(noun) lost today: np events -k LogGap\(options)", .trouble))
        }
        if board.waitingEvents > 0 {
            let noun = board.waitingEvents == 1 ? "event waits" : "events wait"
            lines.append(
                StyledLine("\(board.waitingEvents) \(noun) in the reserve for a log that can be written", .trouble)
            )
        }
        if board.gaps > 0 || board.skippedLines > 0 {
            let gaps = "\(board.gaps) \(board.gaps == 1 ? "gap" : "gaps")"
            let skipped = "\(board.skippedLines) unreadable \(board.skippedLines == 1 ? "line" : "lines")"
            let found = [board.gaps > 0 ? gaps : nil, board.skippedLines > 0 ? skipped : nil].compactMap(\.self)
            let faults = found.joined(separator: " and ")
            lines.append(StyledLine("the log has \(faults): np events verify\(options)", .trouble))
        }
        return lines
    }

    private var daemon: [StyledLine] {
        switch board.daemon {
        case .running, .unknown: return []
        case .stopped:
            let words = "no daemon runs, so that moves of main and unreported ends are seen late"
            return [StyledLine("\(words): np daemon start\(options)")]
        case .died: return [StyledLine("the daemon died: np daemon start\(options)", .trouble)]
        }
    }

    private var earlier: [StyledLine] {
        let (ended, failed) = (listing.endedEarlier, listing.failedEarlier)
        guard ended > 0 else { return [] }
        let words = failed == 0 ? "ended earlier" : "ended earlier, \(failed) of them badly"
        return [StyledLine("\(ended) \(words): np tasks --all\(options)", .dim)]
    }

    private func list(_ names: [String], separator: String = ", ") -> String {
        let shown = names.prefix(Self.most).joined(separator: separator)
        return names.count > Self.most ? "\(shown)\(separator)\(names.count - Self.most) more" : shown
    }
}
