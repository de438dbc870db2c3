// What was printed for an agent's session, and whether the model has seen it is not known yet: the agent may take the prompt
// back, or end. A file for each session. It keeps other sessions from getting the same, until the session answers, which
// means that it was read, or ends, and then the next one gets it.

package import NeuraphageEvents
import NeuraphagePlatform
package import NeuraphageSystem

/// Messages that were printed for a session, and are not known to have been read.
package struct Handover: Equatable, Sendable {
    package let session: AgentSession
    /// The task that they are for.
    package let task: TaskID
    /// The turn with which they were printed, where the agent gives its turns names.
    package let turn: String?
    package let time: Timestamp
    /// The uses of tools after which they were printed, by name; `nil` if they were printed with a prompt.
    package let tools: [String]?
    /// For each message, what the log is told when it turns out to have been read.
    package let marks: [Payload]

    package init(
        to session: AgentSession,
        of task: TaskID,
        turn: String?,
        after tools: [String]? = nil,
        marks: [Payload],
        at time: Timestamp = .now
    ) {
        self.session = session
        self.task = task
        self.turn = turn
        self.tools = tools
        self.time = time
        self.marks = marks
    }

    /// The same in another turn of the session: an answer there is one to it.
    package func going(into turn: String?) -> Handover {
        Handover(to: session, of: task, turn: turn, after: tools, marks: marks, at: time)
    }

    /// The messages.
    package var notifications: [EventID] { marks.compactMap { $0.string("notification").map { EventID($0) } } }

    /// Whether an answer in a turn is one to what was printed.
    ///
    /// A model may ask for several tools at once, and is asked again only when all are done. So another tool is an answer to
    /// what was printed after one only if it is known not to be of the same batch.
    func isAnswered(by answer: ModelAnswer, in turn: String?) -> Bool {
        guard turn == nil || self.turn == nil || turn == self.turn else { return false }
        guard let tools, case .tools(let used) = answer else { return true }
        return session.agent.tellsBatches && !tools.isEmpty && !used.isEmpty && Set(tools).isDisjoint(with: used)
    }

    // MARK: - As text

    /// A line about it, and one for each message.
    var text: String {
        let about =
            session.members + [
                ("task", .string(task.description)), ("turn", .string(orNull: turn)),
                ("at", .integer(time.microsecondsSinceEpoch)),
            ] + (tools.map { [("tools", .array($0.map { .string($0) }))] } ?? [])
        return ([Payload(.object(about))] + marks).map { $0.json + "\n" }.joined()
    }

    /// Reads the text; `nil` if it is not one of these, or was never finished.
    init?(_ text: String) {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.last == "", let about = lines.first.flatMap({ try? Payload(json: String($0)) }),
            let session = AgentSession(about), let task = about.string("task"),
            let time = about["at"].flatMap({ Int64($0.text) })
        else { return nil }
        let marks = lines.dropFirst().dropLast().compactMap { try? Payload(json: String($0)) }
        self.init(
            to: session,
            of: TaskID(asWritten: task),
            turn: about.string("turn"),
            after: about["tools"].map { _ in about.strings(at: "tools") },
            marks: marks,
            at: Timestamp(microsecondsSinceEpoch: time)
        )
    }
}

/// The handovers of a data directory.
package struct Handovers: Sendable {
    private static let prefix = DataDirectory.RecordPrefix.handover
    private static let longest = 1 << 20

    private let directory: DataDirectory
    private var files: any FileSystem { directory.files }

    package init(in directory: DataDirectory) {
        self.directory = directory
    }

    /// What waits for an answer of a session.
    package func handover(to session: AgentSession) -> Handover? {
        handover(at: path(of: session)).flatMap { $0.session == session ? $0 : nil }
    }

    /// What waits for an answer of a session that goes on, as far as that can be seen.
    package var pending: [Handover] {
        let sessions = AgentSessions(in: directory)
        return paths.compactMap(handover).filter { sessions.isSeenToGoOn($0.session) }
    }

    /// The messages to a task that wait for an answer of a session that goes on.
    ///
    /// - Parameter other: A session that doesn't count.
    package func pending(of task: TaskID, besides other: AgentSession? = nil) -> [Handover] {
        pending.filter { $0.task == task && $0.session != other }
    }

    /// Writes down what was printed for a session, instead of what is there.
    package func store(_ handover: Handover) throws(SystemError) {
        _ = try files.makeDirectories(directory.agents)
        try WholeFile.replace(path(of: handover.session), with: handover.text, in: files)
    }

    /// Forgets what was printed for a session: it has not been read.
    package func withdraw(from session: AgentSession) {
        try? files.remove(path(of: session))
    }

    /// Has the log told that what was printed for a session was read, if something was. Of several hooks of the session that
    /// do so at once one succeeds.
    ///
    /// - Parameters:
    ///   - answer: What shows that the model has answered.
    ///   - turn: The turn in which it has.
    ///   - append: Has the log told. What it throws leaves everything as it was.
    package func answer(
        by session: AgentSession,
        with answer: ModelAnswer,
        in turn: String?,
        _ append: ([Event]) throws -> Void
    ) throws {
        let path = path(of: session)
        guard files.exists(path), case .free(let record) = OpenRecord.take(path, files),
            let handover = handover(to: session), handover.isAnswered(by: answer, in: turn)
        else { return }
        try append(handover.marks.map { Event(.notificationRead, from: handover.task, payload: $0) })
        record.remove()
    }

    /// Forgets what was printed for sessions of which nothing was heard for a day.
    func forgetOld() {
        let sessions = AgentSessions(in: directory)
        let day: time_t = 86_400
        for path in paths {
            guard let stored = try? files.modificationTime(at: path), stored.tv_sec < time(nil) - day,
                !(handover(at: path).map { sessions.isSeenToGoOn($0.session) } ?? false)
            else { continue }
            try? files.remove(path)
        }
    }

    private func handover(at path: String) -> Handover? {
        guard let text = try? files.contents(of: path, atMost: Self.longest),
            (try? FileFormat.handover.check(text, of: path)) != nil
        else { return nil }
        return Handover(text)
    }

    private var paths: [String] { OpenRecord.paths(in: directory.agents, prefix: Self.prefix, files) }

    private func path(of session: AgentSession) -> String { "\(directory.agents)/\(Self.prefix)\(session.fileName)" }
}
