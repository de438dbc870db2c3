// What belongs to no task, as the bytes of a part.

import NeuraphageEvents

extension LoggedRest: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init()
        repositories = reading.next(bytes)
        failures.take(bytes, &reading)
        locks = reading.next(bytes)
        sessions = reading.next(bytes)
        daemon = reading.next(bytes)
        losses.take(bytes, &reading)
        undelivered.take(bytes, &reading)
        missing.take(bytes, &reading)
        isGapPending = reading.next(bytes)
        let names: [SessionName] = reading.next(bytes)
        let owners: [Owner] = reading.next(bytes)
        self.owners = Dictionary(zip(names, owners)) { first, _ in first }
    }

    package func encode(into bytes: inout [UInt8]) {
        repositories.encode(into: &bytes)
        failures.encode(into: &bytes)
        locks.encode(into: &bytes)
        sessions.encode(into: &bytes)
        daemon.encode(into: &bytes)
        losses.encode(into: &bytes)
        undelivered.encode(into: &bytes)
        missing.encode(into: &bytes)
        isGapPending.encode(into: &bytes)
        let names = owners.keys.sorted { ($0.agent, $0.id) < ($1.agent, $1.id) }
        names.encode(into: &bytes)
        names.compactMap { owners[$0] }.encode(into: &bytes)
    }
}

extension TaskLog.Part {
    package init?(_ bytes: Span<UInt8>) {
        var reading = PartReading()
        let task: LoggedTask? = reading.next(bytes)
        if let task {
            self.init(task)
        } else {
            self.init(reading.next(bytes) as LoggedRest)
        }
        guard reading.isComplete(bytes) else { return nil }
    }

    package func encode(into bytes: inout [UInt8]) {
        task.encode(into: &bytes)
        rest?.encode(into: &bytes)
    }
}

extension LoggedRest.Repository: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(key: reading.next(bytes))
        path = reading.next(bytes)
        branch = reading.next(bytes)
        moves.take(bytes, &reading)
    }

    package func encode(into bytes: inout [UInt8]) {
        key.encode(into: &bytes)
        path.encode(into: &bytes)
        branch.encode(into: &bytes)
        moves.encode(into: &bytes)
    }
}

extension LoggedRest.Move: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            mark: reading.next(bytes),
            commit: reading.next(bytes),
            subject: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        mark.encode(into: &bytes)
        commit.encode(into: &bytes)
        subject.encode(into: &bytes)
    }
}

extension LoggedRest.Failure: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            task: reading.next(bytes),
            what: reading.next(bytes),
            mark: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        task.encode(into: &bytes)
        what.encode(into: &bytes)
        mark.encode(into: &bytes)
    }
}

extension LoggedRest.Lock: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            name: reading.next(bytes),
            holders: reading.next(bytes),
            waiters: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        name.encode(into: &bytes)
        holders.encode(into: &bytes)
        waiters.encode(into: &bytes)
    }
}

extension LoggedRest.Claim: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            task: reading.next(bytes),
            mark: reading.next(bytes),
            isExclusive: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        task.encode(into: &bytes)
        mark.encode(into: &bytes)
        isExclusive.encode(into: &bytes)
    }
}

extension LoggedRest.Daemon: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            begin: reading.next(bytes),
            end: reading.next(bytes),
            id: reading.next(bytes),
            previous: reading.next(bytes),
            lost: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        begin.encode(into: &bytes)
        end.encode(into: &bytes)
        id.encode(into: &bytes)
        previous.encode(into: &bytes)
        lost.encode(into: &bytes)
    }
}

extension LoggedRest.Loss: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            mark: reading.next(bytes),
            count: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        mark.encode(into: &bytes)
        count.encode(into: &bytes)
    }
}

extension LoggedRest.Undelivered: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            task: reading.next(bytes),
            mark: reading.next(bytes),
            count: reading.next(bytes),
            messages: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        task.encode(into: &bytes)
        mark.encode(into: &bytes)
        count.encode(into: &bytes)
        messages.encode(into: &bytes)
    }
}

extension LoggedRest.Owner: PartCoded {
    init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            task: reading.next(bytes),
            begin: reading.next(bytes),
            location: reading.next(bytes),
            turn: reading.next(bytes),
            isTurnCut: reading.next(bytes)
        )
    }

    func encode(into bytes: inout [UInt8]) {
        task.encode(into: &bytes)
        begin.encode(into: &bytes)
        location.encode(into: &bytes)
        turn.encode(into: &bytes)
        isTurnCut.encode(into: &bytes)
    }
}

extension LoggedRest.Failure.What: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let value = Self(rawValue: reading.next(bytes))
        if value == nil { reading.damage() }
        self = value ?? .task
    }

    package func encode(into bytes: inout [UInt8]) { rawValue.encode(into: &bytes) }
}
