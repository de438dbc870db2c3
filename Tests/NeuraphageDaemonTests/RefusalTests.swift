import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("What the daemon refuses", .apart)
struct RefusalTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemon() async throws -> DaemonProcess {
        try await DaemonProcess(in: try #require(directory))
    }

    @Test("Every bad request is answered with its status and a sentence as JSON")
    func badRequests() async throws {
        let daemon = try await daemon()
        let json = ["Content-Type": "application/json"]
        let deep = String(repeating: "[", count: 65) + String(repeating: "]", count: 65)
        let cases: [(String, String, [String: String], String?, Int, String)] = [
            ("GET", "/", [:], nil, 404, "there is nothing at /"),
            ("DELETE", "/v1/events", [:], nil, 405, "use GET, POST"),
            ("POST", "/v1/health", json, "{}", 405, "use GET"),
            ("GET", "/v1/events?kinds=x", [:], nil, 400, "did you mean 'kind'?"),
            ("GET", "/v1/events?kind=TaskStrted", [:], nil, 400, "did you mean TaskStarted"),
            ("GET", "/v1/events?since=soon", [:], nil, 400, "'soon' is not a time"),
            ("GET", "/v1/events?last=-1", [:], nil, 400, "'-1' is not a number of events"),
            ("GET", "/v1/events?last=1&last=2", [:], nil, 400, "stands twice"),
            ("GET", "/v1/events?where=x", [:], nil, 400, "payload.key=value"),
            ("GET", "/v1/events?text=%zz", [:], nil, 400, "hexadecimal"),
            ("GET", "/v1/events/stream?last=1", [:], nil, 400, "there is no query parameter 'last'"),
            ("GET", "/v1/counts?x", [:], nil, 400, "this path takes none"),
            ("POST", "/v1/events", [:], "{}", 415, "the content type is ''"),
            ("POST", "/v1/events", ["Content-Type": "text/plain"], "{}", 415, "send one event as application/json"),
            ("POST", "/v1/events", json, "", 400, "the body is empty"),
            ("POST", "/v1/events", json, "{", 400, "at byte 1"),
            ("POST", "/v1/events", json, #"{"payload":{}}"#, 400, "is missing"),
            ("POST", "/v1/events", json, #"{"kind":"TaskStarted","payload":\#(deep)}"#, 400, "more than 64 deep"),
            ("POST", "/v1/events?x=1", json, "{}", 400, "this path takes none"),
        ]
        for (method, target, fields, body, status, words) in cases {
            let reply = try await daemon.request(method, target, fields, body: body)
            #expect(reply.status == status, "\(method) \(target)")
            #expect(reply.fields["content-type"] == "application/json")
            let error = try Payload(json: reply.body)["error"]?.text
            #expect(error?.contains(words) == true, "\(method) \(target): \(reply.body)")
        }
        let allow = try await daemon.request("PUT", "/v1/counts").fields["allow"]
        #expect(allow == "GET")
    }

    @Test("An event of more than 4 MiB is refused, whether its length is said or not")
    func largeBody() async throws {
        let daemon = try await daemon()
        let body = #"{"kind":"TaskStarted","payload":""# + String(repeating: "x", count: 9 << 20) + #""}"#
        #expect(try await daemon.publish(body).status == 413)
        let socket = daemon.socket
        let status = try await blocking {
            let connection = try Connection(to: socket)
            try connection.ask(
                "POST",
                "/v1/events",
                ["Content-Type": "application/json", "Transfer-Encoding": "chunked"]
            )
            try connection.send(String(body.utf8.count, radix: 16) + "\r\n" + body + "\r\n0\r\n\r\n")
            return try connection.reply().status
        }
        #expect(status == 413)
        #expect(try await daemon.get("/v1/health").status == 200)
    }

    @Test("What is no HTTP gets an answer all the same, and the connection ends")
    func noHTTP() async throws {
        let socket = try await daemon()
        let path = socket.socket
        let (reply, rest) = try await blocking {
            let connection = try Connection(to: path)
            try connection.send("hello there\r\n\r\n")
            return (try connection.reply(), try connection.line())
        }
        #expect(reply.status == 400)
        #expect(reply.body.hasPrefix(#"{"error":"the request is not valid HTTP/1.1"#))
        #expect(rest == nil)
    }

    @Test("Another user is not let in, even if the directory and the socket are open", .enabled(if: geteuid() == 0))
    func foreignUser() async throws {
        let daemon = try await daemon()
        let directory = try #require(directory)
        for path in [directory.path, daemon.directory, daemon.socket] { #expect(chmod(path, 0o777) == 0) }
        func curl(as user: String) async throws -> Child.Ending {
            let words = ["--reuid", user, "--clear-groups", "curl", "-s", "-m", "20", "--unix-socket", daemon.socket]
            return try await Child("setpriv", words + ["http://np/v1/health"]).ending()
        }
        #expect(try await curl(as: "0") == .exited(0))
        #expect(try await curl(as: "4242") != .exited(0))
        #expect(daemon.child.error.contains("Refused a connection of user 4242"))
    }

    @Test("The API's description is JSON and names every path")
    func description() async throws {
        let reply = try await daemon().get("/openapi.json")
        let document = try Payload(json: reply.body)
        for path in [
            "/v1/events", "/v1/events/stream", "/v1/tasks", "/v1/tasks/{task}/why", "/v1/counts", "/v1/health",
            "/openapi.json",
        ] {
            #expect(document.value(at: ["paths", path]) != nil)
        }
    }
}
