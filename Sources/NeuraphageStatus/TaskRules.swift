// How a task is: the rules, in their order. Pure. A person who asks comes first, then what has ended, then what works, then
// what has gone wrong, then what has stopped; what none of that says is unknown.

import NeuraphageEvents
import NeuraphageProjections

/// What is known of a task, and the rules that make a phase of it.
struct TaskRules {
    let logged: LoggedTask
    /// `nil`: nothing was looked at.
    let seen: TaskSight?
    let now: Timestamp
    /// The sessions that have not ended, and the one that ended last, the latest last.
    let sessions: [SessionStanding]
    /// Whether nothing is missing that the log was told of the task.
    private let isWhole: Bool

    init(_ logged: LoggedTask, seen: TaskSight?, gap: Timestamp?, at now: Timestamp) {
        (self.logged, self.seen, self.now) = (logged, seen, now)
        isWhole = gap == nil
        func standing(_ told: LoggedTask.Session?, _ other: TaskSight.Session?) -> SessionStanding {
            SessionStanding(logged: told, seen: other, isLooked: seen != nil, now: now, gap: gap)
        }
        var others = seen?.sessions ?? []
        let known = logged.sessions.map { session in
            let index = others.firstIndex { $0.agent == session.agent && $0.id == session.id }
            return standing(session, index.map { others.remove(at: $0) })
        }
        sessions = known + others.map { standing(nil, $0) }
    }

    private var open: [SessionStanding] { sessions.filter { !$0.hasEnded } }

    /// The agents that may still live.
    var agents: [TaskStatus.Agent] { open.filter { $0.presence != .gone }.map(\.shown) }

    /// The commands that may still run.
    var runs: [TaskStatus.Run] {
        if let seen { return seen.runs.filter { $0.presence != .gone } }
        return logged.runs.filter { $0.end == nil }.map { run in
            TaskStatus.Run(begin: run.begin?.id, since: run.begin?.time, command: run.command, presence: .unknown)
        }
    }

    /// The locks that it may hold or wait for.
    var locks: [TaskStatus.Lock] {
        if let seen { return seen.locks.filter { $0.presence != .gone } }
        return logged.locks.map { lock in
            TaskStatus.Lock(
                lock.name,
                isHeld: lock.isHeld,
                since: lock.mark.time,
                presence: .unknown,
                holder: lock.holder
            )
        }
    }

    private var places: [TaskStatus.Place] { seen?.places ?? [] }

    // MARK: - The rules

    var verdict: Verdict {
        let verdicts = open.map { (standing: $0, verdict: $0.verdict) }
        func earliest(_ phase: TaskStatus.Phase) -> Verdict? {
            verdicts.map(\.verdict).filter { $0.phase == phase }
                .min { ($0.since ?? .latest) < ($1.since ?? .latest) }
        }
        if let asks = earliest(.asks) { return asks }
        if let ended = hasEnded { return ended }
        if let asked = earliest(.asked) { return asked }
        if let working = verdicts.map(\.verdict).last(where: { $0.phase == .working }) { return doing(working) }
        if let run = ownRun, run.phase == .working || isRunGone { return run }
        let heardLast = verdicts.max { $0.standing.lastHeard < $1.standing.lastHeard }?.verdict
        guard let agent = heardLast ?? sessions.last?.verdict else { return withoutAgent }
        if let gone = placesGone { return gone }
        return trouble(of: agent)
    }

    /// The end that the log has, unless the ledger knows of a later beginning.
    private var hasEnded: Verdict? {
        guard let end = logged.end else { return nil }
        if let begin = seen?.begin, begin != logged.begin?.id, logged.begin != nil { return nil }
        let beginning = logged.begin == nil ? "; its beginning is not in the log" : ""
        let stays = agents.isEmpty ? "" : "its agent is still there"
        func detail(_ words: String?) -> String {
            [words, stays.isEmpty ? nil : stays].compactMap(\.self).joined(separator: ", ")
        }
        switch end.outcome {
        case .completed:
            if let commit = end.commit {
                let evidence = TaskStatus.Evidence.log("TaskCompleted, in main with \(commit.prefix(7))", end.mark)
                return Verdict(.merged, since: end.mark.time, evidence, detail(end.words ?? String(commit.prefix(7))))
            }
            if let place = places.first(where: \.isMerged) {
                // When main took it in is not known: no task was open of which a look would have told the end.
                let evidence = TaskStatus.Evidence.git("TaskCompleted, and main has its branch", at: place.seen)
                return Verdict(.merged, since: nil, evidence, detail(end.words))
            }
            if let check = failedCheck {
                let evidence = TaskStatus.Evidence.log("TaskCompleted, although \(check.name) failed last", check.mark)
                return Verdict(.checkFailed, since: check.mark.time, evidence, detail("says done, and \(words(check))"))
            }
            let evidence = TaskStatus.Evidence.log("TaskCompleted" + beginning, end.mark)
            return Verdict(.done, since: end.mark.time, evidence, detail(end.words))
        case .failed:
            if end.isInferred {
                let evidence = TaskStatus.Evidence.log("TaskFailed, concluded" + beginning, end.mark)
                return Verdict(.exited, since: end.mark.time, evidence, detail(end.words))
            }
            let evidence = TaskStatus.Evidence.log("TaskFailed" + beginning, end.mark)
            return Verdict(.failed, since: end.mark.time, evidence, detail(end.words))
        case .cancelled:
            let evidence = TaskStatus.Evidence.log("TaskCancelled" + beginning, end.mark)
            return Verdict(.cancelled, since: end.mark.time, evidence, detail(end.words))
        }
    }

    /// What an agent does that works.
    private func doing(_ working: Verdict) -> Verdict {
        var verdict = working
        if let place = places.first(where: { $0.command != nil }), let command = place.command {
            let evidence = TaskStatus.Evidence.git("a \(command) has begun and not ended", at: place.seen ?? now)
            verdict = Verdict(.rebasing, since: place.commandSince ?? working.since, evidence, working.detail)
        }
        if let lock = locks.filter({ !$0.isHeld }).min(by: { $0.since < $1.since }) {
            let holder = lock.holder.map { " held by \($0)" } ?? ""
            verdict.detail = "waits for lock \(lock.name)\(holder), \((now - lock.since).about)"
        } else if let run = parts.last, let since = run.since {
            verdict.detail = "runs \(run.command ?? "a command"), \((now - since).about)"
        }
        return verdict
    }

    /// Whether the command that is the task itself is gone, and no agent is left that could go on.
    private var isRunGone: Bool {
        let own = logged.begin.flatMap { begin in seen?.runs.first { $0.begin == begin.id } }
        guard let run = own else { return false }
        return run.presence == .gone && !agents.contains { $0.presence == .alive }
    }

    /// The commands under `np run` that are a part of the task, and are not the task itself.
    private var parts: [TaskStatus.Run] { runs.filter { $0.begin != logged.begin?.id && $0.presence == .alive } }

    /// What is more important than that the agent does not work.
    private func trouble(of agent: Verdict) -> Verdict {
        let isIdle = [.stopped, .failed, .exited].contains(agent.phase)
        if isIdle, let check = failedCheck {
            let evidence = TaskStatus.Evidence.log("\(check.name) failed last", check.mark)
            return Verdict(.checkFailed, since: check.mark.time, evidence, words(check))
        }
        if agent.phase == .failed { return agent }
        if isIdle, let run = failedRun { return run }
        if isIdle, let conflict { return conflict }
        if agent.phase == .stopped, let pause = logged.pause {
            return Verdict(.paused, since: pause.time, .log("TaskPaused", pause), "")
        }
        return agent
    }

    private var failedCheck: LoggedTask.Check? {
        logged.checks.filter { $0.result == "failed" }.max { $0.mark.time < $1.mark.time }
    }

    private func words(_ check: LoggedTask.Check) -> String {
        let times = check.failedCount > 1 ? " \(check.failedCount) times" : ""
        return "\(check.name) failed\(times)" + (check.isOutdated ? ", files changed since" : "")
    }

    /// A part that failed and after which nothing ran, in the turn that was the last.
    private var failedRun: Verdict? {
        guard let run = logged.runs.last, let end = run.end, run.begin?.id != logged.begin?.id else { return nil }
        let turn = sessions.compactMap { $0.logged?.turn?.begin?.time }.max()
        guard turn.map({ $0 <= end.time }) ?? true else { return nil }
        let what = run.command ?? "its command"
        let how: String
        if let signal = run.signal {
            how = "was killed by signal \(signal)"
        } else if let code = run.exitCode {
            guard code != 0 else { return nil }
            how = "exited with \(code)"
        } else if let error = run.error {
            how = "failed: \(error)"
        } else {
            return nil
        }
        return Verdict(.failed, since: end.time, .log("RunEnded", end), "\(what) \(how)")
    }

    /// A rebase or merge that has stopped, as git shows, or as the log was told.
    private var conflict: Verdict? {
        let place = places.first { $0.command != nil }
        let files = logged.conflict.map { conflict in
            let more = conflict.filesCount > 1 ? " and \(conflict.filesCount - 1) more" : ""
            let with = (conflict.commit ?? conflict.onto).map { " with \($0.prefix(7))" } ?? ""
            return "in \(conflict.files.first ?? "a file")\(more)\(with)"
        }
        if let place, let command = place.command {
            let evidence = TaskStatus.Evidence.git("a \(command) has begun and not ended", at: place.seen ?? now)
            let since = logged.conflict?.mark.time ?? place.commandSince
            return Verdict(
                .conflict,
                since: since,
                evidence,
                files.map { "conflict \($0)" } ?? "\(command) in progress"
            )
        }
        guard let told = logged.conflict, let files else { return nil }
        let kind = told.isMerge ? "merge" : "rebase"
        let seenEnded = places.isEmpty ? "" : ", and it was taken back"
        return Verdict(
            .conflict,
            since: told.mark.time,
            .log("RebaseConflict: a \(kind) stopped\(seenEnded)", told.mark),
            "conflict \(files)"
        )
    }

    /// That git has forgotten all its worktrees, and no look has told yet what became of the work.
    private var placesGone: Verdict? {
        guard !places.isEmpty, places.allSatisfy(\.isGone), !agents.contains(where: { $0.presence == .alive }) else {
            return nil
        }
        let evidence = TaskStatus.Evidence.git("git has forgotten its worktree", at: now)
        return Verdict(.unknown, since: nil, evidence, "its worktree is gone, and its end was not told")
    }

    // MARK: - Without an agent

    private var withoutAgent: Verdict {
        guard logged.lives > 0 || logged.begin != nil || seen?.begin != nil || !runs.isEmpty || !logged.runs.isEmpty
        else { return neverBegun }
        if let run = ownRun { return run }
        if let gone = placesGone { return gone }
        if let check = failedCheck {
            return Verdict(
                .checkFailed,
                since: check.mark.time,
                .log("\(check.name) failed last", check.mark),
                words(check)
            )
        }
        if let failed = failedRun { return failed }
        if let conflict { return conflict }
        if let pause = logged.pause { return Verdict(.paused, since: pause.time, .log("TaskPaused", pause), "") }
        let last = logged.last
        let kind = logged.lastKind.map { "\($0)" } ?? "TaskStarted"
        let evidence = TaskStatus.Evidence.log("\(kind), and no end", last ?? logged.begin)
        if isWhole, let last, now - last.time < SessionStanding.shortSilence {
            return Verdict(.working, since: logged.begin?.time, evidence, "heard \((now - last.time).about) ago")
        }
        return Verdict(.unknown, since: nil, evidence, "np sees neither an agent nor a command")
    }

    /// The command under `np run` that is the task itself, or the latest part of a task without anything else.
    private var ownRun: Verdict? {
        func detail(_ command: String?, _ since: Timestamp?) -> String {
            "runs \(command ?? "a command")" + (since.map { ", \((now - $0).about)" } ?? "")
        }
        let command = logged.command
        if let seen {
            let runs = seen.runs.sorted { ($0.since ?? now) < ($1.since ?? now) }
            if let run = runs.last(where: { $0.presence == .alive }) {
                let evidence = TaskStatus.Evidence(
                    source: .process,
                    words: "np run holds its record",
                    event: run.begin,
                    time: now
                )
                let since = logged.begin?.time ?? run.since
                return doing(Verdict(.working, since: since, evidence, detail(run.command ?? command, run.since)))
            }
            if let run = runs.last(where: { $0.presence == .gone }) {
                let evidence = TaskStatus.Evidence(
                    source: .process,
                    words: "np run is gone, and its record has no end",
                    event: run.begin,
                    time: now
                )
                let since = logged.last?.time ?? run.since
                return Verdict(
                    .exited,
                    since: since,
                    evidence,
                    "np run was killed: \(run.command ?? command ?? "a command")"
                )
            }
            if let run = runs.last {
                let evidence = TaskStatus.Evidence.ledger("np run cannot be seen from here", at: now)
                return Verdict(.unknown, since: nil, evidence, detail(run.command ?? command, run.since))
            }
            guard command != nil, let begin = logged.begin else { return nil }
            let evidence = TaskStatus.Evidence.ledger("np has no record of its command, and the log no end", at: now)
            return Verdict(.unknown, since: nil, evidence, "began \((now - begin.time).about) ago, end not told")
        }
        guard command != nil else { return nil }
        let evidence = TaskStatus.Evidence.log("TaskStarted, no end seen", logged.begin)
        return Verdict(.unknown, since: nil, evidence, "its process cannot be seen")
    }

    private var neverBegun: Verdict {
        let words = "np has heard of no agent or command in it"
        guard let place = places.first(where: { !$0.isGone }) else {
            let evidence = TaskStatus.Evidence.log("\(logged.lastKind.map { "\($0)" } ?? "no event")", logged.last)
            return Verdict(.unknown, since: nil, evidence, "its beginning is not in the log")
        }
        return Verdict(.notRecorded, since: nil, .git("git lists its worktree", at: place.seen ?? now), words)
    }
}
