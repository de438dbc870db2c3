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

    /// - Parameter acquired: The event that told that the lock was taken: of another holder it may be told later.
    static func lockReleased(
        _ name: LockName,
        by task: TaskID?,
        isShared: Bool,
        after holding: Duration,
        acquired: EventID
    ) -> Event {
        Event(
            .lockReleased,
            from: task,
            payload: [
                "resource": .string(name.description), "exclusive": .bool(!isShared),
                "held_ms": .integer(holding.milliseconds), "begin": .string(acquired.description),
            ]
        )
    }

    /// That a wait was given up.
    ///
    /// - Parameter holder: Who held the lock then, if that is known.
    static func lockTimedOut(
        _ name: LockName,
        by task: TaskID?,
        isShared: Bool,
        after wait: Duration,
        holder: LockHolder?
    ) -> Event {
        Event(
            .lockTimedOut,
            from: task,
            payload: [
                "resource": .string(name.description), "exclusive": .bool(!isShared),
                "waited_ms": .integer(wait.milliseconds), "holder": .string(orNull: holder?.task?.description),
                "holder_pid": holder.map { .integer($0.pid) } ?? .null,
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
                "exclusive": .bool(acquired.payload["exclusive"]?.text != "false"),
                "begin": .string(acquired.id.description), "inferred": true,
            ]
        )
    }
}

extension SettlingRule {
    /// A lock is given back when its holder dies.
    static var holder: SettlingRule { SettlingRule(inferredEnd: Event.lockReleasedByDeath) }
}
