// The sessions of the daemons that have written to a log, as the log tells them: from one SessionStarted to its
// SessionEnded. A session without an end is one that runs still, or one whose daemon died; that isn't in the log.

package import NeuraphageEvents

/// One session of a daemon.
package struct LoggedSession: Sendable {
    /// The event that the session began with.
    package let start: Event
    /// That event's line, as it stands in the log.
    package let line: [UInt8]
    /// The event that the session ended with, if it did.
    package fileprivate(set) var end: Event?
    /// The start of the session behind it in the log, if there is one.
    package fileprivate(set) var next: EventID?

    /// The session's id, as its daemon gave it. Text from the log.
    package var id: String { Self.id(in: start) ?? start.id.description }

    /// How long the session was, if it has ended.
    package var duration: Duration? { end.map { $0.timestamp - start.timestamp } }

    fileprivate static func id(in event: Event) -> String? { event.payload["session"]?.text }
}

/// All sessions of a log, in its order: the newest last.
package struct LoggedSessions: Sendable {
    /// Why a text is not the name of a session.
    package enum Mistake: Error, Hashable, CustomStringConvertible {
        /// There are not so many sessions.
        case noSuchIndex(Int, count: Int)
        /// No session has an id that begins so.
        case unknown(String)
        /// Several sessions have ids that begin so: these are the first of them.
        case ambiguous(String, candidates: [String])

        package var description: String {
            switch self {
            case .noSuchIndex(_, count: 0): "there are no sessions in the log; a daemon's start begins one"
            case .noSuchIndex(let index, count: 1): "there is no session \(index); there is one, 0; see np sessions"
            case .noSuchIndex(let index, let count):
                "there is no session \(index); there are \(count), \(1 - count) to 0; see np sessions"
            case .unknown(let text): "no session's id begins with '\(text)'; see np sessions"
            case .ambiguous(let text, let candidates):
                "the ids of several sessions begin with '\(text)': \(candidates.joined(separator: ", ")); type more of it"
            }
        }
    }

    /// The sessions, the newest last.
    package private(set) var all: [LoggedSession] = []
    /// What the scan had to say besides.
    package private(set) var report: EventScan.Report

    /// Reads the sessions out of these sources: one pass, which keeps two events for each session.
    ///
    /// - Throws: `EventLogError` if a source cannot be read.
    package init(in sources: [LogSource]) throws {
        let filter = EventFilter(kinds: [KindPattern([.sessionStarted, .sessionEnded])])
        var all: [LoggedSession] = []
        report = try EventScan(sources, filter: filter).run { event, line in
            if event.kind == .sessionStarted {
                if let last = all.indices.last { all[last].next = event.id }
                all.append(LoggedSession(start: event, line: line.withUnsafeBufferPointer(Array.init)))
            } else if let id = LoggedSession.id(in: event),
                let index = all.lastIndex(where: { $0.id == id && $0.end == nil })
            {
                all[index].end = event
            }
            return true
        }
        self.all = all
    }

    /// The session that a person means by `text`: `0` is the newest, `-1` the one before it, and so on; anything else is
    /// an id or the beginning of one.
    package func session(_ text: String) throws(Mistake) -> LoggedSession {
        if let index = Int(text), index < 0 || text == "0" {
            guard index > -all.count else { throw .noSuchIndex(index, count: all.count) }
            return all[all.count - 1 + index]
        }
        if let session = all.last(where: { $0.id == text }) { return session }
        let candidates = all.filter { !text.isEmpty && $0.id.hasPrefix(text) }
        guard let session = candidates.first else { throw .unknown(text) }
        guard candidates.count == 1 else {
            throw .ambiguous(text, candidates: candidates.prefix(3).map(\.id))
        }
        return session
    }

    /// How many characters of the ids tell all sessions apart, at least eight.
    package var distinguishingLength: Int {
        let ids = Set(all.map(\.id)).sorted()
        return zip(ids, ids.dropFirst()).reduce(8) { length, pair in
            max(length, zip(pair.0, pair.1).prefix { $0 == $1 }.count + 1)
        }
    }
}
