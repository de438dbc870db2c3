import Foundation
import NeuraphageEvents
import TestSupport

/// A descriptor whose reader goes: a follower that writes to it stops when it has read everything.
final class HungUpPipe {
    let descriptor: Int32
    private let hangingUp: Alarm

    /// - Parameter time: When the reader goes; 0 if it has gone already.
    init(after time: Duration = .zero) throws {
        let ends = try Pipe.closedOnExec()
        descriptor = ends.writing
        // Only one of the two closes it.
        let reading = Lock<Int32?>(ends.reading)
        let hangUp: @Sendable () -> Void = { if let end = reading.withLock({ $0.take() }) { close(end) } }
        if time == .zero { hangUp() }
        hangingUp = Alarm(after: time, hangUp)
        self.hangUp = hangUp
    }

    private let hangUp: @Sendable () -> Void

    deinit {
        hangingUp.turnOff()
        hangUp()
        close(descriptor)
    }
}
