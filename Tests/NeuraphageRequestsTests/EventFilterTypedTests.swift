import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import TestSupport
import Testing

@Suite("A filter from text", .apart)
struct EventFilterTypedTests {
    private func filter(_ conditions: [(FilterField, String)]) throws(OperationError) -> EventFilter {
        var filter = EventFilter()
        for (field, text) in conditions {
            try filter.add(field, text) { text, bound throws(OperationError) in
                try TimeExpression.moment(text, as: bound, now: Timestamp("2026-01-11T15:30:00Z") ?? .now)
            }
        }
        return filter
    }

    @Test("takes each condition by the name that it has in the API")
    func conditions() throws {
        let filter = try filter([
            (.task, "a"), (.task, "b"), (.kind, "rebase"), (.since, "1h"), (.until, "now"), (.text, "parser"),
            (.condition, "payload.branch=main"),
        ])
        #expect(filter.tasks == ["a", "b"])
        #expect(filter.kinds.count == 1)
        #expect(filter.since == Timestamp("2026-01-11T14:30:00Z"))
        #expect(filter.until == Timestamp("2026-01-11T15:30:00Z"))
        #expect(filter.text == "parser")
        #expect(filter.conditions == [.init(path: ["branch"], value: "main")])
    }

    @Test(
        "asks for problems only if it is told so",
        arguments: [
            ("", true), ("true", true), ("1", true), ("0", false),
        ]
    )
    func problems(text: String, isAsked: Bool) throws {
        #expect(try filter([(.problems, text)]).kinds.isEmpty == !isAsked)
    }

    @Test("leaves out the kinds that have a ! before them")
    func exclusion() throws {
        let filter = try filter([(.kind, "!agent"), (.kind, "!custom:deploy*")])
        #expect(!filter.isEmpty && filter.kinds.isEmpty)
        for (kind, isWanted) in [
            (EventKind.taskStarted, true), (.runEnded, true), (.custom("x"), true), (.agentTurnEnded, false),
            (.custom("deploy-1"), false),
        ] { #expect(filter.matches(Event(kind)) == isWanted, "\(kind)") }
    }

    @Test("asks for what went wrong, and of some kinds only for events that say so")
    func problemsOnly() throws {
        let filter = try filter([(.problems, "")])
        let problems: [Event] = [
            Event(.taskFailed), Event(.rebaseConflict), Event(.lockTimedOut), Event(.logGap),
            Event(.notificationUndelivered, from: "t-1", payload: ["notifications": ["a"], "cause": "b"]),
            Event(.runEnded, payload: ["error": "exit code 2"]),
            Event(.runEnded, payload: ["reason": "SIGTERM", "signal": 15]),
            Event(.agentTurnEnded, payload: ["error": "rate_limit"]),
            Event(.agentSessionEnded, payload: ["reason": "its process is gone", "inferred": true]),
            Event(.sessionStarted, payload: ["previous": "unclean"]),
        ]
        for event in problems { #expect(filter.matches(event), "\(event)") }
        let others: [Event] = [
            Event(.taskStarted), Event(.runEnded, payload: ["exit_code": 0]),
            Event(.taskCancelled, payload: ["signal": 15]),
            Event(.agentSessionEnded, payload: ["reason": "exit"]),
            Event(.sessionStarted, payload: ["previous": "clean"]),
            Event(.agentTurnEnded, payload: ["error": nil]), Event(.lockReleased),
        ]
        for event in others { #expect(!filter.matches(event), "\(event)") }
        #expect(try self.filter([(.problems, ""), (.kind, "RunEnded")]).matches(others[1]))
        #expect(try !self.filter([(.problems, ""), (.kind, "!run")]).matches(problems[5]))
    }

    @Test(
        "refuses what cannot be meant",
        arguments: [
            (FilterField.task, "", "it is empty"), (.text, "", "it is empty"),
            (.problems, "maybe", "'maybe' is neither true nor false"), (.kind, "xyzzy", "no kind is called 'xyzzy'"),
            (.since, "tomorrow", "'tomorrow' is not a time"),
            (.condition, "branch=main", "'branch=main' is not of the form payload.key=value"),
        ]
    )
    func refuses(field: FilterField, text: String, reason: String) throws {
        let error = try #require(throws: OperationError.self) { try filter([(field, text)]) }
        #expect(error.sentence.hasPrefix(reason))
    }
}
