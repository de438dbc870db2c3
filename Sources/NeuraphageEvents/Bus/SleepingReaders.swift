// Who sleeps, by what would wake them. A publisher looks up the kind and the tasks of its event, and so pays nothing for
// readers that want others, however many there are. Going to sleep costs a step for each pair of a task and a kind that
// the reader asked for.

/// The readers that have seen all there is and wait for more.
struct SleepingReaders: Sendable {
    /// Readers by kind. None of the sets is empty.
    private struct ByKind: Sendable {
        var ofAll: Set<UInt64> = []
        var ofSome: [EventKind: Set<UInt64>] = [:]

        var isEmpty: Bool { ofAll.isEmpty && ofSome.isEmpty }

        mutating func insert(_ reader: UInt64, _ kinds: Set<EventKind>) {
            if kinds.isEmpty { ofAll.insert(reader) }
            for kind in kinds { ofSome[kind, default: []].insert(reader) }
        }

        mutating func remove(_ reader: UInt64, _ kinds: Set<EventKind>) {
            if kinds.isEmpty { ofAll.remove(reader) }
            for kind in kinds {
                ofSome[kind]?.remove(reader)
                if ofSome[kind]?.isEmpty == true { ofSome[kind] = nil }
            }
        }

        func add(_ kind: EventKind, to readers: inout Set<UInt64>) {
            if !ofAll.isEmpty { readers.formUnion(ofAll) }
            if !ofSome.isEmpty, let some = ofSome[kind] { readers.formUnion(some) }
        }
    }

    /// How many readers want any kind, and how many a kind of each code: for most events that settles it.
    private var ofAnyKind = 0
    private var ofCode = [Int](repeating: 0, count: 256)
    private var ofAllTasks = ByKind()
    /// None of these is empty.
    private var ofTask: [TaskID: ByKind] = [:]

    var isEmpty: Bool { ofAllTasks.isEmpty && ofTask.isEmpty }

    /// - Parameters:
    ///   - kinds: The kinds that wake the reader; all if empty.
    ///   - tasks: The tasks that wake it, as source or target; if empty, all events do, also those without a task.
    mutating func insert(_ reader: UInt64, kinds: Set<EventKind>, tasks: Set<TaskID>) {
        count(kinds, 1)
        if tasks.isEmpty { ofAllTasks.insert(reader, kinds) }
        for task in tasks { ofTask[task, default: ByKind()].insert(reader, kinds) }
    }

    /// Takes a reader out, which was put in with the same kinds and tasks.
    mutating func remove(_ reader: UInt64, kinds: Set<EventKind>, tasks: Set<TaskID>) {
        count(kinds, -1)
        if tasks.isEmpty { ofAllTasks.remove(reader, kinds) }
        for task in tasks {
            ofTask[task]?.remove(reader, kinds)
            if ofTask[task]?.isEmpty == true { ofTask[task] = nil }
        }
    }

    private mutating func count(_ kinds: Set<EventKind>, _ change: Int) {
        if kinds.isEmpty { ofAnyKind += change }
        for kind in kinds { ofCode[Int(kind.code)] += change }
    }

    /// The readers that want at least one of the events.
    func wanting(_ events: some Collection<Event>) -> Set<UInt64> {
        var readers: Set<UInt64> = []
        for event in events where ofAnyKind > 0 || ofCode[Int(event.kind.code)] > 0 {
            if !ofAllTasks.isEmpty { ofAllTasks.add(event.kind, to: &readers) }
            if ofTask.isEmpty { continue }
            if let source = event.source { ofTask[source]?.add(event.kind, to: &readers) }
            if let target = event.target { ofTask[target]?.add(event.kind, to: &readers) }
        }
        return readers
    }
}
