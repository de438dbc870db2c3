// The daemon from its start to its end.
//
// Start: the directory is ours alone, the lock in it is ours, the socket's place is free, the log is opened if it can
// be. From then on it serves. End, on SIGTERM or SIGINT: nobody new is let in, streams end, requests under way are
// finished, the log gets its last event and is synchronized, the socket goes, the lock file says "in order". What isn't
// finished soon is cut off: nothing that was acknowledged depends on it.

import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
import ServiceLifecycle
import UnixSignals

/// Serves the events of one data directory over HTTP on a Unix socket.
public struct Daemon: Sendable {
    /// The version that the daemon says it is.
    public static let version = Version.current

    /// How long requests under way may take when the daemon is to end, and how long it waits for them at most.
    private static let shutdown = (graceful: Duration.seconds(1), atMost: Duration.milliseconds(1_500))

    private let config: DaemonConfig
    private let limits: API.Limits
    private let logger: Logger

    /// A daemon that isn't running yet. Its process should have called ``ProcessSettings/apply()``.
    public init(config: DaemonConfig, logger: Logger = Logger(label: "neuraphage.daemon")) {
        self.init(config: config, limits: API.Limits(), logger: logger)
    }

    init(config: DaemonConfig, limits: API.Limits, logger: Logger) {
        self.config = config
        self.limits = limits
        self.logger = logger
    }

    /// Serves until SIGTERM or SIGINT comes, a client posts to `/v1/stop`, or the task is cancelled, and ends in order.
    ///
    /// A log that cannot be opened doesn't keep the daemon from serving; it says so in its own log and in
    /// `/v1/health`, and events wait until it can be.
    ///
    /// - Parameter whenServing: Called when the socket is there and requests are answered.
    /// - Throws: ``DaemonError`` if it cannot serve, and `EventLogError` if the log's configuration cannot be right.
    public func run(whenServing: @escaping @Sendable () -> Void = {}) async throws {
        let directory = DataDirectory(config.dataDirectory)
        try PrivateDirectory.prepare(directory.path, directory.files)
        let lock = try Self.lock(directory)
        try SocketPath.prepare(config.socketPath, directory.files)

        let feed = EventFeed()
        let log = try EventLog(openingWhenPossible: config.log, logger: logger)
        let publisher = Publisher(log: log, historySize: config.historySize, feed: feed)
        let pages = LogPages(path: config.log.path, directory.files, feed: feed, logger: logger)
        let session = Session()
        let (stops, stop) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        let producers = Producers(config, in: directory, publishingTo: publisher.bus, logger: logger)
        let api = API(
            publisher: publisher,
            feed: feed,
            logConfig: config.log,
            session: session,
            limits: limits,
            queries: QueryPlaces(limits.queries),
            pages: pages,
            logger: logger,
            files: directory.files,
            repositories: { producers.repositories },
            stop: { stop.yield() }
        )
        if config.log.isEnabled { try pages.start() }
        let heartbeat = Task { try await Self.beat(feed, every: api.limits.heartbeat) }

        do {
            try await serve(api, until: stops) {
                lock.begin(session: session.id)
                publisher.publishNow([session.started(after: lock.previous)])
                if config.log.isEnabled { producers.start() }
                whenServing()
            }
        } catch {
            throw DaemonError(.unusableSocket, "cannot serve on the socket \(config.socketPath): \(error)")
        }

        heartbeat.cancel()
        await producers.stop()
        pages.stop()
        publisher.publishNow([session.ended(publisher.figures)])
        await publisher.close()
        try? directory.files.remove(config.socketPath)
        lock.end()
    }

    private static func lock(_ directory: DataDirectory) throws(DaemonError) -> DaemonLock {
        do throws(OperationError) {
            if let lock = try DaemonLock(in: directory) { return lock }
        } catch {
            throw DaemonError(.systemFailure, error.description)
        }
        throw DaemonError(
            .alreadyRunning,
            "a daemon serves \(directory.path) already; stop it first, or use another --data-dir"
        )
    }

    /// Answers requests until a signal comes, or a stop, and what is under way is finished, or takes too long.
    private func serve(
        _ api: API,
        until stops: AsyncStream<Void>,
        whenListening: @escaping @Sendable () -> Void
    ) async throws {
        let (outcomes, outcome) = AsyncStream<Result<Void, any Error>>.makeStream()
        let isEnding = Lock(false)
        let serving = Serving(server: server(api, whenListening: whenListening)) {
            isEnding.withLock { $0 = true }
            api.feed.close()
            Task {
                try await Task.sleep(for: Self.shutdown.atMost)
                outcome.yield(.success(()))
            }
        }
        var configuration = ServiceGroupConfiguration(
            services: [.init(service: serving, successTerminationBehavior: .gracefullyShutdownGroup)],
            gracefulShutdownSignals: [.sigterm, .sigint],
            logger: quietLogger
        )
        configuration.maximumGracefulShutdownDuration = Self.shutdown.graceful
        let group = ServiceGroup(configuration: configuration)
        Task {
            do {
                try await group.run()
                outcome.yield(.success(()))
            } catch {
                // What had to be cut off at the end is no failure.
                outcome.yield(isEnding.withLock { $0 } ? .success(()) : .failure(error))
            }
        }
        let stopping = Task {
            for await _ in stops { await group.triggerGracefulShutdown() }
        }
        defer { stopping.cancel() }
        // Not this task itself: when it is cancelled it has still to wait for the end.
        let end = Task {
            for await result in outcomes { return result }
            return .success(())
        }
        try await withTaskCancellationHandler {
            try await end.value.get()
        } onCancel: {
            Task { await group.triggerGracefulShutdown() }
        }
    }

    private func server(_ api: API, whenListening: @escaping @Sendable () -> Void) -> any Service {
        let patience = api.limits.patience
        let http = HTTP1Channel(
            responder: { request, writer, channel in try await api.respond(request, writer, channel) },
            configuration: .init(additionalChannelHandlers: [ClientGuard(patience: patience)])
        )
        let connections = ProcessSettings.connections(atMost: api.limits.connections)
        return PeerCheckedChannel(http: http).server(
            configuration: ServerConfiguration(
                address: .unixDomainSocket(path: config.socketPath),
                // A client that doesn't block when it connects is turned away if nobody may wait any more.
                backlog: api.limits.connections,
                availableConnectionsDelegate: .maximum(connections, logger: quietLogger)
            ),
            onServerRunning: { _ in whenListening() },
            eventLoopGroup: MultiThreadedEventLoopGroup.singleton,
            logger: quietLogger
        )
    }

    /// What the frameworks have to say interests only when something is wrong.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private static func beat(_ feed: EventFeed, every interval: Duration) async throws {
        while true {
            try await Task.sleep(for: interval)
            if feed.streamCount > 0 { feed.beat() }
        }
    }
}

/// The server, and what is to be done when it is to end.
private struct Serving: Service {
    let server: any Service
    let onShutdown: @Sendable () -> Void

    func run() async throws {
        try await withGracefulShutdownHandler {
            try await server.run()
        } onGracefulShutdown: {
            onShutdown()
        }
    }
}
