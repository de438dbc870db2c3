// Where projections keep what they have come to, so that the next one who asks need not read the whole log. The log alone is
// the truth: a checkpoint is used only if it is as it was written, of this version, and of this log, and otherwise the log is
// folded from its beginning. It is never repaired, and no answer needs it.
//
// A checkpoint is replaced as a whole, under a lock that is tried and never waited for: if another process writes one at the
// moment, that one is good enough. One that reaches further is not replaced by one that doesn't, and one of a newer np is left
// alone.

package import NeuraphageEvents
package import NeuraphageSystem

/// Folds a log into projections.
package struct ProjectionStore: Sendable {
    /// How much of the log must have been folded since the last checkpoint for another one to be written, in bytes. Less than
    /// a hook may read, so that it can go on from there.
    var leastNews = 256 << 10
    /// How much is read before the caller is told how far it is.
    private static let piece = 1 << 20

    private let logPath: String
    private let directory: DataDirectory
    private var files: any FileSystem { directory.files }
    /// Root must make no files in a directory of another user: they would lock that user out.
    private var mayWrite: Bool { (try? directory.refuseRootOfAnotherUser()) != nil }

    /// The projections of a log.
    ///
    /// - Parameter directory: Where checkpoints are kept.
    package init(ofLogAt logPath: String, in directory: DataDirectory) {
        self.logPath = logPath
        self.directory = directory
    }

    /// What a projection has come to.
    ///
    /// Costs a pass over what was appended to the log since the checkpoint, or over all of it if there is none that can be
    /// used; and reading and checking the checkpoint, or only its table and the parts that are asked for.
    ///
    /// - Parameters:
    ///   - keys: The keys of the parts that are asked for; the result may have no others then. `nil`: all.
    ///   - time: Only events up to this time count. No checkpoint is used that has later ones, and none is written.
    ///   - isWriting: Whether a checkpoint may be written, if enough of the log was folded for it to be worth that.
    ///   - progress: Told now and then how many bytes of how many have been read.
    /// - Throws: `EventLogError` if the log cannot be read, and what `progress` throws.
    package func folded<P: Projection>(
        _: P.Type = P.self,
        of keys: Set<String>? = nil,
        upTo time: Timestamp? = nil,
        writing isWriting: Bool,
        progress: (_ read: Int64, _ all: Int64) throws -> Void = { _, _ in }
    ) throws -> Folded<P> {
        try fold(of: keys, upTo: time, readingAtMost: .max, isWriting ? .ifFree : .not, progress)
    }

    /// The same, if no more has to be read for it than about so many bytes of the log; otherwise `nil`.
    package func folded<P: Projection>(
        _: P.Type = P.self,
        of keys: Set<String>? = nil,
        upTo time: Timestamp? = nil,
        readingAtMost most: Int,
        writing isWriting: Bool
    ) throws -> Folded<P>? {
        do {
            return try fold(of: keys, upTo: time, readingAtMost: most, isWriting ? .ifFree : .not) { _, _ in }
        } catch is TooMuch {
            return nil
        }
    }

    /// Folds what was appended to the log since. Costs reading that, and nothing is written.
    ///
    /// - Returns: Whether the log was only appended to; otherwise what it has come to is not what the log says.
    /// - Throws: `EventLogError` if the log cannot be read.
    package func foldNews<P: Projection>(into folded: inout Folded<P>) throws -> Bool {
        try read(into: &folded, upTo: nil) { _ in }
    }

    /// Brings a checkpoint up to date, unless another process does that just now, or it is of a newer version.
    ///
    /// - Parameter deadline: Until when to wait for that other process, in ns of the clock `MonotonicClock`.
    /// - Throws: `EventLogError` if the log cannot be read.
    package func update<P: Projection>(_: P.Type, until deadline: UInt64 = 0) throws {
        guard mayWrite, Self.newerVersion(of: P.self, in: directory) == nil,
            let lock = try? LockFile.take(directory.projection(P.name).lock, until: deadline, in: files)
        else { return }
        let _: Folded<P> = try fold(of: nil, upTo: nil, readingAtMost: .max, .locked) { _, _ in }
        _ = consume lock
    }

    /// Whether another process brings a checkpoint up to date, or writes it.
    package func isBeingUpdated<P: Projection>(_: P.Type) -> Bool {
        (try? LockFile.isHeld(directory.projection(P.name).lock, in: files)) ?? false
    }

    /// The checkpoint of a projection if it is of a newer version, which is left alone: where it is, its version, and the one
    /// that is known.
    package static func newerVersion<P: Projection>(
        of _: P.Type,
        in directory: DataDirectory
    ) -> (path: String, found: Int, known: Int)? {
        let path = directory.projection(P.name).checkpoint
        guard case .newer(let format, let version) = CheckpointFile.find(path, of: P.self, in: directory.files) else {
            return nil
        }
        return format.map { (path, $0, FileFormat.checkpoint.version) } ?? (path, version, P.version)
    }

    // MARK: - Folding

    /// Whether a checkpoint is written.
    private enum Writing {
        case not
        /// If no other process does.
        case ifFree
        /// This process has the lock.
        case locked
    }

    private func fold<P: Projection>(
        of keys: Set<String>?,
        upTo time: Timestamp?,
        readingAtMost most: Int,
        _ writing: Writing,
        _ progress: (_ read: Int64, _ all: Int64) throws -> Void
    ) throws -> Folded<P> {
        // The files are measured before they are read: what they get meanwhile makes the checkpoint too cautious, not wrong.
        let measure = try LogMeasure(ofLogAt: logPath, files)
        var isKept = writing != .not && time == nil && mayWrite
        var found: CheckpointFile?
        switch CheckpointFile.find(directory.projection(P.name).checkpoint, of: P.self, in: files) {
        case .nothing: break
        case .newer: isKept = false
        case .checkpoint(let file):
            let isOfLog = measure.past(of: file.head.end) == file.head.past
            if isOfLog, file.head.latest <= time ?? .latest { found = file }
        }
        func fold(from file: CheckpointFile?) throws -> Folded<P> {
            let news = measure.bytes(from: file?.head.end, to: nil)
            guard news <= most else { throw TooMuch() }
            let stores = isKept && news >= leastNews
            var folded = try Folded<P>(file, of: stores ? nil : keys)
            let isWhole = try read(into: &folded, upTo: time) { end in
                try progress(measure.bytes(from: file?.head.end, to: end), news)
            }
            if folded.parts.isDamaged { throw Unusable() }
            if stores, isWhole { store(folded, measure, writing) }
            return folded
        }
        if let found {
            do {
                return try fold(from: found)
            } catch is Unusable {
            } catch let error as EventLogError where error.code == .unknownPosition {
            }
        }
        return try fold(from: nil)
    }

    /// Folds what comes after what was folded.
    ///
    /// - Returns: Whether nothing was cut while it was read.
    private func read<P: Projection>(
        into folded: inout Folded<P>,
        upTo time: Timestamp?,
        _ progress: (LogPosition) throws -> Void
    ) throws -> Bool {
        let filter = EventFilter(until: time)
        guard var cursor = try EventCursor.once(path: logPath, from: folded.end, filter: filter, fileSystem: files)
        else {
            return false
        }
        let skippedBefore = folded.report.skippedCount
        var isWhole = true
        // Of what comes after the time nothing is known, also not that something is missing there.
        var gaps: [LogCursor.Gap] = []
        func tellGaps(_ folded: inout Folded<P>) {
            for gap in gaps {
                if case .missing(let missing) = gap { folded.report.missingFiles += missing.numbers.count }
                P.apply(gap, to: &folded.parts)
            }
            gaps = []
        }
        while true {
            let step = try cursor.next(atMost: Self.piece) { event, place in
                if !gaps.isEmpty { tellGaps(&folded) }
                P.apply(event, at: place, to: &folded.parts)
                folded.latest = max(folded.latest, event.timestamp)
                return true
            }
            switch step {
            case .lines: if let position = cursor.position { try progress(position) }
            case .gap(.missing(let missing)):
                gaps.append(.missing(missing))
                if time == nil { tellGaps(&folded) }
            case .gap: isWhole = false
            case .end:
                folded.end = cursor.position
                folded.report.skippedCount = skippedBefore + cursor.skippedCount
                return isWhole
            }
        }
    }

    // MARK: - Writing

    /// Writes a checkpoint, unless another process does, or there is one that is better. If it cannot be written, nothing is
    /// lost.
    private func store<P: Projection>(_ folded: Folded<P>, _ measure: LogMeasure, _ writing: Writing) {
        guard let end = folded.end, let past = measure.past(of: end) else { return }
        let head = CheckpointHead(
            version: P.version,
            name: P.name,
            end: end,
            past: past,
            latest: folded.latest,
            report: folded.report
        )
        if writing == .locked {
            replace(P.self, by: head, folded.parts)
        } else if let lock = try? LockFile.take(directory.projection(P.name).lock, until: 0, in: files) {
            replace(P.self, by: head, folded.parts)
            _ = consume lock
        }
    }

    private func replace<P: Projection>(_: P.Type, by head: CheckpointHead, _ parts: ProjectionParts<P.Part>) {
        let path = directory.projection(P.name).checkpoint
        guard let now = try? LogMeasure(ofLogAt: logPath, files), now.past(of: head.end) == head.past else { return }
        switch CheckpointFile.find(path, of: P.self, in: files) {
        case .newer: return
        case .checkpoint(let other):
            let isOfLog = now.past(of: other.head.end) == other.head.past
            if other.head.end >= head.end, isOfLog, other.parts(of: nil) != nil { return }
        case .nothing: break
        }
        try? WholeFile.replace(path, with: FileContents(bytes: head.encoded(with: parts.encoded)), in: files)
    }
}

/// What is stored cannot be what was folded.
private struct Unusable: Error {}

/// More would have to be read than may be.
private struct TooMuch: Error {}

extension Folded {
    /// What a checkpoint says, or nothing.
    ///
    /// - Throws: If the checkpoint's parts are not what was written.
    fileprivate init(_ file: CheckpointFile?, of keys: Set<String>?) throws {
        guard let file else {
            parts = ProjectionParts(of: keys)
            return
        }
        guard let stored = file.parts(of: keys) else { throw Unusable() }
        parts = ProjectionParts(stored, of: keys)
        parts.decodeWanted()
        (end, report, latest) = (file.head.end, file.head.report, file.head.latest)
    }
}
