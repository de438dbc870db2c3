// Tells the user what they asked to be told of: follows the log, asks `AlertState`, and runs the user's commands. No part of
// the daemon waits for a command, and a command that fails is a line in the daemon's own log, nothing else.

import Logging
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

/// The commands by which a user is told of events.
final class Alerts: Sendable {
    /// How long before the daemon's start an event may have happened that the user has not been told of: while a daemon is
    /// replaced by the next one. Besides the grace of waits.
    private static let overlap = Duration.seconds(10)
    /// How much of the log is read for that, in bytes.
    private static let mostBefore = 4 << 20
    /// How long what the log gets is left to come together before it is read, so that a log that grows fast costs little.
    private static let pause = Duration.milliseconds(200)
    /// What a command is told of a payload at most, in bytes: the system limits what a variable holds.
    private static let longestPayload = 32_768
    /// How long each of the other texts is at most, in bytes.
    private static let longestText = 500

    private let config: AlertConfig
    private let directory: DataDirectory
    private let log: EventLogConfig
    private let feed: EventFeed
    private let logger: Logger
    private let state: Lock<AlertState>
    /// The occasions whose command did not work the last time.
    private let failing = Lock<Set<AlertOccasion>>([])
    private let begin = ContinuousClock.now
    /// Up to where the log was read, if reading it has to be begun again after an error.
    private let position = Lock<LogPosition?>(nil)

    /// - Parameter feed: What says that the log has grown.
    init(_ config: AlertConfig, of log: EventLogConfig, in directory: DataDirectory, feed: EventFeed, logger: Logger) {
        self.config = config
        self.directory = directory
        self.log = log
        self.feed = feed
        self.logger = logger
        let told = (try? directory.files.contents(of: directory.alerts, atMost: 1 << 20)) ?? ""
        state = Lock(
            AlertState(
                Set(config.commands.keys),
                grace: config.grace,
                since: .now - Self.overlap,
                told: told.split(separator: "\n").suffix(AlertState.mostRemembered).map { EventID(String($0)) }
            )
        )
    }

    /// Tells the user until the task is cancelled.
    func run() async throws {
        guard !config.commands.isEmpty else { return }
        let filter = EventFilter(kinds: [.problems, KindPattern([.agentWaiting, .agentResumed])])
        let former = position.withLock { $0 }
        var cursor = try EventCursor(
            path: log.path,
            from: try former ?? EventScan.end(ofLogAt: log.path, directory.files),
            filter: filter,
            fileSystem: directory.files
        )
        if former == nil { try readBefore(filter) }
        let (wakes, wake) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        try await withThrowingDiscardingTaskGroup { group in
            group.addTask { [feed] in
                while !Task.isCancelled {
                    let version = feed.version
                    wake.yield()
                    await feed.wait(since: version)
                    try await Task.sleep(for: Self.pause)
                }
            }
            var timer: Task<Void, any Error>?
            defer { timer?.cancel() }
            for await _ in wakes {
                timer?.cancel()
                try read(&cursor)
                for alert in takeDue() {
                    group.addTask {
                        await self.perform(alert)
                        wake.yield()
                    }
                }
                guard let due = state.withLock({ $0.nextDue }) else { continue }
                timer = Task { [begin] in
                    try await Task.sleep(until: begin + due)
                    wake.yield()
                }
            }
            try Task.checkCancellation()
        }
    }

    // MARK: - Reading

    /// Reads what happened shortly before the daemon was started.
    private func readBefore(_ filter: EventFilter) throws {
        var recent: [Event] = []
        var filter = filter
        filter.since = .now - config.grace - Self.overlap
        var scan = EventScan([.log(log.path)], filter: filter, fileSystem: directory.files)
        scan.isNewestFirst = true
        scan.last = AlertState.mostPending
        scan.mostBytes = Self.mostBefore
        _ = try scan.run { event, _ in
            recent.append(event)
            return true
        }
        for event in recent.reversed() { take(event, isReadAgain: true) }
    }

    private func read(_ cursor: inout EventCursor) throws {
        var isReadAgain = false
        while true {
            let step = try cursor.next(atMost: 1 << 20) { event, _ in
                take(event, isReadAgain: isReadAgain)
                return true
            }
            let end = cursor.position
            position.withLock { $0 = end }
            switch step {
            case .end: return
            case .gap:
                // What comes next may be a copy of what was read.
                isReadAgain = true
                state.withLock { $0.beginAgain() }
            default: break
            }
        }
    }

    private func take(_ event: Event, isReadAgain: Bool) {
        state.withLock { $0.read(event, age: .now - event.timestamp, at: now, isReadAgain: isReadAgain) }
    }

    private var now: Duration { ContinuousClock.now - begin }

    // MARK: - Telling

    /// What is to be told now. It is written down before it is told, so that no daemon tells it again.
    private func takeDue() -> [AlertState.Alert] {
        let (due, told, omitted) = state.withLock { state in
            let due = state.takeDue(at: now)
            return (due, state.told, state.takeOmitted())
        }
        if omitted > 0 {
            logger.warning("\(omitted) events were not told of, because \(AlertState.mostPending) wait for that")
        }
        guard !due.isEmpty else { return [] }
        do throws(SystemError) {
            try WholeFile.replace(directory.alerts, with: told.map { "\($0)\n" }.joined(), in: directory.files)
        } catch {
            logger.warning(
                "cannot write down of which events the user was told, so the next daemon may tell again: \(error)"
            )
        }
        return due
    }

    private func perform(_ alert: AlertState.Alert) async {
        defer { state.withLock { $0.finish(alert.occasion) } }
        guard let command = config.commands[alert.occasion] else { return }
        let variables = Self.variables(for: alert.event, directory)
        let ending = await command.run(variables: variables, atMost: config.limit)
        if Task.isCancelled { return }
        let isFailing = ending != .exited(0)
        let wasFailing = failing.withLock { failing in
            let was = failing.contains(alert.occasion)
            if isFailing { failing.insert(alert.occasion) } else { failing.remove(alert.occasion) }
            return was
        }
        let name = "the command of notify.\(alert.occasion.rawValue)"
        if isFailing, !wasFailing {
            logger.warning(
                "\(name) \(ending), for \(alert.event.id); that it fails again is not said until it has worked"
            )
        }
        if !isFailing, wasFailing { logger.notice("\(name) works again") }
    }

    /// What a command is told of an event. What others have made up is shown as text, and bounded.
    static func variables(for event: Event, _ directory: DataDirectory) -> [String: String?] {
        let shown = Event(
            id: event.id,
            event.kind,
            from: event.source,
            to: event.target,
            payload: event.payload.limited(to: longestPayload),
            timestamp: event.timestamp
        )
        let line = "\(shown)"
        let kind = text(event.kind.name)
        let summary = text(event.summary)
        return [
            // Only a name that another program has made up can be so long.
            "NP_EVENT": line.utf8.count < 2 * longestPayload ? line : "",
            "NP_EVENT_ID": text(event.id.description),
            "NP_EVENT_KIND": kind,
            "NP_EVENT_TASK": text((event.source ?? event.target)?.description ?? ""),
            "NP_EVENT_TEXT": kind + (summary.isEmpty ? "" : ": \(summary)"),
            DataDirectory.variable: directory.path,
            // They would say for which task np works in the command.
            TaskOfPlace.variable: nil,
            InheritedTask.runVariable: nil,
        ]
    }

    /// A text as a person may see it, cut where it is too long to be read.
    private static func text(_ text: String) -> String {
        String(decoding: text.visible.utf8.prefix(longestText), as: UTF8.self)
    }
}
