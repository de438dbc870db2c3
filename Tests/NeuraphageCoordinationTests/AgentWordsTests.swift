// The little that is taken out of what an agent says in words: whether it asks, and when a limit ends.

import NeuraphageEvents
import NeuraphagePresentation
import TestSupport
import Testing

@testable import NeuraphageAgents

@Suite("An agent's words", .apart)
struct AgentWordsTests {
    @Test(
        "end with a question if their last line has a sentence that does",
        arguments: [
            ("Shall I go on?", true), ("Done.\n\nShall I go on? (yes/no)", true), ("**Which one?**\n", true),
            ("Is that right?\n\n---\n", true), ("是吗？", true), ("Tell me \"why?\"", true),
            ("Why did it fail?\nBecause of a typo.", false), ("See http://a/b?c=d", false), ("Done.", false),
            ("Shall I go on? I would.", true), ("Why did it fail? The disk was full. Fixed.", false),
            ("Ran `what?` and done.", false), ("`a b` is gone. Shall I go on?", true), ("", false),
            ("\n \n", false), ("a ?b c", false), ("Really?!", true),
        ]
    )
    func questions(text: String, asks: Bool) {
        #expect(LastMessage.asks(text) == asks)
    }

    @Test(
        "say when a limit ends",
        arguments: [
            ("You've hit your limit · resets 3:45pm (Europe/Berlin)", "2026-01-11T15:45:00.000000Z"),
            ("You've hit your limit · resets 9am", "2026-01-12T09:00:00.000000Z"),
            ("… resets at 12am", "2026-01-12T00:00:00.000000Z"),
            ("limit resets 12:30pm", "2026-01-11T12:30:00.000000Z"),
            ("resets Jan 3, 3pm (UTC)", "2026-01-03T15:00:00.000000Z"), ("resets 18:05", "2026-01-11T18:05:00.000000Z"),
            ("Claude AI usage limit reached|1768152600", "2026-01-11T17:30:00.000000Z"),
        ]
    )
    func limits(sentence: String, moment: String) throws {
        let now = try #require(Timestamp("2026-01-11T11:00:00Z"))
        #expect(RateLimitEnd(sentence)?.moment(after: now, in: .utc)?.description == moment)
    }

    @Test("say it in the user's time zone, and with a month in the next year")
    func zones() throws {
        let now = try #require(Timestamp("2026-12-31T22:30:00Z"))
        let zone = LocalZone { _ in 3_600 }
        #expect(RateLimitEnd("resets 1am")?.moment(after: now, in: zone)?.description == "2027-01-01T00:00:00.000000Z")
        let next = RateLimitEnd("resets Jan 2, 1am")?.moment(after: now, in: zone)
        #expect(next?.description == "2027-01-02T00:00:00.000000Z")
        let berlin = LocalZone(named: "Europe/Berlin") { _ in 3_600 }
        #expect(RateLimitEnd("resets 1am (Europe/Berlin)")?.moment(after: now, in: berlin) != nil)
        #expect(RateLimitEnd("resets 1am (America/Los_Angeles)")?.moment(after: now, in: berlin) == nil)
    }

    @Test(
        "that don't say when a limit ends are not taken for it",
        arguments: [
            "", "resets", "it resets the counter 3 times", "resets 13pm", "resets 3", "resets 25:00", "resets 3:60pm",
            "resets tomorrow 3pm", "resets Jan 3pm", "limit|12345", "reset password at 3pm? no: resets 99:99",
        ]
    )
    func noLimit(sentence: String) {
        #expect(RateLimitEnd(sentence) == nil)
    }
}
