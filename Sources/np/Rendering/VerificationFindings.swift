// What a verification finds: a line for a person, an object for a program.

import NeuraphageEvents

extension LogVerification.Finding {
    /// One line. Holds text from outside as it is.
    var text: String {
        switch self {
        case .damaged(let place, let reason, let beginning):
            "\(place): damaged: \(reason)" + (beginning.isEmpty ? "" : ": \(beginning)")
        case .repeated(let place, let id): "\(place): the id \(id) stands in an earlier line too"
        case .clockWentBack(let place, let step): "\(place): \(step.seconds) earlier than the event before it"
        case .lost(let place, let count, let from, let to):
            "\(place): the log says that \(count.counted("event")) could not be logged"
                + (from.map { ", from \($0) to \(to ?? "?")" } ?? "")
        case .pending(let place, let bytes): "\(place): has no end yet (\(bytes) bytes so far); not damaged"
        case .missing(let files): "\(files)"
        case .unreadable(_, let reason): reason
        }
    }

    var json: JSONValue {
        switch self {
        case .damaged(let place, let reason, let beginning):
            place.json("damaged", ("reason", .string(reason)), ("beginning", .string(beginning)))
        case .repeated(let place, let id): place.json("repeated", ("id", .string(id.description)))
        case .clockWentBack(let place, let step): place.json("clock_went_back", ("ms", .integer(Int(step / 1_000))))
        case .lost(let place, let count, let from, let to):
            place.json("lost", ("lost", .integer(count)), ("from", .string(orNull: from)), ("to", .string(orNull: to)))
        case .pending(let place, let bytes): place.json("pending", ("bytes", .integer(Int(bytes))))
        case .missing(let files):
            [
                "finding": "missing", "first": .integer(files.numbers.lowerBound),
                "last": .integer(files.numbers.upperBound),
            ]
        case .unreadable(let file, let reason):
            ["finding": "unreadable", "file": .string(file), "reason": .string(reason)]
        }
    }
}

extension LogVerification.Place {
    fileprivate func json(_ finding: String, _ members: (String, JSONValue)...) -> JSONValue {
        let place: [(String, JSONValue)] = [
            ("finding", .string(finding)), ("file", .string(file)), ("line", .integer(line)),
            ("byte", .integer(Int(offset))),
        ]
        return .object(place + members)
    }
}

extension LogVerification.Totals {
    /// What a person understands at a glance: how much there is, what is not as it should be, and the verdict.
    ///
    /// - Parameter waiting: What waits in the log's reserve, if there is one.
    func lines(waiting: Reserve.Waiting?) -> [String] {
        let notes: [(count: Int, text: String)] = [
            (damaged, "\(damaged.counted("line")) damaged"),
            (missingFiles, "\(missingFiles.counted("file")) missing"),
            (unreadableFiles, "\(unreadableFiles.counted("file")) unreadable"),
            (repeated, "\(repeated.counted("id")) repeated"),
            (lost, "\(lost.counted("event")) lost, as the log itself says"),
            (writtenAgain, "\(writtenAgain.counted("event")) written again after a failed sync, as announced"),
            (
                backwardSteps,
                "\(backwardSteps.counted("step")) back in time, \(largestStep.seconds) at most; several writers make "
                    + "small ones"
            ),
            (pending, "\(pending.counted("line")) without an end yet"),
            (waiting?.events ?? 0, "\((waiting?.events ?? 0).counted("event")) waiting in the reserve for the log"),
            (
                waiting?.lost ?? 0,
                "\((waiting?.lost ?? 0).counted("event")) lost, as the reserve says, and not yet the log"
            ),
        ]
        return ["\(files.counted("file")), \(events.counted("event"))"]
            + notes.filter { $0.count > 0 }.map { "  " + $0.text }
            + [isIntact ? "Every line is readable, and no file is missing." : "The log is damaged."]
    }

    func json(waiting: Reserve.Waiting?) -> JSONValue {
        [
            "finding": "totals", "files": .integer(files), "events": .integer(events), "damaged": .integer(damaged),
            "missing_files": .integer(missingFiles), "unreadable_files": .integer(unreadableFiles),
            "repeated": .integer(repeated), "lost": .integer(lost), "written_again": .integer(writtenAgain),
            "backward_steps": .integer(backwardSteps), "largest_step_ms": .integer(Int(largestStep / 1_000)),
            "pending": .integer(pending), "in_reserve": .integer(waiting?.events ?? 0),
            "lost_in_reserve": .integer(waiting?.lost ?? 0), "intact": .bool(isIntact),
        ]
    }
}

extension Int {
    /// The number and what is counted: `1 file`, `2 files`.
    fileprivate func counted(_ noun: String) -> String { "\(self) \(noun)\(self == 1 ? "" : "s")" }
}

extension Int64 {
    /// So many microseconds, in seconds.
    fileprivate var seconds: String {
        let milliseconds = String((self + 999) / 1_000 % 1_000)
        let zeros = String(repeating: "0", count: 3 - milliseconds.count)
        return "\((self + 999) / 1_000_000).\(zeros)\(milliseconds) s"
    }
}
