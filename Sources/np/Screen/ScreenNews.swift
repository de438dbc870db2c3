// What a screen that is redrawn waits for: the log has grown, the terminal has changed, the user has had enough. Threads
// that sleep in the kernel tell; while nothing happens, none of them wakes.

import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem

/// Collects what happens while a screen is shown.
final class ScreenNews: Sendable {
    struct News {
        var hasGrown = false
        var isResized = false
        /// The signal that stops this process for a while.
        var stop: Int32?
        /// How it is to end: by a signal, or because the user has typed `q`, or the terminal is gone.
        var end: End?

        /// Whether it must not wait until the log is looked at again.
        var isUrgent: Bool { isResized || stop != nil || end != nil }
    }

    enum End: Equatable {
        case signal(Int32)
        case asked
    }

    private let news = Lock(News())
    private let condition = Condition()

    /// Begins to listen: to signals, which must be blocked already, to the log, and to the keyboard.
    ///
    /// - Returns: Whether the system had threads for that.
    func begin(_ signals: SignalReceiver, logPath: String) -> Bool {
        DetachedThread.start { self.receive(signals) } && DetachedThread.start { self.follow(logPath) }
            && (isatty(STDIN_FILENO) == 0 || DetachedThread.start { self.readKeys() })
    }

    /// Waits until something has happened.
    ///
    /// - Parameters:
    ///   - deadline: When to stop waiting, in ns of ``MonotonicClock``.
    ///   - isPatient: Whether to wait on although the log has grown, because it was read a moment ago.
    func next(until deadline: UInt64, ignoringGrowth isPatient: Bool = false) -> News {
        let found = news.wait(for: condition, until: deadline) { news -> News? in
            guard news.isUrgent || !isPatient && news.hasGrown else { return nil }
            defer { news = News(hasGrown: isPatient && news.hasGrown) }
            return news
        }
        return found ?? News()
    }

    private func tell(_ change: (inout News) -> Void) {
        news.withLock { change(&$0) }
        condition.broadcast()
    }

    private func receive(_ signals: SignalReceiver) {
        while true {
            guard let number = signals.next()?.number else { continue }
            switch number {
            case SIGWINCH: tell { $0.isResized = true }
            case SIGTSTP, SIGTTIN, SIGTTOU: tell { $0.stop = number }
            case SIGINT, SIGTERM, SIGHUP, SIGQUIT: tell { $0.end = .signal(number) }
            default: break
            }
        }
    }

    private func follow(_ path: String) {
        do {
            var follower = try LogFollower(path: path, filter: EventFilter())
            let end = try EventScan.end(ofLogAt: path, RealFileSystem())
            // What came before the end was found may have been missed by the first look.
            tell { $0.hasGrown = true }
            try follower.run(from: end, output: STDOUT_FILENO) { _, _ in
                self.tell { $0.hasGrown = true }
            } notice: { _ in
                self.tell { $0.hasGrown = true }
            } idle: {
            }
        } catch {
            // The next look says why the log cannot be read.
            return tell { $0.hasGrown = true }
        }
        tell { $0.end = $0.end ?? .asked }
    }

    private func readKeys() {
        var key: UInt8 = 0
        while true {
            let count = read(STDIN_FILENO, &key, 1)
            if count < 0, errno == EINTR { continue }
            guard count == 1 else { return }
            if key == UInt8(ascii: "q") || key == 4 { return tell { $0.end = $0.end ?? .asked } }
        }
    }
}
