// The way through the files, and what is remembered of one line for the next.

extension LogVerification {
    /// One pass over everything.
    struct Run {
        let fileSystem: any FileSystem
        var totals = Totals()
        private var ids: Set<EventID.Fingerprint> = []
        /// How many of the lines that follow may be repetitions.
        private var announced = 0
        /// The time of the event before, in the same file.
        private var previous: Timestamp?

        init(fileSystem: any FileSystem) {
            self.fileSystem = fileSystem
        }

        mutating func examineLog(_ path: String, _ tell: (Finding) throws -> Void) throws {
            var active: LineInput?
            var ended: [LogSegments.Ended] = []
            var failure: EventLogError?
            let files = LogSegments(activePath: path)
            do throws(EventLogError) {
                var log = try OpenLog(path: path, fileSystem)
                ended = log.ended
                active = log.active.take()
            } catch {
                failure = error
                ended = (try? files.list(fileSystem)) ?? []
            }
            var previous: Int?
            for file in ended {
                if let previous, let missing = files.missing(between: previous, and: file.number) {
                    totals.missingFiles = totals.missingFiles.saturatingPlus(missing.numbers.count)
                    try tell(.missing(missing))
                }
                previous = file.number
                try examineFile(.ended(file.path), tell)
            }
            if let active { try examine(active, tell) }
            if let failure { try note(failure, path, tell) }
        }

        mutating func examineFile(_ source: LogSource, _ tell: (Finding) throws -> Void) throws {
            let opened: LineInput?
            do throws(EventLogError) {
                opened = try LineInput(opening: source, fileSystem)
            } catch {
                return try note(error, source.name, tell)
            }
            if let input = opened { return try examine(input, tell) }
            // A file of a log that has gone since it was listed was deleted on purpose.
            if case .ended = source { return }
            totals.unreadableFiles += 1
            try tell(.unreadable(file: source.name, reason: "there is no file \(source.name)"))
        }

        private mutating func note(
            _ error: EventLogError,
            _ file: String,
            _ tell: (Finding) throws -> Void
        ) throws {
            totals.unreadableFiles += 1
            try tell(.unreadable(file: file, reason: error.description))
        }

        private mutating func examine(
            _ input: borrowing LineInput,
            _ tell: (Finding) throws -> Void
        ) throws {
            let source = input.source
            totals.files += 1
            previous = nil
            announced = 0
            let size = input.status?.size
            var lines = ForwardLines()
            do {
                try lines.forEach(
                    in: input,
                    upTo: size ?? .max,
                    takesUnterminated: source.takesUnterminated
                ) { position, line in
                    try examine(line, position, in: input, tell)
                    return true
                }
            } catch let error as EventLogError {
                return try note(error, source.name, tell)
            }
            guard let size, !source.takesUnterminated, lines.offset < size else { return }
            totals.pending += 1
            let place = Place(file: source.name, line: lines.linesBefore + 1, offset: lines.offset)
            try tell(.pending(place, bytes: size - lines.offset))
        }

        private mutating func examine(
            _ line: Span<UInt8>,
            _ position: LinePosition,
            in input: borrowing LineInput,
            _ tell: (Finding) throws -> Void
        ) throws {
            let place = Place(file: input.source.name, line: position.number ?? 0, offset: position.offset)
            let text = line.extracting(line.textStart(position)...)
            let event: Result<ExaminedEvent, LineError>
            if position.isTooLong {
                event = .failure(LineError(description: InputLimits.lineTooLong))
            } else if text.isBlank {
                return
            } else {
                event = Result { () throws(LineError) in try ExaminedEvent(text) }
            }
            switch event {
            case .success(let event): try examine(event, at: place, tell)
            case .failure(let error):
                totals.damaged += 1
                let bytes = position.isTooLong ? try input.beginning(of: place.offset) : Array(copying: line)
                try tell(.damaged(place, reason: error.description, beginning: bytes.firstCharacters))
            }
        }

        private mutating func examine(
            _ event: ExaminedEvent,
            at place: Place,
            _ tell: (Finding) throws -> Void
        ) throws {
            totals.events += 1
            let mayBeRepetition = announced > 0
            if mayBeRepetition { announced -= 1 }
            if !ids.insert(event.id.fingerprint).inserted {
                if mayBeRepetition {
                    totals.writtenAgain += 1
                    return
                }
                totals.repeated += 1
                try tell(.repeated(place, event.id))
            }
            if let resumption = event.resumption { announced = max(announced, resumption.repeated) }
            if let gap = event.gap {
                totals.lost = totals.lost.saturatingPlus(gap.count)
                try tell(.lost(place, count: gap.count, from: gap.from, to: gap.to))
            }
            try compareTime(event.timestamp, place, tell)
        }

        private mutating func compareTime(
            _ time: Timestamp,
            _ place: Place,
            _ tell: (Finding) throws -> Void
        ) throws {
            defer { previous = time }
            guard let previous, time < previous else { return }
            let step = previous.microsecondsSinceEpoch - time.microsecondsSinceEpoch
            totals.backwardSteps += 1
            totals.largestStep = max(totals.largestStep, step)
            if step > LogVerification.toleratedStep { try tell(.clockWentBack(place, microseconds: step)) }
        }
    }

    /// What matters of an event here.
    private struct ExaminedEvent {
        let id: EventID
        let timestamp: Timestamp
        let resumption: Resumption?
        let gap: (count: Int, from: String?, to: String?)?

        init(_ line: Span<UInt8>) throws(LineError) {
            let parts = try EventLine(line)
            let kind: EventKind
            (kind, timestamp) = try parts.envelope()
            id = parts.eventID(line) ?? ""
            resumption = Resumption(parts, kind, line)
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

extension LineInput {
    /// The first bytes of the line at an offset; none in a stream, which cannot be read again.
    fileprivate func beginning(of offset: Int64) throws -> [UInt8] {
        guard status != nil else { return [] }
        var bytes = [UInt8](repeating: 0, count: 160)
        let count = try bytes.withUnsafeMutableBytes { try read(into: $0, at: offset) }
        return Array(bytes[..<count])
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
