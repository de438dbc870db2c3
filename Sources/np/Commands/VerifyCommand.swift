// `np events verify`: every line of every file, whole or not.

import ArgumentParser
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation

struct VerifyCommand: ParsableCommand {
    /// The formats in which findings are printed.
    enum Format: String, ResultFormat {
        case text
        case json

        static let help = "The format: json is one object for each finding, and one for the totals."
    }

    static let configuration = CommandConfiguration(
        commandName: "verify",
        _superCommandName: "np events",
        abstract: "Check that every line is readable and no file is missing.",
        usage: "np events verify [<options>] [<files> ...]",
        discussion: """
            Reads all files of the log of the data directory, or the files named ('-' is standard input), and says what \
            is damaged, missing, repeated or out of order, and what the log itself says it lost. A file called verify \
            is read with: np events ./verify

            Exit codes: 0 every line is readable and no file is missing, 1 otherwise.
            """
    )

    @OptionGroup var global: GlobalOptions
    @OptionGroup var formatOptions: FormatOptions<Format>

    @Argument(help: "Files to check in place of the log; '-' is standard input.", completion: .file())
    var files: [String] = []

    func run() throws {
        var output = OutputStream()
        let isTerminal = output.isTerminal
        let isJSON = formatOptions.isJSON
        let named = files.map { $0 == "-" ? LogSource.standardInput : .file($0) }
        let configuration = named.isEmpty ? try global.configurationForReading() : nil
        let sources = configuration.map { [.log($0.log.path)] } ?? named
        let totals = try LogVerification(sources).run { finding in
            let line = isJSON ? Self.line(finding.json, isTerminal) : finding.text.visible
            output.bytes.append(contentsOf: (line + "\n").utf8)
            try output.flushIfLarge()
        }
        if totals.files == 0, totals.unreadableFiles == 0, !isJSON {
            complain("there is no log yet at \(sources.map(\.name).joined(separator: ", "))")
            if let configuration { complainAboutReserve(of: configuration) }
        } else {
            let waiting = configuration?.reserve.waiting
            let lines = isJSON ? [Self.line(totals.json(waiting: waiting), isTerminal)] : totals.lines(waiting: waiting)
            output.bytes.append(contentsOf: lines.map { $0 + "\n" }.joined().utf8)
        }
        try output.flush()
        if !totals.isIntact { throw ExitCode.failure }
    }

    private static func line(_ json: JSONValue, _ isTerminal: Bool) -> String {
        let line = Payload(json).json
        return isTerminal ? line.visibleJSON : line
    }
}
