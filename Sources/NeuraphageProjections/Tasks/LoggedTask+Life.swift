// The lives of a task. A beginning begins a life, whether or not the one before has an end. What goes on then – an agent's
// session, a run, a lock – is this life's; all else is the past's.

import NeuraphageEvents

extension LoggedTask {
    /// Begins a life, unless it is the one that goes on already.
    mutating func begin(_ words: BeginningWords, at mark: EventMark) {
        guard begin?.id != mark.id else { return }
        let formerEnd = end?.mark.place
        var life = LoggedTask(task)
        life.lives = lives + 1
        life.begin = mark
        (life.title, life.command, life.agent) = (words.title, words.command, words.agent)
        life.checkout = words.checkout.checkout
        life.sessions = sessions.filter { $0.end == nil }
        life.runs = runs.filter { $0.end == nil }
        life.locks = locks
        (life.unread, life.otherUnread) = (unread, otherUnread)
        (life.last, life.lastKind) = (mark, .taskStarted)
        if words.command != nil { life.add(Run(begin: mark, command: words.command)) }
        // An agent's hook tells of the session and of the prompt before it tells of the task that begins with them.
        for session in life.sessions {
            if let begin = session.begin, formerEnd.map({ begin.place > $0 }) ?? (lives == 0) { life.tell(begin) }
            if let turn = session.turn, turn.end == nil, let begin = turn.begin { life.tell(begin) }
        }
        life.tell(mark)
        self = life
    }

    /// Ends the life, if it is this one that ends.
    mutating func end(_ outcome: Ending.Outcome, _ words: EndingWords, at mark: EventMark) {
        if let ended = words.begin, let begin, ended != begin.id { return }
        endRun(of: begin?.id, words, at: mark)
        checkout = words.checkout.checkout ?? checkout
        let ending = Ending(
            outcome: outcome,
            mark: mark,
            words: words.words,
            exitCode: words.exitCode,
            signal: words.signal,
            commit: words.commit,
            isInferred: words.isInferred
        )
        // The end that was told first counts, unless it was concluded, and then another one told; or main has the work since.
        if let end {
            let gaveWay = end.isInferred && !ending.isInferred || ending.commit != nil
            guard end.commit == nil, gaveWay else { return }
        }
        end = ending
    }

    // MARK: - Runs

    /// Adds a run.
    mutating func add(_ run: Run) {
        guard run.begin == nil || !runs.contains(where: { $0.begin?.id == run.begin?.id }) else { return }
        runs.append(run)
        if runs.count > Self.mostOpen { runs.removeFirst() }
    }

    /// Ends the run that the task is itself, if it is one and goes on.
    private mutating func endRun(of begin: EventID?, _ words: EndingWords, at mark: EventMark) {
        guard let begin, runs.contains(where: { $0.begin?.id == begin && $0.end == nil }) else { return }
        endRun(words, begin: begin, at: mark)
    }

    /// Ends a run. One whose beginning is not known has ended all the same.
    mutating func endRun(_ words: EndingWords, begin: EventID?, at mark: EventMark) {
        let index = begin.flatMap { id in runs.firstIndex { $0.begin?.id == id } }
        var run = index.map { runs[$0] } ?? Run()
        guard run.end == nil else { return }
        run.end = mark
        (run.exitCode, run.signal) = (words.exitCode, words.signal)
        (run.error, run.isEndInferred) = (words.error, words.isInferred)
        if let index { runs.remove(at: index) }
        runs.removeAll { $0.end != nil }
        runs.append(run)
    }

    // MARK: - Locks

    mutating func add(_ lock: Lock, after wait: EventID?) {
        if let wait { removeLock(wait) }
        locks.append(lock)
        if locks.count > Self.mostOpen { locks.removeFirst() }
    }

    /// Takes out the lock that it has taken, or waits for, since an event.
    mutating func removeLock(_ begin: EventID) { locks.removeAll { $0.mark.id == begin } }

    /// Takes out the latest lock of this name that it holds.
    mutating func removeLock(named name: String) {
        if let index = locks.lastIndex(where: { $0.name == name && $0.isHeld }) { locks.remove(at: index) }
    }

    // MARK: - Its story

    /// Adds an event to the story, unless it is there.
    mutating func tell(_ mark: EventMark) {
        guard recent.last?.id != mark.id, opening.last?.id != mark.id else { return }
        if opening.count < Self.mostOpening {
            opening.append(mark)
        } else {
            if recent.isFull { storyLeftOut += 1 }
            recent.append(mark)
        }
    }

    /// Adds an event that led to one of the story's. Several may have the same one.
    mutating func tell(cause mark: EventMark) {
        guard !opening.contains(where: { $0.id == mark.id }), recent.last(where: { $0.id == mark.id }) == nil else {
            return
        }
        tell(mark)
    }
}
