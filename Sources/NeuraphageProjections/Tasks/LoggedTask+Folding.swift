// What an event changes of the task that it comes from, or is addressed to.

import NeuraphageEvents

extension LoggedTask {
    /// Applies an event that comes from it.
    mutating func apply(_ fact: TaskFact, _ event: Event, at mark: EventMark, _ found: LoggedRest.Findings) {
        switch fact {
        case .began(let words): return begin(words, at: mark)
        case .ended(let outcome, let words): end(outcome, words, at: mark)
        case .runBegan(let words):
            add(Run(begin: mark, command: words.command))
            checkout = checkout ?? words.checkout.checkout
        case .runEnded(let words): endRun(words, begin: words.begin, at: mark)
        case .ordered(let words): order(words, at: mark)
        case .caughtUp(let words):
            checkout = words.checkout.checkout ?? checkout
            (conflict, order, commitsBehind, firstChange) = (nil, nil, nil, nil)
            caughtUp = mark
        case .stopped(let words):
            checkout = words.checkout.checkout ?? checkout
            conflict = Conflict(words, at: mark)
        case .discarded(let words):
            checkout = words.checkout.checkout ?? checkout
            discarded = mark
        case .paused: pause = mark
        case .fileChanged(let path): change([path], of: 1, at: mark)
        case .lock(let step, let words): apply(step, words, at: mark)
        case .agent(let step, let words): apply(step, words, at: mark, found)
        case .read:
            guard let order else { break }
            let words = NotificationWords(event.payload, seeking: order.id)
            if words.isAboutSought { commitsBehind = words.behind ?? commitsBehind }
        case .superseded:
            guard let order, NotificationWords(event.payload, seeking: order.id).isAboutSought else { break }
            (self.order, commitsBehind) = (nil, nil)
        case .mainMoved, .undelivered, .daemonBegan, .daemonEnded, .lost, .other: break
        }
        if fact.isAct { (last, lastKind) = (mark, event.kind) }
        if fact.isTold { tell(mark, after: found.cause) }
    }

    /// Applies an event that is addressed to it.
    mutating func applyAddressed(_ fact: TaskFact, at mark: EventMark, _ found: LoggedRest.Findings) {
        switch fact {
        case .ordered(let words): order(words, at: mark)
        case .paused: pause = mark
        default: break
        }
        if fact.isTold { tell(mark, after: found.cause) }
    }

    private mutating func order(_ words: RebaseWords, at mark: EventMark) {
        checkout = words.checkout.checkout ?? checkout
        // What is said to a life that has ended is not for the next one.
        guard end == nil else { return }
        (order, commitsBehind) = (mark, words.behind)
    }

    private mutating func apply(_ step: LockStep, _ words: LockWords, at mark: EventMark) {
        guard let name = words.name else { return }
        switch step {
        case .waiting:
            let holder = words.holder == task.description ? nil : words.holder
            add(Lock(name: name, mark: mark, isHeld: false, holder: holder), after: nil)
        case .acquired: add(Lock(name: name, mark: mark, isHeld: true), after: words.begin)
        case .released:
            if let begin = words.begin { removeLock(begin) } else { removeLock(named: name) }
        case .timedOut:
            if let begin = words.begin { removeLock(begin) }
        }
    }

    private mutating func apply(
        _ step: AgentStep,
        _ words: AgentWords,
        at mark: EventMark,
        _ found: LoggedRest.Findings
    ) {
        if step == .turnBegan { pause = nil }
        var isNews = true
        if let name = words.name, found.keeper == nil {
            for adopted in found.adopted { sessions.add(Session(name, adopted, at: mark)) }
            isNews = sessions.apply(step, words, of: name, at: mark)
        }
        if step == .turnEnded, isNews { apply(words.receipt, at: mark) }
    }

    private mutating func tell(_ mark: EventMark, after cause: EventMark?) {
        if let cause { tell(cause: cause) }
        tell(mark)
    }
}

extension LoggedTask.Conflict {
    fileprivate init(_ words: RebaseWords, at mark: EventMark) {
        self.init(
            mark: mark,
            files: words.files,
            filesCount: words.filesCount,
            onto: words.onto,
            isMerge: words.isMerge,
            commit: words.commit,
            subject: words.subject
        )
    }
}
