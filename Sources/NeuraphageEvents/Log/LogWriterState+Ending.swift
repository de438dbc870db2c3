// Synchronizing, and the end of a log.

extension LogWriterState {
    /// Everything that may not be on the disk.
    mutating func synchronizeEverything() -> Decision {
        Decision(turn: .synchronize(ledger.takeBatch(forFlush: true)))
    }

    /// What came of a synchronization.
    mutating func synchronized(_ batch: SyncLedger.Batch, _ error: EventLogError?, at now: UInt64) -> Decision {
        var decision = Decision()
        for task in ledger.synchronized(batch, error) { decision.actions.append(.resume(task, error)) }
        if let error {
            if config.durability != .os { fail(error, .synchronization, &decision.actions, at: now) }
        } else {
            trouble.synchronized()
        }
        callThread(&decision, at: now)
        return decision
    }

    /// Delivers what still waits to be written. Its place in the order is certain, if nothing else is.
    mutating func deliver() -> Decision {
        Decision(actions: queue.takeRecipients().map { .deliver($0) })
    }

    /// Lets nothing in from now on.
    ///
    /// - Returns: Whether that is new.
    mutating func beginClosing() -> Bool {
        defer { isClosing = true }
        return !isClosing
    }

    /// The lines of publishers that wait, those that are being written at this moment included, and for each gap the line
    /// that tells of it.
    var rest: [PendingLines] {
        (queue.inFlight + queue.backlog.items).filter { $0.isKept && !$0.lines.isRepeat }.map { item in
            var lines = item.lines
            lines.encodeGap()
            return lines
        }
    }

    /// Every caller that still waits gets an answer; only those whose lines are being written at this moment wait on for it.
    ///
    /// - Parameter isRestLeft: Whether the rest has been left elsewhere for the log, so that it is not lost.
    mutating func close(leavingRest isRestLeft: Bool = false, at now: UInt64) -> Decision {
        var decision = Decision()
        isClosed = true
        self.isRestLeft = isRestLeft
        if !queue.isEmpty { fail(trouble.error ?? closedError, .writing, &decision.actions, at: now) }
        if !isRestLeft { lostInFlight = queue.inFlight.reduce(0) { $1.isKept ? $0 + $1.lines.eventCount : $0 } }
        lostAtEnd += lostInFlight
        let left = lose(trouble.error ?? closedError, &decision.actions) + lostInFlight
        if left > 0, !isRestLeft {
            let events = left == 1 ? "1 event that waited is" : "\(left) events that waited are"
            let lost = queue.backlog.lost + lostAtEnd
            decision.actions.append(.warn("\(events) lost to the log, \(lost) in all"))
        }
        closeLedger(&decision.actions)
        if !queue.isWriting { decision.actions.append(.closeFile) }
        if case .sleeping = thread {
            thread = .working
            decision.actions.append(.wakeThread)
        }
        return decision
    }

    /// Nothing is synchronized any more, so that no task waits for it and no segment stays open for it.
    mutating func closeLedger(_ actions: inout [WriterAction]) {
        for task in ledger.takeWaiting() { actions.append(.resume(task, closedError)) }
        for segment in ledger.close() { actions.append(.release(segment)) }
    }

    /// Takes out what waits, which is lost.
    ///
    /// - Returns: How many events that were kept are lost.
    @discardableResult
    mutating func lose(_ error: EventLogError, _ actions: inout [WriterAction]) -> Int {
        let lost = queue.backlog.items.reduce(0) { $1.isKept ? $0 + $1.lines.eventCount : $0 }
        if !isRestLeft { lostAtEnd += lost }
        actions += queue.close(error)
        return lost
    }
}
