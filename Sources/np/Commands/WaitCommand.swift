// np wait: waits for an event, prints it, and ends.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageRequests
import NeuraphageSystem
import NeuraphageTasks

struct WaitCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wait",
        abstract: "Wait for the next event of a kind, and print it.",
        discussion: """
            Only what is logged from now on counts. The filters are those of np events. Nothing is asked again and again: \
            the system tells np when the log grows.

            np wait -k RebaseCompleted -t add-login --timeout 5m     until a task has caught up with main
            np wait -k MainUpdated && make                           build whenever main moves, once
            np wait -p                                               until something goes wrong
            np wait -k AgentTurnEnded -t add-login -o json           what the agent's next turn has done

            Kinds that are not logged, such as FileModified, can't be waited for: see np events --follow --live.

            Exit codes: 0 the event is printed, 3 it did not come in time, 64 there is no such kind.
            """
    )

    /// That the event was found.
    private struct Found: Error {}

    @OptionGroup var global: GlobalOptions
    @OptionGroup var filterOptions: EventFilterOptions
    @OptionGroup var formatOptions: FormatOptions<OutputFormat>
    @OptionGroup var timeOptions: TimeOptions
    @OptionGroup var colorOptions: ColorOptions

    @Option(
        help: ArgumentHelp("Wait at most this long, such as 5m.", valueName: "time"),
        transform: WaitingTime.init
    )
    var timeout: WaitingTime?

    func validate() throws {
        let filter = try filterOptions.filter(in: nil, clock: .utc)
        guard !filter.isEmpty else {
            throw ValidationError("for what? Name a kind, such as --kind MainUpdated, or a --task, or --problems.")
        }
    }

    func run() throws {
        let configuration = try global.configurationForReading()
        if let reason = configuration.switchedOff {
            throw OperationError(.failed, "nothing is logged that could be waited for: \(reason)")
        }
        let path = configuration.log.path
        let files = configuration.dataDirectory.files
        let filter = try filterOptions.filter(in: configuration.dataDirectory, clock: timeOptions.clock(configuration))
        var follower = try LogFollower(path: path, filter: filter, fileSystem: files)
        let end = try EventScan.end(ofLogAt: path, files)
        // From here on no event is missed; what is said below takes time.
        if let timeout { follower.deadline = MonotonicClock.moment(after: timeout.duration) }
        try checkKinds(configuration)
        sayUnknownTasks(configuration)
        var output = OutputStream()
        var renderer = formatOptions.format.renderer(
            style: colorOptions.style(output),
            clock: timeOptions.clock(configuration),
            isTerminal: output.isTerminal
        )
        // The closure below has no other way to the output, which is not copied.
        var bytes: [UInt8] = []
        do {
            try follower.run(from: end, output: output.descriptor) { event, line in
                renderer.renderHeader(into: &bytes)
                renderer.render(event, line: line, into: &bytes)
                renderer.settle(into: &bytes)
                throw Found()
            } notice: { notice in
                complain(notice.message(for: path))
            } idle: {
            }
        } catch is Found {
            output.bytes = bytes
            return try output.flush()
        }
        guard MonotonicClock.now >= follower.deadline else { throw OutputClosed() }
        throw OperationError(.timedOut, "no such event came in time")
    }

    /// Refuses kinds that are never logged, or that there are not.
    private func checkKinds(_ configuration: Configuration) throws {
        for text in filterOptions.kind where !text.hasPrefix("!") {
            guard let pattern = try? KindPattern(typed: text) else { continue }
            let known = EventKind.known.filter(pattern.matches)
            guard !known.contains(where: \.isDurable) else { continue }
            if let kind = known.first {
                let instead = kind == .taskWaitingForUser ? "; AgentWaiting is logged" : ""
                throw OperationError(
                    .usage,
                    "\(kind.name) is not logged, so that it can't be waited for",
                    hint: "np events --follow --live -k \(kind.name) shows it while the daemon runs\(instead)"
                )
            }
            let logged = configuration.log.durableCustom.map { EventKind.custom(CustomName(asWritten: $0)) }
            guard !logged.contains(where: pattern.matches) else { continue }
            guard text.lowercased().hasPrefix("custom") else { throw EventKind.unknownName(text) }
            complain("note: no kind that '\(text)' means is among events.durable_custom; it must be, to be logged")
        }
    }

    /// A task that there is not may begin yet.
    private func sayUnknownTasks(_ configuration: Configuration) {
        let known = KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path, recording: false)
        for text in filterOptions.task where text != "." {
            do {
                try known.check(try TypedName.taskInLog(text, in: configuration.dataDirectory))
            } catch let error as OperationError {
                complain("note: \(error)")
            } catch {
                complain("note: it isn't known whether there is a task '\(text)': \(error)")
            }
        }
    }
}
