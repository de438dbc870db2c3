// Agents' sessions, their turns and waits.

import NeuraphageEvents
import TestSupport
import Testing

@testable import NeuraphageProjections

@Suite("What the log says of the sessions of a task", .apart)
struct TaskSessionTests {
    var log = TaskLogCase()

    init() {
        log.tell(.taskStarted("t"))
    }

    private func session(_ task: TaskID = "t") throws -> LoggedTask.Session {
        try #require(try log.task(task).sessions.last)
    }

    @Test("a session that has begun goes on, and one that has ended says why")
    mutating func beginningAndEnd() throws {
        let location: JSONValue = ["program": "tmux", "pane": "%3"]
        let begin = log.hook("AgentSessionStarted", [("where", location)])
        #expect(try session().begin?.id == begin)
        #expect(try session().location?.json == #"{"program":"tmux","pane":"%3"}"#)
        #expect(try session().end == nil)
        log.hook("AgentSessionEnded", [("reason", "logout")] + TaskLogCase.begin(begin))
        #expect(try session().end != nil)
        #expect(try session().endReason == "logout")
        #expect(try !session().isEndInferred)
        #expect(try !session().isCutOff)
    }

    @Test("a turn goes on from its prompt to its end")
    mutating func turn() throws {
        let begin = log.prompt()
        #expect(try session().turn?.begin?.id == begin)
        #expect(try session().turn?.end == nil)
        log.stop(begin, [("asks", true), ("background", 2), ("tools", ["n": 5, "failed": 2, "denied": 1])])
        let turn = try #require(try session().turn)
        #expect(turn.end != nil)
        #expect(turn.asks)
        #expect(turn.background == 2)
        #expect(turn.toolCount == 5)
        #expect(turn.failedCount == 2)
        #expect(turn.deniedCount == 1)
    }

    @Test("a prompt in the middle of a turn whose end was lost begins the next one")
    mutating func promptInTurn() throws {
        log.prompt()
        let second = log.prompt()
        #expect(try session().turn?.begin?.id == second)
        #expect(try session().turn?.end == nil)
    }

    @Test("the late end of an earlier turn does not end the one that goes on")
    mutating func lateEnd() throws {
        let first = log.prompt()
        let second = log.prompt()
        log.stop(first, [("asks", true)])
        #expect(try session().turn?.begin?.id == second)
        #expect(try session().turn?.end == nil)
    }

    @Test("what a turn went on to do after its end is added to it")
    mutating func continued() throws {
        let begin = log.prompt()
        log.stop(begin, [("tools", ["n": 2, "failed": 0, "denied": 0])])
        log.stop(begin, [("continued", true), ("tools", ["n": 3, "failed": 1, "denied": 0]), ("asks", true)])
        let turn = try #require(try session().turn)
        #expect(turn.toolCount == 5)
        #expect(turn.asks)
    }

    @Test("an end that is told twice counts once, and one that is told counts more than one that was concluded")
    mutating func repeatedEnd() throws {
        let begin = log.prompt()
        log.stop(begin, [("reason", "the next turn began"), ("inferred", true)])
        log.stop(begin, [("asks", true)])
        log.stop(begin, [("interrupted", true)])
        let turn = try #require(try session().turn)
        #expect(turn.asks)
        #expect(!turn.isInterrupted)
        #expect(!turn.isEndInferred)
    }

    @Test("a limit is kept with its end")
    mutating func limit() throws {
        let begin = log.prompt()
        log.stop(begin, [("error", "rate_limit"), ("until", "2026-01-11T16:00:00.000000Z")])
        #expect(try session().turn?.error == "rate_limit")
        #expect(try session().turn?.until == "2026-01-11T16:00:00.000000Z")
    }

    @Test("a session that ends in its turn without a word is cut off, whether or not the turn's end was concluded")
    mutating func cutOff() throws {
        let gone: [(String, JSONValue)] = [("reason", "its process is gone"), ("inferred", true)]
        let begin = log.prompt()
        log.stop(begin, [("reason", "its session ended"), ("inferred", true)])
        log.hook("AgentSessionEnded", gone)
        #expect(try session().isCutOff)
        log.hook("AgentSessionStarted")
        log.prompt()
        log.hook("AgentSessionEnded", gone)
        #expect(try session().isCutOff)
        #expect(log.rest().failures.elements.map(\.what) == [.exit, .exit])
    }

    @Test(
        "a session is not cut off if its turn was over, if it said that it ends, or if another process has taken it up"
    )
    mutating func notCutOff() throws {
        let begin = log.prompt()
        log.stop(begin)
        log.hook("AgentSessionEnded", [("reason", "its process is gone"), ("inferred", true)])
        #expect(try !session().isCutOff)
        log.prompt()
        log.hook("AgentSessionEnded", [("reason", "logout")])
        #expect(try !session().isCutOff)
        log.prompt()
        log.hook("AgentSessionEnded", [("reason", "another process has taken it up"), ("inferred", true)])
        #expect(try !session().isCutOff)
        #expect(log.rest().failures.last == nil)
    }

    @Test("a session that another process has taken up goes on")
    mutating func takenUp() throws {
        let first = log.hook("AgentSessionStarted")
        log.prompt()
        log.hook("AgentSessionEnded", [("inferred", true)] + TaskLogCase.begin(first))
        let second = log.hook("AgentSessionStarted")
        #expect(try log.task().sessions.count == 1)
        #expect(try session().begin?.id == second)
        #expect(try session().end == nil)
        #expect(try session().turn == nil)
    }

    @Test("what is told late of a session that has ended does not have it go on; a prompt does")
    mutating func late() throws {
        let turn = log.prompt()
        log.hook("AgentSessionEnded")
        log.stop(turn)
        log.hook("AgentWaiting", [("for", "idle")])
        log.hook("AgentSubagentStarted", [("agent_id", "a")])
        log.hook("AgentSessionEnded", [("reason", "again")])
        #expect(try session().end != nil)
        #expect(try session().endReason == nil)
        #expect(try session().turn?.end != nil)
        log.prompt()
        #expect(try session().end == nil)
    }

    @Test("a session whose beginning is not in the log is known by what it says")
    mutating func unknown() throws {
        log.stop(nil, [("asks", true)])
        #expect(try session().begin == nil)
        #expect(try session().end == nil)
        #expect(try session().turn?.asks == true)
    }

    @Test("of sessions those that go on are kept, and the one that ended last")
    mutating func several() throws {
        for id in ["a", "b", "c", "d"] { log.hook("AgentSessionStarted", in: SessionName(agent: "codex", id: id)) }
        for id in ["a", "c"] { log.hook("AgentSessionEnded", in: SessionName(agent: "codex", id: id)) }
        #expect(try log.task().sessions.map(\.id) == ["b", "d", "c"])
    }

    // MARK: - Waits

    @Test("a wait goes on until its end names it")
    mutating func waits() throws {
        log.prompt()
        let first = log.hook("AgentWaiting", [("for", "permission"), ("tool", "Bash")])
        let second = log.hook("AgentWaiting", [("for", "input"), ("agent_id", "sub")])
        #expect(try session().waits.map(\.reason) == ["permission", "input"])
        #expect(try session().waits.map(\.tool) == ["Bash", nil])
        #expect(try session().waits.map(\.subagent) == [nil, "sub"])
        log.hook("AgentResumed", [("for", "permission"), ("how", "allowed")] + TaskLogCase.begin(first))
        #expect(try session().waits.map(\.mark.id) == [second])
        log.hook("AgentResumed", [("for", "permission")] + TaskLogCase.begin(first))
        #expect(try session().waits.map(\.mark.id) == [second])
    }

    @Test("a wait whose end was lost ends with the turn, with a prompt, or with the session")
    mutating func lostEnds() throws {
        let turn = log.prompt()
        log.hook("AgentWaiting", [("for", "permission")])
        log.stop(turn)
        #expect(try session().waits.isEmpty)
        log.hook("AgentWaiting", [("for", "idle")])
        #expect(try session().waits.count == 1)
        log.prompt()
        #expect(try session().waits.isEmpty)
        log.hook("AgentWaiting", [("for", "input")])
        log.hook("AgentSessionEnded")
        #expect(try session().waits.isEmpty)
    }

    @Test("a prompt that no person has given leaves a person's dialog open")
    mutating func machinePrompt() throws {
        log.hook("AgentWaiting", [("for", "permission")])
        log.hook("AgentTurnStarted", [("machine", true)])
        #expect(try session().waits.count == 1)
        #expect(try session().turn?.isMachine == true)
    }

    // MARK: - Subagents

    @Test("subagents are counted from their beginnings to their ends, whichever way these name them")
    mutating func subagents() throws {
        log.prompt()
        let first = log.hook("AgentSubagentStarted", [("agent_id", "a"), ("agent_type", "x")])
        log.hook("AgentSubagentStarted", [("agent_id", "b"), ("agent_type", "x")])
        log.hook("AgentSubagentStarted", [("agent_type", "x")])
        #expect(try session().subagents == 3)
        log.hook("AgentSubagentEnded", TaskLogCase.begin(first))
        log.hook("AgentSubagentEnded", TaskLogCase.begin(first))
        log.hook("AgentSubagentEnded", [("agent_id", "b")])
        log.hook("AgentSubagentEnded", [("agent_id", "never")])
        #expect(try session().subagents == 1)
        log.hook("AgentSessionEnded")
        #expect(try session().subagents == 0)
    }

    // MARK: - Between tasks

    @Test("a session that its agent moves to another task has ended in the first, and goes on in the other")
    mutating func moved() throws {
        let begin = log.hook("AgentSessionStarted", [("where", ["pane": "%1"])])
        let turn = log.prompt()
        let wait = log.hook("AgentWaiting", [("for", "permission")])
        log.tell(.taskStarted("u"))
        // What ends in the first task does not bring it back.
        log.hook("AgentWaiting", of: "u", [("for", "input")])
        log.hook("AgentResumed", of: "t", TaskLogCase.begin(wait))
        let left = try session("t")
        #expect(left.movedTo == "u")
        #expect(left.end != nil)
        let session = try session("u")
        #expect(session.begin?.id == begin)
        #expect(session.location?.json == #"{"pane":"%1"}"#)
        #expect(session.turn?.begin?.id == turn)
        #expect(session.waits.map(\.reason) == ["input"])
        log.stop(turn, of: "u")
        #expect(try self.session("u").turn?.end != nil)
    }

    @Test("a session that began without a task goes on in the task to which it is bound")
    mutating func bound() throws {
        let begin = log.hook("AgentSessionStarted", of: nil)
        #expect(log.rest().sessions.map(\.id) == ["s-1"])
        log.prompt(of: "t")
        #expect(log.rest().sessions.allSatisfy { $0.end != nil })
        #expect(try session().begin?.id == begin)
    }

    @Test("two agents may work on one task, and their turns are their own")
    mutating func twoAgents() throws {
        let other = SessionName(agent: "codex", id: "s-1")
        let turn = log.prompt()
        log.prompt(in: other)
        log.stop(turn)
        let sessions = try log.task().sessions
        #expect(sessions.map { $0.turn?.end == nil } == [false, true])
        #expect(sessions.map(\.agent) == ["claude", "codex"])
    }
}
