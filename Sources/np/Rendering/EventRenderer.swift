import ArgumentParser
import NeuraphageEvents

/// Turns events into the bytes that are printed, one line each.
protocol EventRenderer {
    /// Appends the line that comes before the first event, if the format has one.
    func renderHeader(into output: inout [UInt8])
    /// Appends an event, whose line in the log is `line`.
    mutating func render(_ event: Event, line: Span<UInt8>, into output: inout [UInt8])
    /// Appends what is held back. From then on, nothing is.
    mutating func settle(into output: inout [UInt8])
}

extension EventRenderer {
    func renderHeader(into output: inout [UInt8]) {}
    func settle(into output: inout [UInt8]) {}
}

/// The formats in which events are printed.
enum OutputFormat: String, ResultFormat {
    case text
    case json
    case raw
    case csv

    static let help = "The format: raw is the bytes as they are in the file."

    /// - Parameter showsIDs: Whether text has the ids, which the other formats have anyway.
    func renderer(
        style: Style,
        clock: DisplayClock,
        isTerminal: Bool,
        showsIDs: Bool = false
    ) -> any EventRenderer {
        switch self {
        case .text: TextRenderer(style: style, clock: clock, showsIDs: showsIDs)
        case .json: JSONRenderer(isTerminal: isTerminal)
        case .raw: RawRenderer(isTerminal: isTerminal)
        case .csv: CSVRenderer()
        }
    }
}
