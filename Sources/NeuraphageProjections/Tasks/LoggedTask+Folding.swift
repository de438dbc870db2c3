// What an event changes of the task that it comes from, or is addressed to.

import NeuraphageEvents

extension LoggedTask {
    /// Applies an event that comes from it.
    mutating func apply(_ fact: TaskFact, _ event: Event, at mark: EventMark, _ found: LoggedRest.Findings) {
        switch fact {
        case .began(let words):
            begin(words, at: mark)
            if event.target == task { receive(fact, at: mark) }
            return
        case .ended(let outcome, let words):
            end(outcome, words, at: mark)
            // Whichever life it was: what it has not read is for none after it.
            (unread, otherUnread) = (Latest(atMost: Self.mostUnread), 0)
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
        case .read(let words):
            if let order, words.ids.contains(order.id) { commitsBehind = words.behind ?? commitsBehind }
            settle(words.ids)
        case .superseded(let words):
            if let order, words.ids.contains(order.id) { (self.order, commitsBehind) = (nil, nil) }
            settle(words.ids)
        // They were for a life that has ended, and are not among those that are counted for this one.
        case .undelivered(let words): unread.removeAll { words.ids.contains($0.mark.id) }
        case .mainMoved, .daemonBegan, .daemonEnded, .lost, .other: break
        }
        if event.target == task, !fact.endsTask { receive(fact, at: mark) }
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
        receive(fact, at: mark)
        if fact.isTold { tell(mark, after: found.cause) }
    }

    /// Notes that it has something to read.
    private mutating func receive(_ fact: TaskFact, at mark: EventMark) {
        guard !fact.isMark, unread.last?.mark.id != mark.id else { return }
        if unread.isFull { otherUnread = otherUnread.saturatingPlus(1) }
        let isOrder = if case .ordered = fact { true } else { false }
        unread.append(Notification(mark: mark, isOrder: isOrder))
    }

    /// Notes that notifications were read, or need not be read any more.
    private mutating func settle(_ ids: [EventID]) {
        let before = unread.count
        unread.removeAll { ids.contains($0.mark.id) }
        // Those that are not kept are older.
        otherUnread = max(0, otherUnread - (ids.count - (before - unread.count)))
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
