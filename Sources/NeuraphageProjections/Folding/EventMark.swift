package import NeuraphageEvents

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
