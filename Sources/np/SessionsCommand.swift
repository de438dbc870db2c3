// `np sessions`: when a daemon ran, and how it ended, as the log tells it.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageCoordination
import NeuraphageEvents

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

    /// The formats in which sessions are printed.
    enum Format: String, CaseIterable, ExpressibleByArgument {
        case text
        case json
    }

    @OptionGroup var global: GlobalOptions

    @Option(
        name: [.customShort("n"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Only the last N of them.", valueName: "n")
    )
    var last: Int?

    @Option(name: .shortAndLong, help: "The format: json is one object a line.")
    var output: Format = .text

    @Flag(help: "The same as --output json.")
    var json = false

    @Option(help: "The time zone of the times shown. Default: utc, or as configured.")
    var time: DisplayClock?

    func validate() throws {
        if let last, last < 0 { throw ValidationError("--last \(last) is negative; say how many sessions you want.") }
    }

    func run() throws {
        let configuration = try global.configurationForReading()
        let path = configuration.log.path
        let sessions = try LoggedSessions(in: [.log(path)])
        if let reason = configuration.switchedOff { complain("note: \(reason)") }
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
            living: DaemonProgram.livingSession(configuration),
            clock: time ?? (configuration.usesLocalTime ? .local : .utc)
        )
        table.last = last
        var output = OutputStream()
        let isJSON = json || self.output == .json
        for line in isJSON ? table.json(isTerminal: output.isTerminal) : table.text {
            output.bytes.append(contentsOf: (line + "\n").utf8)
            try output.flushIfLarge()
        }
        try output.flush()
    }
}
