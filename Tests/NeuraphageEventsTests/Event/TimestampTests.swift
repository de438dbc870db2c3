import TestSupport
import Testing

@testable import NeuraphageEvents

@Suite("A moment", .apart)
struct TimestampTests {
    @Test(
        "is read in any RFC 3339 form, and written in one",
        arguments: [
            ("2026-01-11T15:30:00Z", "2026-01-11T15:30:00.000000Z"),
            ("2026-01-11T15:30:00.5Z", "2026-01-11T15:30:00.500000Z"),
            ("2026-01-11T15:30:00.12Z", "2026-01-11T15:30:00.120000Z"),
            ("2026-01-11T15:30:00.123Z", "2026-01-11T15:30:00.123000Z"),
            ("2026-01-11T15:30:00.1234Z", "2026-01-11T15:30:00.123400Z"),
            ("2026-01-11T15:30:00.12345Z", "2026-01-11T15:30:00.123450Z"),
            ("2026-01-11T15:30:00.000001Z", "2026-01-11T15:30:00.000001Z"),
            ("2026-01-11T15:30:00.1234567Z", "2026-01-11T15:30:00.123456Z"),
            ("2026-01-11T15:30:00.99999999Z", "2026-01-11T15:30:00.999999Z"),
            ("2026-01-11T15:30:00.123456789Z", "2026-01-11T15:30:00.123456Z"),
            ("2026-01-11T15:30:00.12345678901234567890123Z", "2026-01-11T15:30:00.123456Z"),
            ("2026-01-11T11:30:00-04:00", "2026-01-11T15:30:00.000000Z"),
            ("2026-01-11T21:00:00+05:30", "2026-01-11T15:30:00.000000Z"),
            ("2026-01-12T00:30:00.25+09:00", "2026-01-11T15:30:00.250000Z"),
            ("2026-01-11T15:30:00+00:00", "2026-01-11T15:30:00.000000Z"),
            ("2026-01-11T15:30:00-00:00", "2026-01-11T15:30:00.000000Z"),
            ("2025-12-31T20:00:00-23:59", "2026-01-01T19:59:00.000000Z"),
            ("2026-01-11t15:30:00z", "2026-01-11T15:30:00.000000Z"),
            ("2026-01-11 15:30:00Z", "2026-01-11T15:30:00.000000Z"),
            ("2016-12-31T23:59:60Z", "2017-01-01T00:00:00.000000Z"),
            ("1990-12-31T15:59:60-08:00", "1991-01-01T00:00:00.000000Z"),
            ("2024-02-29T12:00:00Z", "2024-02-29T12:00:00.000000Z"),
            ("2000-02-29T12:00:00Z", "2000-02-29T12:00:00.000000Z"),
            ("1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999999Z"),
            ("0000-01-01T00:00:00Z", "0000-01-01T00:00:00.000000Z"),
            ("9999-12-31T23:59:59.999999Z", "9999-12-31T23:59:59.999999Z"),
        ]
    )
    func forms(text: String, canonical: String) throws {
        #expect(try moment(text).description == canonical)
        #expect(try moment(canonical) == moment(text))
    }

    @Test(
        "is not read from anything else",
        arguments: [
            "", "2026", "2026-01-11", "2026-01-11T15:30Z", "2026-01-11T15:30:00", "2026-1-11T15:30:00Z",
            "2026-01-11T15:30:00.Z", "2026-01-11T15:30:00,5Z", "2026-01-11T24:00:00Z", "2026-01-11T15:60:00Z",
            "2026-01-11T15:30:61Z", "2026-00-11T15:30:00Z", "2026-13-11T15:30:00Z", "2026-01-00T15:30:00Z",
            "2026-01-32T15:30:00Z", "2026-04-31T15:30:00Z", "2025-02-29T15:30:00Z", "1900-02-29T15:30:00Z",
            "2026-01-11T15:30:00+24:00", "2026-01-11T15:30:00+01:60", "2026-01-11T15:30:00+0100",
            "2026-01-11T15:30:00+01", "2026-01-11T15:30:00 Z", " 2026-01-11T15:30:00Z", "2026-01-11T15:30:00Z ",
            "2026-01-11T15:30:00Z\0", "２０２６-01-11T15:30:00Z", "-2026-01-11T15:30:00Z", "2026/01/11T15:30:00Z",
            "2026-01-11_15:30:00Z", "2026-01-11T15-30-00Z", "12026-01-11T15:30:00Z", "1768145400",
        ]
    )
    func refused(text: String) {
        #expect(Timestamp(text) == nil)
    }

    @Test("comes back from its text to the microsecond")
    func roundTrip() {
        var random = SeededGenerator(seed: 1)
        let range = Timestamp.earliest.microsecondsSinceEpoch...Timestamp.latest.microsecondsSinceEpoch
        let moments = (0..<5_000).map { _ in Timestamp(microsecondsSinceEpoch: .random(in: range, using: &random)) }
        let strays = moments.filter { Timestamp($0.description) != $0 || $0.description.utf8.count != 27 }
        #expect(strays.isEmpty)
        let sorted = moments.sorted()
        #expect(sorted.map(\.description) == moments.map(\.description).sorted())
    }

    @Test("is held between the years 0000 and 9999")
    func bounds() throws {
        #expect(Timestamp.earliest.description == "0000-01-01T00:00:00.000000Z")
        #expect(Timestamp.latest.description == "9999-12-31T23:59:59.999999Z")
        #expect(Timestamp(microsecondsSinceEpoch: .min) == .earliest)
        #expect(Timestamp(microsecondsSinceEpoch: .max) == .latest)
        #expect(Timestamp.latest + .microseconds(1) == .latest)
        #expect(Timestamp.earliest - .microseconds(1) == .earliest)
        #expect(Timestamp.latest + .seconds(Int64.max) == .latest)
        #expect(Timestamp.latest - .seconds(Int64.max) == .earliest)
        #expect(Timestamp.earliest + .seconds(Int64.max) == .latest)
        #expect(try moment("9999-12-31T23:59:59-23:59") == .latest)
    }

    @Test("can be moved by a duration and compared")
    func arithmetic() throws {
        let noon = try moment("2026-01-11T12:00:00Z")
        #expect(noon + .seconds(90) == (try moment("2026-01-11T12:01:30Z")))
        #expect(noon - .milliseconds(1) == (try moment("2026-01-11T11:59:59.999Z")))
        #expect(noon + .nanoseconds(1_999) == noon + .microseconds(1))
        #expect((noon + .seconds(3)) - noon == .seconds(3))
        #expect(noon - (noon + .microseconds(5)) == .microseconds(-5))
        #expect(noon < noon + .microseconds(1))
        #expect(noon.microsecondsSinceEpoch == 1_768_132_800_000_000)
    }

    @Test("has the right date on every day of eight centuries")
    func everyDay() {
        var expected = CivilTime(year: 1599, month: 12, day: 31)
        var strays: [String] = []
        let start = CivilTime(year: 1600, month: 1, day: 1).microsecondsSinceEpoch
        for day in 0..<Int64(2 * 146_097) {
            expected.day += 1
            if !expected.isDate { (expected.month, expected.day) = (expected.month + 1, 1) }
            if !expected.isDate { (expected.year, expected.month) = (expected.year + 1, 1) }
            let microseconds = start + day * 86_400_000_000
            if expected.microsecondsSinceEpoch != microseconds
                || CivilTime(Timestamp(microsecondsSinceEpoch: microseconds)) != expected
            {
                strays.append("\(expected)")
            }
        }
        #expect(strays.isEmpty)
        #expect(expected == CivilTime(year: 2399, month: 12, day: 31))
        #expect(CivilTime(year: 1970, month: 1, day: 1).microsecondsSinceEpoch == 0)
    }

    @Test("splits into date and time on either side of 1970")
    func civilTime() throws {
        #expect(
            CivilTime(try moment("1969-07-20T20:17:40.000002Z"))
                == CivilTime(year: 1969, month: 7, day: 20, hour: 20, minute: 17, second: 40, microsecond: 2)
        )
        #expect(
            CivilTime(try moment("2026-01-11T15:30:59.999999Z"))
                == CivilTime(year: 2026, month: 1, day: 11, hour: 15, minute: 30, second: 59, microsecond: 999_999)
        )
    }
}
