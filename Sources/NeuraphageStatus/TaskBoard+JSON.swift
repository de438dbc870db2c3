// What `np -o json` prints, and GET /v1/tasks answers: one JSON document, described in Documentation/tasks.md.

import NeuraphageEvents

extension TaskBoard {
    /// The document with what is listed. Text from outside is in it as it is; make it visible before it reaches a terminal.
    ///
    /// The tasks are put together as text: a payload may not hold as many values as some have tasks.
    package func json(_ listing: Listing) -> String {
        var json = #"{"time":"\#(time)","is_past":\#(isPast),"has_log":\#(hasLog)"#
        json += #","ended_earlier":\#(listing.endedEarlier),"failed_earlier":\#(listing.failedEarlier)"#
        json += #","daemon":"\#(daemon.rawValue)","lost_events":\#(lostEvents),"waiting_events":\#(waitingEvents)"#
        json += #","gaps":\#(gaps),"skipped_lines":\#(skippedLines)"#
        func append(_ name: String, _ objects: [String]) {
            json += #","\#(name)":["# + objects.joined(separator: ",") + "]"
        }
        append("tasks", listing.tasks.map(\.json))
        append("repositories", repositories.map { Payload($0.json).json })
        append("idle_worktrees", listing.idleWorktrees.map { Payload($0.json).json })
        append("unrecorded_agents", unrecordedAgents.map { Payload($0.json).json })
        append("undelivered", undelivered.map { Payload($0.json).json })
        append("locks", locks.map { Payload($0.json).json })
        return json + "}"
    }
}

extension TaskBoard.Repository {
    fileprivate var json: JSONValue {
        [
            "path": .string(path), "name": .string(name), "main": .string(orNull: main),
            "commit": .string(orNull: commit), "moved": .time(moved), "moves_today": .integer(movesToday),
            "seen": .time(seen),
        ]
    }
}

extension TaskBoard.UnrecordedAgent {
    fileprivate var json: JSONValue {
        [
            "agent": .string(agent), "pid": pid.map { .integer($0) } ?? .null, "directory": .string(directory),
            "reason": .string(orNull: reason),
        ]
    }
}

extension TaskBoard.Undelivered {
    fileprivate var json: JSONValue {
        [
            "task": .string(task), "message": .string(message.description), "time": .time(time),
            "suggestion": .string(orNull: suggestion),
        ]
    }
}

extension TaskBoard.Lock {
    fileprivate var json: JSONValue {
        [
            "lock": .string(name), "holders": .array(holders.map(\.json)), "waiters": .array(waiters.map(\.json)),
        ]
    }
}

extension TaskBoard.Lock.Party {
    fileprivate var json: JSONValue {
        ["task": .string(orNull: task), "pid": pid.map { .integer($0) } ?? .null, "since": .time(since)]
    }
}
