// `np sessions`: when a daemon ran, and how it ended, as the log tells it.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageProjections
import NeuraphageSystem

struct SessionsCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "sessions",
        abstract: "Show the daemon's sessions, the latest last.",
        discussion: """
            A session is the time from a daemon's start to its end, which the log marks at both ends. One that has no \
            end, and isn't the running daemon's, is one whose daemon died.

            np events --session 0       what happened in the latest one
            np events --session -1      in the one before it
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<ListFormat>
    @OptionGroup var timeOptions: TimeOptions

    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Only the last N of them.", valueName: "n")
    )
    var last: Int?

    func validate() throws {
        if let last, last < 0 { throw ValidationError("--last \(last) is negative; say how many sessions you want.") }
    }

    func run() throws {
        let configuration = try global.configurationForReading()
        let path = configuration.log.path
        let sessions = try LoggedSessions(in: [.log(path)], configuration.dataDirectory.files)
        if let reason = configuration.switchedOff { complain("note: \(reason)") }
        complainAboutReserve(of: configuration)
        sessions.report.complainAboutSkippedLines(verbose: global.verbose)
        guard sessions.report.missing.isEmpty else {
            complain("there is no log yet at \(path); the first event makes it (see np demo, np emit --help)")
            return
        }
        guard !sessions.all.isEmpty else {
            complain("there are no sessions yet in \(path); np daemon start begins one")
            return
        }
        var table = SessionTable(
            sessions: sessions,
            living: DaemonLock.livingSession(in: configuration.dataDirectory),
            isLastClean: DaemonLock.hasEndedInOrder(in: configuration.dataDirectory),
            clock: timeOptions.clock(configuration)
        )
        table.last = last
        var output = OutputStream()
        for line in formatOptions.isJSON ? table.json(isTerminal: output.isTerminal) : table.text {
            output.bytes.append(contentsOf: (line + "\n").utf8)
            try output.flushIfLarge()
        }
        try output.flush()
    }
}
