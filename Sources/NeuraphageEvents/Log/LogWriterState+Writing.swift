// From the backlog into the file: what a writer takes along, and what comes of it.

extension LogWriterState {
    private static let flightSize = 1 << 20

    /// Loads what is next for the writer. If there is nothing to write, the writer is let go.
    mutating func takeOff(_ decision: inout Decision, at now: UInt64) {
        queue.load(bytes: Self.flightSize)
        // What has no lines needs no write, and what is not written changes nothing.
        while ledger.seam == nil, !queue.inFlight.isEmpty, queue.inFlight.allSatisfy({ $0.lines.count == 0 }) {
            for item in queue.unload() { answer(item, .init(written: 0), &decision.actions) }
            queue.load(bytes: Self.flightSize)
        }
        guard !queue.inFlight.isEmpty || ledger.seam != nil else { return letGo(&decision, inTrouble: false) }
        decision.turn = .write(flight(at: now))
    }

    private func flight(at now: UInt64) -> Flight {
        let items = queue.inFlight
        let repeats = items.prefix { $0.lines.isRepeat }
        let hasSeam = ledger.seam != nil
        let firstKept = ledger.lines.isEmpty ? nil : PendingLines.id(in: ledger.lines[...])
        let patience = queue.writerDeadline.map { $0 - min(now, $0) } ?? timing.publishing
        return Flight(
            lines: Self.joined(items),
            count: items.reduce(0) { $0 + $1.lines.count },
            seam: ledger.seam,
            keptLines: hasSeam ? ledger.lines : [],
            repeats: repeats.reduce(0) { $0 + $1.lines.count },
            firstRepeated: hasSeam ? firstKept ?? repeats.first?.lines.firstID : nil,
            rehearses: hasSeam && config.durability != .os,
            // Tasks wait for the log's thread, which synchronizes while others write.
            synchronizes: hasSeam
                ? config.durability != .os
                : config.durability == .always && items.contains { $0.waitingTask == nil },
            patience: patience
        )
    }

    private static func joined(_ items: [Submission]) -> [UInt8] {
        if items.count == 1 { return items[0].lines.bytes }
        var lines: [UInt8] = []
        lines.reserveCapacity(items.reduce(0) { $0 + $1.lines.bytes.count })
        for item in items { lines += item.lines.bytes }
        return lines
    }

    /// What came of a flight. The turn is the writer's.
    mutating func landed(_ landing: Flight.Landing, after duration: UInt64, at now: UInt64) -> Decision {
        var decision = Decision()
        for segment in ledger.landed(landing) { decision.actions.append(.release(segment)) }
        if let message = landing.notice?.message(config.path) { decision.actions.append(.warn(message)) }
        lostAtEnd -= lostInFlight
        lostInFlight = 0
        let wasKept = queue.inFlight.contains(where: \.isKept)
        settle(queue.unload(), landing, &decision.actions, at: now)
        if landing.isSynchronized {
            let (content, released) = ledger.synchronizedCurrent()
            for task in content { decision.actions.append(.resume(task, nil)) }
            for segment in released { decision.actions.append(.release(segment)) }
            trouble.synchronized()
        }
        if let error = landing.error {
            // An appender whose lines are still waiting, because there was too much before them, has written in vain.
            if let item = queue.withdrawWriter() { answer(item, .init(written: 0, error: error), &decision.actions) }
            fail(error, landing.failure, &decision.actions, at: now)
        } else {
            if trouble.error == nil, duration > timing.slow, wasKept {
                fail(.slow(config.path, nanoseconds: timing.slow), .writing, &decision.actions, at: now)
            }
            trouble.wrote(after: duration, at: now)
            recover(&decision.actions, at: now)
        }
        if isClosed {
            lose(landing.error ?? closedError, &decision.actions)
            // The write has brought a segment, and perhaps a task that wants it on the disk.
            closeLedger(&decision.actions)
            decision.actions.append(.closeFile)
        }
        if landing.error == nil, queue.writerHasLines {
            takeOff(&decision, at: now)
        } else {
            letGo(&decision, inTrouble: landing.error != nil)
            callThread(&decision, at: now)
        }
        return decision
    }

    /// Settles what is in the file, and puts back what is kept. What is in the file but not on the disk, as it should be, is
    /// written again.
    private mutating func settle(
        _ items: [Submission],
        _ landing: Flight.Landing,
        _ actions: inout [WriterAction],
        at now: UInt64
    ) {
        guard let error = landing.error else {
            for item in items { settle(item, landing, &actions, at: now) }
            return
        }
        var left = landing.hasFailedToSynchronize ? 0 : landing.written
        var returned: [Submission] = []
        for var item in items {
            if item.lines.count > 0, item.lines.count <= left {
                left -= item.lines.count
                settle(item, landing, &actions, at: now)
                continue
            }
            if left > 0 {
                written += left
                _ = ledger.add(item.lines.firstLines(left), nil, at: now)
                item.lines.dropFirst(left)
                left = 0
            }
            switch item.purpose {
            case .publishing:
                item.lines.isRepeat = item.lines.isRepeat || landing.hasFailedToSynchronize
                returned.append(item)
            // Another process that keeps the file locked takes from each caller only the caller's own time.
            case .appending where landing.isLate && item.deadline > now && !queue.isWriter(item.id):
                returned.append(item)
            case .appending: answer(item, .init(written: item.lines.written, error: error), &actions)
            case .draining: returned.append(item)
            }
        }
        queue.putBack(returned)
    }

    /// Settles lines that are in the file.
    private mutating func settle(
        _ item: Submission,
        _ landing: Flight.Landing,
        _ actions: inout [WriterAction],
        at now: UInt64
    ) {
        var item = item
        written += item.lines.eventCount
        if let recipients = item.recipients.take() { actions.append(.deliver(recipients)) }
        if let task = item.waitingTask, !landing.isSynchronized {
            if let error = ledger.add(item.lines.bytes, task, at: now) { actions.append(.resume(task, error)) }
            return
        }
        if !landing.isSynchronized, item.lines.count > 0 { _ = ledger.add(item.lines.bytes, nil, at: now) }
        answer(item, .init(written: item.lines.written + item.lines.count), &actions)
    }

    private mutating func answer(_ item: Submission, _ outcome: EventLog.Outcome, _ actions: inout [WriterAction]) {
        var item = item
        if let action = queue.answer(&item, outcome) { actions.append(action) }
    }

    /// The writer writes no more.
    private mutating func letGo(_ decision: inout Decision, inTrouble: Bool) {
        decision.turn = queue.end()
        callNext(&decision, inTrouble: inTrouble)
    }

    mutating func callNext(_ decision: inout Decision, inTrouble: Bool) {
        if let next = queue.nextToCall(inTrouble: inTrouble) { decision.actions.append(.callToWrite(next)) }
    }
}
