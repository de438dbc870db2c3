// How far a long reading has come, on standard error, once it has taken a second: the first look at a large log takes one
// pass over it.

import NeuraphageEvents
import NeuraphagePlatform

struct ReadingProgress {
    private static let patience: UInt64 = 1_000_000_000
    private static let interval: UInt64 = 200_000_000

    private let isTerminal = isatty(STDERR_FILENO) == 1
    private var due = MonotonicClock.now.saturatingPlus(Self.patience)
    private var isShown = false

    /// Shows how many of the bytes are read.
    mutating func show(_ read: Int64, of all: Int64) {
        let now = MonotonicClock.now
        guard now >= due, all > 0 else { return }
        if isTerminal {
            due = now.saturatingPlus(Self.interval)
            writeToStandardError("\r\u{1b}[Knp: reading the log: \(min(read, all) * 100 / all) % of \(all >> 20) MiB")
        } else {
            due = .max
            complain("reading the log, \(all >> 20) MiB")
        }
        isShown = true
    }

    /// Takes the line away again.
    mutating func end() {
        if isShown, isTerminal { writeToStandardError("\r\u{1b}[K") }
        isShown = false
    }
}
