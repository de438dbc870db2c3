// The parts of a task as bytes, member by member.

import NeuraphageEvents

extension LoggedTask.Ending: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            outcome: reading.next(bytes),
            mark: reading.next(bytes),
            words: reading.next(bytes),
            exitCode: reading.next(bytes),
            signal: reading.next(bytes),
            commit: reading.next(bytes),
            isInferred: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        outcome.encode(into: &bytes)
        mark.encode(into: &bytes)
        words.encode(into: &bytes)
        exitCode.encode(into: &bytes)
        signal.encode(into: &bytes)
        commit.encode(into: &bytes)
        isInferred.encode(into: &bytes)
    }
}

extension LoggedTask.Session: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            agent: reading.next(bytes),
            id: reading.next(bytes),
            begin: reading.next(bytes),
            end: reading.next(bytes),
            endReason: reading.next(bytes),
            isEndInferred: reading.next(bytes),
            turn: reading.next(bytes),
            waits: reading.next(bytes),
            lastHeard: reading.next(bytes),
            openSubagents: reading.next(bytes),
            otherSubagents: reading.next(bytes),
            location: reading.next(bytes),
            movedTo: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        agent.encode(into: &bytes)
        id.encode(into: &bytes)
        begin.encode(into: &bytes)
        end.encode(into: &bytes)
        endReason.encode(into: &bytes)
        isEndInferred.encode(into: &bytes)
        turn.encode(into: &bytes)
        waits.encode(into: &bytes)
        lastHeard.encode(into: &bytes)
        openSubagents.encode(into: &bytes)
        otherSubagents.encode(into: &bytes)
        location.encode(into: &bytes)
        movedTo.encode(into: &bytes)
    }
}

extension LoggedTask.Subagent: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            id: reading.next(bytes),
            begin: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        id.encode(into: &bytes)
        begin.encode(into: &bytes)
    }
}

extension LoggedTask.Turn: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            begin: reading.next(bytes),
            end: reading.next(bytes),
            isMachine: reading.next(bytes),
            asks: reading.next(bytes),
            background: reading.next(bytes),
            isInterrupted: reading.next(bytes),
            isEndInferred: reading.next(bytes),
            error: reading.next(bytes),
            until: reading.next(bytes),
            toolCount: reading.next(bytes),
            failedCount: reading.next(bytes),
            deniedCount: reading.next(bytes),
            failures: reading.next(bytes),
            name: reading.next(bytes),
            endReason: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        begin.encode(into: &bytes)
        end.encode(into: &bytes)
        isMachine.encode(into: &bytes)
        asks.encode(into: &bytes)
        background.encode(into: &bytes)
        isInterrupted.encode(into: &bytes)
        isEndInferred.encode(into: &bytes)
        error.encode(into: &bytes)
        until.encode(into: &bytes)
        toolCount.encode(into: &bytes)
        failedCount.encode(into: &bytes)
        deniedCount.encode(into: &bytes)
        failures.encode(into: &bytes)
        name.encode(into: &bytes)
        endReason.encode(into: &bytes)
    }
}

extension LoggedTask.Failure: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            tool: reading.next(bytes),
            input: reading.next(bytes),
            count: reading.next(bytes),
            mark: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        tool.encode(into: &bytes)
        input.encode(into: &bytes)
        count.encode(into: &bytes)
        mark.encode(into: &bytes)
    }
}

extension LoggedTask.Wait: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            mark: reading.next(bytes),
            reason: reading.next(bytes),
            tool: reading.next(bytes),
            since: reading.next(bytes),
            subagent: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        mark.encode(into: &bytes)
        reason.encode(into: &bytes)
        tool.encode(into: &bytes)
        since.encode(into: &bytes)
        subagent.encode(into: &bytes)
    }
}

extension LoggedTask.Run: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            begin: reading.next(bytes),
            end: reading.next(bytes),
            command: reading.next(bytes),
            exitCode: reading.next(bytes),
            signal: reading.next(bytes),
            error: reading.next(bytes),
            isEndInferred: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        begin.encode(into: &bytes)
        end.encode(into: &bytes)
        command.encode(into: &bytes)
        exitCode.encode(into: &bytes)
        signal.encode(into: &bytes)
        error.encode(into: &bytes)
        isEndInferred.encode(into: &bytes)
    }
}

extension LoggedTask.Lock: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            name: reading.next(bytes),
            mark: reading.next(bytes),
            isHeld: reading.next(bytes),
            holder: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        name.encode(into: &bytes)
        mark.encode(into: &bytes)
        isHeld.encode(into: &bytes)
        holder.encode(into: &bytes)
    }
}

extension LoggedTask.Check: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            name: reading.next(bytes),
            mark: reading.next(bytes),
            result: reading.next(bytes),
            failedCount: reading.next(bytes),
            isOutdated: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        name.encode(into: &bytes)
        mark.encode(into: &bytes)
        result.encode(into: &bytes)
        failedCount.encode(into: &bytes)
        isOutdated.encode(into: &bytes)
    }
}

extension LoggedTask.Conflict: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(
            mark: reading.next(bytes),
            files: reading.next(bytes),
            filesCount: reading.next(bytes),
            onto: reading.next(bytes),
            isMerge: reading.next(bytes),
            commit: reading.next(bytes),
            subject: reading.next(bytes)
        )
    }

    package func encode(into bytes: inout [UInt8]) {
        mark.encode(into: &bytes)
        files.encode(into: &bytes)
        filesCount.encode(into: &bytes)
        onto.encode(into: &bytes)
        isMerge.encode(into: &bytes)
        commit.encode(into: &bytes)
        subject.encode(into: &bytes)
    }
}

extension LoggedTask.Ending.Outcome: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        let value = Self(rawValue: reading.next(bytes))
        if value == nil { reading.damage() }
        self = value ?? .failed
    }

    package func encode(into bytes: inout [UInt8]) { rawValue.encode(into: &bytes) }
}

extension LoggedTask.Notification: PartCoded {
    package init(_ bytes: Span<UInt8>, _ reading: inout PartReading) {
        self.init(mark: reading.next(bytes), isOrder: reading.next(bytes))
    }

    package func encode(into bytes: inout [UInt8]) {
        mark.encode(into: &bytes)
        isOrder.encode(into: &bytes)
    }
}
