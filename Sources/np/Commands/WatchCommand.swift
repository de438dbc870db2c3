// np watch: what happens to main and to the branches that follow it, as it happens.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem
import NeuraphageTasks
import NeuraphageWatching

struct WatchCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "watch",
        abstract: "Watch repositories: main that moves, branches that fall behind, rebases and how they end.",
        discussion: """
            Logs when main moves, here or at the remote, and tells the task of each worktree whose branch is behind. \
            Prints what it logs, until Ctrl-C. In the repository it changes nothing that is yours: what it fetches of main \
            it keeps in references of its own, refs/neuraphage/.

            The daemon does the same for the repositories in daemon.watch and those of np init. One watcher is enough \
            for a repository; another one waits until the first has gone.

            np watch                        the repository you stand in
            np watch --fetch 5m ~/project   fetch main every five minutes; 0: never
            np watch --once                 look once, and tell what processes that died could not tell
            """
    )

    @OptionGroup var global: GlobalOptions

    @Option(
        help: ArgumentHelp(
            "How often to fetch main from the remote. Default: 1m, or as configured.",
            valueName: "time"
        ),
        transform: WaitingTime.init
    )
    var fetch: WaitingTime?

    @Flag(help: "Look once and end.")
    var once = false

    @Flag(help: .hidden)
    var settle = false

    @Argument(
        help: ArgumentHelp("The repositories. Default: the one you are in.", valueName: "repository"),
        completion: .directory
    )
    var repositories: [String] = []

    func validate() throws {
        if let interval = fetch?.duration, interval != .zero, interval < .seconds(1) {
            throw ValidationError("--fetch takes at least 1s, or 0 for never.")
        }
        if once, fetch != nil { throw ValidationError("--once looks at what is there; it doesn't fetch.") }
    }

    func run() async throws {
        let configuration = try global.configuration()
        if let reason = configuration.switchedOff {
            throw OperationError(
                .failed,
                "nothing would be logged: \(reason)"
            )
        }
        if once {
            if settle, try await !RepositoryObserver.settle(at: ".", in: configuration.dataDirectory) { return }
            try await lookOnce(configuration)
        } else {
            try await watch(try await observers(configuration), configuration)
        }
    }

    private func observers(_ configuration: Configuration) async throws -> [RepositoryObserver] {
        var observers: [RepositoryObserver] = []
        for directory in repositories.isEmpty ? ["."] : repositories {
            let observer = try await configuration.observer(of: directory)
            // Several paths may lead to one.
            if !observers.contains(where: { $0.path == observer.path }) { observers.append(observer) }
        }
        return observers
    }

    /// What cannot be done is no reason not to do the rest; the first thing that went wrong is said at the end.
    private func lookOnce(_ configuration: Configuration) async throws {
        let bus = EventBus(log: try configuration.openLog(global.logger))
        defer { bus.close() }
        var failure: (any Error)?
        func attempt(_ body: () async throws -> Void) async {
            do { try await body() } catch { failure = failure ?? error }
        }
        let directory = configuration.dataDirectory
        await attempt {
            for observer in try await observers(configuration) {
                await attempt { try await observer.look(publishingTo: bus) }
            }
        }
        complainAboutNewerFiles(in: directory)
        Ledger(in: directory).settle(publishingTo: bus)
        await attempt { try ProjectionStore(ofLogAt: configuration.log.path, in: directory).update(Inboxes.self) }
        if let trouble = bus.log?.status.trouble, failure == nil {
            failure = OperationError(.failed, "the log is in trouble, so what is new is not looked for: \(trouble)")
        }
        if let failure { throw failure }
    }

    private func watch(_ observers: [RepositoryObserver], _ configuration: Configuration) async throws {
        let bus = try EventBus(logging: configuration.log, logger: global.logger)
        let events = bus.subscribe()
        let interval = fetch.map { $0.duration == .zero ? nil : $0.duration } ?? configuration.fetchInterval
        let clock = configuration.clock
        try await withThrowingTaskGroup(of: Bool.self) { group in
            for observer in observers {
                let watch = RepositoryWatch(observer, fetchInterval: interval)
                group.addTask {
                    do {
                        try await watch.run(publishingTo: bus) { complain($0.description) }
                    } catch let error as OperationError where [.git, .program].contains(error.code) {
                        complain(error)
                    }
                    return true
                }
            }
            group.addTask {
                try await Self.print(events, clock)
                return false
            }
            // One that is gone is no reason not to watch the others.
            var left = observers.count
            while left > 0, let isWatch = try await group.next() { left -= isWatch ? 1 : 0 }
            group.cancelAll()
        }
        throw ExitCode.failure
    }

    private static func print(_ events: Subscription, _ clock: DisplayClock) async throws {
        var output = OutputStream()
        let style = ColorChoice.auto.style(isTerminal: output.isTerminal)
        var renderer = TextRenderer(style: style, clock: clock)
        // Events are shown as they come.
        renderer.settle(into: &output.bytes)
        let line: [UInt8] = []  // the text is made of the event alone
        while let delivery = await events.next() {
            guard let event = delivery.event else { continue }
            renderer.render(event, line: line.span, into: &output.bytes)
            try output.flush()
        }
    }
}

extension Configuration {
    /// The repository that a directory lies in.
    func observer(of directory: String) async throws(OperationError) -> RepositoryObserver {
        try await RepositoryObserver(of: directory, in: dataDirectory)
    }
}
