// Messages that reached no task: those that a life of a task has left unread. The first process to notice has the log told, under the
// lock of the inbox: looking and telling are one step, so of many who do so at once one tells it, and if that one is killed
// in between, the next one does.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
package import NeuraphageSystem

extension Inbox {
    /// How long to wait for a reader of an inbox, in ns. The next process that looks can tell it as well.
    private static let brevity: UInt64 = 1_000_000_000

    /// What came of having the log told of messages that reached no task. What comes of several is the last of these.
    package enum Telling: Int, Sendable {
        /// The log says all that there is to say.
        case done
        /// A session may still answer to some of them.
        case pending
        /// More of the log would have to be read than may be.
        case behind
        /// Another process reads an inbox, or the log cannot be read or appended to. It may be possible in a moment.
        case busy
    }

    /// Has the log told of the messages that reached no task, as it does not say yet.
    ///
    /// Costs reading the checkpoint of ``Inboxes``, and a pass over what was appended to the log since.
    ///
    /// - Parameter most: How many bytes of the log may be read for that, about.
    package static func tellUndelivered(
        in log: EventLog,
        _ directory: DataDirectory,
        readingAtMost most: Int
    ) -> Telling {
        guard log.config.isEnabled, directory.files.exists(log.config.path) else { return .done }
        // What waits in the reserve may say that something was read.
        guard log.status.trouble == nil, log.reserve.waiting?.isEmpty ?? true else { return .busy }
        do {
            let store = ProjectionStore(ofLogAt: log.config.path, in: directory)
            guard var folded = try store.folded(Inboxes.self, readingAtMost: most, writing: true) else {
                return .behind
            }
            var telling = Telling.done
            for task in folded.parts.keys where folded.parts[task]?.hasRemainders ?? false {
                let task = TaskID(asWritten: task)
                let inbox = Inbox(of: task, logPath: log.config.path, in: directory)
                let latest = try inbox.tellUndelivered(in: log, &folded)
                if latest.rawValue > telling.rawValue { telling = latest }
            }
            return telling
        } catch {
            return .busy
        }
    }

    /// - Parameter folded: What was read before the inbox was locked; goes on from there.
    private func tellUndelivered(in log: EventLog, _ folded: inout Folded<Inboxes>) throws -> Telling {
        guard let lock = try lock(until: MonotonicClock.now + Self.brevity) else { return .busy }
        // Before the log is read: what a session answers is in the log before it is no longer pending.
        let pending = Set(handovers.pending(of: task).flatMap(\.notifications))
        guard try store.foldNews(into: &folded) else { return .busy }
        let remainders = folded.parts[task.description]?.remainders ?? []
        let events = remainders.flatMap { remainder in
            let messages = remainder.messages.filter { !pending.contains($0) }
            return Lapse.events(.undelivered, of: messages, in: task, by: remainder.end.id)
        }
        // Not published, which might write it later than another process looks.
        let isTold = log.append(contentsOf: events).error == nil
        _ = consume lock
        guard isTold else { return .busy }
        return pending.isDisjoint(with: remainders.flatMap(\.messages)) ? .done : .pending
    }
}
