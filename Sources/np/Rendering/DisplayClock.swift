// Times as people read and type them, in UTC or in local time.

import ArgumentParser
import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation

/// The time zone in which times are shown and read.
enum DisplayClock: String, CaseIterable, ExpressibleByArgument {
    case utc
    case local

    /// `2026-01-11 15:30:00`.
    func text(of moment: Timestamp) -> String {
        var text: [UInt8] = []
        civilTime(at: moment).encode(separator: " ", into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    /// The moment that a person means by `text`.
    func moment(_ text: String, now: Timestamp = .now) throws(OperationError) -> Timestamp {
        try TimeExpression.moment(text, now: now, zone: moment(at:), today: civilTime(at:))
    }

    private func civilTime(at moment: Timestamp) -> CivilTime {
        guard self == .local else { return CivilTime(moment) }
        var seconds = time_t((moment.microsecondsSinceEpoch - Int64(CivilTime(moment).microsecond)) / 1_000_000)
        var parts = tm()
        // In local time, the first moments there are may lie in a year before 0, and the last ones in the year 10000.
        guard localtime_r(&seconds, &parts) != nil, (-1_900..<8_100).contains(parts.tm_year) else {
            return CivilTime(moment)
        }
        return CivilTime(
            year: Int(parts.tm_year) + 1_900,
            month: Int(parts.tm_mon) + 1,
            day: Int(parts.tm_mday),
            hour: Int(parts.tm_hour),
            minute: Int(parts.tm_min),
            second: Int(parts.tm_sec),
            microsecond: CivilTime(moment).microsecond
        )
    }

    private func moment(at time: CivilTime) -> Timestamp {
        guard self == .local else { return Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch) }
        var parts = tm()
        parts.tm_year = Int32(time.year - 1_900)
        parts.tm_mon = Int32(time.month - 1)
        parts.tm_mday = Int32(time.day)
        parts.tm_hour = Int32(time.hour)
        parts.tm_min = Int32(time.minute)
        parts.tm_sec = Int32(time.second)
        parts.tm_isdst = -1  // let the zone's rules decide
        return Timestamp(
            microsecondsSinceEpoch: Int64(mktime(&parts)).saturatingTimes(1_000_000).saturatingPlus(
                Int64(time.microsecond)
            )
        )
    }
}
