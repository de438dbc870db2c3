// The waits of agents' sessions for persons: a record for each, from the hook that tells of it until its end.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

/// The waits of a data directory.
package struct AgentWaits: Sendable {
    package static let endKind = EventKind.agentResumed
    private static let mostTranscript = 4 << 20

    private let sessions: AgentSessions
    private let parts: SessionParts
    private var files: any FileSystem { sessions.files }

    package init(in directory: DataDirectory) {
        sessions = AgentSessions(in: directory)
        parts = SessionParts(sessions: sessions, prefix: DataDirectory.RecordPrefix.wait, endKind: Self.endKind)
    }

    /// A wait that goes on.
    struct Open {
        let part: SessionParts.Open
        let session: AgentSession
        let wait: AgentWait
    }

    /// Those that go on in all sessions, the oldest first.
    var open: [Open] { parts.open.compactMap(Self.open) }

    private func open(in session: AgentSession) -> [Open] { parts.open(in: session).compactMap(Self.open) }

    private static func open(_ part: SessionParts.Open) -> Open? {
        guard let session = part.session, let wait = AgentWait(part.note) else { return nil }
        return Open(part: part, session: session, wait: wait)
    }

    /// Whether a session waits for a person in the middle of a turn.
    package func isWaiting(_ session: AgentSession) -> Bool { open(in: session).contains { $0.wait.reason != .idle } }

    /// Whether a session waits, for whatever it is.
    package func isAny(of session: AgentSession) -> Bool { !parts.open(in: session).isEmpty }

    /// Whether any session waits in the middle of a turn, so that there is something to see.
    var isAnyWaiting: Bool { parts.open.contains { AgentWait($0.note).map { $0.reason != .idle } ?? false } }

    /// Writes down that a session waits.
    ///
    /// - Parameters:
    ///   - isCommand: Whether a command is waited for, which will be a process of the agent's.
    ///   - event: By which the log will know.
    ///   - transcript: The file in which the agent writes down what happens.
    /// - Returns: The record, to be kept until the log has the event; `nil` if it waits for the same already.
    package func begin(
        _ wait: AgentWait,
        forCommand isCommand: Bool,
        of session: AgentSession,
        with event: Event,
        in task: TaskID?,
        transcript: String?
    ) -> OpenRecord? {
        let process = sessions.open(session)?.process ?? .agent(in: files)
        let task = task.map { [("task", JSONValue.string($0.description))] } ?? []
        let written = transcript.map { path in
            // The agent may not have made it yet.
            let size = (try? files.status(at: path, followingLinks: true))?.size ?? 0
            return [("transcript", JSONValue.string(path)), ("size", .integer(size))]
        }
        let hooks = [("hooks", JSONValue.array([.integer(BootClock.startOfThisProcess(in: files))]))]
        let name = [wait.reason.rawValue, wait.tool.name, wait.tool.input, wait.tool.thread].map { $0 ?? "" }
        return parts.begin(
            name.joined(separator: " "),
            with: event,
            of: session,
            task + wait.members + (isCommand ? [("is_command", true)] : []) + (written ?? []) + hooks + process.members
        )
    }

    /// Has the log told of the ends that follow from what a hook tells.
    package func end(
        by sign: AgentWait.Sign,
        in session: AgentSession,
        at now: Timestamp = .now,
        _ bus: () throws -> EventBus
    ) rethrows {
        for open in open(in: session) {
            guard let end = sight(of: open) ?? open.wait.end(by: sign, at: now) else { continue }
            self.end(open, end, publishingTo: try bus())
        }
    }

    /// Has the log told of the ends that are seen in a session, and notes that a hook was started.
    package func look(in session: AgentSession, _ bus: () throws -> EventBus) rethrows {
        for open in open(in: session) {
            if let end = sight(of: open) {
                self.end(open, end, publishingTo: try bus())
            } else {
                noteHook(open)
            }
        }
    }

    /// Has the log told of all ends that are seen.
    func look(publishingTo bus: EventBus) {
        for open in open {
            if let end = sight(of: open) { self.end(open, end, publishingTo: bus) }
        }
    }

    private func end(_ open: Open, _ end: AgentWait.End, publishingTo bus: EventBus) {
        let isEnded = parts.end(open.part, publishingTo: bus) { Self.resumed($0, end) }
        if isEnded, open.wait.reason != .idle {
            sessions.note(.waited(Int(clamping: end.waited.milliseconds)), in: open.session)
        }
    }

    // MARK: - What is seen

    private func sight(of open: Open) -> AgentWait.End? {
        guard open.wait.reason != .idle else { return nil }
        let about = open.part.note.about
        if let refused = refusal(about, since: open.wait.since), open.wait.tool.thread == nil {
            return AgentWait.End(how: .denied, waited: max(.zero, refused - open.wait.since), isInferred: false)
        }
        guard open.wait.reason == .permission, about["is_command"] != nil, let process = ProcessIdentity(about),
            process.presence(in: files) == .alive,
            !ProcessIdentity.isService(ProcessStatus.words(of: process.id, in: files)),
            // Whose command it is could not be told.
            Subagents(in: sessions.directory).open(in: open.session, besides: open.wait.tool.thread) == 0
        else { return nil }
        let hooks = Self.hooks(about)
        let children = ProcessChild.all(of: process.id, in: files)
        guard let begin = hooks.first, let start = WaitSight.command(among: children, hooks: hooks, now: BootClock.now)
        else { return nil }
        return AgentWait.End(how: .allowed, waited: .milliseconds(start - begin), isInferred: false)
    }

    private func refusal(_ about: Payload, since: Timestamp) -> Timestamp? {
        guard let path = about.string("transcript"), let start = about["size"].flatMap({ Int64($0.text) }),
            let status = try? files.status(at: path, followingLinks: true), status.isRegularFile, status.size > start,
            let descriptor = try? files.open(path, flags: O_RDONLY | O_CLOEXEC | O_NONBLOCK, permissions: 0)
        else { return nil }
        defer { files.close(descriptor) }
        let count = Int(min(status.size - start, Int64(Self.mostTranscript)))
        guard let bytes = try? files.bytes(of: descriptor, from: start, atMost: count) else { return nil }
        return WaitSight.refusal(in: String(decoding: bytes, as: UTF8.self), since: since)
    }

    private static func hooks(_ about: Payload) -> [Int64] {
        about.value(at: ["hooks"]).flatMap { found in
            let numbers = found.text.dropFirst().dropLast().split(separator: ",").map { Int64($0) }
            return numbers.contains(nil) ? nil : numbers.compactMap(\.self)
        } ?? []
    }

    /// Writes down that a hook was started, so that others of the same event are not taken for a command.
    private func noteHook(_ open: Open) {
        let deadline = sessions.directory.patienceEnd
        guard case .free(let record) = OpenRecord.take(open.part.path, files, until: { _ in deadline }),
            let note = record.note, note.end == nil, let members = note.about.members
        else { return }
        let hooks = (Self.hooks(note.about) + [BootClock.startOfThisProcess(in: files)]).prefix(20)
        let about = members.filter { $0.key != "hooks" }.map { key, value -> (String, JSONValue) in
            switch value {
            case .string(let text): (key, .string(text))
            case .other(let json): (key, (try? Payload(json: json)).map { .payload($0) } ?? .null)
            }
        }
        let payload = Payload(.object(about + [("hooks", .array(hooks.map { .integer($0) }))]))
        try? WholeFile.replace(open.part.path, with: OpenNote(about: payload, begin: note.begin).text, in: files)
    }

    // MARK: - Events

    private static func resumed(_ note: OpenNote, _ end: AgentWait.End?) -> Event {
        let session = AgentSession(note.about)?.members ?? []
        let wait = AgentWait(note)
        var members: [(String, JSONValue)] = [("begin", .string(note.begin.id.description))]
        members += wait?.shownMembers ?? []
        members.append(("how", .string((end?.how ?? .inferred).rawValue)))
        if let end { members.append(("waited_ms", .integer(end.waited.milliseconds))) }
        if end?.isInferred ?? true { members.append(("inferred", true)) }
        return Event(endKind, from: note.task, payload: Payload(.object(session + members)))
    }

    /// How waits are settled: one ends when its agent is gone, at a time that is not known.
    var rule: SettlingRule { parts.rule { Self.resumed($0, nil) } }
}

// MARK: - As text

extension AgentWait {
    /// What the log is told of it.
    package var shownMembers: [(String, JSONValue)] {
        [("for", .string(reason.rawValue))] + (tool.name.map { [("tool", .string($0))] } ?? [])
    }

    fileprivate var members: [(String, JSONValue)] {
        let hidden: [(String, String?)] = [("input", tool.input), ("thread", tool.thread)]
        return shownMembers + hidden.compactMap { key, value in value.map { (key, .string($0)) } }
            + [("since", .integer(since.microsecondsSinceEpoch))]
    }

    /// The wait of a record.
    init?(_ note: OpenNote) {
        let about = note.about
        guard let reason = about.string("for").flatMap(Reason.init) else { return nil }
        let since = about["since"].flatMap { Int64($0.text) }.map(Timestamp.init(microsecondsSinceEpoch:))
        let tool = Tool(name: about.string("tool"), input: about.string("input"), thread: about.string("thread"))
        self.init(reason, tool: tool, since: since ?? note.begin.timestamp)
    }
}
