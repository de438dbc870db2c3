// Which tasks received which notifications, and when.

package import NeuraphageEvents

/// All notifications of a log, in its order.
package struct NotificationHistory: Sendable {
    /// One of them.
    package struct Entry: Sendable {
        /// What was said.
        package let event: Event
        /// How it was read first; `nil` if it never was.
        package fileprivate(set) var reading: Reading?
        /// When it was overtaken by something newer before it was read: then it is never handed over.
        package fileprivate(set) var superseded: Timestamp?
        /// When the task ended without having read it: then it is never handed over.
        package fileprivate(set) var lifeEnded: Timestamp?
    }

    /// The notifications.
    package private(set) var entries: [Entry] = []
    /// What the scan had to say besides.
    package private(set) var report: EventScan.Report

    /// Reads them out of a log: one pass, which keeps the notifications.
    ///
    /// - Throws: `EventLogError` if the log cannot be read.
    package init(inLogAt path: String, _ files: any FileSystem) throws {
        var entries: [Entry] = []
        var positions: [EventID: Int] = [:]
        var unread: [TaskID: [EventID]] = [:]
        report = try EventScan([.log(path)], fileSystem: files).run { event, _ in
            if let reading = Reading(event) {
                if let position = positions[reading.notification], entries[position].reading == nil {
                    entries[position].reading = reading
                    entries[position].superseded = nil
                    entries[position].lifeEnded = nil
                }
                return true
            }
            if let lapse = Lapse(event) {
                for position in lapse.notifications.compactMap({ positions[$0] }) {
                    guard entries[position].reading == nil, entries[position].superseded == nil else { continue }
                    switch lapse.reason {
                    case .superseded: entries[position].superseded = lapse.time
                    // That was so when the task ended, unless the log has lost its end.
                    case .undelivered: entries[position].lifeEnded = entries[position].lifeEnded ?? lapse.time
                    }
                }
                return true
            }
            if event.kind.endsTask, let task = event.source {
                for id in unread.removeValue(forKey: task) ?? [] {
                    guard let position = positions[id], entries[position].reading == nil,
                        entries[position].superseded == nil
                    else { continue }
                    entries[position].lifeEnded = event.timestamp
                }
            }
            if let target = event.target, target != event.source || !event.kind.endsTask {
                positions[event.id] = entries.count
                unread[target, default: []].append(event.id)
                entries.append(Entry(event: event))
            }
            return true
        }
        self.entries = entries
    }
}
