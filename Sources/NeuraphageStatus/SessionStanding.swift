// How it is with one session of an agent, from what the log says of it and what is seen. Pure.
//
// The log says what agents told; the ledger says which of that has not ended; a process says whether there is anyone left to
// tell more. Where they don't fit, or an end may be missing, the session is unknown: np shows no state that it only supposes.

import NeuraphageEvents
import NeuraphageProjections

/// A session, as the log and the ledger have it.
struct SessionStanding {
    /// How long silence says nothing, where the process that is silent cannot be seen.
    static let shortSilence = Duration.seconds(120)
    /// From when on silence is worth saying.
    static let noticedSilence = Duration.seconds(60)
    /// How long a process must have run to be a command, rather than something that an agent runs for itself.
    static let leastCommand = Duration.seconds(1)

    let logged: LoggedTask.Session?
    let seen: TaskSight.Session?
    /// Whether the ledger was looked into.
    let isLooked: Bool
    let now: Timestamp
    /// When the log's latest gap was.
    let gap: Timestamp?

    var agent: String { seen?.agent ?? logged?.agent ?? "agent" }

    /// Whether its end was told, and it has not begun again since.
    var hasEnded: Bool {
        guard let end = logged?.end else { return false }
        guard let seen else { return true }
        if let begin = logged?.begin { return begin.id == seen.begin }
        return seen.began <= end.time
    }

    var presence: TaskStatus.Agent.Presence { hasEnded ? .gone : seen?.presence ?? .unknown }

    /// When anything was heard of it last.
    var lastHeard: Timestamp {
        let waits = seen?.waits.map(\.since) ?? []
        return ([logged?.lastHeard, seen?.began, seen?.turn?.lastSign].compactMap(\.self) + waits).max() ?? now
    }

    /// How it is with the turn that was told of last.
    private enum TurnState {
        case none
        case goesOn(since: Timestamp?, EventMark?)
        case ended(LoggedTask.Turn)
        /// Hooks have written its end down, and the log does not have it.
        case endedUntold(Timestamp?)
    }

    private var turn: TurnState {
        let told = logged?.turn
        guard let noted = seen?.turn, let id = noted.begin, told?.begin.map({ $0.id <= id }) ?? true else {
            return told.map { $0.end == nil ? .goesOn(since: $0.begin?.time, $0.begin) : .ended($0) } ?? .none
        }
        if let told, told.begin?.id == id, told.end != nil { return .ended(told) }
        if noted.hasEnded { return .endedUntold(noted.end) }
        return .goesOn(since: noted.began ?? told?.begin?.time, told?.begin?.id == id ? told?.begin : nil)
    }

    private var isInTurn: Bool { if case .goesOn = turn { true } else { false } }

    /// Whether something may be missing that would change what is known of it.
    private var isDoubtful: Bool {
        guard let gap else { return false }
        return gap >= (logged?.lastHeard ?? .earliest) && seen?.turn?.begin == nil
    }

    /// How it is shown with the task.
    var shown: TaskStatus.Agent {
        var agent = TaskStatus.Agent(agent: agent, session: seen?.id ?? logged?.id ?? "", presence: presence)
        agent.subagents = seen?.subagents ?? logged?.subagents ?? 0
        agent.location = seen?.location
        return agent
    }

    // MARK: - The rules, in their order

    var verdict: Verdict {
        if hasEnded { return ended }
        if presence == .gone { return gone }
        if isLooked, seen == nil {
            let words = "the log has no end of session \(logged?.id ?? ""), and np has no record of it"
            return Verdict(.unknown, since: nil, .ledger(words, at: now), "its agent's end is not in the log")
        }
        if let asking { return asking }
        if isDoubtful {
            let evidence = TaskStatus.Evidence.log("the log has a gap since the agent was heard last", at: gap)
            return Verdict(.unknown, since: nil, evidence, "events are missing since \(silence) ago")
        }
        switch turn {
        case .none:
            let begin = logged?.begin
            let evidence = TaskStatus.Evidence.log("AgentSessionStarted, no prompt since", begin)
            return Verdict(.stopped, since: begin?.time ?? seen?.began, evidence, "has no prompt yet")
        case .goesOn(let since, let begin): return inTurn(since: since, begin)
        case .ended(let turn): return afterTurn(turn)
        case .endedUntold(let end):
            let evidence = TaskStatus.Evidence.ledger("the end of its turn was noted, and is not in the log", at: end)
            return Verdict(.stopped, since: end, evidence, "")
        }
    }

    private var silence: String { (now - lastHeard).about }

    private var ended: Verdict {
        let end = logged?.end
        let reason = logged?.endReason.map { ": \($0)" } ?? ""
        let turn = logged?.turn
        if logged?.isCutOff ?? false {
            let evidence = TaskStatus.Evidence.log("AgentSessionEnded, concluded\(reason)", end)
            return Verdict(.exited, since: end?.time, evidence, "\(agent) is gone, in the middle of a turn")
        }
        if let task = logged?.movedTo {
            let evidence = TaskStatus.Evidence.log("its agent has moved to the worktree of \(task)", end)
            return Verdict(.stopped, since: end?.time, evidence, "\(agent) went on to \(task)")
        }
        let evidence = TaskStatus.Evidence.log("AgentSessionEnded\(reason)", end)
        let asked = turn?.asks ?? false ? ", after a question" : ""
        return Verdict(.stopped, since: end?.time, evidence, "\(agent) has ended\(asked)")
    }

    private var gone: Verdict {
        let words = "process \(seen?.pid.map(String.init) ?? "?") is gone, and no end was told"
        let evidence = TaskStatus.Evidence.process(words, at: now)
        if isDoubtful {
            return Verdict(.unknown, since: nil, evidence, "\(agent) is gone, and events are missing in the log")
        }
        guard isInTurn else {
            let since = logged?.turn?.end?.time ?? lastHeard
            return Verdict(.stopped, since: since, evidence, "\(agent) is gone, after its turn")
        }
        return Verdict(.exited, since: lastHeard, evidence, "\(agent) is gone, in the middle of a turn")
    }

    /// A wait for a person that goes on. The ledger decides, if it has the session.
    private var asking: Verdict? {
        if let seen {
            guard let wait = seen.waits.filter({ $0.reason != "idle" }).min(by: { $0.since < $1.since }) else {
                return nil
            }
            let isLogged = logged?.waits.contains { $0.mark.id == wait.begin } ?? false
            let words = "AgentWaiting for \(wait.reason), no end seen"
            let evidence =
                isLogged
                ? TaskStatus.Evidence(source: .log, words: words, event: wait.begin, time: wait.since)
                : TaskStatus.Evidence(source: .ledger, words: words, event: wait.begin, time: wait.since)
            let doubt = presence == .alive ? "" : ", process not visible"
            return Verdict(.asks, since: wait.since, evidence, Self.wish(wait.reason, wait.tool) + doubt)
        }
        guard let wait = logged?.waits.filter({ $0.reason != "idle" }).min(by: { $0.mark.time < $1.mark.time }),
            gap.map({ $0 < wait.mark.time }) ?? true
        else { return nil }
        let evidence = TaskStatus.Evidence.log("AgentWaiting for \(wait.reason), no end seen", wait.mark)
        return Verdict(.asks, since: wait.mark.time, evidence, Self.wish(wait.reason, wait.tool))
    }

    private static func wish(_ reason: String, _ tool: String?) -> String {
        reason == "permission" ? "wants to use \(tool ?? "a tool")" : "waits for an answer"
    }

    private func inTurn(since: Timestamp?, _ begin: EventMark?) -> Verdict {
        let subagents = shown.subagents
        let others = subagents == 0 ? "" : subagents == 1 ? ", 1 subagent" : ", \(subagents) subagents"
        guard presence == .alive else {
            let isRecent = now - lastHeard < Self.shortSilence
            let detail = "heard \(silence) ago\(others), process not visible"
            let evidence =
                begin == nil
                ? TaskStatus.Evidence.ledger("a turn was noted, no end seen", at: since)
                : TaskStatus.Evidence.log("AgentTurnStarted, no end seen", begin)
            return Verdict(isRecent ? .working : .unknown, since: isRecent ? since : nil, evidence, detail)
        }
        let pid = seen?.pid.map(String.init) ?? "?"
        if let start = command(since: since) {
            let evidence = TaskStatus.Evidence.process("process \(pid) is alive and runs a command", at: now)
            return Verdict(.working, since: since, evidence, "runs a command, \((now - start).about)\(others)")
        }
        let evidence = TaskStatus.Evidence.process("process \(pid) is alive; its turn has no end", at: now)
        let detail =
            now - lastHeard < Self.noticedSilence
            ? "heard \(silence) ago\(others)" : "quiet \(silence), process alive\(others)"
        return Verdict(.working, since: since, evidence, detail)
    }

    /// When the command began that runs longest, of those that began in the turn: what began before serves the agent all the
    /// time.
    private func command(since begin: Timestamp?) -> Timestamp? {
        seen?.children.filter { $0 >= begin ?? lastHeard && now - $0 >= Self.leastCommand }.min()
    }

    private func afterTurn(_ turn: LoggedTask.Turn) -> Verdict {
        let since = turn.end?.time
        func verdict(_ phase: TaskStatus.Phase, _ words: String, _ detail: String) -> Verdict {
            Verdict(phase, since: since, .log("AgentTurnEnded, \(words)", turn.end), detail)
        }
        let tasks = turn.background == 1 ? "1 task" : "\(turn.background) tasks"
        let background = turn.background > 0 ? "\(tasks) in the background" : nil
        func detail(_ words: String? = nil) -> String {
            [words, background].compactMap(\.self).joined(separator: ", ")
        }
        if let error = turn.error {
            guard error.contains("limit") else {
                return verdict(.failed, "error \(error)", detail("its turn failed: \(error)"))
            }
            let until = turn.until.flatMap { Timestamp($0) }
            if let until, until <= now {
                var over = verdict(.stopped, "error \(error)", detail("its limit is over"))
                over.since = until
                return over
            }
            var limited = verdict(.limited, "error \(error)", detail())
            limited.until = until
            return limited
        }
        if turn.asks { return verdict(.asked, "which ended with a question", detail()) }
        if let background {
            guard presence == .alive else {
                return verdict(.unknown, "\(tasks) went on", "\(background), process not visible")
            }
            return verdict(.working, "\(tasks) went on", background)
        }
        if turn.isInterrupted { return verdict(.stopped, "interrupted", "was interrupted") }
        return verdict(.stopped, "no prompt since", "")
    }
}
