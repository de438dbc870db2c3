import NeuraphageEvents
import NeuraphagePlatform
import TestSupport
import Testing

@Suite("From the daemon's start to its end", .apart)
struct LifecycleTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    private func daemon() async throws -> DaemonProcess {
        try await DaemonProcess(in: try #require(directory))
    }

    @Test("Of five that start at once exactly one serves, and the others say why not")
    func oneDaemon() async throws {
        let directory = try #require(directory)
        let results = await withTaskGroup(of: Result<DaemonProcess, any Error>.self) { group in
            for _ in 0..<5 {
                group.addTask {
                    do { return .success(try await DaemonProcess(in: directory)) } catch { return .failure(error) }
                }
            }
            return await group.reduce(into: []) { $0.append($1) }
        }
        let serving = results.compactMap { try? $0.get() }
        #expect(serving.count == 1)
        #expect(try await serving.first?.get("/v1/health").status == 200)
        for case .failure(let error) in results { #expect("\(error)".contains("serves \(directory("d")) already")) }
    }

    @Test("After kill -9 the next one serves and says that the last session ended badly; after SIGTERM, well")
    func previousSession() async throws {
        let endings: [(Int32, Child.Ending)] = [
            (SIGKILL, .signalled(SIGKILL)), (SIGTERM, .exited(0)), (SIGINT, .exited(0)),
        ]
        for (signal, ending) in endings {
            let daemon = try await daemon()
            daemon.child.signal(signal)
            #expect(try await daemon.child.ending() == ending)
        }
        let daemon = try await daemon()
        let starts = try daemon.log().filter { $0.kind == .sessionStarted }
        #expect(starts.map { $0.payload["previous"]?.text } == ["none", "unclean", "clean", "clean"])
        #expect(starts.last?.payload["session"]?.text == (try await daemon.health("session")))
    }

    @Test("SIGTERM under load: exit 0, the socket is gone, nothing that was acknowledged is lost")
    func terminationUnderLoad() async throws {
        let daemon = try await daemon()
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        let acknowledged = Lock<[String]>([])
        try await withThrowingTaskGroup(of: Void.self) { group in
            for client in 0..<4 {
                group.addTask {
                    for number in 0... {
                        let lines = (0..<50).map { #"{"id":"e-\#(client)-\#(number)-\#($0)","kind":"TaskStarted"}"# }
                        guard let reply = try? await daemon.publish(lines: lines) else { return }
                        let ids = reply.lines.filter { $0.hasSuffix(#","result":"written"}"#) }.map {
                            String($0.dropFirst(#"{"id":""#.count).prefix { $0 != "\"" })
                        }
                        acknowledged.withLock { $0 += ids }
                    }
                }
            }
            _ = try await blocking { try stream.events(1_000) }
            daemon.child.signal(SIGTERM)
            #expect(try await daemon.child.ending() == .exited(0))
        }
        #expect(access(daemon.socket, F_OK) != 0)
        let log = try daemon.log()
        #expect(Set(log.map(\.id.description)).isSuperset(of: acknowledged.withLock { $0 }))
        #expect(log.filter { $0.kind == .sessionEnded }.count == 1)
        #expect(contents(of: daemon.directory + "/daemon.lock") == "")
    }

    @Test("The directory, the socket, the log and the lock file are closed to others")
    func permissions() async throws {
        let daemon = try await daemon()
        try await daemon.publish(#"{"kind":"TaskStarted"}"#)
        let modes = ["": 0o700, "/neuraphage.sock": 0o700, "/event_log.jsonl": 0o600, "/daemon.lock": 0o600]
        for (path, mode) in modes {
            var status = stat()
            #expect(lstat(daemon.directory + path, &status) == 0)
            #expect(status.st_mode & 0o777 == mode_t(mode), "\(path)")
        }
    }

    @Test(
        "A directory is served also by a symbolic link, and one that is open to others is refused however it is named"
    )
    func directories() async throws {
        let directory = try #require(directory)
        try directory.makeDirectory("real")
        #expect(symlink(directory("real"), directory("link")) == 0)
        let daemon = try await DaemonProcess(in: directory, "link")
        #expect(try await daemon.publish(#"{"kind":"TaskStarted"}"#).status == 200)
        #expect(access(directory("real/neuraphage.sock"), F_OK) == 0)
        daemon.child.signal(SIGTERM)
        #expect(try await daemon.child.ending() == .exited(0))
        #expect(access(directory("real/neuraphage.sock"), F_OK) != 0)
        #expect(chmod(directory("real"), 0o750) == 0)
        await #expect {
            try await DaemonProcess(in: directory, "link")
        } throws: {
            "\($0)".contains("chmod 700")
        }
        try directory.makeDirectory("open")
        #expect(chmod(directory("open"), 0o750) == 0)
        await #expect {
            try await DaemonProcess(in: directory, "open")
        } throws: {
            "\($0)".contains("chmod 700")
        }
    }

    @Test("A socket path that is too long is refused with its length")
    func longSocketPath() async throws {
        let directory = try #require(directory)
        let socket = directory("d") + "/" + String(repeating: "s", count: 100)
        await #expect {
            try await DaemonProcess(in: directory, socket: socket)
        } throws: {
            "\($0)".contains("the socket's path has \(socket.utf8.count) bytes and may have")
        }
    }

    @Test("A log that cannot be used is said in the daemon's health, and used once it can be")
    func degradedLog() async throws {
        let directory = try #require(directory)
        try directory.makeDirectory("d")
        try directory.makeDirectory("d/event_log.jsonl")
        let daemon = try await DaemonProcess(in: directory)
        let stream = try await daemon.stream()
        _ = try await blocking { try stream.backlog() }
        #expect(try await daemon.health("status") == "degraded")
        #expect(try await daemon.health("log", "error")?.contains("it is a directory") == true)
        #expect(try await daemon.publish(#"{"id":"a","kind":"TaskStarted"}"#).body.contains(#""result":"buffered""#))
        // Somewhere in between, the stream is told that the log cannot be read.
        func events(_ count: Int) async throws -> [String] {
            var seen: [EventStreamClient.Message] = []
            try await wait(for: "\(count) events on the stream") {
                seen += try await blocking { try stream.events(1) }.filter { $0.type != "gap" }
                return seen.count == count
            }
            return seen.compactMap(\.data)
        }
        // Subscribers get it all the same.
        let early = try await events(1)
        #expect(early.first?.contains("TaskStarted") == true)

        #expect(rmdir(directory("d/event_log.jsonl")) == 0)
        try await wait(for: "the daemon to use its log") { try await daemon.health("status") == "ok" }
        #expect(try await daemon.publish(#"{"id":"b","kind":"TaskStarted"}"#).body.contains(#""result":"written""#))
        #expect(try await daemon.health("events", "lost") == "0")
        #expect(try daemon.log().map(\.id).suffix(2) == ["a", "b"])
        #expect(try daemon.log().first?.kind == .sessionStarted)
        // The stream got "a" while it waited, and gets it only once; the beginning was before its time.
        let kinds = try await events(2)
        #expect(kinds.first?.contains("SessionStarted") == true)
        #expect(kinds.last?.contains(#""id":"b""#) == true)
    }
}
