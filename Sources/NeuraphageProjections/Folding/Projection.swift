// What a log says about something, folded: a state that each event changes, and that nothing else changes. The state is in
// parts, such as one for each task, which know nothing of each other. So a reader that asks for one task need not decode the
// others.

package import NeuraphageEvents

/// A fold over the events of a log.
///
/// What becomes of a part may depend on what was applied to it, and on nothing else: no clock, no file, no other part. If it
/// depends on one that belongs to all, a reader that asks for some parts has to ask for that one, too.
package protocol Projection: Sendable {
    associatedtype Part: ProjectionPart

    /// What its checkpoint's file is called: lower-case letters and hyphens.
    static var name: String { get }
    /// Raise it when the same events come to something else, or a part is encoded another way.
    static var version: Int { get }

    /// Changes the parts that an event is about.
    static func apply(_ event: Event, at place: EventPlace, to parts: inout ProjectionParts<Part>)
    /// Something is missing in the log before the event that comes next.
    static func apply(_ gap: LogCursor.Gap, to parts: inout ProjectionParts<Part>)
}

/// A part of what a projection has come to.
package protocol ProjectionPart: Sendable {
    /// The part that these bytes were encoded from; `nil` if there is none. They have been checked, and are of this
    /// version.
    init?(_ bytes: Span<UInt8>)
    /// Appends the part's bytes: decoded, they are the same part.
    func encode(into bytes: inout [UInt8])
    /// Whether it says no more than no part would. Such a part is not kept.
    var isEmpty: Bool { get }
}
