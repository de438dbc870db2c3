// The daemon from its start to its end.
//
// Start: the directory is its user's alone, the lock in it is taken, the socket's place is free, the log is opened if it
// can be. From then on it serves. End, when it is asked to: no new client is let in and the socket goes, streams end,
// requests under way are finished, the log gets its last event and is synchronized, the lock file says "in order". What
// isn't finished soon is cut off: nothing that was acknowledged depends on it. Whatever fails in between, everything that
// was begun is ended.

import HummingbirdCore
public import Logging
import NIOCore
import NIOPosix
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageSystem
public import ServiceLifecycle

/// Serves the events of one data directory over HTTP on a Unix socket.
///
/// A service like any other: run it in a `ServiceGroup`, which says on which signals it ends in order, or in a task, whose
/// cancellation means the same. It neither handles signals nor changes its process; a program that is nothing but a daemon
/// calls ``ProcessSettings/apply()`` first.
public struct Daemon: Service {
    /// The version that the daemon says it is.
    public static let version = Version.current

    /// How long requests under way may take when the daemon is to end, and how long it waits for them at most.
    private static let shutdown = (graceful: Duration.seconds(1), atMost: Duration.milliseconds(1_500))

    private let config: DaemonConfig
    private let limits: API.Limits
    private let logger: Logger
    private let whenServing: @Sendable () -> Void

    /// A daemon that isn't running yet.
    ///
    /// - Parameters:
    ///   - config: What it serves, and where.
    ///   - logger: Where it says what a person should know.
    ///   - whenServing: Called when the socket is there and requests are answered.
    public init(
        config: DaemonConfig,
        logger: Logger = Logger(label: "neuraphage.daemon"),
        whenServing: @escaping @Sendable () -> Void = {}
    ) {
        self.init(config: config, limits: API.Limits(), logger: logger, whenServing: whenServing)
    }

    init(
        config: DaemonConfig,
        limits: API.Limits,
        logger: Logger,
        whenServing: @escaping @Sendable () -> Void = {}
    ) {
        self.config = config
        self.limits = limits
        self.logger = logger
        self.whenServing = whenServing
    }

    /// Serves until it is asked to shut down gracefully, a client posts to `/v1/stop`, or the task is cancelled; then it
    /// ends in order, which takes 1.5 s at most besides what the log needs. It can be run again when it has ended.
    ///
    /// A log that cannot be opened doesn't keep the daemon from serving; it says so in its own log and in
    /// `/v1/health`, and events wait until it can be.
    ///
    /// - Throws: ``DaemonError`` if it cannot serve, or no longer can, and `EventLogError` if the log's configuration cannot
    ///   be right. Nothing of it is left running then.
    public func run() async throws {
        let (ends, end) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        // A task of its own: one that is cancelled could not wait for the end.
        let life = Task { try await live(until: ends) { end.yield() } }
        try await withTaskCancellationHandler {
            try await withGracefulShutdownHandler {
                try await life.value
            } onGracefulShutdown: {
                end.yield()
            }
        } onCancel: {
            end.yield()
        }
    }

    /// Serves from the beginning to the end.
    private func live(until ends: AsyncStream<Void>, stop: @escaping @Sendable () -> Void) async throws {
        let directory = DataDirectory(config.dataDirectory)
        try PrivateDirectory.prepare(directory.path, directory.files)
        let lock = try Self.lock(directory)
        try SocketPath.prepare(config.socketPath, directory.files)

        let feed = EventFeed()
        let log = try EventLog(openingWhenPossible: config.log, logger: logger)
        log.useReserve()
        let publisher = Publisher(log: log, feed: feed)
        let pages = LogPages(path: config.log.path, directory.files, feed: feed, logger: logger)
        let session = Session()
        let producers = Producers(
            config,
            in: directory,
            publishingTo: publisher.bus,
            feed: feed,
            logger: logger
        )
        let api = API(
            publisher: publisher,
            feed: feed,
            logConfig: config.log,
            session: session,
            limits: limits,
            queries: QueryPlaces(limits.queries),
            room: RequestRoom(bytes: limits.unfinishedBytes),
            pages: pages,
            logger: logger,
            directory: directory,
            repositories: { producers.repositories },
            stop: stop
        )
        let heartbeat = Task { try await Self.beat(feed, pages, every: api.limits.heartbeat) }
        let begin = Lock<EventID?>(nil)
        let outcome: Result<Void, any Error>
        do {
            if config.log.isEnabled { try pages.start() }
            try await serve(api, directory.files, until: ends) {
                lock.begin(session: session.id)
                let started = session.started(after: lock.previous)
                publisher.publishNow([started])
                begin.withLock { $0 = started.id }
                if config.log.isEnabled { producers.start() }
                whenServing()
            }
            outcome = .success(())
        } catch {
            outcome = .failure(error)
        }

        heartbeat.cancel()
        await producers.stop()
        pages.stop()
        let started = begin.withLock { $0 }
        if let started { publisher.publishNow([session.ended(publisher.figures, begin: started)]) }
        let left = await publisher.close()
        if started != nil { lock.end() }
        try outcome.get()
        if left > 0 || log.status.lost > 0 { throw Self.unlogged(left, log) }
    }

    private static func unlogged(_ left: Int, _ log: EventLog) -> DaemonError {
        let waits = Reserve.Waiting(events: left).description(log.reserve.path)
        let losses = "\(log.status.lost) events are lost to the log"
        let sentences = (left > 0 ? [waits] : []) + (log.status.lost > 0 ? [losses] : [])
        let reason = log.status.trouble.map { " (\($0))" } ?? ""
        return DaemonError(.unlogged, "ended\(reason): \(sentences.joined(separator: "; "))")
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

    /// Answers requests until the daemon is to end, and what is under way is finished, or takes too long.
    private func serve(
        _ api: API,
        _ files: any FileSystem,
        until ends: AsyncStream<Void>,
        whenServing: @escaping @Sendable () -> Void
    ) async throws {
        let socket = try ListeningSocket(at: config.socketPath, backlog: api.limits.connections, files)
        defer { socket.close() }
        let server = server(api, socket)
        let (outcomes, outcome) = AsyncStream<Result<Void, any Error>>.makeStream()
        let isEnding = Lock(false)
        let serving = Task {
            do {
                try await server.run(whenServing: whenServing)
                outcome.yield(.success(()))
            } catch {
                // What had to be cut off at the end is no failure.
                outcome.yield(isEnding.withLock { $0 } ? .success(()) : .failure(error))
            }
        }
        let ending = Task {
            for await _ in ends { break }
            isEnding.withLock { $0 = true }
            api.feed.close()
            server.end()
            try await Task.sleep(for: Self.shutdown.graceful)
            serving.cancel()
            try await Task.sleep(for: Self.shutdown.atMost - Self.shutdown.graceful)
            outcome.yield(.success(()))
        }
        defer { ending.cancel() }
        for await result in outcomes { return try result.get() }
    }

    private func server(_ api: API, _ socket: ListeningSocket) -> Server {
        let patience = api.limits.patience
        let http = HTTP1Channel(
            responder: { request, writer, channel in try await api.respond(request, writer, channel) },
            configuration: .init(additionalChannelHandlers: [ClientGuard(patience: patience)])
        )
        let connections = ProcessSettings.connections(atMost: api.limits.connections)
        return Server(socket, PeerCheckedChannel(http: http), atMost: connections, logger: quietLogger)
    }

    /// What the frameworks have to say interests only when something is wrong.
    private var quietLogger: Logger {
        var logger = logger
        logger.logLevel = max(logger.logLevel, .warning)
        return logger
    }

    private static func beat(_ feed: EventFeed, _ pages: LogPages, every interval: Duration) async throws {
        while true {
            try await Task.sleep(for: interval)
            if feed.streamCount > 0 { feed.beat() } else { pages.rest() }
        }
    }
}
