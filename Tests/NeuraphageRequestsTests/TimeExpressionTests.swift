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
        ]
    )
    func means(text: String, expected: String) throws {
        let now = try moment(Self.now)
        #expect(try TimeExpression.moment(text, now: now) == moment(expected))
    }

    @Test(
        "is a mistake that says what to type instead",
        arguments: [
            "", " ", "1", "h", "1x", "1mo", "1h30", "1.5h", "--1h", "+1h", "1h-", "tomorrow", "2026", "2026-01",
            "2026-13-01", "2026-02-29", "2026-01-11 25:00", "2026-01-11 15", "15:30", "99999999999999999999s",
            "9223372036854775807w", "10000000w", "500000w500000w", "1h2026-01-11", "ago", "2026-01-11T15:30+02:00",
            "١h",
        ]
    )
    func mistake(text: String) throws {
        let now = try moment(Self.now)
        let mistake = try #require(throws: OperationError.self) { try TimeExpression.moment(text, now: now) }
        #expect(mistake.description.hasPrefix("'\(text)' is not a time; use an age such as 90s"))
    }

    @Test("without an offset is local time where local time is asked for, a date with an offset never is")
    func zone() throws {
        let now = try moment("2026-03-01T02:30:00Z")
        let behind = Duration.seconds(5 * 3_600)  // New York
        func local(_ text: String) throws -> Timestamp {
            try TimeExpression.moment(
                text,
                now: now,
                zone: { Timestamp(microsecondsSinceEpoch: $0.microsecondsSinceEpoch) + behind },
                today: { CivilTime($0 - behind) }
            )
        }
        #expect(try local("today") == moment("2026-02-28T00:00:00-05:00"))
        #expect(try local("yesterday") == moment("2026-02-27T00:00:00-05:00"))
        #expect(try local("2026-01-11 15:30") == moment("2026-01-11T15:30:00-05:00"))
        #expect(try local("2026-01-11T15:30:00Z") == moment("2026-01-11T15:30:00Z"))
        #expect(try local("1h") == now - .seconds(3_600))
    }
}
