import ArgumentParser

/// A format in which results are printed.
protocol ResultFormat: CaseIterable, ExpressibleByArgument, RawRepresentable, Sendable where RawValue == String {
    static var text: Self { get }
    static var json: Self { get }
    /// What `--output` says of itself in the help.
    static var help: String { get }
}

/// The formats of a result that is one thing.
enum DocumentFormat: String, ResultFormat {
    case text
    case json

    static let help = "The format: json is one document."
}

/// The formats of results that are not events.
enum ListFormat: String, ResultFormat {
    case text
    case json

    static let help = "The format: json is one object a line."
}
