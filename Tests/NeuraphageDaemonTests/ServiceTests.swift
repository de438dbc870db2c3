// The daemon as a part of another program: it ends when it is asked to, leaves nothing behind, and can be run again.

import Logging
import NeuraphageEvents
import NeuraphagePlatform
import ServiceLifecycle
import TestSupport
import Testing

@testable import NeuraphageDaemon

@Suite("The daemon as a service", .apart)
struct ServiceTests {
    let directory = try? TemporaryDirectory(endingProcesses: true)

    @Test("ends in order when its group shuts down, and its group when a client ends it")
    func group() async throws {
        let directory = try #require(directory)
        for endsByClient in [false, true] {
            let (serving, isServing) = AsyncStream<Void>.makeStream()
            let silence = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
            let config = DaemonConfig(dataDirectory: directory("d"))
            let daemon = Daemon(config: config, logger: silence) { isServing.yield() }
            let service = ServiceGroupConfiguration.ServiceConfiguration(
                service: daemon,
                successTerminationBehavior: .gracefullyShutdownGroup
            )
            let group = ServiceGroup(configuration: .init(services: [service], logger: silence))
            let running = Task { try await group.run() }
            _ = try await within("the daemon to serve") { await serving.first { true } }
            if endsByClient {
                let connection = try Connection(to: config.socketPath)
                try connection.ask("POST", "/v1/stop", ["Content-Length": "0"])
                #expect(try await blocking { try connection.reply() }.status == 202)
            } else {
                await group.triggerGracefulShutdown()
            }
            try await within("the group to end") { try await running.value }
            #expect(access(config.socketPath, F_OK) != 0)
        }
        let ends = contents(of: directory("d/event_log.jsonl")).split(separator: "\n").count {
            $0.contains("SessionEnded")
        }
        #expect(ends == 2)
    }

    @Test("A socket is removed from its path only if it is the one that was made there")
    func ownSocket() throws {
        let directory = try #require(directory)
        let files = RealFileSystem()
        let path = directory("s")
        let first = try ListeningSocket(at: path, backlog: 4, files)
        try files.rename(path, replacing: directory("moved"))
        let second = try ListeningSocket(at: path, backlog: 4, files)
        first.close()
        #expect(files.exists(path))
        _ = try Connection(to: path)
        second.close()
        #expect(!files.exists(path) && files.exists(directory("moved")))
    }

    @Test("A socket in the way is removed if connections to it are refused, and not if they have to wait")
    func socketInTheWay() throws {
        let directory = try #require(directory)
        let files = RealFileSystem()
        let path = directory("s")
        #expect(chmod(directory.path, 0o700) == 0)
        let busy = try ListeningSocket(at: path, backlog: 0, files)
        var clients: [Int32] = []
        defer { for client in clients { close(client) } }
        // As many clients as may wait, and one more.
        for _ in 0..<4 {
            let client = SocketAddress.makeSocket()
            _ = fcntl(client, F_SETFL, O_NONBLOCK)
            _ = SocketAddress.connect(client, to: path)
            clients.append(client)
        }
        #expect {
            try SocketPath.prepare(path, files)
        } throws: {
            ($0 as? DaemonError)?.code == .alreadyRunning
        }
        #expect(files.exists(path))
        try files.rename(path, replacing: directory("moved"))
        busy.close()
        try files.rename(directory("moved"), replacing: path)
        // A process that other tests are just starting has the socket for a moment.
        try wait(for: "connections to be refused") { (try? SocketPath.prepare(path, files)) != nil }
        #expect(!files.exists(path))
    }

    @Test("Accepting clients is tried again as long as some are let in, and then so often and no more")
    func retry() {
        var retry = AcceptRetry()
        var attempts = 0
        while attempts < 100, retry.mayWork(afterLettingIn: 1) { attempts += 1 }
        #expect(attempts == 100)
        attempts = 1
        while attempts < 100, retry.mayWork(afterLettingIn: 0) { attempts += 1 }
        #expect(attempts == 19)
    }
}
