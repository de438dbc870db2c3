// `np events`: the log, filtered, in one of four formats; with -f, as it grows.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageRequests
import NeuraphageTasks

struct EventsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "events",
        abstract: "Show what happened, oldest first.",
        discussion: """
            Reads the log of the data directory, or the files named ('-' is standard input). All filters must hold; \
            several of the same kind are alternatives. Lines that are not events are passed over and counted on \
            standard error.

            np events --task eg-abc123 --since 1h     what concerned a task in the last hour
            np events -k rebase -k MainUpdated        main and the rebases
            np events -k '!agent' -k '!run'           without what agents and runs tell
            np events -p -n 10                        the last ten troubles
            np events --session -1                    the daemon's session before this one
            np events -f                              as it happens
            np events verify                          whether every line of the log is readable
            """,
        subcommands: [VerifyCommand.self]
    )

    private static let backlogOfFollow = 20

    @OptionGroup var global: GlobalOptions
    @OptionGroup var filterOptions: EventFilterOptions
    @OptionGroup var spanOptions: TimeSpanOptions
    @OptionGroup var formatOptions: FormatOptions<OutputFormat>
    @OptionGroup var timeOptions: TimeOptions
    @OptionGroup var colorOptions: ColorOptions

    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Only the last N of them.", valueName: "n")
    )
    var last: Int?

    @Flag(name: .shortAndLong, help: "The latest first.")
    var reverse = false

    @Option(help: ArgumentHelp("Only events after this one in the log.", valueName: "event-id"))
    var after: String?

    @Option(
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only events of one of the daemon's sessions: 0 is the latest, -1 the one before it, or the beginning of its id; see np sessions.",
            valueName: "id|-1"
        )
    )
    var session: String?

    @Flag(name: .shortAndLong, help: "Go on showing events as they are logged, beginning with the last 20.")
    var follow = false

    @Flag(help: "With text: the id of each event before it, for np show and np why.")
    var ids = false

    @Flag(help: "With --follow: also ephemeral events, through the daemon.")
    var live = false

    @Flag(help: "With --live: ring the bell when a task waits for you.")
    var bell = false

    @Flag(name: [.customShort("e"), .long], help: "Let the pager begin at the end.")
    var pagerEnd = false

    @Flag(help: "Don't use a pager.")
    var noPager = false

    @Argument(help: "Files to read in place of the log; '-' is standard input.", completion: .file())
    var files: [String] = []

    func validate() throws {
        if let last, last < 0 { throw ValidationError("--last \(last) is negative; say how many events you want.") }
        if follow, reverse { throw ValidationError("--follow and --reverse exclude each other.") }
        if follow, files.count > 1 || files == ["-"] {
            throw ValidationError("--follow takes the log of the data directory or one file.")
        }
        if live, !follow || !files.isEmpty { throw ValidationError("--live goes with --follow, and with no files.") }
        if bell, !live { throw ValidationError("--bell goes with --follow --live.") }
        if session != nil, follow {
            throw ValidationError("--session and --follow exclude each other; -f alone shows what happens from now on.")
        }
        if session != nil, after != nil { throw ValidationError("--session and --after exclude each other.") }
        if session != nil, files.contains("-") {
            throw ValidationError("--session reads the log twice, which standard input can't be; name a file.")
        }
        if session == "" { throw ValidationError("--session is empty; np sessions shows which there are.") }
        if after == "" { throw ValidationError("--after is empty; give the id of an event.") }
        _ = try filterOptions.filter(in: nil, spanOptions, clock: timeOptions.time ?? .utc)
    }

    func run() throws {
        var output = OutputStream()
        let isTerminal = output.isTerminal
        let configuration = try global.configurationForReading(namingFiles: !files.isEmpty)
        let clock = timeOptions.clock(configuration)
        var renderer = formatOptions.format.renderer(
            style: colorOptions.style(output),
            clock: clock,
            isTerminal: isTerminal,
            showsIDs: ids
        )
        let scan = try scan(configuration, clock: clock)
        if files.isEmpty {
            if let reason = configuration.switchedOff { complain("note: \(reason)") }
            complainAboutReserve(of: configuration)
        }

        if live {
            let parameters = try filterOptions.queryParameters(
                in: configuration.dataDirectory,
                spanOptions,
                clock: clock
            )
            let stream = LiveEvents(socketPath: configuration.socketPath, filters: parameters)
            try showAndStream(scan, stream, &renderer, to: &output)
            return
        }
        if follow {
            if files.isEmpty {
                do { try checkTasks(configuration) } catch let error as OperationError { complain("note: \(error)") }
            }
            try showAndFollow(scan, &renderer, to: &output)
            return
        }
        try Pager.showing(if: isTerminal && !noPager, atEnd: pagerEnd) {
            try show(scan, of: files.isEmpty ? configuration : nil, &renderer, to: &output)
        }
    }

    private func scan(_ configuration: Configuration, clock: DisplayClock) throws -> EventScan {
        let named = files.map { $0 == "-" ? LogSource.standardInput : .file($0) }
        let sources = named.isEmpty ? [.log(configuration.log.path)] : named
        let filter = try filterOptions.filter(in: configuration.dataDirectory, spanOptions, clock: clock)
        var scan = EventScan(sources, filter: filter)
        scan.isNewestFirst = reverse
        scan.start = after.map { .after(EventID($0)) }
        let showsAll = after != nil || spanOptions.since != nil
        scan.last = last ?? (follow && !showsAll ? Self.backlogOfFollow : nil)
        return scan
    }

    /// - Parameter configuration: Of the log that is shown, if it is that one and not a file.
    private func show(
        _ scan: EventScan,
        of configuration: Configuration?,
        _ renderer: inout any EventRenderer,
        to output: inout OutputStream
    ) throws {
        let (count, report) = try print(scan, &renderer, to: &output)
        guard count == 0 else { return }
        if report.missing.isEmpty {
            try checkKinds(scan, configuration)
            if let configuration { try checkTasks(configuration) }
        }
        sayWhyThereIsNothing(scan, report)
    }

    /// Refuses a task that there isn't, if events of one were asked for.
    private func checkTasks(_ configuration: Configuration) throws {
        let known = KnownTasks(in: configuration.dataDirectory, logPath: configuration.log.path, recording: false)
        guard try !known.isEmpty else { return }
        for task in filterOptions.task where task != "." {
            try known.check(try TypedName.taskInLog(task, in: configuration.dataDirectory))
        }
    }

    /// Refuses a kind that there isn't: a pattern that fits no kind of np and none in the log.
    private func checkKinds(_ scan: EventScan, _ configuration: Configuration?) throws {
        let configured = configuration?.log.durableCustom.map { EventKind.custom(CustomName(asWritten: $0)) } ?? []
        var unknown = filterOptions.kind.filter { text in
            // What is left out is not why nothing is left.
            guard !text.hasPrefix("!"), let pattern = try? KindPattern(typed: text) else { return false }
            return !pattern.isOfKnownKinds && !configured.contains(where: pattern.matches)
        }
        guard !unknown.isEmpty, !scan.sources.contains(.standardInput) else { return }
        var customNames: Set<String> = []
        _ = try EventScan(scan.sources, filter: EventFilter(kinds: [.custom(matching: "*"), .names(matching: "*")])).run
        {
            event,
            _ in
            if event.kind.customName != nil, !event.kind.isReserved { customNames.insert(event.kind.description) }
            unknown.removeAll { (try? KindPattern(typed: $0))?.matches(event.kind) ?? false }
            return !unknown.isEmpty
        }
        guard let text = unknown.first else { return }
        let nearest = Suggestion.nearest(to: text, in: customNames + EventKind.known.map(\.shownName), within: 3)
        let others = customNames.sorted().prefix(5).joined(separator: ", ")
        let error = OperationError(
            .usage,
            "no kind is called '\(text)', neither of np's nor of those in the log",
            hint: nearest.map { "did you mean \($0)?" } ?? (others.isEmpty ? nil : "the log has \(others)")
        )
        // A program's own kind may be logged later.
        if text.lowercased().contains("custom:") { complain(error) } else { throw error }
    }

    /// Prints what there is, and says on standard error what was passed over.
    private func print(
        _ scan: EventScan,
        _ renderer: inout any EventRenderer,
        to output: inout OutputStream
    ) throws -> (count: Int, report: EventScan.Report) {
        renderer.renderHeader(into: &output.bytes)
        var count = 0
        func visit(_ event: Event, _ line: Span<UInt8>) throws -> Bool {
            renderer.render(event, line: line, into: &output.bytes)
            count += 1
            try output.flushIfLarge()
            return true
        }
        let report =
            if let session { try scan.run(inSession: session, visit) } else { try scan.run(visit) }
        renderer.settle(into: &output.bytes)
        try checkFiles(report)
        if let after, !report.foundStart, report.missing.isEmpty {
            throw OperationError(
                .failed,
                "no event in \(scan.sourceNames) has the id \(after)",
                hint: "np events -o json shows the ids"
            )
        }
        try output.flush()
        for gap in report.gaps { complain(gap.message(for: scan.sourceNames)) }
        report.complainAboutSkippedLines(verbose: global.verbose)
        return (count, report)
    }

    private func checkFiles(_ report: EventScan.Report) throws {
        for case .file(let path) in report.missing {
            throw OperationError(.failed, "there is no file '\(path)', and np events has no subcommand of that name")
        }
    }

    private func sayWhyThereIsNothing(_ scan: EventScan, _ report: EventScan.Report) {
        if !report.missing.isEmpty {
            complain(
                "there is no log yet at \(scan.sourceNames); the first event makes it (see np demo, np emit --help)"
            )
        } else if scan.filter.isEmpty, after == nil, session == nil, last != 0 {
            complain("there are no events in \(scan.sourceNames)")
        } else {
            complain("no events match")
        }
    }

    private func showAndFollow(
        _ scan: EventScan,
        _ renderer: inout any EventRenderer,
        to output: inout OutputStream
    ) throws {
        let path = scan.sources[0].name
        var follower = try LogFollower(path: path, filter: scan.filter)
        let (_, report) = try print(scan, &renderer, to: &output)
        if report.end == nil { complain("waiting for \(path)") }
        // The closures below share the output one after the other.
        let descriptor = output.descriptor
        var pending: [UInt8] = []
        try follower.run(from: report.end, output: descriptor) { event, line in
            renderer.render(event, line: line, into: &pending)
        } notice: { notice in
            complain(notice.message(for: path))
        } idle: {
            swap(&pending, &output.bytes)
            try output.flush()
        }
    }
}

extension EventsCommand {
    /// Prints the latest events, then what the daemon streams from there on.
    private func showAndStream(
        _ scan: EventScan,
        _ stream: LiveEvents,
        _ renderer: inout any EventRenderer,
        to output: inout OutputStream
    ) throws {
        var latest: EventID?
        var newest = EventScan(scan.sources)
        newest.last = 1
        _ = try newest.run { event, _ in
            latest = event.id
            return true
        }
        renderer.renderHeader(into: &output.bytes)
        _ = try scan.run { event, line in
            latest = event.id
            renderer.render(event, line: line, into: &output.bytes)
            return true
        }
        renderer.settle(into: &output.bytes)
        try output.flush()
        var bytes: [UInt8] = []
        do {
            try stream.run(after: latest, output: output.descriptor) { event in
                let line = Array(event.description.utf8)
                renderer.render(event, line: line.span, into: &bytes)
                swap(&bytes, &output.bytes)
                try output.flush()
                if bell, event.kind == .taskWaitingForUser { writeToStandardError("\u{7}") }
            } gap: { reason in
                complain("gap: \(reason)")
            }
        } catch is DaemonConnection.NoDaemon {
            throw OperationError(
                .failed,
                "no daemon runs that could stream ephemeral events",
                hint: "start one with: np daemon start"
            )
        }
        throw OperationError(.failed, "the daemon has ended", hint: "without --live, np events --follow needs none")
    }
}

extension EventScan {
    /// Reads only what lies in the session that a person calls `name`.
    fileprivate func run(inSession name: String, _ visit: (Event, Span<UInt8>) throws -> Bool) throws -> Report {
        let sessions = try LoggedSessions(in: sources, fileSystem)
        guard sessions.report.missing.isEmpty else { return sessions.report }
        var scan = self
        scan.limit(to: try sessions.session(name))
        return try scan.run(visit)
    }

    fileprivate var sourceNames: String { sources.map(\.name).joined(separator: ", ") }
}

extension LogFollower.Notice {
    func message(for path: String) -> String {
        switch self {
        case .gap(.replaced): "the log \(path) was moved or deleted; following the file that is there now"
        case .gap(let gap): gap.message(for: path) + "; events \(gap.isCut ? "may be" : "are") missing here"
        case .skipped(let line): "skipped a line that is not an event: \(line)"
        }
    }
}

extension LogCursor.Gap {
    fileprivate func message(for path: String) -> String {
        switch self {
        case .replaced: "gap: \(path) was moved or deleted"
        case .missing(let files): "gap: \(files)"
        case .cut: "gap: \(path) was cut"
        }
    }

    fileprivate var isCut: Bool { if case .cut = self { true } else { false } }
}

extension EventScan.Report {
    /// Says on standard error which lines were passed over: the first few, or the first hundred.
    func complainAboutSkippedLines(verbose: Bool) {
        guard skippedCount > 0 else { return }
        let shown = skipped.prefix(verbose ? skipped.count : 10)
        let noun = skippedCount == 1 ? "line that is not an event" : "lines that are not events"
        complain("warning: skipped \(skippedCount) \(noun)")
        for line in shown { complain("  \(line)") }
        if shown.count < skippedCount { complain("  … and \(skippedCount - shown.count) more") }
    }
}
