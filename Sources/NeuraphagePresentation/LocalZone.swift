// Local time, and what a clock change makes of it: an hour that is skipped, and one that comes twice.

package import NeuraphageEvents

/// A time zone, as how far its clocks are ahead of UTC at a moment.
package struct LocalZone: Sendable {
    /// In seconds.
    private let offset: @Sendable (Timestamp) -> Int64

    /// Its name, such as `Europe/Berlin`, if that is known.
    package let name: String?

    /// - Parameter offset: How far local time is ahead of UTC at a moment, in seconds.
    package init(named name: String? = nil, offset: @escaping @Sendable (Timestamp) -> Int64) {
        (self.name, self.offset) = (name, offset)
    }

    package static let utc = LocalZone { _ in 0 }

    /// What a clock shows at a moment.
    package func time(at moment: Timestamp) -> CivilTime {
        CivilTime(moment + .seconds(offset(moment)))
    }

    /// When the day began that a moment is in.
    package func beginningOfDay(_ moment: Timestamp) -> Timestamp {
        var time = time(at: moment)
        (time.hour, time.minute, time.second, time.microsecond) = (0, 0, 0, 0)
        return moments(at: time).lowerBound
    }

    /// The moments at which clocks show a time, the first and the last one: two where they are set back, and the moment of
    /// the change where they skip it.
    package func moments(at time: CivilTime) -> ClosedRange<Timestamp> {
        let asUTC = Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch)
        // No zone is a day away from UTC, so these are the offsets before and after.
        let day = Duration.seconds(86_400)
        let candidates = [offset(asUTC - day), offset(asUTC + day)].map { asUTC - .seconds($0) }
        let real = candidates.filter { self.time(at: $0) == time }
        if let first = real.min(), let last = real.max() { return first...last }
        let change = change(between: min(candidates[0], candidates[1]), and: max(candidates[0], candidates[1]))
        return change...change
    }

    /// The first moment at which another offset holds than at `start`; `end` if none is before it.
    private func change(between start: Timestamp, and end: Timestamp) -> Timestamp {
        let before = offset(start)
        var (low, high) = (start.microsecondsSinceEpoch / 1_000_000, end.microsecondsSinceEpoch / 1_000_000)
        while high - low > 1 {
            let middle = low + (high - low) / 2
            let moment = Timestamp(microsecondsSinceEpoch: middle * 1_000_000)
            if offset(moment) == before { low = middle } else { high = middle }
        }
        return min(Timestamp(microsecondsSinceEpoch: high * 1_000_000), end)
    }
}
