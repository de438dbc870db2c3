// The bus of a command that does something besides logging: what the log cannot take is worth a warning, and stops nothing.

import Logging
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

extension Configuration {
    /// The reserve beside the log.
    var reserve: Reserve { Reserve(ofLogAt: log.path, in: dataDirectory.files) }

    /// Opens the log to append to it; what processes that have ended could not append is appended first.
    func openLog(_ logger: Logger) throws(EventLogError) -> EventLog {
        let log = try EventLog(opening: log, logger: logger)
        log.useReserve()
        return log
    }

    /// A bus without a log, and a warning that `what` isn't logged, if the log cannot be opened.
    func openBus(toLog what: String) -> EventBus {
        if let reason = switchedOff { complain("warning: \(what) is not logged: \(reason)") }
        let silence = Logger(label: "np") { _ in SwiftLogNoOpLogHandler() }
        do throws(EventLogError) {
            return EventBus(log: try openLog(silence))
        } catch {
            complain("warning: \(what) is not logged: \(error)")
            return EventBus()
        }
    }
}

extension EventLog {
    /// How much of the log a command reads to tell what reached no task, in bytes.
    private static let mostBytes = 16 << 20

    /// Forgets the tasks that these events, which the log has, say have ended: they can begin anew from now on. Has the log
    /// told which messages reached none of their lives.
    ///
    /// - Returns: Whether that is told; otherwise it takes longer, and is for a process in the background.
    func forgetEnded(_ events: [Event], in directory: DataDirectory) -> Bool {
        let ended = Set(events.filter(\.kind.endsTask).compactMap(\.source))
        guard !ended.isEmpty else { return true }
        TaskRecords(in: directory).forgetEnded(ended, publishingTo: EventBus(log: self))
        return Inbox.tellUndelivered(in: self, directory, readingAtMost: Self.mostBytes) == .done
    }
}

extension EventBus {
    /// Warns if events of `what` did not reach the log. Close the bus before.
    ///
    /// - Parameter left: How many of them wait in the log's reserve.
    func complainAboutLosses(of what: String, left: Int) {
        guard let log else { return }
        let status = log.status
        let reason = status.trouble.map { "\($0)" }
        if left > 0 {
            let reason = reason.map { " (\($0))" } ?? ""
            complain(
                "note: \(what) is not logged yet\(reason): \(Reserve.Waiting(events: left).description(log.reserve.path))"
            )
        }
        if status.lost > 0 { complain("warning: \(what) is not fully logged: \(reason ?? "events were lost")") }
    }
}

/// Says what waits in the reserve beside the log, and so is not shown.
func complainAboutReserve(of configuration: Configuration) {
    guard let waiting = configuration.reserve.waiting, !waiting.isEmpty else { return }
    complain("note: \(waiting.description(configuration.reserve.path))")
}

/// Warns of what this np leaves alone in a data directory, because a newer one has written it.
func complainAboutNewerFiles(in directory: DataDirectory) {
    for refusal in directory.newerFiles { complain(refusal) }
}
