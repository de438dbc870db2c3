// What a person may type for a moment: 1h30m, today, 15:30, 2026-01-11 15:30, RFC 3339, what git log prints.

package import NeuraphageEvents

/// A moment as a person writes it, relative to now where it is relative.
package enum TimeExpression {
    /// Which end of a span of time is typed. It decides where a clock change makes a local time ambiguous: the span must hide
    /// nothing that may have been meant.
    package enum Bound: Sendable {
        case since, until
    }

    /// The moment that `text` means.
    ///
    /// - Parameters:
    ///   - bound: The end of a span of time that it is.
    ///   - now: The moment that ages count back from.
    ///   - zone: How far local time is ahead of UTC, for times written without an offset.
    package static func moment(
        _ text: String,
        as bound: Bound,
        now: Timestamp,
        zone: LocalZone = .utc
    ) throws(OperationError) -> Timestamp {
        let trimmed = String(text.drop(while: { $0 == " " }).reversed().drop(while: { $0 == " " }).reversed())
        func local(_ time: CivilTime) -> Timestamp {
            let moments = zone.moments(at: time)
            return bound == .since ? moments.lowerBound : moments.upperBound
        }
        if trimmed.lowercased() == "now" { return now }
        if let age = age(trimmed) { return now - age }
        if let time = timeOfDay(trimmed.lowercased(), today: zone.time(at: now)) { return local(time) }
        if let moment = Timestamp(trimmed) { return moment }
        if let (time, offset) = dateAndTime(trimmed) {
            guard let offset else { return local(time) }
            return Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch) - .seconds(offset * 60)
        }
        let hint = """
            use an age such as 90s, 1h, 2d, 1w or 1h30m, or now, today, yesterday, 15:30, 2026-01-11, "2026-01-11 15:30", \
            "2026-01-11 15:30:00 +0100" or 2026-01-11T15:30:00Z
            """
        throw OperationError(.usage, "'\(text)' is not a time", hint: hint)
    }

    /// A duration as for `duration(_:)`. `-1h` and `1h ago` mean the same.
    private static func age(_ text: String) -> Duration? {
        var text = text
        if text.lowercased().hasSuffix(" ago") { text = String(text.dropLast(4)) }
        if text.hasPrefix("-") { text = String(text.dropFirst()) }
        return duration(text)
    }

    /// `1h30m`, `500ms` and the like: one or more whole numbers, each with its unit, also with spaces between them.
    package static func duration(_ text: String) -> Duration? {
        var rest = Substring(text.lowercased())
        var milliseconds: Int64 = 0
        var hasParts = false
        while !rest.isEmpty {
            let digits = rest.prefix(while: { ("0"..."9").contains($0) })
            rest = rest.dropFirst(digits.count).drop(while: { $0 == " " })
            let unit = rest.prefix(while: \.isLetter)
            rest = rest.dropFirst(unit.count).drop(while: { $0 == " " })
            guard let number = Int64(digits), let factor = Self.milliseconds(in: unit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: factor)
            let (sum, sumOverflow) = milliseconds.addingReportingOverflow(product)
            guard !overflow, !sumOverflow, sum < 400_000_000_000_000 else { return nil }
            milliseconds = sum
            hasParts = true
        }
        return hasParts ? .milliseconds(milliseconds) : nil
    }

    private static func milliseconds(in unit: Substring) -> Int64? {
        switch unit {
        case "ms", "millisecond", "milliseconds": 1
        case "s", "sec", "secs", "second", "seconds": 1_000
        case "m", "min", "mins", "minute", "minutes": 60_000
        case "h", "hr", "hrs", "hour", "hours": 3_600_000
        case "d", "day", "days": 86_400_000
        case "w", "week", "weeks": 604_800_000
        default: nil
        }
    }
}
