import NeuraphageEvents
import TestSupport
import Testing

@Suite("Publishing over HTTP", .apart)
struct PublishingTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemon() async throws -> DaemonProcess {
        try await DaemonProcess(in: try #require(directory))
    }

    @Test("One event is in the log when it is acknowledged")
    func oneEvent() async throws {
        let daemon = try await daemon()
        let reply = try await daemon.publish(#"{"kind":"TaskStarted","source_task":"t-1","payload":{"n": 1}}"#)
        #expect(reply.status == 200)
        #expect(reply.fields["content-type"] == "application/json")
        let event = try #require(try daemon.log().last)
        #expect(reply.body == #"{"id":"\#(event.id)","result":"written"}"# + "\n")
        #expect(event.source == "t-1" && event.payload.json == #"{"n":1}"#)
    }

    @Test("An id and a time that are given are kept")
    func givenIDAndTime() async throws {
        let daemon = try await daemon()
        let line = #"{"id":"mine","kind":"task_started","timestamp":"2026-01-11T15:30:00Z"}"#
        let reply = try await daemon.publish(line)
        #expect(reply.body == #"{"id":"mine","result":"written"}"# + "\n")
        let event = try #require(try daemon.log().last)
        #expect(event.id == "mine" && event.timestamp.description == "2026-01-11T15:30:00.000000Z")
    }

    @Test("10,000 lines get 10,000 results in their order, and stand in the log in that order")
    func manyLines() async throws {
        let daemon = try await daemon()
        let reply = try await daemon.publish(lines: (0..<10_000).map { #"{"id":"e-\#($0)","kind":"TaskStarted"}"# })
        #expect(reply.fields["content-type"] == "application/x-ndjson")
        #expect(reply.lines.map(String.init) == (0..<10_000).map { #"{"id":"e-\#($0)","result":"written"}"# })
        #expect(try daemon.log().dropFirst().map(\.id.description) == (0..<10_000).map { "e-\($0)" })
    }

    @Test("A line that is no event is answered with its number and keeps none of the others out")
    func badLines() async throws {
        let daemon = try await daemon()
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        let reply = try await daemon.publish(lines: [
            #"{"id":"a","kind":"TaskStarted"}"#, #"{"kind":"TaskStrted"}"#, "", #"{"kind":"#,
            #"{"kind":"TaskStarted","source_task":"a\nb"}"#, #"{"kind":"TaskStarted","payload":\#(deep)}"#,
            #"{"kind":{"Custom":"x"},"id":"b"}"#, #"{"id":"c","kind":"TaskCompleted"}"#,
        ])
        let expected = [
            #"{"id":"a","result":"written"}"#,
            #"{"line":2,"error":"no kind is called 'TaskStrted'; did you mean TaskStarted?"}"#,
            #"{"line":4,"error":"\"kind\" is neither a name nor {\"Custom\":\"name\"} at byte 8"}"#,
            #"{"line":5,"error":"the task id contains the unprintable character U+000A"}"#,
            #"{"line":6,"error":"objects and arrays lie in each other more than 64 deep at byte 96"}"#,
            #"{"id":"b","result":"not_logged"}"#, #"{"id":"c","result":"written"}"#,
        ]
        #expect(reply.lines.map(String.init) == expected)
        #expect(try daemon.log().dropFirst().map(\.id.description) == ["a", "c"])
    }

    @Test("A line longer than 4 MiB is refused, and the one behind it is not")
    func longLine() async throws {
        let daemon = try await daemon()
        let long = #"{"kind":"TaskStarted","payload":""# + String(repeating: "x", count: 5 << 20) + #""}"#
        let reply = try await daemon.publish(lines: [long, #"{"id":"a","kind":"TaskStarted"}"#])
        let expected = [#"{"line":1,"error":"the line is longer than 4 MiB"}"#, #"{"id":"a","result":"written"}"#]
        #expect(reply.lines.map(String.init) == expected)
    }

    @Test("Results come line by line to a client that sends line by line")
    func pipelinedLines() async throws {
        let socket = try await daemon()
        let path = socket.socket
        let results = try await blocking {
            let connection = try Connection(to: path)
            let fields = ["Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"]
            try connection.ask("POST", "/v1/events", fields)
            var results: [String] = []
            for number in 0..<3 {
                let line = #"{"id":"e-\#(number)","kind":"TaskStarted"}"# + "\n"
                try connection.send(String(line.utf8.count, radix: 16) + "\r\n" + line + "\r\n")
                if number == 0 { _ = try connection.head() }
                results.append(String(decoding: try connection.chunk() ?? [], as: UTF8.self))
            }
            return results
        }
        #expect(results == (0..<3).map { #"{"id":"e-\#($0)","result":"written"}"# + "\n" })
    }

    @Test("Counts are by kind, ephemeral events included")
    func counts() async throws {
        let daemon = try await daemon()
        try await daemon.publish(lines: [#"{"kind":"TaskStarted"}"#, #"{"kind":"FileModified"}"#])
        let counts = try await daemon.get("/v1/counts").body
        #expect(counts == #"{"total":3,"counts":{"FileModified":1,"SessionStarted":1,"TaskStarted":1}}"# + "\n")
    }
}
