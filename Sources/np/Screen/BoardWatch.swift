// np --watch: the board, redrawn when something has changed. It is looked at when the log has grown, twice a second at most,
// and now and then because of what no event tells: that a process is gone, that time passes.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphagePresentation
import NeuraphageStatus
import NeuraphageSystem

struct BoardWatch {
    /// How often to look although no event has come, and how often at most.
    private static let rest = Duration.seconds(30)
    private static let pace = Duration.milliseconds(500)

    let logPath: String
    let rings: Bool
    /// Makes the lines for a number of columns of what is now, and says which tasks wait.
    let look: (_ columns: Int) throws -> (lines: [String], board: TaskBoard)

    /// Shows the board until the user has had enough.
    ///
    /// - Returns: The signal by which this process is to end, if it was one.
    func run() throws -> Int32? {
        let signals = SignalReceiver()
        defer { signals.restore() }
        let news = ScreenNews()
        guard news.begin(signals, logPath: logPath) else {
            throw OperationError(.failed, "the system has no thread left")
        }
        var bell = WaitBell()
        var screen = FullScreen()
        var lines: [String] = []
        defer {
            screen.end()
            try? printLines(lines.joined(separator: "\n"))
        }
        while true {
            // Looked at before the screen is taken, so that an error is on the one that stays.
            let found = try look(screen.size.columns - 1)
            let looked = MonotonicClock.now
            lines = found.lines
            try screen.begin()
            try screen.draw(lines, ringing: bell.rings(for: found.board) && rings)
            if let end = try wait(news, signals, &screen, since: looked, for: bell.nextChange(in: found.board)) {
                if case .signal(let number) = end { return number }
                return nil
            }
        }
    }

    /// Waits until it is time to look again.
    ///
    /// - Returns: How to end, if that is what has come.
    private func wait(
        _ news: ScreenNews,
        _ signals: SignalReceiver,
        _ screen: inout FullScreen,
        since looked: UInt64,
        for change: Duration?
    ) throws -> ScreenNews.End? {
        let pause = min(Self.rest, max(change ?? Self.rest, Self.pace))
        var found = news.next(until: looked.saturatingPlus(Self.pace.nanoseconds), ignoringGrowth: true)
        if !found.isUrgent { found = news.next(until: looked.saturatingPlus(pause.nanoseconds)) }
        if let end = found.end { return end }
        if let number = found.stop {
            screen.end()
            signals.stop(by: number)
            try screen.begin()
        } else if found.isResized {
            screen.forget()
        }
        return nil
    }
}

/// Which waits have been rung for.
struct WaitBell {
    private var known: Set<String>?

    /// Whether a task waits for you that did not before: one whose wait is a minute old, because most are over sooner. What
    /// waits when the bell is hung is seen, and not rung for.
    mutating func rings(for board: TaskBoard) -> Bool {
        let waits = board.tasks.filter { $0.waitsForYou && !$0.waitsQuietly(at: board.time) }
        let now = Set(waits.map { "\($0.since?.description ?? "") \($0.task)" })
        defer { known = now }
        return known.map { !now.isSubset(of: $0) } ?? false
    }

    /// When the next wait is no longer quiet.
    func nextChange(in board: TaskBoard) -> Duration? {
        board.tasks.filter { $0.waitsQuietly(at: board.time) }
            .compactMap { $0.since.map { since in TaskStatus.quietWait - (board.time - since) } }.min()
    }
}
