// A wait for a lock that is so long that the log is told of it. It is written down like whatever has begun: if the process
// is ended while it waits, another one tells that.

import NeuraphageEvents
import NeuraphageSystem

/// What the log was told of a wait.
final class LongWait {
    /// How long a wait is not worth knowing.
    static let least = Duration.seconds(1)

    private let ledger: Ledger
    private let bus: EventBus
    private var record: OpenRecord?
    /// The event that told of it; `nil` if it was not told.
    private(set) var begin: EventID?

    init(in directory: DataDirectory, publishingTo bus: EventBus) {
        ledger = Ledger(in: directory)
        self.bus = bus
    }

    /// Tells of it, once.
    func tell(_ waiting: () -> Event) {
        guard begin == nil else { return }
        let waiting = waiting()
        begin = waiting.id
        let process = ProcessIdentity.current(in: ledger.files)
        let note = OpenNote(about: Payload(.object(process.members)), begin: waiting)
        record = try? ledger.create(note, DataDirectory.RecordPrefix.holder, waiting.id.description)
        bus.publish(waiting)
    }

    /// Publishes that it was given up.
    func end(with timedOut: Event) {
        if let record = record.take() {
            record.end(with: timedOut, publishingTo: bus)
        } else {
            bus.publish(timedOut)
        }
    }

    /// Forgets it: another event has told its end.
    func forget() {
        record.take()?.remove()
    }
}
