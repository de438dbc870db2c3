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
        ]
    )
    func refused(line: String, reason: String) throws {
        let error = try #require(throws: OperationError.self) { try submit(line) }
        #expect(error.description == reason)
        #expect(error.code == .usage)
    }
}
