// A story as a graph for programs: the events as nodes, and what they say of each other as edges. `np why -o json` and the
// daemon's API give the same.

package import NeuraphageEvents
import NeuraphagePresentation

extension Story {
    /// The graph. An edge leads from an event to the one that it names, or, as `follows`, from the first event of an entry to
    /// that of the entry before it; an event that is named and not among the nodes is not part of the story.
    package var graph: Payload {
        [
            "task": .string(orNull: task?.description),
            "state": state.json,
            "now": now?.json ?? .null,
            "begin": .string(orNull: begin?.description),
            "over": .bool(isOver),
            "chain": .array(entries.map(\.json)),
            "nodes": .array(nodes),
            "edges": .array(edges),
            "open": .array(
                open.map { item in
                    [
                        "words": .string(item.words), "since": .string(orNull: item.since?.description),
                        "event": .string(orNull: item.event?.description), "guess": .bool(item.isGuess),
                    ]
                }
            ),
            "guesses": .array(guesses.map { .string($0) }),
            "log": log.json(restarts),
            "next": .string(orNull: next?.command()),
        ]
    }

    private var nodes: [JSONValue] {
        var seen: Set<EventID> = []
        return entries.flatMap(\.events).filter { seen.insert($0.id).inserted }.map { event in
            [
                "id": .string(event.id.description), "kind": .string(event.kind.description),
                "time": .string(event.timestamp.description),
                "from": .string(orNull: event.source?.description),
                "to": .string(orNull: event.target?.description),
                "words": .string(event.summary.firstLine),
            ]
        }
    }

    private var edges: [JSONValue] {
        func edge(_ event: EventID, _ kind: String, _ other: String) -> JSONValue {
            ["from": .string(event.description), "kind": .string(kind), "to": .string(other)]
        }
        var seen: Set<EventID> = []
        let named = entries.flatMap(\.events).filter { seen.insert($0.id).inserted }.flatMap { event in
            ["begin", "cause", "waited_for", "notification"].compactMap { key in
                event.payload.string(key).map { edge(event.id, key, $0) }
            }
        }
        let follows = zip(entries, entries.dropFirst()).compactMap { before, after in
            after.events.first.flatMap { event in
                before.events.first.map { edge(event.id, "follows", $0.id.description) }
            }
        }
        return named + follows
    }
}

extension Story.State {
    fileprivate var json: JSONValue {
        [
            "words": .string(words), "tone": .string(tone.rawValue),
            "since": .string(orNull: since?.description), "reason": .string(orNull: reason),
            "event": .string(orNull: event?.description), "until": .string(orNull: until?.description),
        ]
    }
}

extension Story.Entry {
    fileprivate var json: JSONValue {
        [
            "time": .string(time.description), "duration_ms": duration.map { .integer($0.milliseconds) } ?? .null,
            "depth": .integer(depth), "tone": .string(tone.rawValue), "words": .string(words),
            "count": .integer(count), "until": .string(orNull: until?.description),
            "events": .array(events.map { .string($0.id.description) }),
        ]
    }
}

extension Story.Completeness {
    fileprivate func json(_ restarts: [Restart]) -> JSONValue {
        [
            "complete": .bool(isComplete), "lost": .integer(lostEvents), "gaps": .integer(gaps),
            "left_out": .integer(leftOut), "missing": .integer(missing), "has_begin": .bool(hasBegin),
            "restarts": .array(
                restarts.map { restart in
                    [
                        "time": .string(restart.time.description),
                        "away_ms": restart.away.map { .integer($0.milliseconds) } ?? .null,
                        "died": .bool(restart.hasDied),
                    ]
                }
            ),
        ]
    }
}
