// The options that say of which time events are wanted.

import ArgumentParser
import NeuraphageEvents
import NeuraphageRequests

struct TimeSpanOptions: ParsableArguments {
    @Option(
        name: [.customShort("S"), .long],
        parsing: .unconditional,
        help: ArgumentHelp(
            "Only events since then: 90s, 1h30m, 2d, 1w, today, yesterday, 15:30, 2026-01-11, \"2026-01-11 15:30\", RFC 3339, or as git log prints it.",
            valueName: "when"
        )
    )
    var since: String?

    @Option(
        name: [.customShort("U"), .long],
        parsing: .unconditional,
        help: ArgumentHelp("Only events until then.", valueName: "when")
    )
    var until: String?

    /// What was asked for, by the names of the daemon's API.
    var asked: [(field: FilterField, text: String)] {
        [since.map { (.since, $0) }, until.map { (.until, $0) }].compactMap(\.self)
    }
}
