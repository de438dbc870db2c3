import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageRequests
import TestSupport
import Testing

@Suite("A submitted event", .apart)
struct SubmittedEventTests {
    private func line(_ payload: String) -> String {
        #"{"id":"1","kind":"TaskStarted","payload":\#(payload),"timestamp":"2026-01-11T15:30:00Z"}"#
    }

    private func submit(_ line: String) throws(OperationError) -> Event {
        let bytes = Array(line.utf8)
        return try Event(submitted: bytes.span)
    }

    @Test("may be as large as what is read, and beyond that is refused with the same message")
    func limits() throws {
        let deepest = String(repeating: "[", count: 64) + String(repeating: "]", count: 64)
        #expect(try submit(line(deepest)).payload.json == deepest)
        let tooDeep = "[" + deepest + "]"
        let read = try #require(throws: LineError.self) { try Event(line: line(tooDeep)) }
        let submitted = try #require(throws: OperationError.self) { try submit(line(tooDeep)) }
        #expect(submitted.description == read.description)
    }

    @Test("is refused at once if its kind is a text of a megabyte")
    func longKind() async throws {
        let line = #"{"kind":"\#(String(repeating: "TaskStarted", count: 100_000))"}"#
        let error = try await within("the refusal") { try #require(throws: OperationError.self) { try submit(line) } }
        #expect(error.description == "the kind has 1100000 bytes; 128 are allowed")
    }

    @Test("gets an id and a time if it has none")
    func filledIn() throws {
        let event = try submit(#"{"kind":"task_started","source_task":"a"}"#)
        #expect(event.kind == .taskStarted)
        #expect(event.source == "a")
        #expect(event.id.description.count == 36)
    }

    @Test(
        "is refused if this library could not make it",
        arguments: [
            (#"{"source_task":"a"}"#, #""kind" is missing"#),
            (#"{"kind":"TaskStrated"}"#, "no kind is called 'TaskStrated'; did you mean TaskStarted?"),
            (#"{"kind":{"Custom":""}}"#, "the name of the custom kind is empty"),
            (
                #"{"kind":"TaskStarted","source_task":"a\u0007"}"#,
                "the task id contains the unprintable character U+0007"
            ),
            (#"{"kind":"TaskStarted","id":" "}"#, "the id is blank"),
            (
                #"{"kind":{"Custom":"LogGap"},"payload":{"lost":9223372036854775807}}"#,
                "the kind custom:LogGap is reserved: only np itself logs such events; use another name"
            ),
            (
                #"{"kind":{"Custom":"\u0041gentTurnEnded"}}"#,
                "the kind custom:AgentTurnEnded is reserved: only np itself logs such events; use another name"
            ),
        ]
    )
    func refused(line: String, reason: String) throws {
        let error = try #require(throws: OperationError.self) { try submit(line) }
        #expect(error.description == reason)
        #expect(error.code == .usage)
    }
}
