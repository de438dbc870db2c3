import NeuraphageEvents
import TestSupport
import Testing

@Suite("Querying over HTTP", .apart)
struct QueryingTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemonWithEvents() async throws -> DaemonProcess {
        let daemon = try await DaemonProcess(in: try #require(directory))
        try await daemon.publish(lines: [
            #"{"id":"1","kind":"TaskStarted","source_task":"a","timestamp":"2026-01-11T10:00:00Z"}"#,
            #"{"id":"2","kind":"TaskFailed","source_task":"a","timestamp":"2026-01-11T11:00:00Z"}"#,
            #"{"id":"3","kind":"NudgeSent","target_task":"a","payload":{"m":"Look here","n":7},"timestamp":"2026-01-11T12:00:00Z"}"#,
            #"{"id":"4","kind":"TaskStarted","source_task":"b","timestamp":"2026-01-11T13:00:00Z"}"#,
        ])
        return daemon
    }

    @Test(
        "Every filter of np events selects what it should",
        arguments: [
            ("task=a", "1 2 3"), ("task=a&task=b", "1 2 3 4"), ("kind=task", "1 2 4"), ("kind=nudge_sent", "3"),
            ("kind=TaskFailed&kind=NudgeSent", "2 3"), ("problems", "2"),
            ("since=2026-01-11T11:30:00Z&until=now", "3 4"),
            ("until=2026-01-11+11:00", "1 2"), ("text=look%20here", "3"), ("text=LOOK", ""),
            ("where=payload.n%3D7", "3"), ("kind=TaskStarted&last=1", "4"), ("task=a&reverse", "3 2 1"),
            ("task=a&last=2&reverse=true", "3 2"), ("after=2&kind=*", "3 4"), ("last=0", ""),
        ]
    )
    func filters(query: String, expected: String) async throws {
        let daemon = try await daemonWithEvents()
        let until = query.contains("until") || query.contains("since") ? "" : "&until=2026-02-01"
        let reply = try await daemon.get("/v1/events?" + query + until)
        let ids = try reply.lines.map { try Event(line: String($0)).id.description }
        let ours = ids.filter { $0.count == 1 }
        #expect(reply.status == 200)
        #expect(ours.joined(separator: " ") == expected)
    }

    @Test("What isn't an event is counted in the trailer")
    func skippedLines() async throws {
        let daemon = try await daemonWithEvents()
        _ = try await Child("/bin/sh", ["-c", "echo nonsense >> \(daemon.directory)/event_log.jsonl"]).ending()
        let reply = try await daemon.get("/v1/events?task=a")
        #expect(reply.lines.count == 3)
        #expect(reply.fields["neuraphage-skipped-lines"] == "1")
    }

    @Test("An unknown event to start behind is not found")
    func unknownStart() async throws {
        let daemon = try await daemonWithEvents()
        let reply = try await daemon.get("/v1/events?after=nope")
        #expect(reply.status == 404)
        #expect(reply.body.contains("has the id nope"))
    }

    @Test(
        "tells the story of a task's latest life, as np why does, and of a task that there is not that it is not found"
    )
    func story() async throws {
        let daemon = try await daemonWithEvents()
        let reply = try await daemon.get("/v1/tasks/a/why")
        #expect(reply.status == 200)
        let story = try Payload(json: reply.body)
        #expect(story.string("task") == "a" && story.value(at: ["state", "words"])?.text == "FAILED")
        #expect(story.value(at: ["nodes", "0", "id"])?.text == "1")
        let before = try await daemon.get("/v1/tasks/%61/why?at=2026-01-11T10:30:00Z")
        #expect(try Payload(json: before.body).value(at: ["state", "words"])?.text == "goes on")
        #expect(try await daemon.get("/v1/tasks/c/why").status == 404)
        #expect(try await daemon.get("/v1/tasks/a/why?since=1h").status == 400)
        #expect(try await daemon.get("/v1/tasks//why").status == 404)
    }
}
