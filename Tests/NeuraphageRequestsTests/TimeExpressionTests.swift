import NeuraphageEvents
import NeuraphagePresentation
import TestSupport
import Testing

@Suite("A time as a person types it", .apart)
struct TimeExpressionTests {
    private static let now = "2026-03-01T15:30:00.500000Z"

    @Test(
        "means a moment",
        arguments: [
            ("now", now), ("NOW", now), ("0s", now), ("today", "2026-03-01T00:00:00Z"),
            ("yesterday", "2026-02-28T00:00:00Z"), ("Yesterday", "2026-02-28T00:00:00Z"),
            ("90s", "2026-03-01T15:28:30.5Z"), ("1m", "2026-03-01T15:29:00.5Z"), ("1h", "2026-03-01T14:30:00.5Z"),
            ("1H", "2026-03-01T14:30:00.5Z"), ("-1h", "2026-03-01T14:30:00.5Z"), ("1h ago", "2026-03-01T14:30:00.5Z"),
            ("1h30m", "2026-03-01T14:00:00.5Z"), ("1h 30m", "2026-03-01T14:00:00.5Z"),
            ("2 hours 5 minutes", "2026-03-01T13:25:00.5Z"), ("2d", "2026-02-27T15:30:00.5Z"),
            ("500ms", "2026-03-01T15:30:00Z"), ("1s 500ms", "2026-03-01T15:29:59Z"),
            ("1w", "2026-02-22T15:30:00.5Z"), ("1w1d1h1m1s", "2026-02-21T14:28:59.5Z"),
            ("  1h  ", "2026-03-01T14:30:00.5Z"), ("600000w", "0000-01-01T00:00:00Z"),
            ("2026-01-11", "2026-01-11T00:00:00Z"), ("2026-01-11 15:30", "2026-01-11T15:30:00Z"),
            ("2026-01-11T15:30", "2026-01-11T15:30:00Z"), ("2026-01-11 15:30:20", "2026-01-11T15:30:20Z"),
            ("2026-01-11 15:30:20.25", "2026-01-11T15:30:20.25Z"), ("2026-01-11T15:30:00Z", "2026-01-11T15:30:00Z"),
            ("2026-01-11T15:30:00-04:00", "2026-01-11T19:30:00Z"), ("2024-02-29", "2024-02-29T00:00:00Z"),
            ("10:30", "2026-03-01T10:30:00Z"), ("9:05", "2026-03-01T09:05:00Z"), ("00:00", "2026-03-01T00:00:00Z"),
            ("10:30:20.5", "2026-03-01T10:30:20.5Z"), ("today 10:30", "2026-03-01T10:30:00Z"),
            ("yesterday 10:30", "2026-02-28T10:30:00Z"),
            // As git log, date, and journalctl print them.
            ("2026-01-11 15:30:00 +0100", "2026-01-11T14:30:00Z"), ("2026-01-11T15:30:00+0100", "2026-01-11T14:30:00Z"),
            ("2026-01-11T15:30:00-0430", "2026-01-11T20:00:00Z"), ("2026-01-11 15:30 +01", "2026-01-11T14:30:00Z"),
            ("2026-01-11T15:30+02:00", "2026-01-11T13:30:00Z"), ("2026-01-11 15:30Z", "2026-01-11T15:30:00Z"),
            ("2026-01-11 15:30:00 UTC", "2026-01-11T15:30:00Z"), ("2026-01-11 +0100", "2026-01-10T23:00:00Z"),
            ("Sun Jan 11 15:30:00 2026 +0100", "2026-01-11T14:30:00Z"),
            ("Thu Jan 1 09:05:00 2026", "2026-01-01T09:05:00Z"),
            ("Sun Jan 11 15:30:00 UTC 2026", "2026-01-11T15:30:00Z"),
            ("Sun, 11 Jan 2026 15:30:00 -0500", "2026-01-11T20:30:00Z"),
        ]
    )
    func means(text: String, expected: String) throws {
        let now = try moment(Self.now)
        #expect(try TimeExpression.moment(text, as: .since, now: now) == moment(expected))
    }

    @Test(
        "is a mistake that says what to type instead",
        arguments: [
            "", " ", "1", "h", "1x", "1mo", "1h30", "1.5h", "--1h", "+1h", "1h-", "tomorrow", "2026", "2026-01",
            "2026-13-01", "2026-02-29", "2026-01-11 25:00", "2026-01-11 15", "15:3", "24:00", "15:30 16:30",
            "99999999999999999999s",
            "9223372036854775807w", "10000000w", "500000w500000w", "1h2026-01-11", "ago", "2026-01-11T15:30+2", "+0100",
            "2026-01-11 15:30 +0100 +0100", "2026-01-11 15:30 +2500", "Jan 11 15:30:00", "Jan Feb 11 15:30 2026", "UTC",
            "١h",
        ]
    )
    func mistake(text: String) throws {
        let now = try moment(Self.now)
        let mistake = try #require(throws: OperationError.self) {
            try TimeExpression.moment(text, as: .since, now: now)
        }
        #expect(mistake.description.hasPrefix("'\(text)' is not a time; use an age such as 90s"))
    }

    /// New York: five hours behind UTC, four from March 8 to November 1 of 2026, 2 o'clock standard and daylight time.
    private static let newYork = LocalZone { moment in
        let summer = CivilTime(year: 2026, month: 3, day: 8, hour: 7).microsecondsSinceEpoch
        let winter = CivilTime(year: 2026, month: 11, day: 1, hour: 6).microsecondsSinceEpoch
        return (summer..<winter).contains(moment.microsecondsSinceEpoch) ? -4 * 3_600 : -5 * 3_600
    }

    @Test("without an offset is local time where local time is asked for, a date with an offset never is")
    func zone() throws {
        let now = try moment("2026-03-01T02:30:00Z")
        func local(_ text: String) throws -> Timestamp {
            try TimeExpression.moment(text, as: .since, now: now, zone: Self.newYork)
        }
        #expect(try local("today") == moment("2026-02-28T00:00:00-05:00"))
        #expect(try local("yesterday") == moment("2026-02-27T00:00:00-05:00"))
        #expect(try local("21:00") == moment("2026-02-28T21:00:00-05:00"))
        #expect(try local("2026-01-11 15:30") == moment("2026-01-11T15:30:00-05:00"))
        #expect(try local("2026-07-11 15:30") == moment("2026-07-11T15:30:00-04:00"))
        #expect(try local("2026-01-11T15:30:00Z") == moment("2026-01-11T15:30:00Z"))
        #expect(try local("2026-01-11 15:30 +0100") == moment("2026-01-11T14:30:00Z"))
        #expect(try local("1h") == now - .seconds(3_600))
    }

    @Test("hides nothing where a clock change skips the hour, or has it come twice")
    func clockChanges() throws {
        let now = try moment("2026-12-01T00:00:00Z")
        func local(_ text: String, _ bound: TimeExpression.Bound) throws -> Timestamp {
            try TimeExpression.moment(text, as: bound, now: now, zone: Self.newYork)
        }
        for bound in [TimeExpression.Bound.since, .until] {
            #expect(try local("2026-03-08 02:30", bound) == moment("2026-03-08T07:00:00Z"))
            #expect(try local("2026-03-08 01:59", bound) == moment("2026-03-08T06:59:00Z"))
            #expect(try local("2026-03-08 03:00", bound) == moment("2026-03-08T07:00:00Z"))
            #expect(try local("2026-11-01 02:00", bound) == moment("2026-11-01T07:00:00Z"))
            #expect(try local("2026-11-01 00:59", bound) == moment("2026-11-01T04:59:00Z"))
        }
        #expect(try local("2026-11-01 01:30", .since) == moment("2026-11-01T05:30:00Z"))
        #expect(try local("2026-11-01 01:30", .until) == moment("2026-11-01T06:30:00Z"))
    }

    @Test("is the moment of the change on a day that is left out, as on Samoa in 2011")
    func skippedDay() throws {
        let samoa = LocalZone { moment in
            let change = CivilTime(year: 2011, month: 12, day: 30, hour: 10).microsecondsSinceEpoch
            return (moment.microsecondsSinceEpoch < change ? -10 : 14) * 3_600
        }
        let now = try moment("2026-12-01T00:00:00Z")
        for text in ["2011-12-30", "2011-12-30 12:00", "2011-12-30 23:59:59.999999"] {
            #expect(
                try TimeExpression.moment(text, as: .since, now: now, zone: samoa) == moment("2011-12-30T10:00:00Z")
            )
        }
    }
}
