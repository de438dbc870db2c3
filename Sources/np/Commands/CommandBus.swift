// The bus of a command that does something besides logging: what the log cannot take is worth a warning, and stops nothing.

import Logging
import NeuraphageConfiguration
import NeuraphageEvents
import NeuraphagePresentation
import NeuraphageSystem
import NeuraphageTasks

extension Configuration {
    /// A bus without a log, and a warning that `what` isn't logged, if the log cannot be opened.
    func openBus(toLog what: String) -> EventBus {
        if let reason = switchedOff { complain("warning: \(what) is not logged: \(reason)") }
        let silence = Logger(label: "np") { _ in SwiftLogNoOpLogHandler() }
        do throws(EventLogError) {
            return EventBus(log: try EventLog(opening: log, logger: silence))
        } catch {
            complain("warning: \(what) is not logged: \(error)")
            return EventBus()
        }
    }
}

extension EventLog {
    /// Forgets the tasks that these events, which the log has, say have ended: they can begin anew from now on.
    func forgetEnded(_ events: [Event], in directory: DataDirectory) {
        let ended = Set(events.filter(\.kind.endsTask).compactMap(\.source))
        if !ended.isEmpty { TaskRecords(in: directory).forgetEnded(ended, publishingTo: EventBus(log: self)) }
    }
}

extension EventBus {
    /// Warns if events of `what` did not reach the log. Close the bus before.
    func complainAboutLosses(of what: String) {
        guard let status = log?.status, status.lost > 0 else { return }
        complain("warning: \(what) is not fully logged: \(status.trouble.map { "\($0)" } ?? "events were lost")")
    }
}

/// Warns of what this np leaves alone in a data directory, because a newer one has written it.
func complainAboutNewerFiles(in directory: DataDirectory) {
    for refusal in directory.newerFiles { complain(refusal) }
}
