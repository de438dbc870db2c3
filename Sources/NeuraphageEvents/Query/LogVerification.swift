// Looking at every line of a log: whether it is whole, and what it says of itself.
//
// What this cannot see is an event that was never written. But a log of this library says itself what it lost, and its
// files are numbered.

/// Examines files from their first line to their last.
///
/// Memory is the same whatever the files hold: an id that may have occurred before is looked up in a second pass, which
/// costs nothing if there is none. Only what can be read but once, a pipe, takes some 40 bytes for each event.
package struct LogVerification {
    /// Where a line stands.
    package struct Place: Hashable, Sendable, CustomStringConvertible {
        package let file: String
        /// Counted from 1.
        package let line: Int
        /// The offset of its first byte.
        package let offset: Int64

        /// May hold text from the path; make it visible before it reaches a terminal.
        package var description: String { "\(file): line \(line), byte \(offset)" }
    }

    /// Something remarkable.
    package enum Finding: Hashable, Sendable {
        /// A line is no event. `beginning` is its first 40 characters as they stand there.
        case damaged(Place, reason: String, beginning: String)
        /// An event has an id that an earlier one has.
        case repeated(Place, EventID)
        /// An event is earlier than the one before it in its file, by more than writers that write at once can explain.
        case clockWentBack(Place, microseconds: Int64)
        /// The log says that events were lost here.
        case lost(Place, count: Int, from: String?, to: String?)
        /// The last line of the log has no end yet.
        case pending(Place, bytes: Int64)
        /// Files are missing.
        case missing(LogSegments.Missing)
        /// A file cannot be read to its end, or isn't there. `reason` is a whole sentence.
        case unreadable(file: String, reason: String)
    }

    /// What was found, in numbers.
    package struct Totals: Hashable, Sendable {
        package internal(set) var files = 0
        package internal(set) var events = 0
        package internal(set) var damaged = 0
        package internal(set) var repeated = 0
        /// Events that were written again after a failed sync, as the log announces.
        package internal(set) var writtenAgain = 0
        /// How often an event is earlier than the one before it in its file, if only by a little.
        package internal(set) var backwardSteps = 0
        /// The largest of these steps.
        package internal(set) var largestStep: Int64 = 0  // µs
        /// How many events are lost, as the log itself says.
        package internal(set) var lost = 0
        /// How many lines have no end yet: one or none for each log.
        package internal(set) var pending = 0
        package internal(set) var missingFiles = 0
        package internal(set) var unreadableFiles = 0

        /// Whether every file is there and every line of it is an event.
        package var isIntact: Bool { damaged == 0 && missingFiles == 0 && unreadableFiles == 0 }
    }

    /// A greater step back in time than this is worth a finding: a writer begins a new file rather than make one.
    package static let toleratedStep: Int64 = 60_000_000  // µs

    private let sources: [LogSource]
    private let fileSystem: any FileSystem
    /// How many ids that may have occurred before are looked up in one pass, at most.
    var mostSuspects = 1 << 18

    package init(_ sources: [LogSource], fileSystem: any FileSystem = RealFileSystem()) {
        self.sources = sources
        self.fileSystem = fileSystem
    }

    /// Reads everything, and tells each finding as soon as it is made; repeated ids last.
    ///
    /// - Throws: What `tell` throws; never because of what is in a file, or because a file cannot be read.
    package func run(_ tell: (Finding) throws -> Void) throws -> Totals {
        var run = Run(sources, fileSystem, mostSuspects: mostSuspects)
        for source in sources { try run.examine(source, tell) }
        try run.tellRepeated(tell)
        return run.totals
    }
}
