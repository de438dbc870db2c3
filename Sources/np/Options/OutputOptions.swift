// How results are printed: one group of options for each question, for every command that prints any.

import ArgumentParser
import NeuraphageConfiguration

/// The format that is wanted.
struct FormatOptions<Format: ResultFormat>: ParsableArguments {
    @Option(name: .shortAndLong, help: ArgumentHelp(stringLiteral: Format.help))
    var output: Format = .text

    @Flag(help: "The same as --output json.")
    var json = false

    var format: Format { json ? .json : output }
    var isJSON: Bool { format.rawValue == Format.json.rawValue }
}

/// The time zone that is wanted.
struct TimeOptions: ParsableArguments {
    @Option(help: "The time zone of times, shown and typed. Default: utc, or as configured.")
    var time: DisplayClock?

    func clock(_ configuration: Configuration) -> DisplayClock {
        time ?? configuration.clock
    }
}

extension Configuration {
    /// The time zone of times if no option says otherwise.
    var clock: DisplayClock { usesLocalTime ? .local : .utc }
}

/// The colors that are wanted.
struct ColorOptions: ParsableArguments {
    @Option(help: "Whether to use color.")
    var color: ColorChoice = .auto

    func style(_ output: borrowing OutputStream) -> Style {
        color.style(isTerminal: output.isTerminal)
    }
}
