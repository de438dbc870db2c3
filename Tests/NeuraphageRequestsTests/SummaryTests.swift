import NeuraphageEvents
import NeuraphagePresentation
import TestSupport
import Testing

@Suite("The summary of an event", .apart)
struct SummaryTests {
    @Test(
        "says how long it took, whatever number stands there",
        arguments: [
            ("0", "in 0 ms"), ("840", "in 840 ms"), ("3250", "in 3.2 s"), ("250000", "in 4 min 10 s"),
            ("7500000", "in 2 h 5 min"), ("-1", "in -1 ms"), ("-3250", "in -3.2 s"),
            ("9223372036854775807", "in 2562047788015 h 12 min"),
            ("-9223372036854775808", "in -2562047788015 h 12 min"),
        ]
    )
    func duration(milliseconds: String, text: String) throws {
        let payload = try Payload(json: #"{"duration_ms":\#(milliseconds)}"#)
        #expect(Event(.taskCompleted, payload: payload).summary == text)
        #expect(Event(.runEnded, payload: payload).summary == text)
    }

    @Test("shows a number whole that is too long to be one of milliseconds")
    func noDuration() throws {
        for number in ["9223372036854775808", "1e400", "1.5"] {
            let payload = try Payload(json: #"{"duration_ms":\#(number)}"#)
            #expect(Event(.taskCompleted, payload: payload).summary == payload.json)
        }
    }

    @Test("names the files of a conflict in one pass, however many there are")
    func files() async throws {
        let files = (1..<90_000).map { "f\($0)" }
        let event = Event.rebaseConflict("t", files: files, details: "")
        let summary = try await within("the summary") { event.summary }
        #expect(summary == "conflict in " + files.joined(separator: ", "))
    }

    @Test("A word that is too long to be one is like no other, and is found to be so at once")
    func suggestion() async throws {
        let long = String(repeating: "a", count: 1_000_000)
        let nearest = try await within("the suggestion") {
            [
                Suggestion.nearest(to: long, in: ["a", long + "b"]),
                Suggestion.nearest(to: "nudge", in: [long, "nuge"]),
            ]
        }
        #expect(nearest == [nil, "nuge"])
    }

    @Test(
        "says in words what np logs",
        arguments: [
            (
                EventKind.lockTimedOut, #"{"resource":"build","waited_ms":30000,"holder":"add-login","holder_pid":4}"#,
                "gave up waiting for build after 30.0 s, held by add-login"
            ),
            (
                .lockTimedOut, #"{"resource":"build","waited_ms":30000,"holder":null}"#,
                "gave up waiting for build after 30.0 s"
            ),
            (.lockAcquired, #"{"resource":"build","waited_ms":12989}"#, "build, waited 12.9 s"),
            (.lockAcquired, #"{"resource":"build","waited_ms":3}"#, "build"),
            (.lockReleased, #"{"resource":"build","held_ms":14000,"begin":"x"}"#, "build, held 14.0 s"),
            (.logResumed, #"{"of":3}"#, "lines that may be missing before this are repeated here"),
            (
                .mainUpdated, #"{"commit":"abc123","branch":"main","subject":"Fix it\nnow"}"#,
                "commit abc123 on main: Fix it"
            ),
            (.notificationSuperseded, #"{"notifications":["a","b"]}"#, "2 notifications were overtaken"),
            (
                .notificationUndelivered, #"{"notifications":["a"]}"#,
                "1 notification was not read before its task ended"
            ),
            (.supervisionRecovered, "{}", ""), (.supervisionDegraded, #"{"reason":"no answer"}"#, "no answer"),
            (.agentWaiting, #"{"agent":"claude","for":"permission","tool":"Bash"}"#, "claude, permission, Bash"),
            (.agentWaiting, #"{"agent":"claude","for":"idle"}"#, "claude, idle"),
            (
                .agentResumed, #"{"agent":"claude","for":"permission","how":"allowed","waited_ms":4700}"#,
                "claude, allowed, after 4.7 s"
            ),
            (.agentTurnEnded, #"{"agent":"codex"}"#, "codex"),
            (
                .agentTurnEnded,
                #"""
                {"agent":"claude","duration_ms":61000,"tools":{"n":3,"failed":1},"files_count":1,"error":"overloaded",
                "checks":[{"check":"make test","last":"failed"}],"asks":true}
                """#, "claude, overloaded, in 1 min 1 s, 3 tools (1 failed), 1 file, make test failed, asks"
            ),
            (.custom("AgentOfAnotherVersion"), #"{"some_words":"a b","n":2}"#, "some words a b, n 2"),
            (.custom("mine"), #"{"some_words":"a b","n":2}"#, #"{"some_words":"a b","n":2}"#),
        ] as [(EventKind, String, String)]
    )
    func words(kind: EventKind, payload: String, expected: String) throws {
        #expect(Event(kind, payload: try Payload(json: payload)).summary == expected)
    }

    @Test(
        "is as wide as a terminal shows it",
        arguments: [
            ("", 0), ("abc", 3), ("é", 1), ("e\u{301}", 1), ("修复解析器", 10), ("한국", 4), ("🚀 go", 5), ("→", 1), ("ｆ", 2),
            ("ﾊ", 1), ("ключ", 4),
        ]
    )
    func cells(text: String, width: Int) {
        #expect(text.cells == width)
    }
}
