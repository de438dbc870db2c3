// A task's state for programs. The members are described in Documentation/tasks.md and in the daemon's openapi.json, and
// only ever added to.

package import NeuraphageEvents
import NeuraphageProjections

extension TaskStatus {
    /// The state as one JSON object.
    package var json: String { Payload(value).json }

    private var value: JSONValue {
        .object([
            ("task", .string(task.description)), ("phase", .string(phase.rawValue)),
            ("waits_for_you", .bool(waitsForYou)), ("went_wrong", .bool(wentWrong)), ("is_over", .bool(isOver)),
            ("since", .time(since)), ("until", .time(until)), ("detail", .string(detail)),
            ("evidence", evidence.value), ("flags", .array(remarks.map(\.value))),
            ("places", .array(places.map(\.json))), ("agents", .array(agents.map(\.value))),
            ("unread", unread.map { .integer($0) } ?? .null), ("title", .string(orNull: logged.title)),
            ("command", .string(orNull: logged.command)), ("lives", .integer(logged.lives)),
            ("begin", .mark(logged.begin)), ("end", logged.end?.value ?? .null), ("last", last),
            ("checks", .array(logged.checks.map(\.value))), ("runs", .array(runs.map(\.value))),
            ("locks", .array(locks.map(\.value))), ("conflict", logged.conflict?.value ?? .null),
            ("has_gap", .bool(logged.hasGap)),
        ])
    }

    private var last: JSONValue {
        logged.last.map { .mark($0, [("kind", .string(orNull: logged.lastKind?.description))]) } ?? .null
    }
}

extension TaskStatus.Place {
    /// The worktree as a JSON value.
    package var json: JSONValue {
        [
            "repository": .string(repository), "worktree": .string(orNull: worktree),
            "branch": .string(orNull: branch), "behind": behind.map { .integer($0) } ?? .null, "seen": .time(seen),
            "is_gone": .bool(isGone), "is_away": .bool(isAway), "command": .string(orNull: command),
            "command_since": .time(commandSince),
        ]
    }
}

extension TaskStatus.Evidence {
    fileprivate var value: JSONValue {
        [
            "source": .string(source.rawValue), "words": .string(words),
            "event": .string(orNull: event?.description), "time": .time(time),
        ]
    }
}

extension TaskStatus.Remark {
    fileprivate var value: JSONValue { ["flag": .string(flag.rawValue), "words": .string(words)] }
}

extension TaskStatus.Agent {
    fileprivate var value: JSONValue {
        [
            "agent": .string(agent), "session": .string(session), "presence": .string(presence.rawValue),
            "subagents": .integer(subagents), "location": .string(orNull: location),
        ]
    }
}

extension LoggedTask.Ending {
    fileprivate var value: JSONValue {
        .mark(
            mark,
            [
                ("outcome", .string(outcome.rawValue)), ("words", .string(orNull: words)),
                ("exit_code", exitCode.map { .integer($0) } ?? .null),
                ("signal", signal.map { .integer($0) } ?? .null), ("commit", .string(orNull: commit)),
                ("inferred", .bool(isInferred)),
            ]
        )
    }
}

extension LoggedTask.Check {
    fileprivate var value: JSONValue {
        .mark(mark, [("name", .string(name)), ("result", .string(result)), ("failed", .integer(failedCount))])
    }
}

extension TaskStatus.Run {
    fileprivate var value: JSONValue {
        [
            "command": .string(orNull: command), "event": .string(orNull: begin?.description), "since": .time(since),
            "presence": .string(presence.rawValue),
        ]
    }
}

extension TaskStatus.Lock {
    fileprivate var value: JSONValue {
        [
            "lock": .string(name), "is_held": .bool(isHeld), "since": .time(since),
            "presence": .string(presence.rawValue), "holder": .string(orNull: holder),
        ]
    }
}

extension LoggedTask.Conflict {
    fileprivate var value: JSONValue {
        .mark(
            mark,
            [
                ("files", .array(files.map { .string($0) })), ("files_count", .integer(filesCount)),
                ("onto", .string(orNull: onto)), ("is_merge", .bool(isMerge)),
                ("commit", .string(orNull: commit)), ("subject", .string(orNull: subject)),
            ]
        )
    }
}

extension JSONValue {
    /// A moment as in the log; `null` if it isn't known.
    static func time(_ time: Timestamp?) -> JSONValue { .string(orNull: time?.description) }

    /// An event, and what else is to be said of it.
    static func mark(_ mark: EventMark, _ members: [(String, JSONValue)]) -> JSONValue {
        .object(members + [("event", .string(mark.id.description)), ("time", .time(mark.time))])
    }

    static func mark(_ mark: EventMark?) -> JSONValue { mark.map { .mark($0, []) } ?? .null }
}
