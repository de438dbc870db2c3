// What a segment repeats of the one before it.
//
// When a segment cannot be made safe on the disk, a writer leaves it as it is, begins the next one, and writes there again
// what may not have been safe: a LogResumed event, then the repeated lines. So the same event may be in both segments.
// A reader shows it where it is first and passes over the repetition. That way what becomes of a line depends on what
// precedes it and never on what is written later, so that everyone who reads the log sees the same: forward or backward,
// all at once or as it grows.
//
// The cursor alone knows of seams. It shows the lines of a segment to this, from the first one on.

/// Finds the lines of one segment that repeat what an earlier segment of the log has. Not thread-safe.
final class Seam {
    /// How far from the beginning of a segment the first announcement is, at most. Without one there, no line after that is
    /// looked at.
    private static let head: Int64 = 64 << 10
    /// How many events at the end of a segment may be repeated, at most; older ones would be shown twice. So memory stays
    /// bounded whatever a segment announces.
    private static let mostRepeated = 1 << 18

    private let files: LogSegments
    private let fileSystem: any FileSystem
    /// Whether the segment says that it repeats something.
    private var isAnnounced = false
    /// How many of the lines that follow are announced repetitions.
    private var announced = 0
    /// The ids that the earlier segment has.
    private var known: Set<EventID> = []

    init(_ files: LogSegments, _ fileSystem: any FileSystem) {
        self.files = files
        self.fileSystem = fileSystem
    }

    /// Whether it has to see the line that begins at an offset.
    func isInterested(at offset: Int64) -> Bool { isAnnounced || offset < Self.head }

    /// Whether a line repeats one of an earlier segment.
    func isRepeated(_ line: Span<UInt8>, _ position: LinePosition) -> Bool {
        guard !position.isTooLong else { return false }
        let line = line.extracting(line.textStart(position)...)
        guard announced > 0 || line.mayAnnounce, let parts = try? EventLine(line),
            let (kind, _) = try? parts.envelope()
        else { return false }
        let isKnown = announced > 0 && parts.eventID(line).map(known.contains) == true
        if announced > 0 {
            announced -= 1
            if announced == 0 { known = [] }
        }
        if !isKnown, let resumption = Resumption(parts, kind, line) { announce(resumption) }
        return isKnown
    }

    private func announce(_ resumption: Resumption) {
        guard let path = files.path(ofEndedNamed: resumption.previous) else { return }
        isAnnounced = true
        guard resumption.repeated > 0 else { return }
        announced = max(announced, resumption.repeated)
        // If the earlier segment is gone or cannot be read, nothing of it has been shown.
        known.formUnion((try? ids(atEndOf: path, from: resumption.from)) ?? [])
    }

    /// The ids from the last event `first` of a segment on, its own included.
    private func ids(atEndOf path: String, from first: EventID?) throws -> Set<EventID> {
        var ids: Set<EventID> = []
        guard let input = try LineInput.open(.ended(path), fileSystem) else { return ids }
        var lines = BackwardLines(in: 0..<(input.status?.size ?? 0))
        _ = try lines.forEach(in: input, takesUnterminated: true) { position, line in
            let line = line.extracting(line.textStart(position)...)
            guard !position.isTooLong, let id = (try? EventLine(line))?.eventID(line) else { return true }
            ids.insert(id)
            return id != first && ids.count < Self.mostRepeated
        }
        return ids
    }

    /// Shows it the lines of a segment before the offset `end`, as far as it has to see them.
    ///
    /// - Returns: Where those lines begin that are repetitions.
    func examine(_ input: LineInput, upTo end: Int64) throws(EventLogError) -> Set<Int64> {
        var repeated: Set<Int64> = []
        var lines = ForwardLines()
        do {
            // Without an announcement a line that begins in the head is the last one, and need not be read to its end.
            var goesOn = true
            while goesOn {
                let most = Self.head + Int64(LineInput.longestLine)
                let isOver = try lines.forEach(in: input, upTo: end, atMost: most) { position, line in
                    if isRepeated(line, position) { repeated.insert(position.offset) }
                    goesOn = isInterested(at: position.end)
                    return goesOn
                }
                goesOn = goesOn && !isOver && isAnnounced
            }
        } catch let error as EventLogError {
            throw error
        } catch {
            let path = input.source.name
            throw EventLogError(.readFailed, path: path, because: "cannot read \(path): \(error)")
        }
        return repeated
    }
}

/// What an event says that was written because the segment before could not be made safe.
private struct Resumption {
    /// The name of the segment that was left.
    let previous: String
    /// The first event that is repeated.
    let from: EventID?
    /// How many lines right after this one are repeated.
    let repeated: Int

    /// `nil` if the line says nothing of the kind.
    init?(_ parts: EventLine, _ kind: EventKind, _ line: Span<UInt8>) {
        guard kind == .logResumed else { return nil }
        let payload = parts.eventPayload(line)
        guard case .string(let previous) = payload["previous"] else { return nil }
        self.previous = previous
        if case .string(let id) = payload["from"] { from = EventID(id) } else { from = nil }
        repeated = payload["repeated"].flatMap { Int($0.text) } ?? 0
    }
}

extension Span<UInt8> {
    /// Whether the line may be a ``Resumption``; much cheaper than to read it.
    fileprivate var mayAnnounce: Bool {
        let mark: StaticString = "Resumed"
        guard count >= mark.utf8CodeUnitCount else { return false }
        for start in 0...(count - mark.utf8CodeUnitCount) where self[start] == UInt8(ascii: "R") {
            if (0..<mark.utf8CodeUnitCount).allSatisfy({ self[start + $0] == mark.utf8Start[$0] }) { return true }
        }
        return false
    }
}
