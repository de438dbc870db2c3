// What the log says about locks.

import NeuraphageEvents
import NeuraphagePresentation

extension Event {
    static func lockAcquired(_ name: LockName, by task: TaskID?, isShared: Bool, after wait: Duration) -> Event {
        Event(
            .lockAcquired,
            from: task,
            payload: [
                "resource": .string(name.description), "exclusive": .bool(!isShared),
                "waited_ms": .integer(wait.milliseconds),
            ]
        )
    }

    static func lockReleased(_ name: LockName, by task: TaskID?, isShared: Bool, after holding: Duration) -> Event {
        Event(
            .lockReleased,
            from: task,
            payload: [
                "resource": .string(name.description), "exclusive": .bool(!isShared),
                "held_ms": .integer(holding.milliseconds),
            ]
        )
    }

    /// When the holder died, and so how long it held the lock, nobody knows.
    static func lockReleasedByDeath(of holder: OpenNote) -> Event {
        let acquired = holder.begin
        return Event(
            .lockReleased,
            from: acquired.source,
            payload: [
                "resource": .string(acquired.payload["resource"]?.text ?? ""),
                "exclusive": .bool(acquired.payload["exclusive"]?.text != "false"), "inferred": true,
            ]
        )
    }
}
