// What becomes of a message that was sent, as its sender waits for it. The log says it: that it was read, or that it never
// will be. So nothing is asked again and again; the waiting is for the log to grow.

package import NeuraphageEvents
package import NeuraphageProjections

/// What has become of a message to a task.
package enum MessageFate: Sendable {
    /// It was read, by an agent's session if that is named.
    case read(Reading, by: AgentSession?)
    /// It never will be.
    case lapsed(Lapse)

    /// What an event says of a message; `nil` if it says nothing of it.
    package init?(of message: EventID, in event: Event) {
        if let reading = Reading(event), reading.notification == message {
            self = .read(reading, by: AgentSession(event.payload))
        } else if let lapse = Lapse(event), lapse.notifications.contains(message) {
            self = .lapsed(lapse)
        } else {
            return nil
        }
    }
}

extension Inbox {
    /// Sends a message to this task, and waits until the log says what has become of it.
    ///
    /// - Parameters:
    ///   - deadline: When to stop waiting, in ns of the clock `MonotonicClock`.
    ///   - send: Has the log told of the message.
    /// - Returns: `nil` if the log has not said it by then.
    /// - Throws: `EventLogError` if the log cannot be read, and what `send` throws.
    package func fate(
        of message: EventID,
        until deadline: UInt64,
        sending send: () throws -> Void
    ) throws -> MessageFate? {
        struct Known: Error { let fate: MessageFate }
        var follower = try follower(until: deadline)
        let end = try EventScan.end(ofLogAt: logPath, files)
        try send()
        do {
            try follower.run(from: end, output: nil) { event, _ in
                if let fate = MessageFate(of: message, in: event) { throw Known(fate: fate) }
            } notice: { _ in
            } idle: {
            }
        } catch let known as Known {
            return known.fate
        }
        return nil
    }
}
