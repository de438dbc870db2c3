import NeuraphageEvents
import NeuraphagePlatform
import NeuraphageSystem

/// The time from the daemon's start to its end, which the log marks at both ends.
struct Session: Sendable {
    let id: String
    let start: Timestamp

    init() {
        let (id, start) = EventIDGenerator.shared.mint()
        self.id = id.description
        self.start = start
    }

    func started(after previous: DaemonLock.Previous) -> Event {
        .sessionStarted(
            id,
            pid: getpid(),
            host: Self.host,
            version: Daemon.version,
            previous: previous.rawValue
        )
    }

    /// - Parameter started: The event that told that it began.
    func ended(_ figures: Publisher.Figures, begin started: EventID) -> Event {
        let log = figures.log
        let events = log.written + log.buffered + log.lost + figures.notLogged
        return .sessionEnded(id, begin: started, events: events, lost: log.lost)
    }

    private static var host: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
            name.initialize(repeating: 0)
            guard let base = name.baseAddress, gethostname(base, name.count - 1) == 0 else { return "" }
            return String(cString: base)
        }
    }
}
