// Settling as soon as there is something to settle. A process that ends closes its files, however it ends, and the kernel
// tells whoever watches the directory: so the end of a run or of a lock is told at once. That an agent is gone, or goes on
// after it has waited, or a task was ended by hand, nobody tells; so it is looked for at intervals, as long as there are
// such. So are messages that reached no task, after something has ended, and as long as a session may still answer.
//
// Looking and settling read files, and wait for locks. All of it runs on threads of its own: the daemon that watches answers
// requests on the cooperative pool, which has a thread for each core.

package import NeuraphageEvents
import NeuraphageProjections
import NeuraphageSystem

extension Ledger {
    /// Settles what is to be settled, until the task is cancelled.
    ///
    /// - Parameter interval: How often to look for what nobody tells.
    package func watch(publishingTo bus: EventBus, every interval: Duration = .seconds(5)) async throws {
        let first = try await DetachedThread.run {
            try files.makeDirectories(path)
            var news = NewEnds()
            if let log = bus.log { _ = try? news.read(log.config.path, files) }
            settle(publishingTo: bus)
            return news
        }
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await watchProcesses(publishingTo: bus) }
            group.addTask { try await lookAround(since: first, publishingTo: bus, every: interval) }
            group.addTask { try await watchWaits(publishingTo: bus) }
            try await group.next()
            group.cancelAll()
        }
    }

    /// The kernel closes the file of a process that ends before it lets go of the lock on it, so the records are looked at
    /// a moment later, and once more after a second for a machine that is very busy.
    private func watchProcesses(publishingTo bus: EventBus) async throws {
        let prefixes = [DataDirectory.RecordPrefix.run, DataDirectory.RecordPrefix.holder]
        let watch = DirectoryWatch { name in prefixes.contains { name.hasPrefix($0) } }
        defer { watch.close() }
        try watch.watch(Set(prefixes.flatMap(directory.recordDirectories)))
        var changes = watch.changes.makeAsyncIterator()
        while await changes.next() != nil {
            for pause in [Duration.milliseconds(50), .seconds(1)] {
                try await Task.sleep(for: pause)
                await DetachedThread.run { _ = settleProcesses(publishingTo: bus) }
            }
        }
    }

    /// A person who looks sees within a second that an agent goes on.
    private func watchWaits(publishingTo bus: EventBus) async throws {
        let prefix = DataDirectory.RecordPrefix.wait
        let waits = AgentWaits(in: directory)
        let watch = DirectoryWatch { name in name.hasPrefix(prefix) }
        defer { watch.close() }
        try watch.watch(Set(directory.recordDirectories(prefix)))
        var changes = watch.changes.makeAsyncIterator()
        while true {
            let isAnyWaiting = await DetachedThread.run { waits.isAnyWaiting }
            if !isAnyWaiting { guard await changes.next() != nil else { return } }
            try await Task.sleep(for: .seconds(1))
            await DetachedThread.run { waits.look(publishingTo: bus) }
        }
    }

    private func lookAround(
        since first: NewEnds,
        publishingTo bus: EventBus,
        every interval: Duration
    ) async throws {
        let prefixes = [
            DataDirectory.RecordPrefix.session, DataDirectory.RecordPrefix.task, DataDirectory.RecordPrefix.run,
            DataDirectory.RecordPrefix.wait, DataDirectory.RecordPrefix.subagent,
        ]
        let watch = DirectoryWatch { name in prefixes.contains { name.hasPrefix($0) } }
        defer { watch.close() }
        try watch.watch(Set(prefixes.flatMap(directory.recordDirectories)))
        var changes = watch.changes.makeAsyncIterator()
        let going = prefixes.filter { $0 != DataDirectory.RecordPrefix.run }
        var look = Look(news: first)
        while true {
            if look.isAllTold {
                let isAnyGoing = await DetachedThread.run { going.contains { !paths($0).isEmpty } }
                if !isAnyGoing { guard await changes.next() != nil else { return } }
            }
            try await Task.sleep(for: interval)
            look = await DetachedThread.run { [look] in lookAround(after: look, publishingTo: bus) }
        }
    }

    private func lookAround(after last: Look, publishingTo bus: EventBus) -> Look {
        var look = last
        settleProcesses(publishingTo: bus)
        guard let log = bus.log, log.config.isEnabled else { return look }
        let ended = (try? look.news.read(log.config.path, files)) ?? []
        settleEnded(ended, publishingTo: bus)
        if !look.isAllTold || !ended.isEmpty {
            // What is behind could not be read for a reason that another look soon would meet again.
            look.isAllTold = [.done, .behind].contains(tellUndelivered(publishingTo: bus))
        }
        return look
    }

    /// Forgets the tasks that the log says have ended.
    private func settleEnded(_ ended: Set<TaskID>, publishingTo bus: EventBus) {
        guard !ended.isEmpty else { return }
        let open = Dictionary(TaskRecords(in: directory).openTasks.map { ($0.task, $0) }) { first, _ in first }
        settle(ended.compactMap { open[$0]?.path }, by: .task, publishingTo: bus)
    }
}

/// What is known after a look for what no process tells.
private struct Look: Sendable {
    var news: NewEnds
    /// Whether the log says of all messages that reached no task that they did not.
    var isAllTold = false
}

/// The ends of tasks that the log has got since it was read last.
private struct NewEnds: Sendable {
    private var size: Int64?
    /// `nil` if there was no event.
    private var latest: EventID?

    mutating func read(_ path: String, _ files: any FileSystem) throws -> Set<TaskID> {
        let size = (try? files.status(at: path, followingLinks: true))?.size ?? 0
        guard size != self.size else { return [] }
        // What was there when the watching began has been settled then.
        let isFirst = self.size == nil
        var ended: Set<TaskID> = []
        var newest: EventID?
        _ = try LoggedFacts(inLogAt: path, files).visit(readingAtMost: Ledger.mostBytes) { event in
            if event.id == latest { return false }
            newest = newest ?? event.id
            if isFirst { return false }
            if event.kind.endsTask, let task = event.source { ended.insert(task) }
            return true
        }
        self.size = size
        latest = newest ?? latest
        return ended
    }
}
