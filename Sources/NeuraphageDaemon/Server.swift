// Letting clients in. The framework serves each connection; here is by which socket they come in, how many there may be, what
// happens when accepting one fails, and how all of them come to an end.
//
// The framework's own server makes its socket by a path, and removes at its end whatever is at that path then.

import HummingbirdCore
import Logging
import NIOCore
import NIOPosix
import NeuraphageEvents

/// Serves the clients of a listening socket.
final class Server: Sendable {
    private struct State {
        var isEnding = false
        /// What accepts clients.
        var listener: (any Channel)?
        var clients: [ObjectIdentifier: any Channel] = [:]
    }

    private let socket: ListeningSocket
    private let connection: PeerCheckedChannel
    private let mostConnections: Int
    private let logger: Logger
    private let state = Lock(State())

    init(_ socket: ListeningSocket, _ connection: PeerCheckedChannel, atMost connections: Int, logger: Logger) {
        self.socket = socket
        self.connection = connection
        mostConnections = connections
        self.logger = logger
    }

    /// Serves until ``end()``, and until all who were let in before have been served.
    ///
    /// An error in accepting one client keeps no other from being served.
    ///
    /// - Parameter whenServing: Called when the first client can come.
    /// - Throws: ``DaemonError`` if no client can be let in any more.
    func run(whenServing: @Sendable () -> Void) async throws {
        try await withThrowingDiscardingTaskGroup { group in
            var retry = AcceptRetry()
            let failures = AcceptFailures()
            var isServing = false
            while true {
                var arrived = 0
                do {
                    guard let listener = try await listen(failures) else { return }
                    if !isServing { whenServing() }
                    isServing = true
                    try await listener.executeThenClose { arrivals in
                        for try await client in arrivals {
                            arrived += 1
                            group.addTask { [connection, logger] in
                                await connection.handle(value: client, logger: logger)
                            }
                        }
                    }
                } catch {
                    guard isServing else { throw error }
                    failures.note(error)
                }
                if state.withLock({ $0.isEnding }) { return }
                let reason = failures.latest.map { ": \($0)" } ?? ""
                guard retry.mayWork(afterLettingIn: arrived) else {
                    throw DaemonError(.unusableSocket, "no client can be let in any more\(reason)")
                }
                logger.warning("Letting clients in has failed, and is tried again\(reason)")
                try await Task.sleep(for: AcceptRetry.pause)
            }
        }
    }

    /// Lets nobody in any more, removes the socket, and ends each connection when its request has been answered.
    func end() {
        let (listener, clients) = state.withLock { state in
            state.isEnding = true
            return (state.listener, Array(state.clients.values))
        }
        listener?.close(promise: nil)
        socket.close()
        for client in clients { Self.quiesce(client) }
    }

    private static func quiesce(_ client: any Channel) {
        client.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }

    /// Begins to accept clients; `nil` if nobody may come any more.
    private func listen(_ failures: AcceptFailures) async throws -> NIOAsyncChannel<PeerCheckedChannel.Value, Never>? {
        let limit = MaximumAvailableConnections(mostConnections, logger: logger)
        let listener = try await ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .serverChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let pipeline = channel.pipeline.syncOperations
                    try pipeline.addHandlers(
                        AcceptErrorHandler(failures: failures),
                        AvailableConnectionsChannelHandler(delegate: limit)
                    )
                }
            }
            .childChannelOption(ChannelOptions.allowRemoteHalfClosure, value: true)
            .bind(try socket.duplicate()) { channel in
                self.connection.setup(channel: channel, logger: self.logger).map { value in
                    self.add(channel)
                    return value
                }
            }
        let isEnding = state.withLock { state in
            state.listener = listener.channel
            return state.isEnding
        }
        if isEnding { listener.channel.close(promise: nil) }
        return listener
    }

    private func add(_ client: any Channel) {
        let id = ObjectIdentifier(client)
        let isEnding = state.withLock { state in
            if !state.isEnding { state.clients[id] = client }
            return state.isEnding
        }
        if isEnding { return Self.quiesce(client) }
        client.closeFuture.whenComplete { _ in self.state.withLock { $0.clients[id] = nil } }
    }
}

/// Whether accepting clients is worth another attempt after it has failed.
struct AcceptRetry {
    /// How often in a row it may fail before that is taken for lasting.
    private static let most = 20
    /// The pause before the next attempt.
    static let pause = Duration.milliseconds(50)

    private var failures = 0

    /// Notes that it has failed, after so many clients were let in since the last time.
    mutating func mayWork(afterLettingIn clients: Int) -> Bool {
        failures = clients > 0 ? 1 : failures + 1
        return failures < Self.most
    }
}

/// What went wrong last in accepting clients.
private final class AcceptFailures: Sendable {
    private let failure = Lock<String?>(nil)

    var latest: String? { failure.withLock { $0 } }

    func note(_ error: any Error) { failure.withLock { $0 = "\(error)" } }
}

/// Notes the errors of a listening channel, which the framework keeps to itself.
private final class AcceptErrorHandler: ChannelInboundHandler {
    typealias InboundIn = Channel

    private let failures: AcceptFailures

    init(failures: AcceptFailures) {
        self.failures = failures
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        failures.note(error)
        context.fireErrorCaught(error)
    }
}
