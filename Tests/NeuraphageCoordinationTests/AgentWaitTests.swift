// When an agent waits for a person, and what ends the wait.

import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageAgents
@testable import NeuraphageSystem
@testable import NeuraphageTasks

private let start = Timestamp(microsecondsSinceEpoch: 1_800_000_000_000_000)
private let build = AgentWait.Tool(name: "Bash", input: "b", thread: nil)
private let other = AgentWait.Tool(name: "Bash", input: "o", thread: nil)
private let edit = AgentWait.Tool(name: "Edit", input: "e", thread: nil)
private let elsewhere = AgentWait.Tool(name: "Bash", input: "b", thread: "a-1")

private struct Row: CustomTestStringConvertible, Sendable {
    let testDescription: String
    let wait: AgentWait
    let sign: AgentWait.Sign
    /// How, after how many ms, and whether that is inferred; `nil` if the wait goes on.
    let end: (AgentWait.Outcome, Int, Bool)?

    init(
        _ description: String,
        _ sign: AgentWait.Sign,
        _ end: (AgentWait.Outcome, Int, Bool)? = nil,
        for reason: AgentWait.Reason = .permission,
        of tool: AgentWait.Tool = build
    ) {
        testDescription = description
        wait = AgentWait(reason, tool: tool, since: start)
        (self.sign, self.end) = (sign, end)
    }
}

/// The signs come 60 s after the beginning.
private let rows: [Row] = [
    Row("the tool was used", .used(build, duration: 50_000), (.allowed, 10_000, false)),
    Row("the tool was used for longer than the wait", .used(build, duration: 90_000), (.allowed, 0, false)),
    Row("the tool was used, for how long isn't known", .used(build, duration: nil), (.allowed, 60_000, true)),
    Row("a question was answered", .used(build, duration: 2), (.answered, 59_998, false), for: .input),
    Row("another tool ran side by side", .used(other, duration: 60_100)),
    Row("another tool began side by side", .used(other, duration: 59_500)),
    Row("another tool was used later", .used(edit, duration: 20_000), (.denied, 40_000, true)),
    Row("the tool was used with another input", .used(other, duration: 20_000), (.allowed, 40_000, true)),
    Row("a question was answered", .used(other, duration: 59_900), (.answered, 100, false), for: .input),
    Row("another tool was used, for how long isn't known", .used(other, duration: nil)),
    Row("a subagent has used the same", .used(elsewhere, duration: 10)),
    Row("a subagent that waits, and the agent has used the same", .used(build, duration: 10), of: elsewhere),
    Row("the tool was refused", .refused(build), (.denied, 60_000, false)),
    Row("another tool was refused", .refused(other)),
    Row("permission for another tool", .asked(other), (.denied, 60_000, true)),
    Row("permission for the same once more", .asked(build), (.denied, 60_000, true)),
    Row("a subagent asks for permission", .asked(elsewhere)),
    Row("a new turn", .prompted(isMachine: false, isNewTurn: true), (.denied, 60_000, true)),
    Row("a prompt in the same turn", .prompted(isMachine: false, isNewTurn: false)),
    Row("a prompt that no person made", .prompted(isMachine: true, isNewTurn: true)),
    Row("the agent has stopped", .stopped(thread: nil), (.denied, 60_000, true)),
    Row("a subagent has stopped", .stopped(thread: "a-1")),
    Row("the subagent that waits has stopped", .stopped(thread: "a-1"), (.denied, 60_000, true), of: elsewhere),
    Row("a person has stopped the agent", .interrupted, (.aborted, 60_000, false)),
    Row("the session has ended", .sessionEnded, (.aborted, 60_000, false)),
    Row("a dialog was answered", .closed(isAnswer: true), (.answered, 60_000, false), for: .input),
    Row("a dialog was closed", .closed(isAnswer: false), (.aborted, 60_000, false), for: .input),
    Row("a dialog is no permission", .closed(isAnswer: true)),
    Row("idle, and prompted", .prompted(isMachine: false, isNewTurn: true), (.answered, 60_000, false), for: .idle),
    Row(
        "idle, and woken by itself",
        .prompted(isMachine: true, isNewTurn: true),
        (.inferred, 60_000, true),
        for: .idle
    ),
    Row("idle, and a tool was used", .used(other, duration: 20_000), (.inferred, 40_000, true), for: .idle),
    Row("idle, and a subagent has used a tool", .used(elsewhere, duration: 1), for: .idle),
    Row("idle, and the session has ended", .sessionEnded, (.aborted, 60_000, false), for: .idle),
]

@Suite("A wait", .apart)
struct AgentWaitTests {
    @Test("ends with what shows that it is over, and only with that", arguments: rows)
    fileprivate func ends(row: Row) {
        // A wait for nothing in particular is one in an agent that names no tool.
        let wait = row.wait.reason == .idle ? AgentWait(.idle, since: start) : row.wait
        let end = wait.end(by: row.sign, at: start + .seconds(60))
        #expect(end?.how == row.end?.0)
        #expect(end?.waited == row.end.map { .milliseconds($0.1) })
        #expect(end?.isInferred == row.end?.2)
    }

    @Test("for two tools at once goes on for both, and permission for a tool of which only one dialog is told for any")
    func sideBySide() {
        let wait = AgentWait(.permission, tool: build, since: start)
        #expect(wait.end(by: .asked(other), at: start + .milliseconds(900)) == nil)
        let unnamed = AgentWait(.permission, since: start)
        #expect(unnamed.end(by: .used(build, duration: 1_000), at: start + .seconds(3))?.waited == .seconds(2))
    }

    @Test("is seen to be over when a command runs that is no hook")
    func command() {
        func seen(_ starts: Int64..., hooks: [Int64] = [10_000], now: Int64 = 60_000) -> Int64? {
            WaitSight.command(among: starts.map { ProcessChild(id: 1, start: $0) }, hooks: hooks, now: now)
        }
        #expect(seen(20_000) == 20_000)
        #expect(seen(30_000, 20_000, 5_000) == 20_000)
        #expect(seen(5_000) == nil, "it ran before")
        #expect(seen(10_400) == nil, "another hook of the same event")
        #expect(seen(16_300, hooks: [10_000, 16_000]) == nil, "a hook of another event")
        #expect(seen(59_500) == nil, "what an agent runs for a moment")
        #expect(seen(20_000, hooks: []) == nil && seen() == nil)
    }

    @Test("is seen to be over when the agent has written down that it was refused")
    func refusal() throws {
        func line(_ members: String) -> String {
            #"{"type":"user","timestamp":"2026-11-28T03:49:45.256Z"\#(members)}"# + "\n"
        }
        let moment = try #require(Timestamp("2026-11-28T03:49:45.256Z"))
        let denied = line(#","toolUseResult":"User rejected tool use","toolDenialKind":"user-rejected""#)
        #expect(WaitSight.refusal(in: "rest of a reject\"}\n" + denied + "{\"reject", since: moment) == moment)
        #expect(WaitSight.refusal(in: line(#","toolUseResult":"User rejected tool use""#), since: moment) == moment)
        let others = [
            "", line(""), line(#","message":"User rejected tool use""#),
            line(#","toolUseResult":{"stdout":"User rejected tool use \"toolDenialKind\":\"user-rejected\""}"#),
            line(#","toolDenialKind":"hook-rejected""#), denied.replacing("\"user\",", with: "\"assistant\","),
        ]
        for other in others { #expect(WaitSight.refusal(in: other, since: moment) == nil, "\(other)") }
        #expect(WaitSight.refusal(in: denied, since: moment + .microseconds(1)) == nil, "an earlier refusal")
    }
}
