// Where a log has an event. Without the hash that a position has: whoever reads there knows the event's id, and compares
// that.

package import NeuraphageEvents

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

/// An event that a log has: enough to find it again, and to say when it was.
package struct EventMark: Hashable, Sendable {
    package let id: EventID
    package let time: Timestamp
    package let place: EventPlace

    package init(_ event: Event, at place: EventPlace) {
        (id, time) = (event.id, event.timestamp)
        self.place = place
    }

    package init(id: EventID, time: Timestamp, place: EventPlace) {
        (self.id, self.time, self.place) = (id, time, place)
    }
}
