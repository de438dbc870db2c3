// What the log has of things that have begun: their beginnings, and their ends. Pure: events come in from the newest one
// backward, and it is said when no more of them are needed.

import NeuraphageEvents
import NeuraphageProjections

/// A search for the ends of many things at once.
struct EndSearch {
    /// What was found of one of them.
    struct Finding: Equatable {
        var hasBegun = false
        var hasEnded = false
    }

    private let sought: [(note: OpenNote, rule: SettlingRule)]
    /// What was found, in the order in which the things were given; `nil` where too little of the log was read to say.
    private(set) var findings: [Finding?]
    /// Those whose beginning has not come yet.
    private var open: Set<Int>
    private let byBegin: [EventID: Int]

    init(_ sought: [(note: OpenNote, rule: SettlingRule)]) {
        self.sought = sought
        findings = sought.map { _ in Finding() }
        open = Set(sought.indices)
        byBegin = Dictionary(sought.enumerated().map { ($1.note.begin.id, $0) }) { first, _ in first }
    }

    /// Which events it needs to see.
    private var filter: EventFilter {
        let tasks = sought.flatMap { note, _ in
            [note.begin.source, note.task] + (note.end.map { [$0.source] } ?? [])
        }
        return tasks.contains(nil) ? EventFilter() : EventFilter(tasks: Set(tasks.compactMap(\.self)))
    }

    /// Takes the event before those that it has seen.
    ///
    /// - Returns: Whether it needs to see more.
    mutating func see(_ event: Event) -> Bool {
        if let index = byBegin[event.id] {
            findings[index]?.hasBegun = true
            open.remove(index)
        }
        for index in open where findings[index]?.hasEnded == false {
            let (note, rule) = sought[index]
            if event.id == note.end?.id || rule.isEnd(event, note) { findings[index]?.hasEnded = true }
        }
        return !open.isEmpty
    }

    /// Takes what was not found for older than all that was read. Whether an end that was written down is in the log cannot
    /// be said then, unless it is certain that it would have been found.
    mutating func giveUp(isEndCertain: Bool) {
        for index in open {
            if isEndCertain || sought[index].note.end == nil {
                findings[index]?.hasBegun = true
            } else {
                findings[index] = nil
            }
        }
        open = []
    }

    /// Reads the end of a log, at most so many bytes of it.
    mutating func run(in log: EventLog, _ files: any FileSystem, atMost bytes: Int) throws {
        guard log.config.isEnabled else { return giveUp(isEndCertain: true) }
        let isWhole = try LoggedFacts(inLogAt: log.config.path, files).visit(filter, readingAtMost: bytes) { see($0) }
        if !isWhole { giveUp(isEndCertain: bytes >= Ledger.mostBytes) }
    }
}
