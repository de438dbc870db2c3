// A session's turns: one goes on at most, and its end is told once. What happens in it is written down line by line, by
// hooks that may run at the same time, and added up when it ends.

package import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageProjections
import NeuraphageSystem

extension AgentSessions {
    /// What became of a turn that begins.
    package enum TurnBeginning {
        /// It is a new one; if another one went on until now, whose end was not reported, that is its end.
        case new(left: Event?)
        /// It goes on: the agent was given another prompt in the middle of it, or two hooks tell of one.
        case goesOn
    }

    /// What the log is told of a turn that ends.
    package struct TurnEnd: Sendable {
        package let receipt: [(String, JSONValue)]
    }

    /// How much is written down of a turn, in bytes.
    private static let longest = 1 << 20

    /// Writes down that a turn begins.
    ///
    /// - Parameters:
    ///   - name: Its name, where the agent gives its turns or prompts names.
    ///   - started: The event by which the log will know.
    ///   - task: The task that the session works on.
    package func beginTurn(
        _ name: String?,
        with started: Event,
        of task: TaskID?,
        in session: AgentSession
    ) -> TurnBeginning {
        locking(session) { beginTurnLocked(name, with: started, of: task, in: session) }
    }

    private func beginTurnLocked(
        _ name: String?,
        with started: Event,
        of task: TaskID?,
        in session: AgentSession
    ) -> TurnBeginning {
        let known = turn(of: session)
        if isInTurn(name, of: session) { return .goesOn }
        let beginning = AgentTurn.beginning(started.id, name: name, at: started.timestamp)
        // What was done since the end of the turn before is told with this one.
        write(beginning, of: session, appending: known.map { $0.hasEnded && $0.isOpen } ?? false)
        guard let known, known.isOpen, !known.hasEnded else { return .new(left: nil) }
        return .new(left: known.inferredEnd(of: session, in: task, because: SessionEndReason.nextTurn))
    }

    /// Writes down that something has happened in a session's turn.
    package func note(_ fact: TurnFact, in session: AgentSession, at time: Timestamp = .now) {
        locking(session) { write(AgentTurn.line(about: fact, at: time), of: session, appending: true) }
    }

    /// Writes down that a turn has ended.
    ///
    /// An agent that exits kills its hooks, so it is written down after the log was told: then a hook that is killed leaves the
    /// turn to the end of the session.
    ///
    /// - Parameters:
    ///   - backgroundTasks: How many tasks go on in the background.
    ///   - publish: Has the log told. Called once, unless it was told.
    /// - Returns: What the log had to be told of it; `nil` if that was told. A turn without a name is one of which only one
    ///   hook tells.
    package func endTurn(
        _ name: String?,
        in session: AgentSession,
        backgroundTasks: Int = 0,
        at time: Timestamp = .now,
        _ publish: (TurnEnd) throws -> Void = { _ in }
    ) rethrows -> TurnEnd? {
        try locking(session) { try endTurnLocked(name, in: session, backgroundTasks, at: time, publish) }
    }

    private func endTurnLocked(
        _ name: String?,
        in session: AgentSession,
        _ backgroundTasks: Int,
        at time: Timestamp,
        _ publish: (TurnEnd) throws -> Void
    ) rethrows -> TurnEnd? {
        let known = turn(of: session)
        // An agent that is told to go on when it stops goes on with the same turn.
        if let known, known.hasEnded, let name, known.name == name, !known.isOpen { return nil }
        let isThis = known?.isMeant(by: name, isOnly: !session.agent.namesTurns) ?? false
        let begin = isThis ? known?.begin : nil
        let end = TurnEnd(receipt: (isThis ? known?.receipt(endingAt: time) : known?.workOnly) ?? [])
        try publish(end)
        let ended = AgentTurn.ended(begin, name: name ?? known?.name, backgroundTasks: backgroundTasks, at: time)
        write(ended, of: session, appending: false)
        return end
    }

    /// Whether a session is in the middle of a turn, or works on a prompt, of this name.
    package func isInTurn(_ name: String?, of session: AgentSession) -> Bool {
        guard let name, let turn = turn(of: session) else { return false }
        return turn.begin != nil && !turn.hasEnded && turn.name == name
    }

    /// The turn that was told of last, as far as hooks have told.
    package func turn(of session: AgentSession) -> AgentTurn? {
        let path = turnPath(of: session)
        guard let bytes = try? files.bytes(of: path, atMost: 2 * Self.longest) else { return nil }
        let text = String(decoding: bytes, as: UTF8.self)
        guard (try? FileFormat.turn.check(text, of: path)) != nil else { return nil }
        return AgentTurn(text, isCut: bytes.count > Self.longest)
    }

    /// The same once a hook that tells of its end just now has written that down: so it has ended here if an event that was
    /// read from the log before says so.
    func toldTurn(of session: AgentSession) -> AgentTurn? {
        // Locking would make the file.
        guard files.exists(turnPath(of: session)) else { return nil }
        return locking(session) { turn(of: session) }
    }

    /// The end of the turn that goes on, if the log has to be told of one before the session's end.
    func inferredTurnEnd(of session: AgentSession, in task: TaskID?) -> Event? {
        guard let turn = toldTurn(of: session), turn.isOpen else { return nil }
        return turn.inferredEnd(of: session, in: task, because: SessionEndReason.sessionEnded)
    }

    func forgetTurn(of session: AgentSession) {
        try? files.remove(turnPath(of: session))
    }

    // MARK: - The file

    /// Waits for other hooks of the session, though not for one that is stopped: then two of them may write at the same time,
    /// of which a line may be lost.
    private func locking<Result>(_ session: AgentSession, _ body: () throws -> Result) rethrows -> Result {
        let lock = try? LockFile.take(turnPath(of: session), until: directory.patienceEnd, in: files)
        let result = try body()
        _ = consume lock
        return result
    }

    private func write(_ line: String, of session: AgentSession, appending isAppending: Bool) {
        let path = turnPath(of: session)
        _ = try? files.makeDirectories(self.path)
        guard !isOfNewerVersion(path) else { return }
        guard !isAppending || ((try? files.status(at: path, followingLinks: false))?.size ?? 0) <= Self.longest else {
            return
        }
        try? files.write(Array(line.utf8), to: path, appending: isAppending)
    }

    /// Whether a file is left alone. Its first line says so, in its beginning.
    private func isOfNewerVersion(_ path: String) -> Bool {
        let flags = O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK
        guard let descriptor = try? files.open(path, flags: flags, permissions: 0) else { return false }
        defer { files.close(descriptor) }
        let bytes = (try? files.bytes(of: descriptor, atMost: 1_024)) ?? []
        return (try? FileFormat.turn.check(String(decoding: bytes, as: UTF8.self), of: path)) == nil
    }

    private func turnPath(of session: AgentSession) -> String {
        "\(path)/\(DataDirectory.RecordPrefix.turn)\(session.fileName)"
    }
}
