// A moment in UTC with microseconds, and its RFC 3339 text.
//
// Written by hand because Foundation's formatters cost a microsecond or more and change the fraction. The calendar
// arithmetic is the usual one on eras of 400 years that begin on 1 March.

package import NeuraphagePlatform

/// A moment in time, in UTC, with microseconds, between the years 0000 and 9999.
///
/// Its text is RFC 3339 with always six fractional digits: `2026-01-11T15:30:00.000000Z`. Any RFC 3339 form is read;
/// digits beyond the microsecond are cut off.
public struct Timestamp: Hashable, Comparable, Sendable {
    /// Microseconds since 1970-01-01T00:00:00Z, negative before it.
    public let microsecondsSinceEpoch: Int64

    /// The earliest moment that has an RFC 3339 text: the beginning of the year 0000.
    public static let earliest = Timestamp(unchecked: -62_167_219_200_000_000)
    /// The latest moment that has an RFC 3339 text: the end of the year 9999.
    public static let latest = Timestamp(unchecked: 253_402_300_799_999_999)

    private init(unchecked microseconds: Int64) {
        microsecondsSinceEpoch = microseconds
    }

    /// The moment this many microseconds after 1970-01-01T00:00:00Z, held within ``earliest`` and ``latest``.
    public init(microsecondsSinceEpoch microseconds: Int64) {
        self.microsecondsSinceEpoch = min(
            max(microseconds, Self.earliest.microsecondsSinceEpoch),
            Self.latest.microsecondsSinceEpoch
        )
    }

    /// What the system's wall clock says, held within ``earliest`` and ``latest``. It may step back.
    public static var now: Timestamp {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return Timestamp(time)
    }

    /// The moment as the system tells it, held within ``earliest`` and ``latest``.
    package init(_ time: timespec) {
        let microseconds = Int64(time.tv_sec).saturatingTimes(1_000_000).saturatingPlus(Int64(time.tv_nsec) / 1_000)
        self.init(microsecondsSinceEpoch: microseconds)
    }

    /// Reads any RFC 3339 date and time, such as `2026-01-11T15:30:00Z` or `2026-01-11 10:30:00.5-05:00`; `nil` for
    /// anything else.
    public init?(_ text: String) {
        var text = text
        let parsed = text.withUTF8 { Self.parse($0.span, 0..<$0.count) }
        guard let parsed else { return nil }
        self = parsed
    }

    /// Whether the left moment lies before the right one.
    public static func < (left: Self, right: Self) -> Bool {
        left.microsecondsSinceEpoch < right.microsecondsSinceEpoch
    }

    /// The moment `duration` later.
    public static func + (moment: Self, duration: Duration) -> Self {
        Self(microsecondsSinceEpoch: moment.microsecondsSinceEpoch.saturatingPlus(duration.microseconds))
    }

    /// The moment `duration` earlier.
    public static func - (moment: Self, duration: Duration) -> Self {
        moment + (.zero - duration)
    }

    /// The time from the right moment to the left one.
    public static func - (left: Self, right: Self) -> Duration {
        .microseconds(left.microsecondsSinceEpoch - right.microsecondsSinceEpoch)
    }
}

extension Timestamp: CustomStringConvertible {
    /// RFC 3339 in UTC with six fractional digits, such as `2026-01-11T15:30:00.000000Z`.
    public var description: String {
        var text: [UInt8] = []
        text.reserveCapacity(27)
        encode(into: &text)
        return String(decoding: text, as: UTF8.self)
    }

    func encode(into line: inout [UInt8]) {
        let time = CivilTime(self)
        time.encode(separator: "T", into: &line)
        line.append(UInt8(ascii: "."))
        line.appendDecimal(time.microsecond, width: 6)
        line.append(UInt8(ascii: "Z"))
    }
}

extension Timestamp {
    /// Reads an RFC 3339 date and time that fills `range` exactly (RFC 3339 section 5.6; lower-case letters and a space
    /// in place of the `T` are allowed there).
    static func parse(_ bytes: Span<UInt8>, _ range: Range<Int>) -> Timestamp? {
        if let time = CivilTime(canonical: bytes, range) {
            return Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch)
        }
        var scanner = DigitScanner(position: range.lowerBound, end: range.upperBound)
        guard let year = scanner.number(bytes, digits: 4), scanner.skip(bytes, "-"),
            let month = scanner.number(bytes, digits: 2), scanner.skip(bytes, "-"),
            let day = scanner.number(bytes, digits: 2),
            scanner.skip(bytes, "T") || scanner.skip(bytes, "t") || scanner.skip(bytes, " "),
            let hour = scanner.number(bytes, digits: 2), scanner.skip(bytes, ":"),
            let minute = scanner.number(bytes, digits: 2), scanner.skip(bytes, ":"),
            let second = scanner.number(bytes, digits: 2)
        else { return nil }

        var microsecond = 0
        if scanner.skip(bytes, ".") {
            guard let fraction = scanner.fraction(bytes) else { return nil }
            microsecond = fraction
        }
        guard let offset = scanner.offset(bytes), scanner.position == scanner.end,
            hour < 24, minute < 60, second <= 60  // 60: a leap second
        else { return nil }

        let time = CivilTime(
            year: year,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            microsecond: microsecond
        )
        guard time.isDate else { return nil }
        return Timestamp(microsecondsSinceEpoch: time.microsecondsSinceEpoch - Int64(offset) * 60_000_000)
    }
}

/// A date and a time of day in the proleptic Gregorian calendar, without a time zone.
package struct CivilTime: Equatable {
    package var year: Int
    package var month: Int
    package var day: Int
    package var hour: Int = 0
    package var minute: Int = 0
    package var second: Int = 0
    package var microsecond: Int = 0

    package init(
        year: Int,
        month: Int,
        day: Int,
        hour: Int = 0,
        minute: Int = 0,
        second: Int = 0,
        microsecond: Int = 0
    ) {
        self.year = year
        self.month = month
        self.day = day
        self.hour = hour
        self.minute = minute
        self.second = second
        self.microsecond = microsecond
    }

    /// The UTC date and time of `moment`.
    package init(_ moment: Timestamp) {
        let (seconds, microsecond) = moment.microsecondsSinceEpoch.dividedRoundingDown(by: 1_000_000)
        let (days, secondOfDay) = seconds.dividedRoundingDown(by: 86_400)
        let (era, dayOfEra) = (days + 719_468).dividedRoundingDown(by: 146_097)
        let yearOfEra = (dayOfEra - dayOfEra / 1_460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let monthFromMarch = (5 * dayOfYear + 2) / 153
        let month = monthFromMarch < 10 ? monthFromMarch + 3 : monthFromMarch - 9
        self.init(
            year: Int(yearOfEra + era * 400 + (month <= 2 ? 1 : 0)),
            month: Int(month),
            day: Int(dayOfYear - (153 * monthFromMarch + 2) / 5 + 1),
            hour: Int(secondOfDay / 3_600),
            minute: Int(secondOfDay / 60 % 60),
            second: Int(secondOfDay % 60),
            microsecond: Int(microsecond)
        )
    }

    /// Appends date and time to the second, such as `2026-01-11T15:30:00`.
    package func encode(separator: Unicode.Scalar, into text: inout [UInt8]) {
        text.appendDecimal(year, width: 4)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(month, width: 2)
        text.append(UInt8(ascii: "-"))
        text.appendDecimal(day, width: 2)
        text.append(UInt8(ascii: separator))
        text.appendDecimal(hour, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(minute, width: 2)
        text.append(UInt8(ascii: ":"))
        text.appendDecimal(second, width: 2)
    }

    /// Whether there is such a day.
    package var isDate: Bool {
        guard (1...12).contains(month), day >= 1 else { return false }
        if month != 2 { return day <= 30 + (month + month / 8) % 2 }
        let isLeapYear = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0)
        return day <= (isLeapYear ? 29 : 28)
    }

    /// Microseconds from 1970-01-01T00:00:00, taking this as UTC.
    package var microsecondsSinceEpoch: Int64 {
        let (era, yearOfEra) = Int64(month <= 2 ? year - 1 : year).dividedRoundingDown(by: 400)
        let dayOfYear = Int64((153 * (month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1)
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        let days = era * 146_097 + dayOfEra - 719_468
        let seconds = days * 86_400 + Int64(hour * 3_600 + minute * 60 + second)
        return seconds * 1_000_000 + Int64(microsecond)
    }
}

extension CivilTime {
    /// A moment in the form in which moments are written here, such as `2026-01-11T15:30:00.000000Z`; `nil` for any other
    /// form, and if there is no such moment.
    fileprivate init?(canonical bytes: Span<UInt8>, _ range: Range<Int>) {
        guard range.count == 27 else { return nil }
        let text = bytes.extracting(range)
        guard text[4] == UInt8(ascii: "-"), text[7] == UInt8(ascii: "-"), text[10] == UInt8(ascii: "T"),
            text[13] == UInt8(ascii: ":"), text[16] == UInt8(ascii: ":"), text[19] == UInt8(ascii: "."),
            text[26] == UInt8(ascii: "Z")
        else { return nil }
        /// Two digits; less than 0 if there is anything else.
        func pair(_ index: Int) -> Int {
            let (tens, ones) = (text[index] &- UInt8(ascii: "0"), text[index + 1] &- UInt8(ascii: "0"))
            return tens < 10 && ones < 10 ? Int(tens) * 10 + Int(ones) : -1
        }
        let (century, yearOfCentury, month, day) = (pair(0), pair(2), pair(5), pair(8))
        let (hour, minute, second) = (pair(11), pair(14), pair(17))
        let (tenThousands, hundreds, ones) = (pair(20), pair(22), pair(24))
        guard century | yearOfCentury | month | day | hour | minute | second | tenThousands | hundreds | ones >= 0,
            hour < 24, minute < 60, second <= 60  // 60: a leap second
        else { return nil }
        self.init(
            year: century * 100 + yearOfCentury,
            month: month,
            day: day,
            hour: hour,
            minute: minute,
            second: second,
            microsecond: (tenThousands * 100 + hundreds) * 100 + ones
        )
        guard isDate else { return nil }
    }
}

/// Reads the parts of a date from bytes.
private struct DigitScanner {
    var position: Int
    let end: Int

    mutating func skip(_ bytes: Span<UInt8>, _ character: Unicode.Scalar) -> Bool {
        guard position < end, bytes[position] == UInt8(ascii: character) else { return false }
        position += 1
        return true
    }

    mutating func number(_ bytes: Span<UInt8>, digits: Int) -> Int? {
        guard position + digits <= end else { return nil }
        var number = 0
        for index in position..<position + digits {
            let digit = bytes[index] &- UInt8(ascii: "0")
            guard digit < 10 else { return nil }
            number = number * 10 + Int(digit)
        }
        position += digits
        return number
    }

    /// One or more digits behind the decimal point, as microseconds.
    mutating func fraction(_ bytes: Span<UInt8>) -> Int? {
        let start = position
        var microseconds = 0
        var unit = 100_000
        while position < end, bytes[position] &- UInt8(ascii: "0") < 10 {
            microseconds += Int(bytes[position] &- UInt8(ascii: "0")) * unit
            unit /= 10
            position += 1
        }
        return position > start ? microseconds : nil
    }

    /// `Z`, or hours and minutes east of UTC, as minutes.
    mutating func offset(_ bytes: Span<UInt8>) -> Int? {
        if skip(bytes, "Z") || skip(bytes, "z") { return 0 }
        let sign: Int
        if skip(bytes, "+") { sign = 1 } else if skip(bytes, "-") { sign = -1 } else { return nil }
        guard let hours = number(bytes, digits: 2), skip(bytes, ":"), let minutes = number(bytes, digits: 2),
            hours < 24, minutes < 60
        else { return nil }
        return sign * (hours * 60 + minutes)
    }
}

extension Int64 {
    fileprivate func dividedRoundingDown(by divisor: Int64) -> (quotient: Int64, remainder: Int64) {
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        return remainder < 0 ? (quotient - 1, remainder + divisor) : (quotient, remainder)
    }
}

extension [UInt8] {
    /// Appends the last `width` digits of a number, filled up with zeros.
    fileprivate mutating func appendDecimal(_ number: Int, width: Int) {
        var divisor = 1
        for _ in 1..<width { divisor *= 10 }
        while divisor > 0 {
            append(UInt8(ascii: "0") + UInt8(abs(number / divisor % 10)))
            divisor /= 10
        }
    }
}
