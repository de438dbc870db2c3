// Situations of a task, each as what the log says and what is seen: a few words build them.

import NeuraphageEvents

@testable import NeuraphageProjections
@testable import NeuraphageStatus

/// A situation, and what np must say of it.
struct TaskSituation {
    /// The moment from which seconds are counted; np is asked 600 s later.
    static let beginning = Timestamp(microsecondsSinceEpoch: 1_800_000_000_000_000)
    static let now = moment(600)

    static func moment(_ seconds: Double) -> Timestamp { beginning + .milliseconds(Int64(seconds * 1_000)) }

    /// An event of a moment. Its id is that of the moment, so that later ones are greater.
    static func mark(_ seconds: Double) -> EventMark {
        let place = EventPlace(segment: 1, offset: Int64(seconds * 1_000))
        return EventMark(id: id(seconds), time: moment(seconds), place: place)
    }

    static func id(_ seconds: Double) -> EventID { EventID(high: UInt64(1 << 40 + Int(seconds * 1_000)), low: 1) }

    let name: String
    var logged: LoggedTask
    var seen: TaskSight?
    var gap: Timestamp?
    let phase: TaskStatus.Phase
    let since: Double?
    let source: TaskStatus.Evidence.Source
    let detail: String

    init(
        _ name: String,
        _ phase: TaskStatus.Phase,
        since: Double?,
        _ source: TaskStatus.Evidence.Source,
        _ detail: String,
        gap: Timestamp? = nil,
        log: (inout LoggedTask) -> Void,
        seen: ((inout TaskSight) -> Void)? = { _ in }
    ) {
        self.name = name
        logged = LoggedTask("t-1")
        log(&logged)
        if let seen {
            var sight = TaskSight()
            seen(&sight)
            self.seen = sight
        }
        (self.gap, self.phase, self.since, self.source, self.detail) = (gap, phase, since, source, detail)
    }

    var status: TaskStatus { TaskStatus(of: logged, seen: seen, gap: gap, at: Self.now) }
}

extension LoggedTask {
    private typealias Here = TaskSituation

    /// It begins, by an agent's hook.
    mutating func began(_ seconds: Double = 0) {
        (lives, begin) = (lives + 1, Here.mark(seconds))
        heard(seconds, .taskStarted)
    }

    mutating func heard(_ seconds: Double, _ kind: EventKind = .custom("AgentTurnStarted")) {
        (last, lastKind) = (Here.mark(seconds), kind)
    }

    /// A session begins.
    mutating func session(_ id: String = "s-1", at seconds: Double = 0, agent: String = "claude") {
        var session = Session(agent: agent, id: id, lastHeard: Here.moment(seconds))
        session.begin = Here.mark(seconds)
        sessions.append(session)
        heard(seconds)
    }

    /// The session that began last is told of.
    mutating func tell(_ seconds: Double, _ change: (inout Session) -> Void) {
        change(&sessions[sessions.count - 1])
        sessions[sessions.count - 1].lastHeard = Here.moment(seconds)
        heard(seconds)
    }

    mutating func turn(_ seconds: Double, _ change: (inout Turn) -> Void = { _ in }) {
        tell(seconds) { session in
            var turn = Turn()
            turn.begin = Here.mark(seconds)
            change(&turn)
            session.turn = turn
        }
    }

    mutating func turnEnds(_ seconds: Double, _ change: (inout Turn) -> Void = { _ in }) {
        tell(seconds) { session in
            session.turn?.end = Here.mark(seconds)
            if var turn = session.turn {
                change(&turn)
                session.turn = turn
            }
        }
    }

    mutating func waits(_ seconds: Double, for reason: String = "permission", _ tool: String? = "Bash") {
        tell(seconds) { $0.waits.append(Wait(mark: Here.mark(seconds), reason: reason, tool: tool)) }
    }

    mutating func sessionEnds(_ seconds: Double, _ reason: String? = nil, inferred: Bool = false) {
        tell(seconds) { session in
            (session.end, session.endReason) = (Here.mark(seconds), reason)
            session.isEndInferred = inferred
            if inferred, session.turn != nil, session.turn?.end == nil {
                session.turn?.end = Here.mark(seconds)
                session.turn?.isEndInferred = true
                session.turn?.endReason = SessionEndReason.sessionEnded
            }
            session.waits = []
        }
    }

    mutating func ends(_ seconds: Double, _ outcome: Ending.Outcome, _ words: String? = nil, commit: String? = nil) {
        end = Ending(outcome: outcome, mark: Here.mark(seconds), words: words, commit: commit)
        heard(seconds, .taskCompleted)
    }

    mutating func check(_ name: String, _ result: String, _ seconds: Double, failed: Int = 1) {
        checks.append(Check(name: name, mark: Here.mark(seconds), result: result, failedCount: failed))
    }

    mutating func conflict(_ seconds: Double, in files: String...) {
        var conflict = Conflict(mark: Here.mark(seconds), files: files, filesCount: files.count)
        conflict.commit = "112e6591234"
        self.conflict = conflict
    }

    mutating func run(_ command: String, _ seconds: Double, end: Double? = nil, code: Int? = nil) {
        var run = Run()
        (run.begin, run.command) = (Here.mark(seconds), command)
        (run.end, run.exitCode) = (end.map(Here.mark), code)
        runs.append(run)
    }
}

extension TaskSight {
    private typealias Here = TaskSituation

    /// The ledger has a session.
    mutating func session(
        _ id: String = "s-1",
        at seconds: Double = 0,
        as presence: TaskStatus.Agent.Presence = .alive,
        _ change: (inout Session) -> Void = { _ in }
    ) {
        let begin = Here.mark(seconds)
        var session = Session("claude", id, begin: begin.id, began: begin.time, presence: presence)
        session.pid = 7
        change(&session)
        sessions.append(session)
    }

    mutating func place(_ worktree: String? = "/w/t-1", _ change: (inout TaskStatus.Place) -> Void = { _ in }) {
        var place = TaskStatus.Place(repository: "/r", worktree: worktree, branch: "neuraphage/t-1")
        place.seen = Here.moment(590)
        change(&place)
        places.append(place)
    }
}

extension TaskSight.Session {
    mutating func wait(_ seconds: Double, _ reason: String = "permission", _ tool: String? = "Bash") {
        let mark = TaskSituation.mark(seconds)
        waits.append(TaskSight.Wait(begin: mark.id, reason: reason, tool: tool, since: mark.time))
    }

    mutating func sign(_ seconds: Double, turn: Double) {
        var seen = TaskSight.Turn(begin: TaskSituation.id(turn), hasEnded: false)
        (seen.began, seen.lastSign) = (TaskSituation.moment(turn), TaskSituation.moment(seconds))
        self.turn = seen
    }
}
