// What an event changes that belongs to no single task, and what a task has to know of that.

import NeuraphageEvents

extension LoggedRest {
    /// Applies an event, which comes from a task or from none.
    mutating func apply(_ fact: TaskFact, of task: TaskID?, at mark: EventMark) -> Findings {
        if isGapPending {
            missing.append(mark)
            isGapPending = false
        }
        var found = Findings()
        switch fact {
        case .mainMoved(let words): moveMain(words, at: mark)
        case .ended(.failed, _): failures.append(Failure(task: task, what: .task, mark: mark))
        case .runEnded(let words):
            if words.hasFailed { failures.append(Failure(task: task, what: .run, mark: mark)) }
        case .ordered(let words), .caughtUp(let words): found.cause = words.cause.flatMap { move($0)?.mark }
        case .stopped(let words):
            found.cause = words.cause.flatMap { move($0)?.mark }
            failures.append(Failure(task: task, what: .conflict, mark: mark))
        case .lock(let step, let words): apply(step, words, of: task, at: mark, &found)
        case .agent(let step, let words): apply(step, words, of: task, at: mark, &found)
        case .undelivered(let words):
            undelivered.append(
                Undelivered(
                    task: task,
                    mark: mark,
                    count: words.ids.count,
                    messages: Array(words.ids.prefix(Self.mostMessages))
                )
            )
        case .daemonBegan(let words):
            daemon = Daemon(begin: mark, id: words.session, previous: words.previous)
        case .daemonEnded(let words):
            guard daemon.begin == nil || words.begin == nil || words.begin == daemon.begin?.id else { break }
            daemon.end = mark
            daemon.lost = words.lost
        case .lost(let words): losses.append(Loss(mark: mark, count: words.lost))
        case .began, .ended, .runBegan, .discarded, .paused, .fileChanged, .read, .superseded, .other: break
        }
        return found
    }

    private mutating func apply(
        _ step: LockStep,
        _ words: LockWords,
        of task: TaskID?,
        at mark: EventMark,
        _ found: inout Findings
    ) {
        guard let name = words.name else { return }
        let claim = Claim(task: task, mark: mark, isExclusive: words.isExclusive)
        switch step {
        case .waiting:
            found.cause = acquisition(words.waitedFor, of: name)
            wait(name, claim)
        case .acquired:
            found.cause = acquisition(words.waitedFor, of: name)
            found.losers = acquire(name, claim, after: words.begin)
        case .released: giveBack(name, words.begin, by: task)
        case .timedOut: stopWaiting(name, words.begin)
        }
    }

    private mutating func apply(
        _ step: AgentStep,
        _ words: AgentWords,
        of task: TaskID?,
        at mark: EventMark,
        _ found: inout Findings
    ) {
        guard let name = words.name else { return }
        let known = owners[name]
        guard step.isOfOwner || known == nil else {
            if known?.task != task { found.keeper = known?.task }
            if known?.task == nil { sessions.apply(step, words, of: name, at: mark) }
            return
        }
        if let known, known.task != task {
            found.adopted = [known]
            found.former = known.task
            if known.task == nil { sessions.leave(name, for: task, at: mark) }
        }
        if task == nil {
            for adopted in found.adopted { sessions.add(LoggedTask.Session(name, adopted, at: mark)) }
            sessions.apply(step, words, of: name, at: mark)
        }
        if step == .sessionEnded {
            owners[name] = nil
            let isCut = known?.turn != nil || known?.isTurnCut == true
            if isCut, words.isInferred, words.reason != SessionEndReason.takenUp {
                failures.append(Failure(task: task, what: .exit, mark: mark))
            }
        } else if step.isOfOwner {
            note(step, words, of: task, at: mark, name)
        }
    }

    /// Notes of a session what its end, or its next task, has to know.
    private mutating func note(
        _ step: AgentStep,
        _ words: AgentWords,
        of task: TaskID?,
        at mark: EventMark,
        _ name: SessionName
    ) {
        var owner = owners[name] ?? Owner()
        owner.task = task
        switch step {
        case .sessionBegan:
            owner.begin = owner.begin ?? mark
            owner.location = words.location ?? owner.location
        case .turnBegan: (owner.turn, owner.isTurnCut) = (mark, false)
        case .turnEnded:
            if words.begin == nil || words.begin == owner.turn?.id {
                owner.turn = nil
                owner.isTurnCut = words.isInferred && words.reason == SessionEndReason.sessionEnded
            }
            if words.error != nil {
                failures.append(Failure(task: task, what: .turn, mark: mark))
            } else if words.receipt.checks.contains(where: { $0.last == LoggedTask.failed }) {
                failures.append(Failure(task: task, what: .check, mark: mark))
            }
        default: break
        }
        // The ends of so many were lost. Which of them go on shows when they are heard of again.
        if owners.count >= Self.mostOwners, owners[name] == nil { owners = [:] }
        owners[name] = owner
    }
}

extension LoggedTask.Session {
    /// A session that came from another task.
    init(_ name: SessionName, _ owner: LoggedRest.Owner, at mark: EventMark) {
        self.init(agent: name.agent, id: name.id, lastHeard: mark.time)
        (begin, location) = (owner.begin, owner.location)
        turn = owner.turn.map { LoggedTask.Turn(begin: $0) }
    }
}
