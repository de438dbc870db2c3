// The way through the files, and what is remembered of one line for the next.

extension LogVerification {
    /// One pass over everything.
    struct Run: ~Copyable {
        private let sources: [LogSource]
        private let fileSystem: any FileSystem
        private let mostSuspects: Int
        private(set) var totals = Totals()
        private var seen = SeenIDs()
        /// The ids that may have occurred before.
        private var suspects: Set<EventID.Fingerprint> = []
        /// How many events had been examined when the suspects were looked up the last time.
        private var lookedUp = 0
        /// All ids, if the sources cannot be read again.
        private var ids: Set<EventID.Fingerprint>?
        /// How many files of the source have been opened.
        private var openedCount = 0
        /// The time of the event before, in the same file.
        private var previous: Timestamp?

        init(_ sources: [LogSource], _ fileSystem: any FileSystem, mostSuspects: Int) {
            self.sources = sources
            self.fileSystem = fileSystem
            self.mostSuspects = mostSuspects
            ids = sources.contains(where: \.isStream) ? [] : nil
        }

        mutating func examine(_ source: LogSource, _ tell: (Finding) throws -> Void) throws {
            do {
                guard var cursor = try LogCursor.open(source, defersFailure: true, in: fileSystem) else {
                    guard case .file(let path) = source else { return }
                    totals.unreadableFiles += 1
                    return try tell(.unreadable(file: path, reason: "there is no file \(path)"))
                }
                openedCount = 0
                while try examine(&cursor, tell) {}
            } catch let error as EventLogError {
                try note(error, source.name, tell)
            }
        }

        private mutating func note(
            _ error: EventLogError,
            _ file: String,
            _ tell: (Finding) throws -> Void
        ) throws {
            totals.unreadableFiles += 1
            try tell(.unreadable(file: file, reason: error.description))
        }

        /// Examines what a cursor reads in one step, up to a line that is damaged.
        ///
        /// - Returns: Whether there may be more.
        private mutating func examine(_ cursor: inout LogCursor, _ tell: (Finding) throws -> Void) throws -> Bool {
            let name = cursor.segmentName
            if cursor.openedCount != openedCount {
                openedCount = cursor.openedCount
                totals.files += 1
                previous = nil
            }
            var damaged: (place: LinePosition, reason: String, beginning: [UInt8]?)?
            let step: LogCursor.Step
            do {
                step = try cursor.next { place, line in
                    let text = line.extracting(line.textStart(place)...)
                    if place.isTooLong {
                        damaged = (place, InputLimits.lineTooLong, nil)
                    } else if !text.isBlank {
                        switch Result(catching: { () throws(LineError) in try ExaminedEvent(text) }) {
                        case .success(let event): try examine(event, at: place, in: name, tell)
                        case .failure(let error):
                            damaged = (place, LineExaminer.reason(error, text, place), Array(copying: line))
                        }
                    }
                    return damaged == nil && suspects.count < mostSuspects
                }
            } catch let error as EventLogError {
                try note(error, cursor.segmentName, tell)
                cursor.skipSegment()
                return true
            }
            if suspects.count >= mostSuspects { try tellRepeated(tell) }
            if let damaged {
                let beginning = try damaged.beginning ?? cursor.beginning(of: damaged.place, atMost: 160)
                let place = Place(damaged.place, in: name)
                totals.damaged += 1
                try tell(.damaged(place, reason: damaged.reason, beginning: beginning.firstCharacters))
            }
            switch step {
            case .lines: return true
            case .gap(.missing(let missing)):
                totals.missingFiles += missing.numbers.count
                try tell(.missing(missing))
                return true
            case .gap:
                totals.unreadableFiles += 1
                try tell(.unreadable(file: name, reason: "\(name) became shorter while it was read"))
                return true
            case .end:
                if let pending = cursor.pending {
                    totals.pending += 1
                    let place = Place(file: name, line: pending.line, offset: pending.offset)
                    try tell(.pending(place, bytes: pending.bytes))
                }
                return false
            }
        }

        private mutating func examine(
            _ event: ExaminedEvent,
            at position: LinePosition,
            in file: String,
            _ tell: (Finding) throws -> Void
        ) throws {
            totals.events += 1
            if position.isRepetition {
                totals.writtenAgain += 1
                return
            }
            let id = event.id.fingerprint
            if ids != nil {
                if ids?.insert(id).inserted == false {
                    totals.repeated += 1
                    try tell(.repeated(Place(position, in: file), event.id))
                }
            } else if seen.insert(id) {
                suspects.insert(id)
            }
            if let gap = event.gap {
                totals.lost = totals.lost.saturatingPlus(gap.count)
                try tell(.lost(Place(position, in: file), count: gap.count, from: gap.from, to: gap.to))
            }
            try compareTime(event.timestamp, position, in: file, tell)
        }

        /// Reads up to where the last event was examined once more, and tells which of the suspects occurred before. What was
        /// told the last time is not told again.
        mutating func tellRepeated(_ tell: (Finding) throws -> Void) throws {
            guard !suspects.isEmpty else { return }
            var found: Set<EventID.Fingerprint> = []
            var events = 0
            for source in sources where events < totals.events {
                guard var cursor = try? LogCursor.open(source, defersFailure: true, in: fileSystem) else { continue }
                var isOver = false
                while !isOver, events < totals.events {
                    let name = cursor.segmentName
                    do {
                        let step = try cursor.next { place, line in
                            guard !place.isTooLong,
                                let parts = try? EventLine(line.extracting(line.textStart(place)...)),
                                (try? parts.envelope()) != nil, let id = parts.eventID(line)
                            else { return true }
                            events += 1
                            guard !place.isRepetition, suspects.contains(id.fingerprint) else {
                                return events < totals.events
                            }
                            if !found.insert(id.fingerprint).inserted, events > lookedUp {
                                totals.repeated += 1
                                try tell(.repeated(Place(place, in: name), id))
                            }
                            return events < totals.events
                        }
                        isOver = step == .end
                    } catch is EventLogError {
                        cursor.skipSegment()
                    }
                }
            }
            lookedUp = totals.events
            suspects = []
        }

        private mutating func compareTime(
            _ time: Timestamp,
            _ position: LinePosition,
            in file: String,
            _ tell: (Finding) throws -> Void
        ) throws {
            defer { previous = time }
            guard let previous, time < previous else { return }
            let step = previous.microsecondsSinceEpoch - time.microsecondsSinceEpoch
            totals.backwardSteps += 1
            totals.largestStep = max(totals.largestStep, step)
            guard step > LogVerification.toleratedStep else { return }
            try tell(.clockWentBack(Place(position, in: file), microseconds: step))
        }
    }

    /// What matters of an event here.
    private struct ExaminedEvent {
        let id: EventID
        let timestamp: Timestamp
        let gap: (count: Int, from: String?, to: String?)?

        init(_ line: Span<UInt8>) throws(LineError) {
            let parts = try EventLine(line)
            let kind: EventKind
            (kind, timestamp) = try parts.envelope()
            id = parts.eventID(line) ?? ""
            guard kind == .logGap else {
                gap = nil
                return
            }
            let payload = parts.eventPayload(line)
            gap = (
                max(0, payload["lost"].flatMap { Int($0.text) } ?? 0), payload["from"]?.string, payload["to"]?.string
            )
        }
    }
}

extension LogVerification.Place {
    fileprivate init(_ position: LinePosition, in file: String) {
        self.init(file: file, line: position.number ?? 0, offset: position.offset)
    }
}

extension [UInt8] {
    fileprivate init(copying line: Span<UInt8>) {
        self = line.extracting(first: Swift.min(line.count, 160)).withUnsafeBufferPointer { Array($0) }
    }

    /// The first 40 characters, each of at most 4 bytes.
    fileprivate var firstCharacters: String {
        String(String.UnicodeScalarView(String(decoding: prefix(160), as: UTF8.self).unicodeScalars.prefix(40)))
    }
}
