// Of which events the user is told, and when: one step after the other, without a daemon.

import NeuraphageEvents
import NeuraphageSystem
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("What the user is told of", .apart)
struct AlertStateTests {
    private static let start = Timestamp.now

    private func event(_ kind: EventKind, _ payload: Payload = .empty, id: EventID? = nil, after seconds: Int = 0)
        -> Event
    {
        Event(
            id: id ?? EventIDGenerator.shared.mint().id,
            kind,
            from: "t-1",
            payload: payload,
            timestamp: Self.start + .seconds(seconds)
        )
    }

    private func state(
        _ occasions: Set<AlertOccasion> = Set(AlertOccasion.allCases),
        told: [EventID] = []
    ) -> AlertState {
        AlertState(occasions, grace: .seconds(30), since: Self.start, told: told)
    }

    /// The kinds of which the user is told at a time.
    private func told(_ state: inout AlertState, at seconds: Int) -> [String] {
        state.takeDue(at: .seconds(seconds)).map { "\($0.occasion): \($0.event.kind.name)" }
    }

    private func resumed(_ wait: Event) -> Event {
        event(.agentResumed, ["begin": .string(wait.id.description), "how": "allowed"])
    }

    private let wait = EventKind.agentWaiting

    @Test("is a wait that goes on when its grace is over, counted from when it began, and told once")
    func grace() {
        var state = state()
        let wait = event(wait)
        state.read(wait, age: .seconds(10), at: .zero)
        #expect(told(&state, at: 19) == [] && state.nextDue == .seconds(20))
        #expect(told(&state, at: 20) == ["wait: AgentWaiting"])
        state.read(wait, age: .zero, at: .seconds(21))
        #expect(told(&state, at: 60) == [] && state.nextDue == nil)
    }

    @Test("is no wait that ended before, whichever of its two events comes first")
    func ended() {
        var state = state()
        let (first, second, third) = (event(wait), event(wait), event(wait))
        state.read(first, age: .zero, at: .zero)
        state.read(second, age: .zero, at: .zero)
        state.read(resumed(first), age: .zero, at: .seconds(1))
        state.read(resumed(third), age: .zero, at: .seconds(1))
        state.read(third, age: .zero, at: .seconds(2))
        #expect(state.takeDue(at: .seconds(60)).map(\.event.id) == [second.id])
        // One that ends after it was told ends nothing else.
        state.read(resumed(second), age: .zero, at: .seconds(61))
        #expect(told(&state, at: 100) == [])
    }

    @Test("is at once what failed and what was lost, and nothing that comes right or went well")
    func problems() {
        let table: [(Event, String?)] = [
            (event(.taskFailed, ["error": "x"]), "failed"), (event(.rebaseConflict), "failed"),
            (event(.runEnded, ["error": "x"]), "failed"), (event(.runEnded), nil),
            (event(.agentTurnEnded, ["error": "rate_limit"]), "failed"), (event(.agentTurnEnded), nil),
            (event(.logGap, ["lost": 3]), "lost"), (event(.agentSessionEnded, ["inferred": true]), "lost"),
            (event(.agentSessionEnded), nil), (event(.notificationUndelivered), "lost"),
            (event(.sessionStarted, ["previous": "unclean"]), "lost"), (event(.sessionStarted), nil),
            (event(.taskPaused), nil), (event(.supervisionDegraded), nil), (event(.lockTimedOut), nil),
            (event(.taskCompleted), nil), (event(.custom("Deployed")), nil),
        ]
        for (event, occasion) in table {
            var state = state()
            state.read(event, age: .zero, at: .zero)
            #expect(told(&state, at: 0) == (occasion.map { ["\($0): \(event.kind.name)"] } ?? []))
        }
    }

    @Test("is nothing that they did not ask for, nothing from before, and nothing that another daemon has told")
    func notNews() {
        let known = event(.taskFailed)
        var state = state([.failed], told: [known.id])
        state.read(known, age: .zero, at: .zero)
        state.read(event(.taskFailed, after: -1), age: .zero, at: .zero, isReadAgain: true)
        state.read(event(.logGap), age: .zero, at: .zero)
        state.read(event(wait), age: .zero, at: .zero)
        #expect(told(&state, at: 60) == [])
        #expect(state.told == [known.id])
    }

    @Test("from before is only a wait whose grace may not have been over, as much earlier as that is long")
    func before() {
        var state = state()
        for seconds in [-31, -29] { state.read(event(wait, after: seconds), age: .zero, at: .zero, isReadAgain: true) }
        state.read(event(.taskFailed, after: -29), age: .zero, at: .zero, isReadAgain: true)
        #expect(told(&state, at: 60) == ["wait: AgentWaiting"])
    }

    @Test("is what happens after a clock was put back, too")
    func clockPutBack() {
        var state = state()
        state.read(event(.taskFailed, after: -3_600), age: .zero, at: .zero)
        #expect(told(&state, at: 0) == ["failed: TaskFailed"])
    }

    @Test(
        "is nothing that was read before, where the log's file is replaced by a copy of itself, and what comes after that"
    )
    func replaced() {
        var state = state()
        let old = (0..<5).map { event(.taskFailed, after: $0) }
        for event in old { state.read(event, age: .zero, at: .zero) }
        while !told(&state, at: 0).isEmpty { state.finish(.failed); state.finish(.failed); state.finish(.failed) }
        state.beginAgain()
        for event in old.dropLast() {
            let copy = Event(id: EventID("other-\(event.id)"), .taskFailed, from: "t-1", timestamp: event.timestamp)
            state.read(copy, age: .zero, at: .zero, isReadAgain: true)
        }
        #expect(told(&state, at: 60) == [])
        state.read(event(.taskFailed, after: 9), age: .zero, at: .zero, isReadAgain: true)
        #expect(told(&state, at: 60) == ["failed: TaskFailed"])
    }

    @Test("is also what a clock that is ahead says, after the grace and no later")
    func clocks() {
        var state = state()
        state.read(event(wait, after: 7_200), age: .seconds(-7_200), at: .zero)
        #expect(told(&state, at: 29) == [] && told(&state, at: 30) == ["wait: AgentWaiting"])
    }

    @Test("by so many commands at once, the others when one has ended, all once, in their order")
    func atOnce() {
        var state = state()
        let events = (0..<7).map { _ in event(.taskFailed) }
        for event in events { state.read(event, age: .zero, at: .zero) }
        var order = state.takeDue(at: .zero).map(\.event.id)
        #expect(order.count == AlertState.mostAtOnce)
        #expect(state.takeDue(at: .zero).isEmpty && state.nextDue == nil)
        for _ in 0..<6 {
            state.finish(.failed)
            #expect(order.count == events.count || state.nextDue == .zero)
            order += state.takeDue(at: .zero).map(\.event.id)
        }
        #expect(order == events.map(\.id) && state.told == order)
    }

    @Test("at once by another command, however many for one sort of occasion hang")
    func hanging() {
        var state = state()
        for _ in 0..<9 { state.read(event(.taskFailed), age: .zero, at: .zero) }
        #expect(state.takeDue(at: .zero).count == AlertState.mostAtOnce)
        state.read(event(.logGap, ["lost": 1]), age: .zero, at: .zero)
        #expect(state.nextDue == .zero)
        #expect(state.takeDue(at: .zero).map(\.occasion) == [.lost])
        #expect(state.nextDue == nil)
    }

    @Test("up to a bound; what finds no room is counted")
    func bound() {
        var state = state()
        for _ in 0..<AlertState.mostPending + 5 { state.read(event(.taskFailed), age: .zero, at: .zero) }
        #expect(state.takeOmitted() == 5 && state.takeOmitted() == 0)
        for _ in 0..<AlertState.mostPending + 5 {
            _ = state.takeDue(at: .zero)
            state.finish(.failed)
        }
        #expect(state.told.count == AlertState.mostRemembered)
    }

    @Test("in variables that are short, harmless, and none of np's own")
    func variables() throws {
        let hostile = try Payload(
            json:
                #"{"error":"\u001b]0;x\u0007$(touch /tmp/x)\u202e","big":"\#(String(repeating: "x", count: 200_000))"}"#
        )
        let long = TaskID(asWritten: String(repeating: "\u{301}", count: 100_000))
        for task in ["t-1", long] {
            let event = Event(.taskFailed, from: task, payload: hostile)
            let variables = Alerts.variables(for: event, DataDirectory("/data"))
            #expect(variables.values.allSatisfy { ($0?.utf8.count ?? 0) < 70_000 })
            #expect(variables["NP_EVENT_TEXT"]??.contains("\u{1b}" as Character) == false)
            #expect(variables["NP_TASK"] == .some(nil) && variables["NP_RUN"] == .some(nil))
            #expect(variables["NP_DATA_DIR"] == "/data" && variables["NP_EVENT_ID"] == event.id.description)
            guard task == "t-1" else { continue }
            #expect(try Event(line: #require(variables["NP_EVENT"] ?? nil)).id == event.id)
            #expect(variables["NP_EVENT_TASK"] == "t-1" && variables["NP_EVENT_KIND"] == "TaskFailed")
        }
    }
}
