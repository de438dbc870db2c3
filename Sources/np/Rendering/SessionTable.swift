// The daemon's sessions as a table for people, or as JSON. What the log says of a session is text from outside.

import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections

/// Turns sessions into lines.
struct SessionTable {
    private static let header = [
        "INDEX", "SESSION", "START", "END", "DURATION", "EVENTS", "LOST", "PREVIOUS", "VERSION", "PID", "HOST",
    ]
    private static let rightAligned: Set<String> = ["INDEX", "EVENTS", "LOST", "PID"]

    /// How a session ended, if it did.
    private enum State: String {
        case ended, running, died
        /// In order, as the daemon after it found, or its lock says; but the log doesn't have the end.
        case unlogged = "ended_unlogged"
    }

    let sessions: LoggedSessions
    /// The session of the daemon that lives now, if one does.
    let living: String?
    /// Whether the daemon's lock says that the latest session has ended in order.
    let isLastClean: Bool
    let clock: DisplayClock
    var now = Timestamp.now
    /// Only this many of the latest sessions.
    var last: Int?

    private var rows: [(index: Int, session: LoggedSession)] {
        let all = sessions.all
        return all.enumerated().map { ($0.offset - all.count + 1, $0.element) }.suffix(last ?? all.count)
    }

    private func state(of session: LoggedSession) -> State {
        if session.end != nil { return .ended }
        if session.id == living { return .running }
        let isClean = session.next.map { $0.payload["previous"]?.text == "clean" } ?? isLastClean
        return isClean ? .unlogged : .died
    }

    private func duration(of session: LoggedSession) -> Duration? {
        session.duration ?? (state(of: session) == .running ? now - session.start.timestamp : nil)
    }

    // MARK: - For people

    /// The table's lines, a header first.
    var text: [String] {
        let length = sessions.distinguishingLength
        let table = rows.map { cells(of: $0.session, index: $0.index, idLength: length) }
        return TextTable(header: Self.header, rightAligned: Self.rightAligned, rows: table).lines
    }

    private func cells(of session: LoggedSession, index: Int, idLength: Int) -> [String] {
        let start = session.start.payload
        let end = session.end?.payload
        let endText =
            switch state(of: session) {
            case .ended: session.end.map { clock.text(of: $0.timestamp) }
            case .running: "running"
            case .died: "no end: the daemon died"
            case .unlogged: "in order, but the log has no end"
            }
        let values: [String?] = [
            String(index), String(session.id.prefix(idLength)), clock.text(of: session.start.timestamp), endText,
            duration(of: session)?.brief, end?["events"]?.text, end?["lost"]?.text, start["previous"]?.text,
            start["version"]?.text, start["pid"]?.text, start["host"]?.text,
        ]
        return values.map { ($0 ?? "-").visible }
    }

    // MARK: - For programs

    /// One object a line. On a terminal, characters that it would act on are escapes.
    func json(isTerminal: Bool) -> [String] {
        rows.map { row in
            let json = Payload(json(of: row.session, index: row.index)).json
            return isTerminal ? json.visibleJSON : json
        }
    }

    private func json(of session: LoggedSession, index: Int) -> JSONValue {
        let start = session.start.payload
        let end = session.end?.payload
        return [
            "index": .integer(index), "session": .string(session.id), "state": .string(state(of: session).rawValue),
            "start": .string(session.start.timestamp.description),
            "end": session.end.map { .string($0.timestamp.description) } ?? .null,
            "duration_ms": duration(of: session).map { .integer($0.milliseconds) } ?? .null,
            "events": Self.json(end?["events"]), "lost": Self.json(end?["lost"]),
            "previous": Self.json(start["previous"]), "version": Self.json(start["version"]),
            "pid": Self.json(start["pid"]), "host": Self.json(start["host"]),
        ]
    }

    /// A member of a payload as it stands there.
    private static func json(_ found: Payload.Found?) -> JSONValue {
        switch found {
        case .string(let text): .string(text)
        case .other(let json): (try? Payload(json: json)).map { .payload($0) } ?? .null
        case nil: .null
        }
    }
}
