// Times as people read and type them, in UTC or in local time.

import ArgumentParser
import NeuraphageEvents
import NeuraphagePresentation

/// The time zone in which times are shown and read.
enum DisplayClock: String, CaseIterable, ExpressibleByArgument {
    case utc
    case local

    /// `2026-01-11 15:30:00`.
    func text(of moment: Timestamp) -> String {
        var text: [UInt8] = []
        zone.time(at: moment).encode(separator: " ", into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The moment that a person means by `text`, as one end of a span of time.
    func moment(
        _ text: String,
        as bound: TimeExpression.Bound,
        now: Timestamp = .now
    ) throws(OperationError) -> Timestamp {
        try TimeExpression.moment(text, as: bound, now: now, zone: zone)
    }

    /// When the day began that a moment is in.
    func beginningOfDay(_ moment: Timestamp) -> Timestamp {
        zone.beginningOfDay(moment)
    }

    private var zone: LocalZone { self == .local ? .ofThisProcess : .utc }
}
