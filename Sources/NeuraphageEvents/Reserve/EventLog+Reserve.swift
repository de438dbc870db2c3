// The way of an event through the reserve: left there by a process that ends, appended to the log by the next one.

extension EventLog {
    /// How much of the log is read to find which events it has already, from its end backward, in bytes.
    private static let mostBytes = 64 << 20
    /// How long draining waits for the log, in ns. Other processes must not find the log and the reserve locked.
    private static let drainPatience: UInt64 = 5_000_000

    /// The reserve beside this log.
    package var reserve: Reserve {
        Reserve(ofLogAt: config.path, in: fileSystem, waitingAtMost: reservePatience)
    }

    /// Makes the reserve if it isn't there, and appends what processes that have ended have left in it. Costs two looks at
    /// the reserve if nothing is in it.
    package func useReserve() {
        guard config.isEnabled else { return }
        // Without room for it there is none.
        try? reserve.prepare()
        drainReserve()
    }

    /// Appends what processes that have ended have left in the reserve, and waits until it is on the disk. What the last
    /// 64 MiB of the log have already is not appended again.
    ///
    /// Does nothing if the log is in trouble.
    package func drainReserve() {
        guard config.isEnabled, status.trouble == nil, let waiting = reserve.waiting, !waiting.isEmpty else { return }
        try? reserve.drain { events in
            let ids = Set(events.map(\.id))
            guard
                let known = try? EventScan.ids(
                    among: ids,
                    inLogAt: config.path,
                    readingAtMost: Self.mostBytes,
                    fileSystem
                )
            else { return false }
            let new = events.filter { !known.contains($0.id) }
            guard append(new, waitingAtMost: Self.drainPatience).error == nil else { return false }
            return (try? flush()) != nil
        }
    }

    /// Appends events; those that the log cannot take are left in the reserve.
    ///
    /// - Throws: ``EventLogError`` if that isn't possible, either.
    package func appendOrLeave(_ events: [Event]) throws(EventLogError) {
        let rest = appendOrLeaveMost(events)
        if let error = rest.error { throw error }
    }

    /// The same; returns the events for which neither was possible, and why.
    package func appendOrLeaveMost(_ events: [Event]) -> (events: [Event], error: EventLogError?) {
        let (written, error) = append(contentsOf: events)
        let rest = events.dropFirst(written)
        return error == nil || leave(lines(of: rest)) ? ([], nil) : (Array(rest), error)
    }

    /// Closes the log; what was published and cannot be written is left in the reserve.
    ///
    /// - Parameter isSynchronized: Whether what is written is synchronized as by ``EventLog/flush()``.
    /// - Returns: How many events were left.
    @discardableResult
    package func closeOrLeave(synchronizing isSynchronized: Bool = false) -> Int {
        var count = 0
        close(synchronizing: isSynchronized) { lines in
            guard leave(lines) else { return false }
            count = lines.count
            return true
        }
        return count
    }

    private func leave(_ lines: [[UInt8]]) -> Bool { reserve.leave(lines, synchronizing: config.durability != .os) }
}

extension EventBus {
    /// Closes the bus and its log; what was published and cannot be written is left in the log's reserve.
    ///
    /// - Returns: How many events were left.
    @discardableResult
    package func closeOrLeave() -> Int {
        let count = log?.closeOrLeave(synchronizing: true) ?? 0
        close()
        return count
    }
}
