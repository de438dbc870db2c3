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
        Event(
            .sessionStarted,
            payload: [
                "session": .string(id), "pid": .integer(getpid()), "host": .string(Self.host),
                "version": .string(Daemon.version), "previous": .string(previous.rawValue),
            ]
        )
    }

    func ended(_ figures: Publisher.Figures) -> Event {
        let log = figures.log
        let events = log.written + log.buffered + log.lost + figures.notLogged
        return Event(
            .sessionEnded,
            payload: ["session": .string(id), "events": .integer(events), "lost": .integer(log.lost)]
        )
    }

    private static var host: String {
        withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { name in
            name.initialize(repeating: 0)
            guard let base = name.baseAddress, gethostname(base, name.count - 1) == 0 else { return "" }
            return String(cString: base)
        }
    }
}
