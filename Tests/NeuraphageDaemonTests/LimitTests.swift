import NIOCore
import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("How much of the daemon one client can take", .apart)
struct LimitTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemon(_ change: (inout API.Limits) -> Void) async throws -> LocalDaemon {
        try await LocalDaemon(in: try #require(directory), change)
    }

    private static let eventCount = 8_000

    /// Puts more events into the log than all buffers between the daemon and a client hold.
    private func logManyEvents() throws {
        let filler = String(repeating: "x", count: 500)
        let lines = (0..<Self.eventCount).map {
            #"{"id":"e-\#($0)","kind":"TaskStarted","payload":"\#(filler)","timestamp":"2026-01-11T15:30:00Z"}"# + "\n"
        }
        try directory?.makeDirectory("d")
        try directory?.write(lines.joined(), to: "d/event_log.jsonl")
    }

    @Test("A client that stalls in the middle of what it sends is cut off, and hurts nobody meanwhile")
    func stalledBody() async throws {
        let daemon = try await daemon { $0.patience.body = .milliseconds(100) }
        let client = try Connection(to: daemon.socket)
        try client.ask("POST", "/v1/events", ["Content-Type": "application/json", "Content-Length": "1000"])
        try client.send(#"{"kind":"#)
        #expect(try await daemon.get("/v1/health").status == 200)
        #expect(try await blocking { try client.line() } == nil)
        try await daemon.end()
    }

    @Test("A client that stalls in its request's head, or behind one that was refused, is cut off")
    func stalledRequest() async throws {
        let daemon = try await daemon {
            // The client that is answered has to send its head in that time, too.
            $0.patience.head = .seconds(2)
            $0.patience.answeredBody = .milliseconds(100)
        }
        let silent = try Connection(to: daemon.socket)
        try silent.send("GET /v1/hea")
        #expect(try await blocking { try silent.line() } == nil)
        let refused = try Connection(to: daemon.socket)
        try refused.ask("POST", "/nowhere", ["Content-Length": "1000"])
        let status = try await blocking { try refused.reply().status }
        #expect(status == 404)
        #expect(try await blocking { try refused.line() } == nil)
        try await daemon.end()
    }

    @Test("A client that doesn't take what it asked for is cut off, and hurts nobody meanwhile")
    func stalledReader() async throws {
        try logManyEvents()
        // The client that takes what it asked for may pause for that long, too.
        let daemon = try await daemon { $0.patience.answer = .seconds(2) }
        let client = try Connection(to: daemon.socket)
        try client.ask("GET", "/v1/events")
        try await blocking { try client.waitForHangUp() }
        // It gets what was under way, and then not the rest.
        await #expect(throws: Connection.Failure.self) {
            _ = try await blocking {
                let reply = try client.reply()
                guard reply.fields["neuraphage-skipped-lines"] != nil else {
                    throw Connection.Failure(description: "the answer has no end")
                }
            }
        }
        #expect(try await daemon.get("/v1/events").lines.count == Self.eventCount + 1)
        try await daemon.end()
    }

    @Test("A client that reads nothing while it goes on sending is not cut off")
    func sendsBeforeItReads() async throws {
        let daemon = try await daemon { $0.patience.answer = .seconds(8) }
        let client = try Connection(to: daemon.socket)
        let results = try await blocking {
            try client.ask(
                "POST",
                "/v1/events",
                ["Content-Type": "application/x-ndjson", "Transfer-Encoding": "chunked"]
            )
            func send(_ text: String) throws {
                try client.send(String(text.utf8.count, radix: 16) + "\r\n" + text + "\r\n")
            }
            // More results than the buffers between us hold; then blank lines, which have none.
            for number in 0..<20_000 { try send(#"{"id":"e-\#(number)","kind":"TaskStarted"}"# + "\n") }
            let start = ContinuousClock.now
            // Many in a piece, so that the daemon soon asks for the next one, however busy the machine is.
            let blank = String(repeating: "\n", count: 1_000)
            while ContinuousClock.now - start < .seconds(10) { try send(blank) }
            try client.send("0\r\n\r\n")
            return try client.reply().lines.count
        }
        #expect(results == 20_000)
        try await daemon.end()
    }

    @Test("A stream too many is refused, and let in when another one has ended")
    func streams() async throws {
        let daemon = try await daemon { $0.streams = 2 }
        var streams = [try await daemon.stream(), try await daemon.stream()]
        let refused = try await daemon.get("/v1/events/stream")
        #expect(refused.status == 503)
        #expect(refused.body.contains("there are 2 streams already"))
        #expect(refused.fields["retry-after"] != nil)
        streams.removeLast()
        try await wait(for: "the daemon to notice that a stream has ended") {
            try await daemon.publish(#"{"kind":"TaskStarted"}"#)
            return try await daemon.health("subscribers") == "1"
        }
        streams.append(try await daemon.stream())
        #expect(streams.count == 2)
        try await daemon.end()
    }

    @Test("A query too many is refused, and answered when another one has ended")
    func queries() async throws {
        try logManyEvents()
        let daemon = try await daemon { $0.queries = 1 }
        var slow: Connection? = try Connection(to: daemon.socket)
        try slow?.ask("GET", "/v1/events")
        _ = try await blocking { [slow] in try slow?.head() }
        let refused = try await daemon.get("/v1/events")
        #expect(refused.status == 503)
        #expect(refused.body.contains("1 queries are being answered at once"))
        #expect(try await daemon.get("/v1/health").status == 200)
        slow = nil
        try await wait(for: "the daemon to answer a query again") {
            try await daemon.get("/v1/events?last=1").status == 200
        }
        try await daemon.end()
    }

    @Test(
        "A query whose client has gone ends, also in the middle of a line that never ends, which nothing can be sent of",
        arguments: ["", "&reverse"]
    )
    func abandonedQuery(order: String) async throws {
        let daemon = try await daemon { $0.queries = 1 }
        // A hole of a terabyte, and the log goes on after it.
        let log = daemon.directory + "/event_log.jsonl"
        #expect(truncate(log, 1 << 40) == 0)
        try await daemon.publish(#"{"kind":"TaskStarted"}"#)
        var client: Connection? = try Connection(to: daemon.socket)
        try client?.ask("GET", "/v1/events?kind=TaskFailed\(order)")
        try await wait(for: "the query to begin") { try await daemon.get("/v1/events?last=1").status == 503 }
        client = nil
        try await wait(for: "the query to end") { try await daemon.get("/v1/events?last=1").status == 200 }
        try await daemon.end()
    }

    @Test(
        "Requests that do not end take so much memory all together; what is no larger than most events needs none of it"
    )
    func unfinishedRequests() async throws {
        let daemon = try await daemon { $0.unfinishedBytes = 100_000 }
        func begin(_ type: String) throws -> Connection {
            let client = try Connection(to: daemon.socket)
            try client.ask("POST", "/v1/events", ["Content-Type": type, "Content-Length": "200000"])
            try client.send(#"{"kind":""# + String(repeating: "x", count: 90_000))
            return client
        }
        var clients = [try begin("application/json"), try begin("application/json")]
        try wait(for: "one of the two to be refused") { clients.contains { $0.hasReceived } }
        let refusal = try #require(clients.first { $0.hasReceived })
        #expect(try await blocking { try refusal.reply() }.status == 503)
        let lines = try begin("application/x-ndjson")
        let refused = try await blocking {
            _ = try lines.head(); return try lines.chunk()
        }
        #expect(String(decoding: refused ?? [], as: UTF8.self).contains("too much is being sent"))
        #expect(try await daemon.publish(#"{"kind":"TaskStarted"}"#).status == 200)
        clients = []
        try await wait(for: "room again") {
            let body = #"{"kind":"TaskStarted","payload":""# + String(repeating: "x", count: 90_000) + #""}"#
            return try await daemon.publish(body).status == 200
        }
        #expect(clients.isEmpty)
        try await daemon.end()
    }

    @Test("A connection too many waits until another one ends, and those that are there are served")
    func connections() async throws {
        let daemon = try await daemon { $0.connections = 4 }
        var served: [Connection] = []
        for _ in 0..<4 { served.append(try Connection(to: daemon.socket)) }
        func areServed() async throws -> Bool {
            for connection in served {
                try connection.ask("GET", "/v1/health")
                guard try await blocking({ try connection.reply().status }) == 200 else { return false }
            }
            return true
        }
        #expect(try await areServed())
        let waiting = try Connection(to: daemon.socket)
        try waiting.ask("GET", "/v1/health")
        for _ in 0..<5 { #expect(try await areServed()) }
        #expect(!waiting.hasReceived)
        served.removeLast()
        #expect(try await blocking { try waiting.reply().status } == 200)
        #expect(try await areServed())
        try await daemon.end()
    }

    @Test("A stream on which nothing happens beats, so that whoever has gone is noticed")
    func heartbeat() async throws {
        let daemon = try await daemon { $0.heartbeat = .milliseconds(20) }
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        for _ in 0..<3 {
            #expect(try await blocking { try stream.next() } == EventStreamClient.Message(comment: ""))
        }
        try await daemon.end()
    }

    @Test("A daemon whose task is cancelled ends in order")
    func cancellation() async throws {
        let daemon = try await daemon { _ in }
        let stream = try await daemon.stream()
        try await daemon.end()
        let rest = try await blocking { try stream.events(.max) }
        #expect(rest.allSatisfy { $0.data?.contains("Session") == true })
        #expect(try daemon.log().map(\.kind) == [.sessionStarted, .sessionEnded])
        #expect(contents(of: daemon.directory + "/daemon.lock") == "")
    }
}
