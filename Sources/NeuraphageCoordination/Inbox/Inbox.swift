// What a task was told and has not read. A notification is a durable event that has a target; that somebody has read it
// is an event itself. So the log knows who was told what, and when it arrived.
//
// Handing over and marking are one step: whoever marks has the lock of the inbox, reads the log under it, hands over what
// is unread, and marks it before letting go. If he is killed in between, it is handed over again rather than never.

package import NeuraphageEvents

#if canImport(Darwin)
import Darwin
#elseif canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#endif

/// The notifications to one task.
package struct Inbox: Sendable {
    private struct Arrived: Error {}

    /// How long to wait for another reader, who may be held up by whoever reads what it prints.
    private static let patience: UInt64 = 10_000_000_000  // ns

    private let task: TaskID
    private let logPath: String
    private let directory: String

    /// The inbox of a task.
    ///
    /// - Parameters:
    ///   - logPath: The log.
    ///   - dataDirectory: The directory in which those who mark something as read find each other.
    package init(of task: TaskID, logPath: String, dataDirectory: String) {
        self.task = task
        self.logPath = logPath
        directory = (dataDirectory.hasSuffix("/") ? dataDirectory : dataDirectory + "/") + "inbox"
    }

    /// What is unread, in the log's order, and what the scan had to say besides. Costs a pass over the log.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package func unread() throws -> (events: [Event], report: EventScan.Report) {
        var unread = InOrder()
        let report = try EventScan([.log(logPath)], filter: filter).run { event, _ in
            if let reading = Reading(event) {
                unread.remove(reading.notification)
            } else if event.target == task {
                unread.append(event)
            }
            return true
        }
        return (unread.events, report)
    }

    /// Hands over what is unread and marks it as read. Whoever does the same at the same time gets the rest: nothing is
    /// handed over twice.
    ///
    /// - Parameters:
    ///   - reader: The task that reads, if it is one.
    ///   - how: What the notifications are read with, such as `np inbox`.
    ///   - openLog: Opens the log in which to mark them. Called only if there is something unread.
    ///   - body: Takes what is unread; also called if nothing is. If it throws, nothing is marked.
    /// - Throws: ``LockError`` if the inbox cannot be locked, also if another reader keeps it for 10 s; `EventLogError` if the log cannot be read, or if the
    ///   marks cannot be written: then the notifications have been handed over and will be again; and what `body`
    ///   throws.
    package func handOver(
        to reader: TaskID?,
        how: String,
        markingIn openLog: () throws -> EventLog,
        _ body: ([Event], EventScan.Report) throws -> Void
    ) throws {
        let lock = try lock()
        let (events, report) = try unread()
        if events.isEmpty {
            try body(events, report)
        } else {
            let log = try openLog()
            try body(events, report)
            let marks = events.map { Reading.event(of: $0.id, in: task, by: reader, how: how) }
            if let error = log.append(contentsOf: marks).error { throw error }
            log.close()
        }
        _ = consume lock
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
        from end: EventScan.Report.End?,
        output: Int32?
    ) throws -> Bool {
        var follower = follower
        do {
            try follower.run(from: end, output: output) { event, _, _ in
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
        var follower = try LogFollower(path: logPath, filter: filter)
        follower.deadline = deadline
        return follower
    }

    private var filter: EventFilter { EventFilter(tasks: [task]) }

    private func lock() throws(LockError) -> LockFile {
        do throws(SystemError) {
            try RealFileSystem().makeDirectories(directory)
        } catch {
            throw LockError(cannot: "make the directory", directory, error)
        }
        // Tasks that happen to share a number wait for each other.
        let number = task.description.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xff }
        let path = "\(directory)/\(number).lock"
        let deadline = MonotonicClock.now + Self.patience
        guard let lock = try LockFile(path: path, isShared: false, until: deadline) else {
            throw LockError(cannot: "lock", path, SystemError(code: ETIMEDOUT))
        }
        return lock
    }
}

/// Events in the order in which they came, out of which any can be taken.
private struct InOrder {
    private var all: [Event?] = []
    private var positions: [EventID: Int] = [:]

    var events: [Event] { all.compactMap(\.self) }

    mutating func append(_ event: Event) {
        positions[event.id] = all.count
        all.append(event)
    }

    mutating func remove(_ id: EventID) {
        if let position = positions.removeValue(forKey: id) { all[position] = nil }
    }
}
