// What has begun and not ended: runs, tasks, agents' sessions, holders of locks, a record for each in one directory. A
// record stays when a process dies that should have told the end; settling is the one way in which another one tells it.
//
// Settling reads the log, once for all records that need it.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
public import NeuraphageSystem

/// The records of a data directory.
public struct Ledger: Sendable {
    /// How much of the log is read at most to find what it has of the ends, from its end backward, in bytes. What is not
    /// found there has begun before, and has not ended.
    static let mostBytes = 1 << 30
    let directory: DataDirectory
    var files: any FileSystem { directory.files }
    /// The directory of the records.
    package var path: String { directory.ledger }

    /// The records of a data directory.
    public init(in directory: DataDirectory) {
        self.directory = directory
    }

    /// What processes decide that two of them must not decide at a time.
    enum Decision: String {
        /// Which task begins.
        case tasks = "lock"
        /// Which session begins or ends.
        case sessions = "sessions.lock"
    }

    /// The lock under which something is decided. None holds it for long.
    func lock(_ decision: Decision) throws(OperationError) -> LockFile? {
        try LockFile.take("\(path)/\(decision.rawValue)", until: directory.patienceEnd, in: files)
    }

    /// Where a new record belongs.
    func newPath(_ prefix: String, _ name: String) -> String { "\(path)/\(prefix)\(name)" }

    /// The record of this name, where it is, or would be.
    func path(_ prefix: String, _ name: String) -> String {
        let places = directory.recordDirectories(prefix).map { "\($0)/\(prefix)\(name)" }
        return places.first(where: files.exists) ?? newPath(prefix, name)
    }

    /// The records of one sort.
    func paths(_ prefix: String) -> [String] {
        directory.recordDirectories(prefix).flatMap { OpenRecord.paths(in: $0, prefix: prefix, files) }
    }

    /// Whether a file of this name is the record of a task or of a run.
    package static func isOfTask(_ name: String) -> Bool {
        [DataDirectory.RecordPrefix.task, DataDirectory.RecordPrefix.run].contains { name.hasPrefix($0) }
    }

    /// Makes a record, and the directory if that isn't there.
    func create(_ note: OpenNote, _ prefix: String, _ name: String) throws(OperationError) -> OpenRecord {
        do throws(SystemError) {
            try files.makeDirectories(path)
        } catch {
            throw .cannot("make the directory", path, error)
        }
        return try OpenRecord.create(note, at: newPath(prefix, name), files)
    }

    /// What has begun and not ended of tasks, runs, and sessions.
    var notes: [OpenNote] {
        let sorts = [
            DataDirectory.RecordPrefix.run, DataDirectory.RecordPrefix.task, DataDirectory.RecordPrefix.session,
        ]
        return sorts.flatMap(paths).compactMap { OpenRecord.note(at: $0, files) }
    }

    /// The tasks that have begun and not ended, and those to which sessions are bound.
    var tasks: Set<TaskID> { Set(notes.flatMap { [$0.begin.source, $0.task].compactMap(\.self) }) }

    // MARK: - Settling

    /// The sorts of records that are locked as long as their process lives.
    private static let lockedSorts = [DataDirectory.RecordPrefix.run, DataDirectory.RecordPrefix.holder]

    /// Whether a process has died that should have told the end of a run or of a lock. Costs a look at their records, up to
    /// the first one that is so.
    var hasOrphans: Bool { Self.lockedSorts.contains { paths($0).contains(where: isOrphan) } }

    /// The records of all such runs and locks.
    var orphans: Set<String> { Set(Self.lockedSorts.flatMap(paths).filter(isOrphan)) }

    private func isOrphan(_ path: String) -> Bool {
        if case .free = OpenRecord.look(path, files) { true } else { false }
    }

    /// Settles records of one sort.
    @discardableResult
    func settle(
        _ paths: [String],
        by rule: SettlingRule,
        publishingTo bus: EventBus,
        readingAtMost bytes: Int = Self.mostBytes
    ) -> Set<String> {
        settle(paths.map { ($0, rule) }, publishingTo: bus, readingAtMost: bytes)
    }

    /// Settles those of the records with which no process works.
    ///
    /// None of them is locked while the log is read, because hooks that begin or end something must not wait for that.
    ///
    /// - Returns: Those that it had to itself, settled or not: another try would do no more. Without a log that can be
    ///   appended to these are all.
    @discardableResult
    func settle(
        _ candidates: [(path: String, rule: SettlingRule)],
        publishingTo bus: EventBus,
        readingAtMost bytes: Int = Self.mostBytes
    ) -> Set<String> {
        // What a log in trouble cannot take yet would keep the records locked.
        guard let log = bus.log, log.status.trouble == nil else { return Set(candidates.map(\.path)) }
        var taken: Set<String> = []
        var orphans: [Orphan] = []
        for (path, rule) in candidates {
            guard case .free(let record) = OpenRecord.take(path, files) else { continue }
            taken.insert(path)
            guard let note = record.note else {
                record.remove()
                continue
            }
            if !rule.goesOn(note) { orphans.append(Orphan(path: path, note: note, rule: rule)) }
        }
        guard !orphans.isEmpty else { return taken }
        var search = EndSearch(orphans.map { ($0.note, $0.rule) })
        do { try search.run(in: log, files, atMost: bytes) } catch { return taken }
        for (orphan, found) in zip(orphans, search.findings) {
            guard let found else { continue }
            guard case .free(let record) = OpenRecord.take(orphan.path, files) else {
                taken.remove(orphan.path)
                continue
            }
            guard let note = record.note,
                // Otherwise another process has gone on with it meanwhile.
                note.begin.id == orphan.note.begin.id, note.end?.id == orphan.note.end?.id, !orphan.rule.goesOn(note)
            else { continue }
            record.settle(note, found, by: orphan.rule, publishingTo: bus)
        }
        return taken
    }

    /// Settles one record, for which there is an end.
    ///
    /// - Returns: Whether the log has an end now, or the record is gone; otherwise it has to be tried again.
    func end(_ path: String, of note: OpenNote, by rule: SettlingRule, publishingTo bus: EventBus) -> Bool {
        let deadline = directory.patienceEnd
        guard let log = bus.log, log.status.trouble == nil else { return false }
        let finding = OpenRecord.take(path, files, until: { _ in deadline })
        switch consume finding {
        case .gone: return true
        case .inUse: return false
        case .free(let record):
            // And not another beginning of the same task.
            guard let current = record.note, current.begin.id == note.begin.id else { return true }
            var search = EndSearch([(current, rule)])
            do { try search.run(in: log, files, atMost: Self.mostBytes) } catch { return false }
            if let found = search.findings[0] { record.settle(current, found, by: rule, publishingTo: bus) }
            return !files.exists(path)
        }
    }
}

/// A record with which no process works.
private struct Orphan {
    let path: String
    let note: OpenNote
    let rule: SettlingRule
}

extension OpenRecord {
    /// Publishes what the log doesn't have, and removes the record.
    fileprivate func settle(
        _ note: OpenNote,
        _ found: EndSearch.Finding,
        by rule: SettlingRule,
        publishingTo bus: EventBus
    ) {
        if found.hasEnded || note.end != nil { rule.prepare(note) }
        guard found.hasBegun || rule.publishesBegin, !found.hasEnded else { return remove() }
        if !found.hasBegun { publish(note.begin, to: bus) }
        if let end = note.end {
            if publish(end, to: bus) { remove() }
        } else if let end = rule.inferredEnd(note) {
            for event in rule.eventsBefore(note) { publish(event, to: bus) }
            rule.prepare(note)
            self.end(with: end, publishingTo: bus)
        }
    }
}
