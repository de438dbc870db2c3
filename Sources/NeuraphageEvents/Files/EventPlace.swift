// Where a log has an event. Without the hash that a position has, so that it costs nothing to note: a reader that comes back
// knows the id of the event, and compares that.

/// Where the line of an event begins.
package struct EventPlace: Hashable, Comparable, Sendable {
    /// The number that the segment has, or will get when it ends.
    package let segment: Int
    /// The offset of the first byte of the line.
    package let offset: Int64

    package init(segment: Int, offset: Int64) {
        self.segment = segment
        self.offset = offset
    }

    package static func < (left: Self, right: Self) -> Bool {
        (left.segment, left.offset) < (right.segment, right.offset)
    }
}
