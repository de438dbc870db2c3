// What the daemon does by itself: it notices what happens in the repositories that it watches, runs whose np was killed, and
// agents that are gone, and tells the user.

import Logging
import NeuraphageEvents
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

/// The producers that run in the daemon.
final class Producers: Sendable {
    private static let retry = Duration.seconds(60)
    private static let patience = Duration.milliseconds(200)

    private let config: DaemonConfig
    private let directory: DataDirectory
    private let bus: EventBus
    private let logger: Logger
    private let tasks = Lock<[Task<Void, Never>]>([])
    private let watches: RepositoryWatches
    private let alerts: Alerts

    init(
        _ config: DaemonConfig,
        in directory: DataDirectory,
        publishingTo bus: EventBus,
        feed: EventFeed,
        logger: Logger
    ) {
        self.config = config
        self.directory = directory
        self.bus = bus
        self.logger = logger
        watches = RepositoryWatches(config.repositories, in: directory, fetchInterval: config.fetchInterval)
        alerts = Alerts(config.alerts, of: config.log, in: directory, feed: feed, logger: logger)
    }

    /// How it stands with each repository that is to be watched.
    var repositories: [RepositoryWatches.Status] { watches.statuses }

    /// Starts them.
    func start() {
        for refusal in directory.newerFiles { logger.warning("\(refusal)") }
        run("watching repositories") { [bus, logger, watches] in
            try await watches.run(publishingTo: bus) { notice in
                if case .trouble = notice { logger.warning("\(notice)") } else { logger.notice("\(notice)") }
            }
        }
        let ledger = Ledger(in: directory)
        run("watching what has begun") { [bus] in try await ledger.watch(publishingTo: bus) }
        run("telling the user") { [alerts] in try await alerts.run() }
        run("watching the reserve") { [bus] in try await bus.log?.watchReserve() }
    }

    /// Ends them, and waits for that, though not long: what they are in the middle of is finished by whoever looks next.
    func stop() async {
        let tasks = tasks.withLock { tasks in
            defer { tasks = [] }
            return tasks
        }
        for task in tasks { task.cancel() }
        let (ends, end) = AsyncStream<Void>.makeStream()
        Task {
            for task in tasks { await task.value }
            end.yield()
        }
        Task {
            try await Task.sleep(for: Self.patience)
            end.yield()
        }
        for await _ in ends { return }
    }

    private func run(_ what: String, _ body: @escaping @Sendable () async throws -> Void) {
        let task = Task { [logger] in
            while !Task.isCancelled {
                do {
                    return try await body()
                } catch is CancellationError {
                    return
                } catch {
                    logger.warning("\(what) doesn't work, and is tried again in a minute: \(error)")
                    try? await Task.sleep(for: Self.retry)
                }
            }
        }
        tasks.withLock { $0.append(task) }
    }
}
