// The sessions of the daemons that have written to a log, as the log tells them: from one SessionStarted to its
// SessionEnded. A session without an end is one that runs still, or one whose daemon died; that isn't in the log.

package import NeuraphageEvents
package import NeuraphagePresentation

/// One session of a daemon.
package struct LoggedSession: Sendable {
    /// The event that the session began with.
    package let start: Event
    /// The event that the session ended with, if it did.
    package fileprivate(set) var end: Event?
    /// The start of the session after it in the log, if there is one.
    package fileprivate(set) var next: Event?

    /// The session's id, as its daemon gave it. Text from the log.
    package var id: String { Self.id(in: start) ?? start.id.description }

    /// How long the session was, if it has ended.
    package var duration: Duration? { end.map { $0.timestamp - start.timestamp } }

    fileprivate static func id(in event: Event) -> String? { event.payload["session"]?.text }
}

/// All sessions of a log, in its order: the newest last.
package struct LoggedSessions: Sendable {
    /// The sessions, the newest last.
    package private(set) var all: [LoggedSession] = []
    /// What the scan had to say besides.
    package private(set) var report: EventScan.Report

    /// Reads the sessions out of these sources: one pass, which keeps two events for each session.
    ///
    /// - Throws: `EventLogError` if a source cannot be read.
    package init(in sources: [LogSource], _ files: any FileSystem) throws {
        let filter = EventFilter(kinds: [KindPattern([.sessionStarted, .sessionEnded])])
        var all: [LoggedSession] = []
        /// Where the sessions of an id are that have not ended, the latest last.
        var open: [String: [Int]] = [:]
        report = try EventScan(sources, filter: filter, fileSystem: files).run { event, _ in
            if event.kind == .sessionStarted {
                if let last = all.indices.last { all[last].next = event }
                let session = LoggedSession(start: event)
                open[session.id, default: []].append(all.count)
                all.append(session)
            } else if let id = LoggedSession.id(in: event), let index = open[id]?.popLast() {
                all[index].end = event
            }
            return true
        }
        self.all = all
    }

    /// The session that a person means by `text`: `0` is the newest, `-1` the one before it, and so on; anything else is
    /// an id or the beginning of one.
    package func session(_ text: String) throws(OperationError) -> LoggedSession {
        if let index = Int(text), index < 0 || text == "0" {
            guard index > -all.count else { throw noSession(at: index) }
            return all[all.count - 1 + index]
        }
        if let session = all.last(where: { $0.id == text }) { return session }
        let candidates = all.filter { !text.isEmpty && $0.id.hasPrefix(text) }
        guard let session = candidates.first else {
            throw OperationError(.usage, "no session's id begins with '\(text)'", hint: "see np sessions")
        }
        guard candidates.count == 1 else {
            let ids = candidates.prefix(3).map(\.id).joined(separator: ", ")
            throw OperationError(
                .usage,
                "the ids of several sessions begin with '\(text)': \(ids)",
                hint: "type more of it"
            )
        }
        return session
    }

    private func noSession(at index: Int) -> OperationError {
        switch all.count {
        case 0: OperationError(.usage, "there are no sessions in the log", hint: "a daemon's start begins one")
        case 1: OperationError(.usage, "there is no session \(index); there is one, 0", hint: "see np sessions")
        case let count:
            OperationError(
                .usage,
                "there is no session \(index); there are \(count), \(1 - count) to 0",
                hint: "see np sessions"
            )
        }
    }

    /// How many characters of the ids tell all sessions apart, at least eight.
    package var distinguishingLength: Int {
        let ids = Set(all.map(\.id)).sorted()
        return zip(ids, ids.dropFirst()).reduce(8) { length, pair in
            max(length, zip(pair.0, pair.1).prefix { $0 == $1 }.count + 1)
        }
    }
}
