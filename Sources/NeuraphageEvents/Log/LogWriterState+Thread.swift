// What no caller does: to write while there is trouble, or for a task, and to synchronize. The log's own thread exists only
// as long as there was something for it, and sleeps until there is again.

extension LogWriterState {
    /// What the thread is to do now.
    mutating func nextJob(at now: UInt64) -> Decision {
        var decision = Decision()
        thread = .working
        if isClosed {
            thread = .none
            decision.turn = .end
            return decision
        }
        recover(&decision.actions, at: now)
        if ledger.due <= now {
            decision.turn = .synchronize(ledger.takeBatch())
        } else if nextWrite(at: now) <= now, queue.beginOnThread() {
            takeOff(&decision, at: now)
        }
        guard case .nothing = decision.turn else { return decision }
        let time = nextWork(at: now)
        thread = .sleeping(until: time)
        decision.turn = .sleep(until: time)
        return decision
    }

    /// When the thread has to write, in ns; `.max` if it need not.
    private mutating func nextWrite(at now: UInt64) -> UInt64 {
        if queue.isWriting { return .max }
        guard trouble.error != nil else { return queue.hasWaitingTask() ? now : .max }
        return isDrained ? .max : trouble.nextAttempt
    }

    /// When there is something to do for the thread, in ns; `.max` if there is not.
    private mutating func nextWork(at now: UInt64) -> UInt64 {
        let recovery = trouble.error != nil && isDrained ? trouble.recovery : .max
        return min(ledger.due, nextWrite(at: now), recovery)
    }

    /// Sees to it that the thread does what is to be done, and starts it if need be.
    mutating func callThread(_ decision: inout Decision, at now: UInt64) {
        if case .working = thread { return }
        let time = nextWork(at: now)
        switch thread {
        case .working: break
        case .none:
            guard time < .max, !isClosed else { return }
            thread = .working
            decision.actions.append(.startThread)
        case .sleeping(let end):
            guard time < end else { return }
            thread = .working
            decision.actions.append(.wakeThread)
        }
    }

    /// The system has no thread left. What waits for one gets an answer; what is kept is written by the next caller.
    mutating func lacksThread(_ error: EventLogError, at now: UInt64) -> Decision {
        thread = .none
        var decision = Decision()
        fail(error, .writing, &decision.actions, at: now)
        for task in ledger.takeWaiting() { decision.actions.append(.resume(task, error)) }
        return decision
    }
}
