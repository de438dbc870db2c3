// What a task was told and has not read. A notification is a durable event that has a target; that somebody has read it
// is an event itself. So the log knows who was told what, and when it arrived.
//
// Handing over and marking are one step: whoever marks has the lock of the inbox, looks under it what is unread, hands it
// over, and marks it before letting go. If he is killed in between, it is handed over again rather than never.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

/// The notifications to one task.
package struct Inbox: Sendable {
    private struct Arrived: Error {}

    /// How long to wait for another reader, who may be held up by whoever reads what it prints.
    private static let patience: UInt64 = 10_000_000_000  // ns
    /// The same for somebody who cannot wait, and how much of the log he may read.
    private static let haste: (patience: UInt64, bytes: Int) = (5_000_000, 1 << 19)  // ns

    private let task: TaskID
    private let logPath: String
    private let directory: DataDirectory
    private let index: NotificationIndex
    private var files: any FileSystem { directory.files }

    /// The inbox of a task.
    ///
    /// - Parameters:
    ///   - logPath: The log.
    ///   - directory: The directory in which those who mark something as read find each other.
    package init(of task: TaskID, logPath: String, in directory: DataDirectory) {
        self.task = task
        self.logPath = logPath
        self.directory = directory
        index = NotificationIndex(logPath: logPath, in: directory)
    }

    /// Unread notifications in the log's order, and up to where the log was read for them; `nil` if there is no log.
    package typealias Contents = (events: [Event], end: LogPosition?)

    /// What is unread. Costs a pass over what was appended to the log since somebody asked the last time, for whatever
    /// task; or over the whole log, if the index that remembers this isn't there or cannot be used.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package func unread() throws -> Contents {
        let hasLog = files.exists(logPath)
        if hasLog, let answer = try? index.unread(of: task) { return (answer.unread, answer.end) }
        return try unreadByScan()
    }

    /// What is unread, found without the index.
    func unreadByScan() throws -> Contents {
        let task = task
        var unread = Unread { $0 == task }
        let report = try EventScan([.log(logPath)], filter: filter, fileSystem: files).run { event, _ in
            if Reading(event) == nil || event.source == task { unread.add(event) }
            return true
        }
        return (unread.events, report.end)
    }

    /// Hands over what is unread and marks it as read. Whoever does the same at the same time gets the rest: nothing is
    /// handed over twice.
    ///
    /// - Parameters:
    ///   - reader: The task that reads, if it is one.
    ///   - how: What the notifications are read with, such as `np inbox`.
    ///   - openLog: Opens the log in which to mark them. Called only if there is something unread.
    ///   - body: Takes what is unread, and returns how many of it, from the first, it has handed over; also called if
    ///     nothing is unread. If it throws, nothing is marked.
    /// - Throws: ``OperationError`` if the inbox cannot be locked, also if another reader keeps it for 10 s; `EventLogError`
    ///   if the log cannot be read, or if the marks cannot be written: then the notifications have been handed over and
    ///   will be again; and what `body` throws.
    package func handOver(
        to reader: TaskID?,
        how: String,
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> Int
    ) throws {
        guard let lock = try lock(until: MonotonicClock.now + Self.patience) else {
            throw OperationError.cannot("lock", lockPath, SystemError(code: ETIMEDOUT))
        }
        try handOver(try unread(), to: reader, how: how, markingIn: openLog, body)
        _ = consume lock
    }

    /// The same, if it can be done within milliseconds: if no other reader is at it, and the index is nearly up to date.
    ///
    /// - Returns: Whether `body` was asked. If it wasn't, whatever is unread stays so.
    package func handOverAtOnce(
        to reader: TaskID?,
        how: String,
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> Int
    ) throws -> Bool {
        guard let lock = try lock(until: MonotonicClock.now + Self.haste.patience), let contents = try unreadAtOnce()
        else { return false }
        try handOver(contents, to: reader, how: how, markingIn: openLog, body)
        _ = consume lock
        return true
    }

    private func unreadAtOnce() throws -> Contents? {
        do {
            return try index.unread(of: task, readingAtMost: Self.haste.bytes).map { ($0.unread, $0.end) }
        } catch let error as OperationError where error.code == .newerFormat {
            // A newer np keeps the index. Without it the log is read, if it is short.
            let size = (try? files.status(at: logPath, followingLinks: true))?.size ?? 0
            return size <= Self.haste.bytes ? try unreadByScan() : nil
        }
    }

    private func handOver(
        _ contents: Contents,
        to reader: TaskID?,
        how: String,
        markingIn openLog: () throws -> EventLog,
        _ body: (Contents) throws -> Int
    ) throws {
        guard !contents.events.isEmpty else {
            _ = try body(contents)
            return
        }
        let log = try openLog()
        let count = try body(contents)
        let marks = contents.events.prefix(count).map { Reading.event(of: $0.id, in: task, by: reader, how: how) }
        if let error = log.append(contentsOf: marks).error { throw error }
        log.close()
    }

    /// Waits until something arrives in the log behind what a scan has seen.
    ///
    /// - Parameters:
    ///   - follower: A follower made by ``follower()`` before the scan.
    ///   - end: Where the scan ended.
    ///   - output: Whoever reads from this descriptor is who the waiting is for: it ends when he has gone.
    /// - Returns: Whether something arrived, perhaps taken by somebody else meanwhile.
    /// - Throws: `EventLogError` if the log cannot be read.
    package func waitForArrival(
        _ follower: consuming LogFollower,
        from end: LogPosition?,
        output: Int32?
    ) throws -> Bool {
        var follower = follower
        do {
            try follower.run(from: end, output: output) { event, _ in
                if event.target == task, Reading(event) == nil { throw Arrived() }
            } notice: { _ in
            } idle: {
            }
        } catch is Arrived {
            return true
        }
        return false
    }

    /// A follower of what concerns this task.
    ///
    /// - Parameter deadline: When it stops, in ns of the clock `MonotonicClock`.
    package func follower(until deadline: UInt64) throws -> LogFollower {
        var follower = try LogFollower(path: logPath, filter: filter, fileSystem: files)
        follower.deadline = deadline
        return follower
    }

    private var filter: EventFilter { EventFilter(tasks: [task]) }

    private func lock(until deadline: UInt64) throws(OperationError) -> LockFile? {
        try LockFile.take(lockPath, until: deadline, in: files)
    }

    /// Tasks that happen to share a number wait for each other.
    private var lockPath: String {
        let number = task.description.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff }
        return "\(directory.inbox)/\(number).lock"
    }
}
