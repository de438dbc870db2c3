// What is unread, and what reached no task, found without reading the log: a copy, kept beside it, of every task's
// notifications and of the marks that say what became of them. The log alone is the truth. The index knows up to which place it has read the log,
// and before it answers it reads on from there to the end.
//
// An index is its catalogue: how far the log has been read, and how long each task's file is. A catalogue is replaced as a
// whole when everything that it speaks of is written, so that after a crash the same piece of the log is read again; what
// a file has beyond the length in the catalogue is cut off then. What doesn't fit together – another log, one that was cut,
// a file that is shorter or isn't what it should be – is thrown away and made anew. It is never trusted and never repaired.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

/// The notifications of a log, by task.
package struct NotificationIndex: Sendable {
    /// How long to wait for another process that reads, in ns: if only a little may be read, and otherwise. Reading the log
    /// without the index takes no longer than that other process may.
    private static let haste: UInt64 = 5_000_000
    private static let patience: UInt64 = 2_000_000_000
    /// How many steps of reading may lead no further before the rest is left to a process that may read more.
    private static let mostStops = 8
    /// How much is kept in memory before it is written.
    private static let pieceBytes = 4 << 20

    /// What is there doesn't belong to this log, or isn't whole.
    private struct Stop: Error {}

    private let logPath: String
    private let directory: String
    private let files: any FileSystem

    /// The index of a log.
    package init(logPath: String, in directory: DataDirectory) {
        self.logPath = logPath
        self.directory = directory.notificationIndex
        files = directory.files
    }

    /// What the index says of a task.
    struct Answer: Equatable {
        /// What is unread, in the log's order.
        let unread: [Event]
        /// Up to where the log has been read; `nil` if there is none.
        let end: LogPosition?
    }

    /// Reads what is new in the log, so that others need not.
    ///
    /// Costs a pass over what was appended since the last time: over the whole log if there is no index yet.
    ///
    /// - Throws: ``OperationError`` if the index cannot be locked or written, `EventLogError` if the log cannot be read.
    package func update() throws {
        _ = try whileLocked(isPatient: true) { try readOn(atMost: .max) }
    }

    /// What is unread for a task.
    ///
    /// - Parameter most: How many bytes of the log may be read for that, about.
    /// - Returns: `nil` if more would have to be read, or another process reads and takes its time.
    /// - Throws: ``OperationError`` if the index cannot be locked or written, `EventLogError` if the log cannot be read.
    func unread(of task: TaskID, readingAtMost most: Int = .max) throws -> Answer? {
        try whileLocked(isPatient: most == .max) {
            guard var catalogue = try readOn(atMost: most) else { return nil }
            let unread = try unread(of: task, in: &catalogue, readingAtMost: most)
            return unread.map { Answer(unread: $0.events, end: catalogue.end) }
        } ?? nil
    }

    /// What is unread of several tasks; `nil` if another process reads and takes its time.
    func unreadIDs(of tasks: Set<TaskID>) throws -> [TaskID: Set<EventID>]? {
        try whileLocked(isPatient: true) {
            guard var catalogue = try readOn(atMost: .max) else { return nil }
            var unread: [TaskID: Set<EventID>] = [:]
            for task in tasks {
                unread[task] = Set((try self.unread(of: task, in: &catalogue)?.events ?? []).map(\.id))
            }
            return unread
        } ?? nil
    }

    /// The tasks that have messages which reached no task, as no mark says yet. Costs reading what is new in the log, and
    /// the files of those tasks.
    ///
    /// - Parameter most: How many bytes of the log may be read for that, about.
    /// - Returns: `nil` if more would have to be read, or another process reads and takes its time, or the index has to be
    ///   rebuilt.
    /// - Throws: ``OperationError`` if the index cannot be locked or written, `EventLogError` if the log cannot be read.
    func tasksWithRemainders(readingAtMost most: Int = .max) throws -> Set<TaskID>? {
        try whileLocked(isPatient: true) {
            guard let catalogue = try readOn(atMost: most) else { return nil }
            var tasks: Set<TaskID> = []
            for (name, file) in catalogue.files where file.hasRemainders {
                guard let bytes = contents(of: name, file) else {
                    clear()
                    return nil
                }
                let remainders = Unread(bytes) { StableHash.name(of: $0.description) == name }.remainders
                tasks.formUnion(remainders.compactMap(\.end.source))
            }
            return tasks
        } ?? nil
    }

    /// What lives of a task have left unread, as no mark says yet; the rest is as with ``unread(of:readingAtMost:)``.
    func remainders(of task: TaskID, readingAtMost most: Int = .max) throws -> [Unread.Remainder]? {
        try whileLocked(isPatient: true) {
            guard var catalogue = try readOn(atMost: most) else { return nil }
            return try unread(of: task, in: &catalogue, readingAtMost: most)?.remainders
        } ?? nil
    }

    /// Whether another process reads at the moment.
    var isInUse: Bool {
        guard let lock = try? LockFile.take(directory + "/lock", until: 0, in: files) else { return true }
        _ = consume lock
        return false
    }

    private func whileLocked<Result>(isPatient: Bool, _ body: () throws -> Result) throws -> Result? {
        let deadline = MonotonicClock.now + (isPatient ? Self.patience : Self.haste)
        guard let lock = try LockFile.take(directory + "/lock", until: deadline, in: files) else { return nil }
        let result = try body()
        _ = consume lock
        return result
    }

    // MARK: - Reading on

    /// Reads the log from where the catalogue ends.
    ///
    /// - Returns: The catalogue; `nil` if that would be more than may be read. The next call goes on from there then, unless
    ///   only a little may be read, and nothing was written.
    private func readOn(atMost most: Int) throws -> IndexCatalogue? {
        var catalogue = try stored ?? cleared()
        var left = most
        while true {
            var piece = Piece()
            let isAtEnd: Bool
            do {
                isAtEnd = try read(&piece, from: catalogue.end, atMost: left)
                guard isAtEnd || most >= Self.pieceBytes else { return nil }
                try write(piece, into: &catalogue)
            } catch is Stop {
                catalogue = cleared()
                continue
            }
            let hasMoved = piece.end != catalogue.end
            if hasMoved, let end = piece.end {
                catalogue.end = end
                catalogue.beginning = beginning
                try catalogue.store(in: directory, files)
            }
            if isAtEnd { return catalogue }
            guard hasMoved, piece.bytesRead < left else { return nil }
            left -= piece.bytesRead
        }
    }

    /// What was read and isn't written yet.
    private struct Piece {
        /// For each task's file, its lines.
        var lines: [String: [UInt8]] = [:]
        /// The files in which something was marked as read.
        var marked: Set<String> = []
        var end: LogPosition?
        var bytes = 0
        var bytesRead = 0

        mutating func add(_ line: Span<UInt8>, of task: TaskID, isMark: Bool) {
            let name = StableHash.name(of: task.description)
            line.withUnsafeBufferPointer { lines[name, default: []].append(contentsOf: $0) }
            lines[name, default: []].append(UInt8(ascii: "\n"))
            bytes += line.count + 1
            if isMark { marked.insert(name) }
        }
    }

    /// Reads as much as one piece holds.
    ///
    /// - Returns: Whether the end was reached.
    /// - Throws: ``Stop`` if what comes next isn't what comes next in the log.
    private func read(
        _ piece: inout Piece,
        from end: LogPosition?,
        atMost most: Int
    ) throws -> Bool {
        var cursor = try EventCursor(path: logPath, from: end, fileSystem: files)
        guard cursor.foundPosition else { throw Stop() }
        piece.end = end
        var stops = 0
        while true {
            let before = piece.end
            let step = try cursor.next(atMost: most) { event, _ in
                var bytes: [UInt8] = []
                event.encode(into: &bytes)
                let line = bytes.span
                let isMark = Unread.isMark(event)
                if isMark || event.kind.endsTask, let task = event.source { piece.add(line, of: task, isMark: true) }
                if !isMark, let target = event.target, target != event.source || !event.kind.endsTask {
                    piece.add(line, of: target, isMark: false)
                }
                piece.bytesRead += line.count + 1
                return piece.bytes < Self.pieceBytes && piece.bytesRead < most
            }
            piece.end = cursor.position
            switch step {
            case .lines:
                if piece.bytes >= Self.pieceBytes || piece.bytesRead >= most { return false }
                // A line that is longer than what may be read leads no further; some steps never do.
                stops = piece.end == before ? stops + 1 : 0
                if most < .max, stops == Self.mostStops { return false }
            case .gap(.missing): continue  // nobody who reads the log sees what was there
            case .gap: throw Stop()
            case .end: return true
            }
        }
    }

    private func write(_ piece: Piece, into catalogue: inout IndexCatalogue) throws {
        do {
            for (name, lines) in piece.lines {
                if piece.marked.contains(name) {
                    try replace(name, adding: lines, &catalogue)
                } else {
                    try append(lines, to: name, &catalogue)
                }
            }
        } catch let error as SystemError {
            throw OperationError.cannot("write into", directory, error)
        }
    }

    private func append(_ lines: [UInt8], to name: String, _ catalogue: inout IndexCatalogue) throws {
        var file = catalogue.files[name] ?? .init()
        let path = path(of: name, file)
        if file.size == 0 {
            try files.write(lines, to: path)
        } else {
            guard isCut(path, to: file.size) else { throw Stop() }
            try files.write(lines, to: path, appending: true)
        }
        file.size += lines.count
        file.checksum = StableHash.of(lines, after: file.checksum)
        catalogue.files[name] = file
    }

    /// Cuts off what a file has beyond a size; fails if it has less.
    private func isCut(_ path: String, to size: Int) -> Bool {
        guard let descriptor = try? files.open(path, flags: O_WRONLY | O_CLOEXEC | O_NOFOLLOW, permissions: 0) else {
            return false
        }
        defer { files.close(descriptor) }
        guard let found = try? files.status(of: descriptor).size, found >= size else { return false }
        return (try? files.truncate(descriptor, to: Int64(size))) != nil
    }

    /// Writes another file, without what has been read. The old one stays as long as the catalogue speaks of it.
    private func replace(_ name: String, adding lines: [UInt8], _ catalogue: inout IndexCatalogue) throws {
        var file = catalogue.files[name] ?? .init()
        guard let old = contents(of: name, file) else { throw Stop() }
        let left = Unread(old + lines) { StableHash.name(of: $0.description) == name }
        if file.size > 0 { catalogue.outdated.append(path(of: name, file)) }
        let kept = left.lines
        guard !kept.isEmpty else {
            catalogue.files[name] = nil
            return
        }
        file = .init(
            version: file.version + 1,
            size: kept.count,
            checksum: StableHash.of(kept),
            hasRemainders: !left.remainders.isEmpty
        )
        try files.write(kept, to: path(of: name, file))
        catalogue.files[name] = file
    }

    private func path(of name: String, _ file: IndexCatalogue.File) -> String { "\(directory)/\(name).\(file.version)" }

    /// A task's file as the catalogue knows it; `nil` if it isn't like that.
    private func contents(of name: String, _ file: IndexCatalogue.File) -> [UInt8]? {
        guard file.size > 0 else { return [] }
        let path = path(of: name, file)
        guard let text = try? files.contents(of: path, atMost: .max), text.utf8.count >= file.size else {
            return nil
        }
        let bytes = Array(text.utf8.prefix(file.size))
        return StableHash.of(bytes) == file.checksum ? bytes : nil
    }

    /// What is known of a task. If its file cannot be right, the index is rebuilt.
    ///
    /// - Returns: `nil` if more would have to be read for that than may be.
    private func unread(
        of task: TaskID,
        in catalogue: inout IndexCatalogue,
        readingAtMost most: Int = .max
    ) throws -> Unread? {
        if let unread = unread(of: task, in: catalogue) { return unread }
        clear()
        guard let rebuilt = try readOn(atMost: most) else { return nil }
        catalogue = rebuilt
        return unread(of: task, in: rebuilt)
    }

    /// What a task's file says; `nil` if it cannot be right.
    private func unread(of task: TaskID, in catalogue: IndexCatalogue) -> Unread? {
        let name = StableHash.name(of: task.description)
        guard let file = catalogue.files[name] else { return Unread { $0 == task } }
        guard let bytes = contents(of: name, file) else { return nil }
        let unread = Unread(bytes) { $0 == task }
        return unread.isDamaged ? nil : unread
    }

    // MARK: - Whose index it is

    /// The catalogue, if it is one of this log.
    private var stored: IndexCatalogue? {
        get throws(OperationError) {
            guard let catalogue = try IndexCatalogue(storedIn: directory, files), catalogue.beginning == beginning
            else {
                return nil
            }
            return catalogue
        }
    }

    /// An index that knows nothing yet.
    private func cleared() -> IndexCatalogue {
        clear()
        return IndexCatalogue()
    }

    /// Throws the index away: first what says what the rest is.
    private func clear() {
        IndexCatalogue.remove(from: directory, files)
        let names = (try? files.names(in: directory)) ?? []
        for name in names where name != "lock" { try? files.remove(directory + "/" + name) }
    }

    /// The first file of the log. If that isn't the same any more, older ones were deleted, or it is another log.
    private var beginning: FileStatus.Identity? {
        let first = try? LogSegments(activePath: logPath).ended(in: files).first?.path
        return files.identity(at: first ?? logPath)
    }
}
