package import NeuraphageEvents

/// What a projection has come to.
package struct Folded<P: Projection>: Sendable {
    package internal(set) var parts: ProjectionParts<P.Part>
    /// Up to where the log was folded; `nil` if there is none.
    package internal(set) var end: LogPosition?
    package internal(set) var report = FoldReport()
    /// The latest time of the events that were folded.
    var latest = Timestamp.earliest
}

/// What was not folded because it is not there, or is no event.
package struct FoldReport: Hashable, Sendable {
    /// How many lines are not events.
    package internal(set) var skippedCount = 0
    /// How many of the log's files are missing.
    package internal(set) var missingFiles = 0
}
